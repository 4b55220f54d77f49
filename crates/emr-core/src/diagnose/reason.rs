//! Why something failed, as one traceback, stack or line says.

use super::line::Line;
use super::phrases::{self, Sureness};
use super::{Weight, exit, words};
use crate::model::cause::CauseKind;

/// How much a text says by itself, wherever it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// That something else failed.
    Consequence,
    /// What came of a cause that other logs may tell: a signal, a worker that was lost.
    Symptom,
    /// An error in the program's own words.
    Error,
    /// A cause by name.
    Cause,
}

/// Why something failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reason {
    pub(super) strength: Strength,
    pub(super) kind: CauseKind,
    pub(super) message: String,
    /// The line that says so.
    pub(super) line: Line,
}

impl Reason {
    /// Adds the place on S3 that the `lines` around it name last, where it is about such a place and names none.
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

/// What `text` says that Hadoop, YARN, Spark or a shell has words for; `None` if those words say nothing.
pub(super) fn known(text: &str) -> Option<(Strength, CauseKind, String)> {
    let phrase = phrases::kind(text);
    if let Some((kind, Sureness::Cause)) = phrase {
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

/// Who says it: how much a text of each [`Strength`] weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// What ended the program: an exception that nobody caught.
    Uncaught,
    /// An error that was logged, or printed.
    Error,
    /// A warning.
    Warning,
    /// What was logged as something else.
    Remark,
}

impl Standing {
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
