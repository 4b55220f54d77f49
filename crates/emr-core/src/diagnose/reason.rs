//! The reason for a failure in one traceback, stack trace or line.

use super::line::Line;
use super::phrases::{self, Certainty};
use super::{Weight, exit, words};
use crate::model::cause::CauseKind;

/// How much a text says by itself, regardless of its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// Only that something else failed.
    Consequence,
    /// A symptom whose cause other logs may have: a signal, a lost worker.
    Symptom,
    /// An error in the program's own words.
    Error,
    /// A known cause.
    Cause,
}

/// The reason for a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reason {
    pub(super) strength: Strength,
    pub(super) kind: CauseKind,
    pub(super) message: String,
    /// The line that names it.
    pub(super) line: Line,
}

impl Reason {
    /// Adds the last place on S3 in `lines`, the lines around it, if the reason is about S3 and names no place itself.
    pub(super) fn with_place(mut self, lines: &[String]) -> Self {
        let is_about_place = matches!(self.kind, CauseKind::PermissionDenied | CauseKind::Throttled);
        let is_named = words::place(&self.message).is_some();
        if is_about_place
            && !is_named
            && let Some(place) = lines.iter().rev().find_map(|line| words::place(line))
        {
            self.message = format!("{} ({place})", self.message);
        }
        self
    }
}

/// The meaning of `text` by the known phrases of Hadoop, YARN, Spark and shells; `None` without one.
pub(super) fn known(text: &str) -> Option<(Strength, CauseKind, String)> {
    let phrase = phrases::kind(text);
    if let Some((kind, Certainty::Cause)) = phrase {
        return Some((Strength::Cause, kind, text.to_owned()));
    }
    let exit = exit::meaning(text).map(|(weight, kind, meaning)| (weight, kind, format!("{meaning}: {text}")));
    match (exit, phrase) {
        (Some((Weight::Likely, kind, message)), _) => Some((Strength::Symptom, kind, message)),
        (_, Some((kind, _))) if !words::is_consequence(text) => Some((Strength::Symptom, kind, text.to_owned())),
        (Some((_, kind, message)), _) => Some((Strength::Consequence, kind, message)),
        _ => None,
    }
}

/// Where a text appears, which decides the weight of each [`Strength`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// An uncaught exception, which ended the program.
    Uncaught,
    /// A logged or printed error.
    Error,
    /// A warning.
    Warning,
    /// A record of a lower level.
    Remark,
}

impl Context {
    /// The weight of a text of this `strength`.
    pub(super) fn weight(self, strength: Strength) -> Weight {
        match (self, strength) {
            (_, Strength::Consequence) => Weight::Hint,
            (Self::Uncaught, Strength::Error | Strength::Cause) => Weight::Fatal,
            (Self::Error, Strength::Cause) => Weight::Convincing,
            (Self::Uncaught | Self::Error, _) | (Self::Warning, Strength::Cause) => Weight::Likely,
            (Self::Warning | Self::Remark, _) => Weight::Said,
        }
    }
}
