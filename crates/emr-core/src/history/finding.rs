//! What a check of histories found.

use std::fmt;

use serde::Serialize;

use crate::model::record::{Record, cell};

/// A line of one of the histories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The number of the file, in the order in which they were given.
    pub file: u32,
    /// The number of the line, from 1.
    pub line: u64,
}

/// The kind of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// Two writes replaced the same object, or both created it: a condition was ignored, or an acknowledged write was lost.
    Fork,
    /// A read or a refusal shows an object that had been replaced before it was asked for, or one that came later.
    StaleRead,
    /// A write was acknowledged before what it replaced was there.
    OutOfOrder,
    /// A write was refused although the object was as its condition says.
    SpuriousRefusal,
    /// A write that was refused has been written.
    RefusedButWritten,
    /// An object has the nonce of one write and the token, generation or time to live of another.
    Misattributed,
    /// Two writes have one `ETag`, so a condition cannot tell them apart.
    EtagRepeated,
    /// The object is one that no process recorded.
    Unrecorded,
    /// The generation fell, or did not grow with the holder.
    Generation,
    /// A lock was taken over before its time to live had passed by the store's clock.
    EarlyTakeover,
    /// Two tokens held the lock at once.
    TwoHolders,
    /// A lock was released by one who did not hold it.
    ForeignRelease,
    /// EMR was asked for something when the lease had ended.
    ActAfterLease,
    /// EMR was asked for something under a lock that was not held.
    ActWithoutLease,
    /// EMR answered after the lease had ended, or nobody knows when it acted. No violation: it may have acted in time.
    LateAct,
    /// A lock was taken over, and neither an age nor a clock tells that its lease had ended. No violation: it may have.
    UnprovedTakeover,
    /// Nothing that is still remembered, and no clock, tells whether a line fits. No violation: it may.
    Undecided,
}

impl FindingKind {
    /// Whether it breaks what a lock promises, or what a store must do for it.
    #[must_use]
    pub fn is_violation(self) -> bool {
        !matches!(self, Self::LateAct | Self::UnprovedTakeover | Self::Undecided)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Fork => "fork",
            Self::StaleRead => "stale-read",
            Self::OutOfOrder => "out-of-order",
            Self::SpuriousRefusal => "spurious-refusal",
            Self::RefusedButWritten => "refused-but-written",
            Self::Misattributed => "misattributed",
            Self::EtagRepeated => "etag-repeated",
            Self::Unrecorded => "unrecorded",
            Self::Generation => "generation",
            Self::EarlyTakeover => "early-takeover",
            Self::TwoHolders => "two-holders",
            Self::ForeignRelease => "foreign-release",
            Self::ActAfterLease => "act-after-lease",
            Self::ActWithoutLease => "act-without-lease",
            Self::LateAct => "late-act",
            Self::UnprovedTakeover => "unproved-takeover",
            Self::Undecided => "undecided",
        }
    }

    /// What it means, in a sentence.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Fork => "both replaced the same object: a condition was ignored, or an acknowledged write was lost",
            Self::StaleRead => "the answer shows an object that was replaced before the request, or written after it",
            Self::OutOfOrder => "the write was acknowledged before the object that it replaced was there",
            Self::SpuriousRefusal => "the write was refused although the object was as its condition says",
            Self::RefusedButWritten => "the write was refused, and has been written all the same",
            Self::Misattributed => {
                "the object has the nonce of one write and the token, generation or time to live of another"
            }
            Self::EtagRepeated => "two objects have one ETag, so conditions cannot tell them apart",
            Self::Unrecorded => {
                "no line records this write: a history is missing, somebody does not record, or the store invents"
            }
            Self::Generation => "the generation fell, or did not grow with the holder",
            Self::EarlyTakeover => "the lock was taken over before its time to live had passed by the store's clock",
            Self::TwoHolders => "two tokens held the lock at once",
            Self::ForeignRelease => "the lock was released by one who did not hold it",
            Self::ActAfterLease => "EMR was asked when the lease had ended",
            Self::ActWithoutLease => "EMR was asked under a lock that was not held",
            Self::LateAct => "EMR's answer came after the lease, or never: whether EMR acted in time is not known",
            Self::UnprovedTakeover => "the lock was taken over, and nothing recorded tells that its lease had ended",
            Self::Undecided => {
                "what it tells of is too long ago, not seen again or lost, or its clock unlike or left out: it may fit or not"
            }
        }
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A finding, by the numbers of its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its kind.
    pub kind: FindingKind,
    /// The lock.
    pub lock_uri: Box<str>,
    /// The lines that show it, the one that proves it last.
    pub places: Vec<Place>,
}

/// A finding, for the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ViolationRecord {
    /// What was violated.
    pub kind: FindingKind,
    /// Whether it is a violation; false for what was not promised.
    pub violates: bool,
    /// The lock.
    pub lock_uri: String,
    /// The lines that show it, each as file and number: `a.jsonl:17`.
    pub lines: Vec<String>,
    /// What it means.
    pub explanation: &'static str,
}

impl ViolationRecord {
    /// The record of `finding` in histories of these names.
    #[must_use]
    pub fn of(finding: &Finding, names: &[String]) -> Self {
        let name = |place: &Place| names.get(place.file as usize).map_or("?", String::as_str);
        Self {
            kind: finding.kind,
            violates: finding.kind.is_violation(),
            lock_uri: finding.lock_uri.to_string(),
            lines: finding.places.iter().map(|place| format!("{}:{}", name(place), place.line)).collect(),
            explanation: finding.kind.explanation(),
        }
    }
}

impl Record for ViolationRecord {
    const COLUMNS: &'static [&'static str] = &["KIND", "LOCK", "LINES", "EXPLANATION"];

    const PROSE: Option<&'static str> = Some("EXPLANATION");

    fn cells(&self) -> Vec<String> {
        vec![self.kind.to_string(), self.lock_uri.clone(), self.lines.join(" "), self.explanation.to_owned()]
    }

    fn id(&self) -> &str {
        self.kind.name()
    }
}

/// What was checked, and what it came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VerdictRecord {
    /// Whether nothing was violated.
    pub holds: bool,
    /// Violations.
    pub violations: u64,
    /// Lines.
    pub lines: u64,
    /// Lines that break off.
    pub torn_lines: u64,
    /// Locks.
    pub locks: u64,
    /// Reads of locks.
    pub reads: u64,
    /// Conditional writes.
    pub writes: u64,
    /// Writes that were acknowledged.
    pub written: u64,
    /// Writes that were refused, in conflict, or certainly failed.
    pub refused: u64,
    /// Requests with an unclear answer, or none.
    pub unclear: u64,
    /// How often a lock changed hands without a release.
    pub takeovers: u64,
    /// Takeovers of which nothing recorded tells that the lease had ended.
    pub unproved_takeovers: u64,
    /// Lines of which nothing tells whether they fit.
    pub undecided: u64,
    /// Requests to EMR under a lock.
    pub acts: u64,
    /// Those that may have come after the lease.
    pub late_acts: u64,
    /// How often an object was deleted by somebody else: between two creations, or after the last.
    pub deleted: u64,
    /// Clocks: machines, each from boot to boot.
    pub clocks: u64,
    /// What the verdict rests on.
    pub assumed: Vec<&'static str>,
}

impl VerdictRecord {
    /// Sets what the verdict rests on, where clocks may have been left out.
    pub(super) fn assume(&mut self, has_left_out: bool) {
        self.holds = self.violations == 0;
        self.assumed = vec!["every process that uses these locks records", "the histories are complete"];
        if self.clocks > 1 {
            self.assumed.push("between machines: the store's clock, by which a lock expires, does not jump");
            self.assumed.push("between machines: only the chain of writes tells what came first");
        }
        if has_left_out {
            self.assumed.push("of a lock with more than 256 clocks: what the most silent ones saw is in order");
        }
    }
}

impl Record for VerdictRecord {
    const COLUMNS: &'static [&'static str] =
        &["HOLDS", "VIOLATIONS", "LINES", "LOCKS", "READS", "WRITES", "TAKEOVERS", "ACTS", "LATE"];

    fn cells(&self) -> Vec<String> {
        let holds = if self.holds { "yes" } else { "no" };
        let counts = [
            self.violations,
            self.lines,
            self.locks,
            self.reads,
            self.writes,
            self.takeovers,
            self.acts,
            self.late_acts,
        ];
        std::iter::once(holds.to_owned()).chain(counts.map(|count| cell(Some(count)))).collect()
    }

    fn id(&self) -> &str {
        if self.holds { "holds" } else { "violated" }
    }
}
