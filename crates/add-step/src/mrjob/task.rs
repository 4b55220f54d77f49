//! The command line of a task. Hadoop streaming runs it without a shell, and reads its words in a way of its own.

use emr_core::error::Result;
use emr_core::{hadoop_words, shell};

use crate::files::LocalFiles;

/// The files of the tasks that are made for their commands: URI and name.
pub(super) type Made = Vec<(String, String)>;

/// What Hadoop is to be told so that a task runs `words`. Where it cannot be told them, they are put into a script, which
/// the task named `task` gets.
pub(super) fn command(words: &[String], task: &str, files: &mut LocalFiles, made: &mut Made) -> Result<String> {
    // EMR's command-runner.jar deletes each `}}`.
    if let Some(line) = hadoop_words::join(words).filter(|line| !line.contains("}}")) {
        return Ok(line);
    }
    let name = format!("{task}.sh");
    let uri = files.add_text(format!("exec {}\n", shell::join(words)), &name)?;
    let line = format!("/bin/sh {name}");
    made.push((uri, name));
    Ok(line)
}

/// The words of the script that runs `commands`, a command line of the shell, and fails where one of its commands does.
pub(super) fn shell_words(commands: &str) -> Vec<String> {
    ["/bin/sh", "-ex", "-c", commands].map(str::to_owned).to_vec()
}

#[cfg(test)]
mod tests {
    use emr_core::model::job_flow::Body;

    use super::*;

    fn made(words: &[&str]) -> (String, Made, Vec<Body>) {
        let mut files = LocalFiles::new(Some("s3://b/tmp".to_owned()));
        let mut made = Made::new();
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        let line = command(&words, "mapper-1", &mut files, &mut made).unwrap();
        (line, made, files.uploads().iter().map(|upload| upload.body.clone()).collect())
    }

    #[test]
    fn words_that_hadoop_reads_right_stand_in_the_command() {
        let (line, made, _) = made(&["python3", "mr.py", "--name", "a b", "--it", "it's"]);
        assert_eq!((line.as_str(), made.len()), ("python3 mr.py --name 'a b' --it \"it's\"", 0));
    }

    #[test]
    fn words_that_would_get_lost_are_put_into_a_script() {
        for (word, quoted) in [("", "''"), ("'\"", r#"''\''"'"#), ("{\"a\":{\"b\":1}}", "'{\"a\":{\"b\":1}}'")] {
            let (line, made, bodies) = made(&["x", word]);
            assert_eq!((line.as_str(), made[0].1.as_str()), ("/bin/sh mapper-1.sh", "mapper-1.sh"));
            assert_eq!(bodies, [Body::Text(format!("exec x {quoted}\n"))]);
        }
    }
}
