//! Runs tools as a script does: with arguments and stdin, but without the AWS settings of this machine.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::exit_codes;

/// The folder of the executables under test, and a command before each of them that runs them elsewhere.
#[derive(Debug, Clone)]
pub struct Tools(PathBuf, Vec<OsString>);

/// The result of a run of a tool.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Its stdout.
    pub stdout: String,
    /// Its stderr.
    pub stderr: String,
}

impl Tools {
    /// The tools beside `executable`, which is `env!("CARGO_BIN_EXE_…")` in a test.
    #[must_use]
    pub fn beside(executable: &str) -> Self {
        Self(Path::new(executable).parent().expect("an executable is in a folder").to_owned(), Vec::new())
    }

    /// The same tools, run by `runner`: a command that runs the command in its arguments.
    #[must_use]
    pub fn run_by(&self, runner: &[impl AsRef<OsStr>]) -> Self {
        Self(self.0.clone(), runner.iter().map(|word| word.as_ref().to_owned()).collect())
    }

    /// Their folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// A `PATH` that begins with the folder of the tools and the `more` folders.
    #[must_use]
    pub fn path(&self, more: &[&Path]) -> OsString {
        let outer = std::env::var_os("PATH").unwrap_or_default();
        let folders = [self.folder()].into_iter().chain(more.iter().copied()).map(Path::to_owned);
        std::env::join_paths(folders.chain(std::env::split_paths(&outer))).expect("no folder has a colon in its name")
    }

    /// A command that runs the tool `name`, without AWS settings and with an empty home.
    #[must_use]
    pub fn command(&self, name: &str) -> Command {
        let path = self.0.join(name);
        assert!(path.exists(), "{} is not built: test the whole workspace", path.display());
        let mut words = self.1.iter().cloned().chain([path.into_os_string()]);
        let mut command = Command::new(words.next().expect("there is a tool"));
        command.args(words);
        command.env_clear().env("HOME", "/nonexistent").env("USER", "tester").env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }
}

/// Makes an AWS client use the service at `endpoint`, which accepts any credentials.
pub(crate) fn point_at<'a>(endpoint: &str, command: &'a mut Command) -> &'a mut Command {
    command
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "AKIDSANDBOX")
        .env("AWS_SECRET_ACCESS_KEY", "sandbox")
}

impl Ran {
    /// Runs `command` with `stdin`, to its end.
    #[must_use]
    pub fn with_stdin(command: &mut Command, stdin: &str) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the tool starts");
        // A tool that does not read its stdin may close it early.
        drop(child.stdin.take().expect("stdin is piped").write_all(stdin.as_bytes()));
        let ran = Self::from(child.wait_with_output().expect("the tool ends"));
        exit_codes::check(command.get_program(), ran.code);
        ran
    }

    /// Runs `command` with an empty stdin, to its end.
    #[must_use]
    pub fn of(command: &mut Command) -> Self {
        Self::with_stdin(command, "")
    }

    /// The records on its stdout.
    #[must_use]
    pub fn records(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect("each line is a record")).collect()
    }

    /// The only record on its stdout.
    #[must_use]
    pub fn record(&self) -> Value {
        let mut records = self.records();
        assert_eq!(records.len(), 1, "one record: {self:?}");
        records.remove(0)
    }

    /// Asserts that it exited with 0.
    #[expect(
        clippy::must_use_candidate,
        clippy::return_self_not_must_use,
        reason = "the assertion is often the only use"
    )]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// Asserts that it exited with `code` and an empty stdout, and that an error on stderr contains `words`.
    pub fn fails(&self, code: i32, words: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.stdout, "", "nothing but data on stdout");
        // stderr may also have messages, and a usage error is followed by the usage.
        let is_error =
            |line: &&str| !line.contains("warning: ") && line.split(' ').next().is_some_and(|name| name.ends_with(':'));
        let is_said = self.stderr.lines().filter(is_error).any(|line| line.contains(words));
        assert!(is_said, "'{words}' is not in: {}", self.stderr);
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("tools print UTF-8");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}
