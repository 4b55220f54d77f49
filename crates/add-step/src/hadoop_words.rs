//! What Hadoop streaming makes of a command line and of an environment, which is not what a shell makes of them.

use emr_core::config::Setting;
use emr_core::error::{Error, Result};
use emr_core::shell;

/// The words that Hadoop streaming makes of `command`: blanks separate words, each quote ends one, a backslash is a
/// character like others, and an empty word vanishes.
///
/// Source: `PipeMapRed.splitArgs` of Hadoop streaming
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in command.chars() {
        let ends = match quote {
            None if c == '\'' || c == '"' => {
                quote = Some(c);
                true
            }
            None => c == ' ',
            Some(open) if c == open => {
                quote = None;
                true
            }
            Some(_) => false,
        };
        if ends {
            words.push(std::mem::take(&mut word));
        } else {
            word.push(c);
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// What is to be said of the command of `--OPTION` where Hadoop runs other words than a shell would.
pub(crate) fn doubt(option: &str, command: &str) -> Option<String> {
    let by_hadoop = words(command);
    let is_same = shell::split(command).is_ok_and(|words| words == by_hadoop);
    let text = format!(
        "Hadoop makes other words of --{option} than a shell, and runs {}; put the command into a script, and give that \
         with --file",
        shell::join(by_hadoop)
    );
    (!is_same).then_some(text)
}

/// Refuses a variable that Hadoop would cut: it keeps all of them in one text, and separates them at blanks.
///
/// Source: `PipeMapRed.addEnvironment` of Hadoop streaming
pub(crate) fn check_variable(name: &str, value: &Setting<String>) -> Result<()> {
    if name.contains(' ') || value.value.contains(' ') {
        let text = format!("the variable '{name}={}' has a blank in it, and Hadoop would cut it there", value.value);
        return Err(value.blame(Error::usage(text).advise("set it in a script that the tasks run")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use emr_core::config::options::CMDENV;

    use super::*;

    #[test]
    fn words_are_hadoop_s_own() {
        for (command, expected) in [
            ("python3  m.py -v", &["python3", "m.py", "-v"][..]),
            ("sh -c 'a b'", &["sh", "-c", "a b"]),
            ("x --re='a b' a\\ b ''", &["x", "--re=", "a b", "a\\", "b"]),
            ("a\"b'c\"d", &["a", "b'c", "d"]),
            ("a\tb", &["a\tb"]),
            ("it's", &["it", "s"]),
            ("", &[]),
        ] {
            assert_eq!(words(command), expected, "{command}");
        }
    }

    #[test]
    fn only_a_command_that_hadoop_reads_otherwise_is_doubtful() {
        for plain in ["cat", "python3 m.py 'a b' \"c d\"", "sh -c 'cut -d\"|\" -f1'", "awk '{print $1}'"] {
            assert_eq!(doubt("mapper", plain), None, "{plain}");
        }
        let said = doubt("mapper", "grep --re='a b' ''").unwrap();
        assert!(
            said.starts_with("Hadoop makes other words of --mapper than a shell, and runs grep --re= 'a b';"),
            "{said}"
        );
        assert!(doubt("reducer", "cat 'x").is_some() && doubt("mapper", "a\\ b").is_some());
    }

    #[test]
    fn a_variable_with_a_blank_is_refused() {
        assert!(check_variable("A", &CMDENV.typed("b".to_owned())).is_ok());
        let error = check_variable("A", &CMDENV.typed("b c".to_owned())).unwrap_err().to_string();
        assert!(error.starts_with("--cmdenv: the variable 'A=b c' has a blank in it"), "{error}");
    }
}
