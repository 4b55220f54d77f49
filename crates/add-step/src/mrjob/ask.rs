//! Asks a job what it is, in the Python that runs it here.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{ExitStatus, Output, Stdio};

use emr_core::config::Config;
use emr_core::config::options::{PYTHON_BIN, STEPS_PYTHON_BIN};
use emr_core::config::setting::value;
use emr_core::error::{Error, Outcome, Result, reason};
use emr_core::shell;
use tokio::process::Command;

use super::Job;
use super::description::{Description, Unread};

/// What Python runs: it runs the job's script.
const PROGRAM: &str = include_str!("ask.py");

/// What that prints before anything else of its own. A program that never does is no Python: a shim such as pyenv's, say.
const MARK: &[u8] = b"asked by emr-tools\n";

/// Python, where the configuration names none.
const PYTHON: &str = "python3";

/// How much of what a job says on its way to failing is shown: a traceback has its reason last.
const LINES: usize = 20;

/// Refuses a `script` that cannot be one, before anything else is done: a path at which nothing is.
pub(crate) fn check(script: &str) -> Result<()> {
    if script.is_empty() {
        return Err(Error::usage("--mrjob names no script").advise("give the path of a file, or the name of a module"));
    }
    let path = Path::new(script);
    let is_path = script.contains('/') || path.extension().is_some_and(|end| end.eq_ignore_ascii_case("py"));
    if is_path { path.metadata().map(|_| ()).map_err(|cause| Error::file("read", path, &cause)) } else { Ok(()) }
}

/// Asks the job of `script`, the path of a file or the name of a module, that has these arguments.
///
/// `python_bin` is the Python of the nodes. Where that is not here, or is a shim for one that is not, or cannot import
/// mrjob, `python3` asks instead.
pub(crate) async fn ask(config: &Config, script: &str, args: &[String]) -> Result<Job> {
    let (python, other) = pythons(config)?;
    let told = asked_by(&python, script, args).await;
    let (Some(other), Err(Unasked { error, is_of_python: true })) = (other, &told) else {
        return told.map_err(|unasked| unasked.error);
    };
    emr_cli::detail(&format!("the job is asked by {PYTHON}: {error}"));
    asked_by(&other, script, args).await.map_err(|unasked| {
        if unasked.is_of_python {
            emr_cli::complain(&error.to_string());
        }
        unasked.error
    })
}

/// What kept a job from being asked.
struct Unasked {
    error: Error,
    /// Whether it is the Python, which does not run here or has no mrjob, and not the job.
    is_of_python: bool,
}

impl From<Error> for Unasked {
    fn from(error: Error) -> Self {
        Self { error, is_of_python: false }
    }
}

async fn asked_by(python: &[String], script: &str, args: &[String]) -> std::result::Result<Job, Unasked> {
    let heard = Heard::new().map_err(|cause| {
        Error::new(Outcome::Io, format!("cannot make a temporary file for what the job says: {}", reason(&cause)))
    })?;
    match heard.run(python, script, args).await {
        Ok(output) => job(script, python, &output),
        Err(cause) => Err(Unasked { error: not_run(python, &reason(&cause)), is_of_python: true }),
    }
}

/// The Python that runs the job here, and the one that does where that is not here: `python_bin` is that of the nodes,
/// and may be here, too.
fn pythons(config: &Config) -> Result<(Vec<String>, Option<Vec<String>>)> {
    let default = vec![PYTHON.to_owned()];
    let named = |key| Ok::<_, Error>(value(config.get(key)?).filter(|words: &Vec<String>| !words.is_empty()));
    Ok(match (named(&STEPS_PYTHON_BIN)?, named(&PYTHON_BIN)?) {
        (Some(own), _) => (own, None),
        (None, Some(of_nodes)) => (of_nodes, Some(default)),
        (None, None) => (default, None),
    })
}

/// Files for what Python says. Pipes would stay open as long as any process that the script leaves behind.
struct Heard {
    stdout: File,
    stderr: File,
}

impl Heard {
    fn new() -> std::io::Result<Self> {
        Ok(Self { stdout: tempfile::tempfile()?, stderr: tempfile::tempfile()? })
    }

    /// Runs `python` to its own end.
    async fn run(&self, python: &[String], script: &str, args: &[String]) -> std::io::Result<Output> {
        let (program, first) = python.split_first().ok_or(ErrorKind::NotFound)?;
        let mut command = Command::new(program);
        // -B: what is only looked at leaves no compiled files behind.
        command.args(first).args(["-B", "-c", PROGRAM, script]).args(args);
        command.stdin(Stdio::null()).stdout(self.stdout.try_clone()?).stderr(self.stderr.try_clone()?);
        let status = command.kill_on_drop(true).spawn()?.wait().await?;
        Ok(Output { status, stdout: content(&self.stdout)?, stderr: content(&self.stderr)? })
    }
}

/// What is in `file` now; its place for writing stays where it is.
fn content(file: &File) -> std::io::Result<Vec<u8>> {
    let length = usize::try_from(file.metadata()?.len()).map_err(std::io::Error::other)?;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}

/// The job that `output` describes; what it said on the way is passed on.
fn job(script: &str, python: &[String], output: &Output) -> std::result::Result<Job, Unasked> {
    let name = script.rsplit('/').next().unwrap_or(script).to_owned();
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<_> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    // A program that starts Python may have something to say first.
    let begins = output.stdout.windows(MARK.len()).position(|bytes| bytes == MARK);
    let Some(answer) = begins.map(|at| &output.stdout[at + MARK.len()..]) else {
        let last = lines.last().map_or_else(String::new, |line| format!(": {}", line.trim()));
        let text = format!("it ended with {} before it ran anything{last}", output.status);
        return Err(Unasked { error: not_run(python, &text), is_of_python: true });
    };
    if !output.status.success() || answer.is_empty() {
        return Err(failed(script, &name, output.status, lines).into());
    }
    let (description, package) = match answer.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&answer[..end], &answer[end + 1..]),
        None => (answer, &[][..]),
    };
    let description = match Description::read(description, &name) {
        Err(Unread { error, lacks_mrjob }) => {
            let error = if lacks_mrjob { error.on(shell::join(python)) } else { error };
            return Err(Unasked { error, is_of_python: lacks_mrjob });
        }
        Ok(description) => description,
    };
    for line in lines {
        emr_cli::say(&format!("{name}: {line}"));
    }
    emr_cli::detail(&format!("{name} is a job of mrjob {}", description.version));
    Ok(Job { name, description, package: package.to_vec() })
}

/// Why the script `name` did not come to its job.
fn failed(script: &str, name: &str, status: ExitStatus, mut lines: Vec<&str>) -> Error {
    if status.success() {
        complain(name, &lines);
        return Error::usage(format!("{name}: the script ended with exit status 0 before a job started"))
            .advise("with these arguments it has to come to YourJob.run()");
    }
    let last = lines.pop().map_or_else(|| status.to_string(), |line| line.trim().to_owned());
    complain(name, &lines);
    // Python's parsers of command lines end in this way.
    let outcome = if status.code() == Some(2) { Outcome::Usage } else { Outcome::Config };
    let text = if last.starts_with(name) { last } else { format!("{name}: {last}") };
    Error::new(outcome, format!("the job cannot be asked for its steps: {text}"))
        .advise(format!("it is run as python would run {}, up to where it would start", shell::quote(script)))
}

/// Shows the last of the `lines` that the job said.
fn complain(name: &str, lines: &[&str]) {
    for line in &lines[lines.len().saturating_sub(LINES)..] {
        emr_cli::complain(&format!("{name}: {line}"));
    }
}

fn not_run(python: &[String], why: &str) -> Error {
    let text = format!("cannot run {}, which is to ask the job for its steps: {why}", shell::join(python));
    Error::config(text).advise("name the Python that runs the job here with --steps-python-bin")
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use emr_core::config::{Surroundings, Typed};

    use super::*;

    fn job(script: &str, output: &Output) -> std::result::Result<Job, Unasked> {
        super::job(script, &["python3".to_owned()], output)
    }

    /// The error of a job that a Python ran.
    fn error(script: &str, output: &Output) -> Error {
        let unasked = job(script, output).err().unwrap();
        assert!(!unasked.is_of_python);
        unasked.error
    }

    fn output(code: i32, answer: &[u8], stderr: &str) -> Output {
        Output { status: ExitStatus::from_raw(code << 8), stdout: [MARK, answer].concat(), stderr: stderr.into() }
    }

    #[test]
    fn a_path_at_which_nothing_is_is_no_script_and_a_module_may_be_anywhere() {
        for path in ["nope.py", "nope.PY", "src/nope", "./nope", "src/lib.rs/x.py"] {
            let error = check(path).unwrap_err();
            assert!(error.to_string().starts_with(&format!("cannot read {path}: ")), "{error}");
            assert_eq!(error.outcome, Outcome::Io);
        }
        assert_eq!(check("").unwrap_err().outcome, Outcome::Usage);
        for script in ["src/lib.rs", "pkg.job", "job"] {
            check(script).unwrap();
        }
    }

    #[test]
    fn the_last_line_says_why_a_job_cannot_be_asked() {
        let said = "usage: mr.py [options]\nmr.py: error: unrecognized arguments: --x\n";
        let told = error("src/mr.py", &output(2, b"", said));
        assert_eq!(told.outcome, Outcome::Usage);
        assert!(told.to_string().contains("steps: mr.py: error: unrecognized arguments: --x;"), "{told}");
        let told = error("mr.py", &output(1, b"", "Traceback\nImportError: no numpy\n"));
        assert_eq!(told.outcome, Outcome::Config);
        assert!(told.to_string().contains("steps: mr.py: ImportError: no numpy"), "{told}");
        let ended = error("mr.py", &output(0, b"", ""));
        assert_eq!(ended.outcome, Outcome::Usage);
        assert!(
            ended.to_string().contains("mr.py: the script ended with exit status 0 before a job started"),
            "{ended}"
        );
        let killed = Output { status: ExitStatus::from_raw(9), ..output(0, b"", "") };
        assert!(error("mr.py", &killed).to_string().contains("signal: 9"));
    }

    #[test]
    fn what_does_not_run_or_lacks_mrjob_is_told_from_a_job_that_fails() {
        let shim = Output { stdout: Vec::new(), ..output(127, b"", "pyenv: python3.9: command not found\n") };
        let lacking = br#"{"refusal": "no_mrjob", "detail": "No module named 'mrjob'"}"#;
        for (output, words) in [
            (
                shim,
                "cannot run python3, which is to ask the job for its steps: it ended with exit status: 127 before it ran \
                 anything: pyenv: python3.9: command not found",
            ),
            (output(0, lacking, ""), "python3: mr.py: this Python cannot import mrjob"),
        ] {
            let Err(Unasked { error, is_of_python: true }) = job("mr.py", &output) else { panic!("{words}") };
            assert!(error.to_string().starts_with(words), "{error}");
            assert_eq!(error.outcome, Outcome::Config);
        }
    }

    #[test]
    fn what_stands_behind_the_description_is_the_zip_of_mrjob() {
        let line = r#"{"version":"1","script":"/m.py","steps":[],"arguments":[],"inputs":[],"sort_values":false,
            "attributes":{},"switches":{},"neighbours":{}}"#
            .replace('\n', "");
        let Ok(job) = job("m.py", &output(0, format!("{line}\nPK\n2").as_bytes(), "")) else { panic!("{line}") };
        assert_eq!((job.package.as_slice(), job.description.version.as_str()), (&b"PK\n2"[..], "1"));
    }

    #[test]
    fn a_wrapper_of_python_s_may_print_first() {
        let told = Output { stdout: [b"loading\n", MARK].concat(), ..output(1, b"", "ImportError: no numpy\n") };
        assert!(error("mr.py", &told).to_string().contains("steps: mr.py: ImportError: no numpy"));
    }

    #[test]
    fn the_job_is_asked_by_the_python_that_is_named_or_that_of_the_nodes() {
        let pythons = |typed: &[(&'static emr_core::config::Key<emr_core::config::Words>, &str)]| {
            let mut all = Typed::default();
            for (key, text) in typed {
                all.value(&key.option, "python", text);
            }
            pythons(&Config::new(all, Surroundings::default())).unwrap()
        };
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(pythons(&[]), (words(&["python3"]), None));
        let of_nodes = pythons(&[(&PYTHON_BIN, "python3.6 -u")]);
        assert_eq!(of_nodes, (words(&["python3.6", "-u"]), Some(words(&["python3"]))));
        let own = pythons(&[(&PYTHON_BIN, "p"), (&STEPS_PYTHON_BIN, "venv/bin/python")]);
        assert_eq!(own, (words(&["venv/bin/python"]), None));
    }
}
