//! Asks a job what it is, in the Python that runs it here.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Output, Stdio};

use emr_core::config::Config;
use emr_core::config::options::{PYTHON_BIN, STEPS_PYTHON_BIN};
use emr_core::config::setting::value;
use emr_core::error::{Error, Outcome, Result, reason};
use emr_core::shell;
use tokio::process::Command;

use super::Job;
use super::description::Description;

/// What Python runs: it runs the job's script.
const PROGRAM: &str = include_str!("ask.py");

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
pub(crate) async fn ask(config: &Config, script: &str, args: &[String]) -> Result<Job> {
    let (python, other) = pythons(config)?;
    let heard = Heard::new().map_err(|cause| {
        Error::new(Outcome::Io, format!("cannot make a temporary file for what the job says: {}", reason(&cause)))
    })?;
    let (by, ran) = match (heard.run(&python, script, args).await, &other) {
        (Err(error), Some(other)) if error.kind() == ErrorKind::NotFound => {
            emr_cli::detail(&format!("{} is not here, and the job is asked by {PYTHON}", shell::join(&python)));
            (other, heard.run(other, script, args).await)
        }
        (ran, _) => (&python, ran),
    };
    job(script, by, ran.map_err(|error| not_run(&python, &error))?)
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
fn job(script: &str, python: &[String], output: Output) -> Result<Job> {
    let name = script.rsplit('/').next().unwrap_or(script).to_owned();
    let said = String::from_utf8_lossy(&output.stderr);
    let mut lines: Vec<_> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    if output.status.success() && !output.stdout.is_empty() {
        for line in lines {
            emr_cli::say(&format!("{name}: {line}"));
        }
        let mut package = output.stdout;
        let end = package.iter().position(|byte| *byte == b'\n').unwrap_or(package.len());
        let description = Description::read(&package[..end], &name)?;
        emr_cli::detail(&format!("{name} is a job of mrjob {}", description.version));
        package.drain(..=end.min(package.len() - 1));
        return Ok(Job { name, description, package });
    }
    if output.status.success() {
        complain(&name, &lines);
        let text = format!("{name}: {} ended with exit status 0 before a job started", shell::join(python));
        return Err(Error::usage(text).advise(
            "the script has to come to YourJob.run() with these arguments, and --steps-python-bin has to name a Python",
        ));
    }
    let last = lines.pop().map_or_else(|| output.status.to_string(), |line| line.trim().to_owned());
    complain(&name, &lines);
    // Python's parsers of command lines end in this way.
    let is_usage = output.status.code() == Some(2);
    let outcome = if is_usage { Outcome::Usage } else { Outcome::Config };
    let text = if last.starts_with(&name) { last } else { format!("{name}: {last}") };
    Err(Error::new(outcome, format!("the job cannot be asked for its steps: {text}"))
        .advise(format!("it is run as python would run {}, up to where it would start", shell::quote(script))))
}

/// Shows the last of the `lines` that the job said.
fn complain(name: &str, lines: &[&str]) {
    for line in &lines[lines.len().saturating_sub(LINES)..] {
        emr_cli::complain(&format!("{name}: {line}"));
    }
}

fn not_run(python: &[String], error: &std::io::Error) -> Error {
    let text = format!("cannot run {}, which is to ask the job for its steps: {}", shell::join(python), reason(error));
    Error::config(text).advise("name the Python that runs the job here with --steps-python-bin")
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use emr_core::config::{Surroundings, Typed};

    use super::*;

    fn job(script: &str, output: Output) -> Result<Job> {
        super::job(script, &["python3".to_owned()], output)
    }

    fn output(code: i32, stdout: &[u8], stderr: &str) -> Output {
        Output { status: ExitStatus::from_raw(code << 8), stdout: stdout.to_vec(), stderr: stderr.into() }
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
        let error = job("src/mr.py", output(2, b"", said)).unwrap_err();
        assert_eq!(error.outcome, Outcome::Usage);
        assert!(error.to_string().contains("steps: mr.py: error: unrecognized arguments: --x;"), "{error}");
        let error = job("mr.py", output(1, b"", "Traceback\nImportError: no numpy\n")).unwrap_err();
        assert_eq!(error.outcome, Outcome::Config);
        assert!(error.to_string().contains("steps: mr.py: ImportError: no numpy"), "{error}");
        let ended = job("mr.py", output(0, b"", "")).unwrap_err();
        assert_eq!(ended.outcome, Outcome::Usage);
        assert!(ended.to_string().contains("mr.py: python3 ended with exit status 0 before a job started"), "{ended}");
        let killed = Output { status: ExitStatus::from_raw(9), stdout: Vec::new(), stderr: Vec::new() };
        assert!(job("mr.py", killed).unwrap_err().to_string().contains("signal: 9"));
    }

    #[test]
    fn what_stands_behind_the_description_is_the_zip_of_mrjob() {
        let line = r#"{"version":"1","script":"/m.py","steps":[],"arguments":[],"inputs":[],"sort_values":false,
            "attributes":{},"switches":{},"neighbours":{}}"#
            .replace('\n', "");
        let job = job("m.py", output(0, format!("{line}\nPK\n2").as_bytes(), "")).unwrap();
        assert_eq!((job.package.as_slice(), job.description.version.as_str()), (&b"PK\n2"[..], "1"));
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
