//! The records that tools print: JSON, one object a line.
//!
//! Keys are `snake_case` and only ever added; times are RFC 3339 UTC; durations are seconds in a key that ends in `_s`;
//! an absent value is an absent key. Records of a single tool are in that tool. [`stdin`](crate::stdin) parses records.

mod job_flow;
mod lock;
mod probe;
mod step;
mod terminated;

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Serialize, Serializer};

use crate::model::id::{JobFlowId, StepId};

pub use job_flow::JobFlowRecord;
pub use lock::LockRecord;
pub use probe::ProbeRecord;
pub use step::StepRecord;
pub use terminated::TerminatedRecord;

/// A record, in each form of `--output`.
pub trait Record: Serialize {
    /// The headings of the table.
    const COLUMNS: &'static [&'static str];

    /// The columns that a narrow terminal cuts, each with its least width: names, never ids.
    const CUT: &'static [(&'static str, usize)] =
        &[("NAME", 6), ("POOL", 4), ("OWNER", 4), ("STATE", 12), ("IDLE", 8), ("VALUE", 12), ("SOURCE", 12)];

    /// The columns that a table shows only where rows differ in them.
    const VARYING: &'static [&'static str] = &["REGION", "PROFILE"];

    /// The last column, if it has sentences, which a narrow terminal wraps.
    const PROSE: Option<&'static str> = None;

    /// The cells, one for each heading.
    fn cells(&self) -> Vec<String>;

    /// Its id.
    fn id(&self) -> &str;

    /// The words that shells complete from now on, because the record names them.
    fn names(&self) -> Vec<Name> {
        Vec::new()
    }
}

/// A word that names what a record is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// The name of a pool.
    Pool(String),
    /// The id of a job flow that is up.
    JobFlow(JobFlowId),
    /// The id of a job flow that has ended, which nobody completes any more.
    Ended(JobFlowId),
    /// The id of a step.
    Step(StepId),
}

/// A cell of a table: the value, or a dash.
pub fn cell(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// The cell of a time. EMR forgets what has ended after two months: the year is no help.
#[must_use]
pub fn moment(time: Option<DateTime<Utc>>) -> String {
    cell(time.map(|time| time.format("%m-%d %R")))
}

/// Serializes a time as RFC 3339 in whole seconds.
pub fn seconds<S: Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serializer.collect_str(&time.trunc_subsecs(0).format("%FT%TZ")),
        None => serializer.serialize_none(),
    }
}
