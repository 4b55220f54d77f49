//! Outcomes of a run, and their exit codes.

/// The outcome of a run, for scripts. The exit codes are a public contract: see `emr-tools(7)`.
///
/// Code that handles a failure looks at its causes ([`Error::cause`](super::Error::cause)), not at its outcome.
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
    /// AWS or a node could not be reached or failed. It may be unclear whether anything happened.
    Unavailable,
    /// A bug of ours.
    Bug,
    /// A local file, pipe or terminal failed.
    Io,
    /// A retry later may succeed: throttled out, no room, the job flow ended first.
    TryAgain,
    /// AWS or a node denies access, there are no credentials, or a host key has changed.
    Denied,
    /// A configuration file or the environment is wrong or lacks something.
    Config,
    /// The tool's own `--timeout` passed.
    TimedOut,
    /// The command to run cannot be executed.
    NotExecutable,
    /// The command to run was not found.
    NotFound,
    /// The exit code of a command that was run, or one that the user chose.
    Code(u8),
    /// A signal with this number ended the run.
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

    /// This outcome, or the `later` one if this is [`Outcome::Done`]: in a run over several things, the first failure
    /// decides the exit code.
    #[must_use]
    pub fn or(self, later: Self) -> Self {
        if self == Self::Done { later } else { self }
    }

    /// The outcome with the larger exit code, or this one if they are equal. Concurrent commands end in any order, so
    /// `ssh-nodes` documents that the largest exit code counts.
    #[must_use]
    pub fn larger(self, other: Self) -> Self {
        if other.exit_code() > self.exit_code() { other } else { self }
    }
}

/// Each exit code with its meaning, for `emr-tools(7)` and `emr-scripts(7)`. The page of a tool has its own words.
pub const EXIT_CODES: [(&str, &str); 15] = [
    ("0", "done"),
    ("1", "the answer is no: none found, a lock is busy, a step failed, was cancelled or interrupted"),
    ("2", "the command line or the input is wrong, or AWS refused it as wrong"),
    ("66", "nothing came on stdin for a tool that carries the result of one job"),
    ("69", "AWS or a node cannot be reached, or failed"),
    ("70", "a bug of the tool"),
    ("74", "a local file or pipe failed"),
    (
        "75",
        "try again later: throttled out, no capacity, a quota or a pool is full, no room for more steps, a lock or claim \
         was lost, or the job flow ended first",
    ),
    ("77", "AWS or a node denies it, there are no credentials, or a host key has changed"),
    ("78", "the configuration is wrong, or lacks a region"),
    ("124", "the time given by --timeout passed"),
    ("126", "the command of s3-lock run cannot be executed"),
    ("127", "the command of s3-lock run was not found"),
    ("N", "the command of s3-lock run or ssh-nodes exited with N, or --conflict-exit-code chose it"),
    ("128+N", "signal N ended it"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Every outcome. The match makes the compiler demand new ones.
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
    fn the_first_failure_decides_or_the_largest_exit_code() {
        let (done, no, denied) = (Outcome::Done, Outcome::No, Outcome::Denied);
        assert_eq!([done.or(no), no.or(denied), denied.or(done)], [no, no, denied]);
        assert_eq!([done.larger(no), no.larger(denied), denied.larger(done)], [no, denied, denied]);
        assert_eq!(Outcome::Code(77).larger(denied), Outcome::Code(77));
    }
}
