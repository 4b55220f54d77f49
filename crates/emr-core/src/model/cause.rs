//! Why a step, a task or a job flow failed, as its logs tell.

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
    /// Nodes were lost, as spot instances are.
    LostNodes,
    /// A process needed more memory than it may have.
    OutOfMemory,
    /// A disk is full.
    DiskFull,
    /// A signal ended a process.
    KilledBySignal,
    /// A program that was to be run is not there.
    CommandNotFound,
    /// Somebody may not do something.
    PermissionDenied,
    /// The jar is none, or lacks a class.
    BadJar,
    /// A bootstrap action failed.
    BootstrapFailure,
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
            Self::BadJar => "bad-jar",
            Self::BootstrapFailure => "bootstrap-failure",
            Self::ProgramError => "program-error",
        }
    }
}

/// A probable cause, and the line of a log that it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// What kind it is of.
    pub kind: CauseKind,
    /// What happened, in a line.
    pub message: String,
    /// The line that says so, as it stands in the log; of a long one the beginning.
    pub log_line: String,
    /// The log.
    #[serde(flatten)]
    pub place: Place,
    /// The number of the line, from 1; none where the log was not read from its beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The traceback or stack that the line is of; of a long one the beginning and the end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excerpt: Vec<String>,
    /// What a mapper was reading: a path, and on YARN with the place in it, `s3://bucket/in.txt:0+335`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// The attempt of a task, or the container, that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
}

impl fmt::Display for Cause {
    /// What happened and where that stands, in a line for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}; ", self.message, self.kind.as_str())?;
        if let Some(line) = self.line {
            write!(f, "line {line} of ")?;
        }
        self.place.fmt(f)?;
        if let Some(input) = &self.input {
            write!(f, "; while reading {input}")?;
        }
        f.write_str(")")
    }
}
