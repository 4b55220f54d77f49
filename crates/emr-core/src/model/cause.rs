//! Why a step, a task or a job flow failed, as its logs or EMR say.

use std::fmt;

use serde::Serialize;

use crate::model::log::Place;

/// The kind of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// A Python program raised an exception that nobody caught.
    PythonTraceback,
    /// A Java program threw an exception that nobody caught.
    JavaStack,
    /// An input does not exist.
    MissingInput,
    /// The output exists already.
    OutputExists,
    /// A task did not report for too long.
    TimeOut,
    /// Nodes or containers were taken away: spot instances by EC2, containers by YARN, which preempts them.
    LostNodes,
    /// A process needed more memory than it may have.
    OutOfMemory,
    /// A disk is full.
    DiskFull,
    /// A signal ended a process.
    KilledBySignal,
    /// A program, or the script that it was to run, is not there.
    CommandNotFound,
    /// Access was denied.
    PermissionDenied,
    /// A service answered that it is asked too often.
    Throttled,
    /// The jar is none, or lacks a class.
    BadJar,
    /// A bootstrap action or the installation of an application failed.
    BootstrapFailure,
    /// EMR or EC2 refused what the job flow was asked to be.
    ValidationError,
    /// The account may not have as many instances.
    QuotaExceeded,
    /// EC2 had no such instances.
    NoCapacity,
    /// An instance that the job flow cannot do without ended.
    InstanceFailure,
    /// EMR ended the job flow for a reason of its own.
    InternalError,
    /// A program failed, and this is what it said last.
    ProgramError,
}

impl CauseKind {
    /// Its name, as records have it.
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
    /// What kind it is of.
    pub kind: CauseKind,
    /// What happened, in a line.
    pub message: String,
    /// The line of a log that says so; `None` where EMR itself says it.
    #[serde(flatten)]
    pub quote: Option<Quote>,
    /// The traceback or stack that the line belongs to; of a long one the beginning and the end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excerpt: Vec<String>,
    /// What a mapper was reading: a path, and on YARN with the place in it, `s3://bucket/in.txt:0+335`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// The attempt of a task, or the container, that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
}

impl Cause {
    /// A cause that no log says.
    #[must_use]
    pub fn without_log(kind: CauseKind, message: String) -> Self {
        Self { kind, message, quote: None, excerpt: Vec::new(), input: None, attempt: None }
    }
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// The line as it stands in the log; of a long one the beginning.
    pub log_line: String,
    /// The log.
    #[serde(flatten)]
    pub place: Place,
    /// The number of the line, from 1; `None` where the log was not read from its beginning.
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
    /// What happened and where that stands, in a line for people.
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
