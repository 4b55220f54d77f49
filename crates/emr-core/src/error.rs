//! What a run of a tool came to, and the exit code that says so.
//!
//! An [`Error`] is one line for a person: what failed, on which thing, why, and what to do next.
//! Its [`Outcome`] is what a script can tell apart. No other place decides an exit code.

use std::fmt;
use std::path::Path;

use crate::text::one_line;

/// How a run ended, as a script sees it. The codes are a public contract: see `emr-tools(7)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done as asked.
    Done,
    /// The answer is no: none found, a lock is busy, a step failed.
    No,
    /// The command line or the input is wrong, or AWS refused it as wrong.
    Usage,
    /// Nothing came on stdin for a tool that carries the result of one job.
    NoInput,
    /// AWS or a node could not be reached, or failed, and whether anything happened may be unknown.
    Unavailable,
    /// A bug of ours.
    Bug,
    /// A local file, pipe or terminal failed.
    Io,
    /// Nothing is wrong but the moment: throttled out, no room, the job flow ended first.
    TryAgain,
    /// AWS or a node knows the caller and refuses, or does not know the caller; or it is not who it was.
    Denied,
    /// A configuration file or the environment is wrong or lacks something.
    Config,
    /// The tool's own `--timeout` passed.
    TimedOut,
    /// A command that was to be run is no executable.
    NotExecutable,
    /// A command that was to be run was not found.
    NotFound,
    /// The exit code of a command that was run, or one that the user chose.
    Code(u8),
    /// A signal ended the run; its number.
    Signal(u8),
}

impl Outcome {
    /// The exit code of this outcome.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::NoInput => 66,
            Self::Unavailable => 69,
            Self::Bug => 70,
            Self::Io => 74,
            Self::TryAgain => 75,
            Self::Denied => 77,
            Self::Config => 78,
            Self::TimedOut => 124,
            Self::NotExecutable => 126,
            Self::NotFound => 127,
            Self::Code(code) => code,
            Self::Signal(number) => 128_u8.saturating_add(number),
        }
    }
}

/// Each exit code and what it means, in the words of `emr-tools(7)`, of every tool's man page and of `README.md`.
pub const EXIT_CODES: [(&str, &str); 15] = [
    ("0", "done"),
    ("1", "the answer is no: none found, a lock is busy, a step failed, was cancelled or interrupted"),
    ("2", "the command line or the input is wrong, or AWS refused it as wrong"),
    ("66", "nothing came on stdin, because what was to write there failed"),
    ("69", "AWS or a node cannot be reached, or failed"),
    ("70", "a bug of the tool"),
    ("74", "a local file or pipe failed"),
    (
        "75",
        "try again later: throttled out, a pool is full, no room for more steps, a lock or claim was lost, or the job \
         flow ended first",
    ),
    ("77", "AWS or a node denies it, there are no credentials, or a host key has changed"),
    ("78", "the configuration is wrong, or lacks a region"),
    ("124", "the time given by --timeout passed"),
    ("126", "the command of s3-lock run cannot be executed"),
    ("127", "the command of s3-lock run was not found"),
    ("N", "the command of s3-lock run or ssh-nodes exited with N, or --conflict-exit-code chose it"),
    ("128+N", "signal N ended it"),
];

/// A failure, worded for the person who ran the tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What a script can tell apart.
    pub outcome: Outcome,
    message: String,
    advice: Option<String>,
}

/// The result of anything that can fail in a way that ends a tool.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with this outcome and message: a lowercase fragment that says what failed, on which thing, and why.
    pub fn new(outcome: Outcome, message: impl Into<String>) -> Self {
        Self { outcome, message: message.into(), advice: None }
    }

    /// The command line or the input is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Outcome::Usage, message)
    }

    /// The configuration is wrong or lacks something.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(Outcome::Config, message)
    }

    /// Doing `what` to the local file `path` failed.
    #[must_use]
    pub fn file(what: &str, path: &Path, cause: &std::io::Error) -> Self {
        Self::new(Outcome::Io, format!("cannot {what} {}: {}", path.display(), reason(cause)))
    }

    /// Adds what to do next.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Puts `context: ` before the message, for whoever knows on which thing it failed.
    #[must_use]
    pub fn on(mut self, context: impl fmt::Display) -> Self {
        self.message = format!("{context}: {}", self.message);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&one_line(&self.message, QUOTED))?;
        match &self.advice {
            Some(advice) => write!(f, "; {}", one_line(advice, QUOTED)),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// Messages quote AWS, files and users, who may say more than anyone wants to read.
const QUOTED: usize = 1000;

/// The reason of an I/O error without the ` (os error N)` that says nothing to a person.
#[must_use]
pub fn reason(cause: &std::io::Error) -> String {
    let text = cause.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_lowercase(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_with_its_advice() {
        let error = Error::usage("bad\nname \u{1b}[31m").advise("try another");
        assert_eq!(error.to_string(), "bad name  [31m; try another");
    }

    /// Every outcome, each named by the one before it, so that none can be left out.
    fn outcomes() -> impl Iterator<Item = Outcome> {
        std::iter::successors(Some(Outcome::Done), |outcome| match outcome {
            Outcome::Done => Some(Outcome::No),
            Outcome::No => Some(Outcome::Usage),
            Outcome::Usage => Some(Outcome::NoInput),
            Outcome::NoInput => Some(Outcome::Unavailable),
            Outcome::Unavailable => Some(Outcome::Bug),
            Outcome::Bug => Some(Outcome::Io),
            Outcome::Io => Some(Outcome::TryAgain),
            Outcome::TryAgain => Some(Outcome::Denied),
            Outcome::Denied => Some(Outcome::Config),
            Outcome::Config => Some(Outcome::TimedOut),
            Outcome::TimedOut => Some(Outcome::NotExecutable),
            Outcome::NotExecutable => Some(Outcome::NotFound),
            Outcome::NotFound => Some(Outcome::Code(17)),
            Outcome::Code(_) => Some(Outcome::Signal(2)),
            Outcome::Signal(_) => None,
        })
    }

    #[test]
    fn exit_codes_are_the_contract() {
        let codes: Vec<_> = outcomes().map(Outcome::exit_code).collect();
        assert_eq!(codes, [0, 1, 2, 66, 69, 70, 74, 75, 77, 78, 124, 126, 127, 17, 130]);
    }

    #[test]
    fn every_outcome_has_a_meaning_and_every_meaning_an_outcome() {
        let code = |outcome: Outcome| match outcome {
            Outcome::Signal(number) => format!("{}+N", outcome.exit_code() - number),
            Outcome::Code(_) => "N".to_owned(),
            _ => outcome.exit_code().to_string(),
        };
        let codes: Vec<_> = outcomes().map(code).collect();
        assert_eq!(codes, EXIT_CODES.map(|(code, _)| code));
    }

    #[test]
    fn a_file_error_names_the_file_and_no_errno() {
        let error = Error::file("read", Path::new("/nowhere"), &std::io::Error::from_raw_os_error(2));
        assert_eq!(error.to_string(), "cannot read /nowhere: no such file or directory");
        assert_eq!(error.outcome, Outcome::Io);
    }
}
