//! What Hadoop streaming makes of a command line and of an environment, which is not what a shell makes of them.

use emr_core::config::Setting;
use emr_core::error::{Error, Result};
use emr_core::{hadoop_words, shell};

/// A warning about the command of `--OPTION`, if Hadoop splits it into other words than a shell does.
pub(crate) fn doubt(option: &str, command: &str) -> Option<String> {
    let by_hadoop = hadoop_words::split(command);
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
