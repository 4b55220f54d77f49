//! Tools as a script runs them: with arguments, stdin, and nothing of this machine's AWS settings.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::exit_codes;

/// The folder of the executables under test, and the command that runs them elsewhere, where one does.
#[derive(Debug, Clone)]
pub struct Tools(PathBuf, Vec<OsString>);

/// What a run of a tool came to.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it said.
    pub stderr: String,
}

impl Tools {
    /// The tools beside `executable`, which a test knows as `env!("CARGO_BIN_EXE_…")`.
    #[must_use]
    pub fn beside(executable: &str) -> Self {
        Self(Path::new(executable).parent().expect("an executable is in a folder").to_owned(), Vec::new())
    }

    /// The same tools, run by `runner`, a command that takes another as its arguments and becomes it.
    #[must_use]
    pub fn run_by(&self, runner: &[impl AsRef<OsStr>]) -> Self {
        Self(self.0.clone(), runner.iter().map(|word| word.as_ref().to_owned()).collect())
    }

    /// Where they are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The `PATH` of a shell that finds the tools, and what `more` folders have, before anything else.
    #[must_use]
    pub fn path(&self, more: &[&Path]) -> OsString {
        let outer = std::env::var_os("PATH").unwrap_or_default();
        let folders = [self.folder()].into_iter().chain(more.iter().copied()).map(Path::to_owned);
        std::env::join_paths(folders.chain(std::env::split_paths(&outer))).expect("no folder has a colon in its name")
    }

    /// A command that runs the tool `name`, with no AWS setting but what the test adds, and an empty home.
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

/// Sets what an AWS client needs to find the service at `endpoint`, which takes any credentials.
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
        // A tool that does not read its stdin closes it early, which is no failure of the test.
        drop(child.stdin.take().expect("stdin is piped").write_all(stdin.as_bytes()));
        let ran = Self::from(child.wait_with_output().expect("the tool ends"));
        exit_codes::check(command.get_program(), ran.code);
        ran
    }

    /// Runs `command` with nothing on stdin, to its end.
    #[must_use]
    pub fn of(command: &mut Command) -> Self {
        Self::with_stdin(command, "")
    }

    /// The records that it printed.
    #[must_use]
    pub fn records(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect("each line is a record")).collect()
    }

    /// The only record that it printed.
    #[must_use]
    pub fn record(&self) -> Value {
        let mut records = self.records();
        assert_eq!(records.len(), 1, "one record: {self:?}");
        records.remove(0)
    }

    /// Asserts that it did what it was asked.
    #[expect(clippy::must_use_candidate, clippy::return_self_not_must_use, reason = "to have asserted is use enough")]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// Asserts that it failed with `code`, printed nothing, and said an error that contains `words`.
    pub fn fails(&self, code: i32, words: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.stdout, "", "nothing but data on stdout");
        // It may say what it did as well, and a usage error goes on with the usage.
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
