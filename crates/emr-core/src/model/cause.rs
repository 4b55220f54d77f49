//! The probable cause of a failure of a step, a task or a cluster, from its logs or from EMR.

use std::fmt;

use serde::Serialize;

use crate::model::log::Place;

/// The kind of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// A Python program raised an uncaught exception.
    PythonTraceback,
    /// A Java program threw an uncaught exception.
    JavaStack,
    /// An input, or the script that an interpreter should run, does not exist.
    MissingInput,
    /// The output already exists.
    OutputExists,
    /// A task did not report in time.
    TimeOut,
    /// EC2 took spot instances away, or YARN preempted containers.
    LostNodes,
    /// A process exceeded its memory.
    OutOfMemory,
    /// A disk is full.
    DiskFull,
    /// A signal ended a process.
    KilledBySignal,
    /// A program or a module does not exist.
    CommandNotFound,
    /// Access was denied.
    PermissionDenied,
    /// A service throttled requests.
    Throttled,
    /// The jar is invalid or lacks a class.
    BadJar,
    /// A bootstrap action or the installation of an application failed.
    BootstrapFailure,
    /// EMR or EC2 refused a parameter of the job flow.
    ValidationError,
    /// A quota of the account was reached.
    QuotaExceeded,
    /// EC2 had no capacity for the instances.
    NoCapacity,
    /// An instance that the cluster needs was lost.
    InstanceFailure,
    /// EMR ended the cluster for an internal reason.
    InternalError,
    /// A program failed; the message is its last output.
    ProgramError,
}

impl CauseKind {
    /// Its name in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PythonTraceback => "python-traceback",
            Self::JavaStack => "java-stack",
            Self::MissingInput => "missing-input",
            Self::OutputExists => "output-exists",
            Self::TimeOut => "time-out",
            Self::LostNodes => "lost-nodes",
            Self::OutOfMemory => "out-of-memory",
            Self::DiskFull => "disk-full",
            Self::KilledBySignal => "killed-by-signal",
            Self::CommandNotFound => "command-not-found",
            Self::PermissionDenied => "permission-denied",
            Self::Throttled => "throttled",
            Self::BadJar => "bad-jar",
            Self::BootstrapFailure => "bootstrap-failure",
            Self::ValidationError => "validation-error",
            Self::QuotaExceeded => "quota-exceeded",
            Self::NoCapacity => "no-capacity",
            Self::InstanceFailure => "instance-failure",
            Self::InternalError => "internal-error",
            Self::ProgramError => "program-error",
        }
    }
}

/// A probable cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// Its kind.
    pub kind: CauseKind,
    /// What happened, in one line.
    pub message: String,
    /// The line in a log; `None` if EMR's API is the source.
    #[serde(flatten)]
    pub quote: Option<Quote>,
    /// The traceback or stack trace around the line. A long one is cut in the middle.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excerpt: Vec<String>,
    /// The input of a mapper: a path, on YARN with offset and length, such as `s3://bucket/in.txt:0+335`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// The failed task attempt or container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
}

impl Cause {
    /// A cause that is in no log.
    #[must_use]
    pub fn without_log(kind: CauseKind, message: String) -> Self {
        Self { kind, message, quote: None, excerpt: Vec::new(), input: None, attempt: None }
    }
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// The line, cut if it is long.
    pub log_line: String,
    /// The log.
    #[serde(flatten)]
    pub place: Place,
    /// The number of the line, from 1; `None` if the log was not read from its beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

impl fmt::Display for Quote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line} of ")?;
        }
        self.place.fmt(f)
    }
}

impl fmt::Display for Cause {
    /// What happened and where, in one line for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}", self.message, self.kind.as_str())?;
        if let Some(quote) = &self.quote {
            write!(f, "; {quote}")?;
        }
        if let Some(input) = &self.input {
            write!(f, "; while reading {input}")?;
        }
        f.write_str(")")
    }
}
