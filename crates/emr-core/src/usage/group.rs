//! By what a report is grouped.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// By what a report is grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    /// The pool of a job flow.
    Pool,
    /// Who started a job flow.
    Owner,
    /// The label of the jobs whose steps ran; idle time belongs to the job before it.
    Job,
    /// The job flow itself.
    JobFlow,
    /// The day, in UTC.
    Day,
    /// The hour of the day, in UTC.
    Hour,
    /// The instance type; a job flow of several types is in several groups.
    InstanceType,
    /// The region of a job flow.
    Region,
}

impl GroupBy {
    const ALL: [Self; 8] =
        [Self::Pool, Self::Owner, Self::Job, Self::JobFlow, Self::Day, Self::Hour, Self::InstanceType, Self::Region];

    /// The names of all.
    pub const NAMES: [&str; 8] = ["pool", "owner", "job", "job_flow", "day", "hour", "instance_type", "region"];

    /// Its name in records and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Whether its groups are stretches of time, which are listed in their order.
    #[must_use]
    pub fn is_time(self) -> bool {
        matches!(self, Self::Day | Self::Hour)
    }
}

impl FromStr for GroupBy {
    type Err = Error;

    /// Reads a name, with `-` for `_` if one likes.
    fn from_str(text: &str) -> Result<Self, Error> {
        let name = text.to_ascii_lowercase().replace('-', "_");
        let found = Self::ALL.into_iter().find(|by| by.as_str() == name);
        found.ok_or_else(|| {
            Error::usage(format!("'{text}' is nothing to group by"))
                .advise(format!("the groups are {}", Self::NAMES.join(", ")))
        })
    }
}

impl fmt::Display for GroupBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
