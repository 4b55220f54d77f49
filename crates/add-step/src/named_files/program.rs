//! The program of a command, where it is a file: `./job.sh`, or `job.py` of `python3 job.py`. A command takes no file along,
//! and a step begins in an empty directory, so a relative path is refused here, minutes before the step would fail.

use std::path::Path;

use emr_core::error::{Error, Result};

use super::relative::path;

/// The options that stand alone and leave the first other word to be the program. Where any other is given, that word
/// may be something else.
const OF_SHELLS: &str = "abefhiklmnprtuvxBCEHPT";
const OF_PYTHON: &str = "bBdEIOPqsSuvx";

/// Refuses `command` if its program is a relative path. What may be found on the master is left alone: a bare name is
/// looked for on the PATH, also that of a script by a shell, of which a warning tells.
pub(super) fn check(command: &[String]) -> Result<()> {
    let Some((first, rest)) = command.split_first() else { return Ok(()) };
    if first.contains('/')
        && let Some(path) = path(first)
    {
        return Err(out_of_reach(path));
    }
    let interpreter = first.rsplit('/').next().unwrap_or_default();
    let is_shell = ["sh", "bash", "dash", "ksh"].contains(&interpreter);
    let is_alone: &dyn Fn(&str) -> bool = if is_shell {
        &|option| is_of(option, OF_SHELLS)
    } else if is_python(interpreter) {
        &|option| is_of(option, OF_PYTHON)
    } else if interpreter == "Rscript" {
        &|option| option.starts_with("--")
    } else {
        return Ok(());
    };
    let program = rest.iter().find(|word| !is_alone(word));
    let Some((word, path)) = program.and_then(|word| Some((word, path(word)?))) else { return Ok(()) };
    if word.starts_with(['-', '+']) {
        return Ok(());
    }
    if !is_shell || word.contains('/') {
        return Err(out_of_reach(path));
    }
    emr_cli::warn(&format!(
        "{first} finds {word} only on the PATH of the master, as the step begins in an empty directory; --script uploads \
         a script and runs it"
    ));
    Ok(())
}

/// Whether `option` is one or several of `letters`, such as `-eu`.
fn is_of(option: &str, letters: &str) -> bool {
    option
        .strip_prefix('-')
        .is_some_and(|given| !given.is_empty() && given.chars().all(|letter| letters.contains(letter)))
}

/// `python`, `python3`, `python3.11`.
fn is_python(name: &str) -> bool {
    name.strip_prefix("python").is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

fn out_of_reach(path: &Path) -> Error {
    let shown = path.display();
    let what = if path.exists() { "stays here" } else { "is not here" };
    Error::usage(format!("{shown} {what}, and the step begins in an empty directory on the master")).advise(
        "--script uploads a script and runs it by its #! line, with the arguments behind --; a file on the master has an \
         absolute path; --no-check-input-paths adds the step without this look",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(line: &str) -> Result<()> {
        check(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_program_that_is_a_relative_path_is_refused() {
        for (line, words) in [
            ("./none.sh", "./none.sh is not here"),
            ("../none.sh x", "../none.sh is not here"),
            ("src/lib.rs", "src/lib.rs stays here"),
            ("bash -eu ./none.sh", "./none.sh is not here"),
            ("/bin/sh src/lib.rs", "src/lib.rs stays here"),
            ("python3 none.py -c x", "none.py is not here"),
            ("python -u none.py", "none.py is not here"),
            ("/usr/bin/python3.11 src/lib.rs", "src/lib.rs stays here"),
            ("Rscript --vanilla none.R", "none.R is not here"),
        ] {
            let error = checked(line).unwrap_err();
            assert!(error.to_string().starts_with(words), "{line}: {error}");
            assert!(error.to_string().contains("--script"), "{error}");
            assert_eq!(error.outcome.exit_code(), 2);
        }
    }

    #[test]
    fn what_may_work_on_the_master_is_left_alone() {
        for line in [
            "job.sh x.sh",
            "/opt/job.sh ./x",
            "s3://b/job.sh",
            "bash",
            "bash job.sh",
            "bash -c ./x.sh",
            "bash -ec ./x.sh",
            "bash -o pipefail /opt/x.sh",
            "bash -s x.sh",
            "bash +x -c ./x.sh",
            "sh /opt/x.sh ./y",
            "python3 -c ./x.py",
            "python3 -m x/y",
            "python3 -W ignore /opt/x.py",
            "python3 - x.py",
            "python3 /opt/x.py x.py",
            "pythonista x.py",
            "Rscript -e x.R",
            "hdfs dfs -ls ./x",
            "aws s3 cp ./x s3://b/",
        ] {
            assert!(checked(line).is_ok(), "{line}");
        }
    }
}
