//! The local files that the words of a step name: those of a command, a jar, or JSON. What lies on S3 takes their place.
//!
//! Only where a word has to be the name of a file is it looked at: what follows `-files` of streaming, the program of
//! `spark-submit`, and so on. A relative path there means nothing on the master, where a step begins in an empty
//! directory of its own. So it has to be that of a file here.

mod relative;
mod spark_words;
mod streaming_words;

use emr_core::error::Result;
use emr_core::model::step::NewStep;
use emr_core::streaming_step::is_streaming;

use crate::command_runner;
use crate::files::LocalFiles;
use relative::uploaded;

/// How the scripts of AWS's are told what to run, and the option that names the file.
const OF_AWS: [(&str, &str); 3] =
    [("--run-hive-script", "-f"), ("--run-pig-script", "-f"), ("--run-impala-script", "--impala-script")];

/// `step`, with the URIs of local files in place of their relative paths.
pub(crate) fn with_uploads(step: NewStep, files: &mut LocalFiles) -> Result<NewStep> {
    let is_runner = command_runner::runs(&step);
    // A jar may also be a class that every cluster has.
    let is_file = step.jar.contains('/') || step.jar.to_ascii_lowercase().ends_with(".jar");
    let jar = if is_runner || !is_file { step.jar } else { uploaded(step.jar, files)? };
    let runs = |program: &str| is_runner && step.args.first().is_some_and(|arg| arg == program);
    let args = if is_streaming(&jar, &step.args) {
        streaming_words::with_uploads(&step.args, files)?
    } else if runs("hive-script") || runs("pig-script") {
        behind("-f", step.args, files)?
    } else if jar.ends_with("/script-runner.jar") {
        // What it runs itself is the first; what that is told is its own affair, but for the scripts of AWS's.
        let mut args = step.args.into_iter();
        let script = args.next().map(|script| uploaded(script, files)).transpose()?;
        let words: Vec<String> = script.into_iter().chain(args).collect();
        let of_aws = OF_AWS.iter().find(|(runs, _)| words.iter().any(|word| word == runs));
        match of_aws {
            Some((_, option)) => behind(option, words, files)?,
            None => spark_words::with_uploads(words, files)?,
        }
    } else if is_runner {
        spark_words::with_uploads(step.args, files)?
    } else {
        step.args
    };
    Ok(NewStep { jar, args, ..step })
}

/// `args`, with the URI of each local file behind `option`.
fn behind(option: &str, args: Vec<String>, files: &mut LocalFiles) -> Result<Vec<String>> {
    let mut done: Vec<String> = Vec::new();
    for arg in args {
        let arg = if done.last().is_some_and(|last| last == option) { uploaded(arg, files)? } else { arg };
        done.push(arg);
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use emr_core::model::step::example::new_step;

    use super::*;

    #[test]
    fn the_file_that_a_script_of_aws_runs_is_uploaded_or_refused() {
        let runner = "s3://us-west-2.elasticmapreduce/libs/script-runner/script-runner.jar";
        let mut files = LocalFiles::new(Some("s3://b/tmp/".to_owned()));
        for (runs, option) in OF_AWS {
            let mut step =
                |file: &str| with_uploads(new_step(runner, &["s3://x/setup", runs, option, file]), &mut files);
            assert!(step("src/lib.rs").unwrap().args[3].starts_with("s3://b/tmp/files/"), "{runs}");
            assert!(step("none.sql").unwrap_err().to_string().starts_with("none.sql is not here"), "{runs}");
        }
    }
}
