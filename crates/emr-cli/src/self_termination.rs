//! The options that say when a job flow ends itself.

use std::time::Duration;

use clap::Args;
use emr_core::config::Config;
use emr_core::config::setting::{Setting, strength};
use emr_core::error::{Error, Result};
use emr_core::launch::self_termination::IdleLimits;

use crate::setting::decimal;

const HEADING: &str = "Job flow";

/// When a job flow ends itself for want of work.
#[derive(Debug, Clone, Args)]
pub(super) struct SelfTermination {
    /// End it once it was without work for longer than this: by EMR itself on 5.30, 6.1 and later, else by a script of
    /// ours on its master
    #[arg(long, value_name = "HOURS", allow_negative_numbers = true, help_heading = HEADING)]
    max_hours_idle: Option<f64>,

    /// The same in minutes
    #[arg(long, value_name = "MINUTES", conflicts_with = "max_hours_idle", allow_negative_numbers = true,
        help_heading = HEADING)]
    max_mins_idle: Option<f64>,

    /// And less than this is left of an hour since its master started; only where the script does it
    #[arg(long, value_name = "MINUTES", allow_negative_numbers = true, help_heading = HEADING)]
    mins_to_end_of_hour: Option<f64>,
}

impl SelfTermination {
    /// These options, with what `config` adds to them.
    pub(super) fn limits(&self, config: &Config) -> Result<IdleLimits> {
        let in_hours = duration(self.max_hours_idle, 3600.0, config, "max_hours_idle")?;
        let in_minutes = duration(self.max_mins_idle, 60.0, config, "max_mins_idle")?;
        // Of the two the one from the stronger source counts, and of equals the hours.
        let by_minutes = strength(in_minutes.as_ref()) > strength(in_hours.as_ref());
        config.withdraw(if by_minutes { "max_hours_idle" } else { "max_mins_idle" });
        Ok(IdleLimits {
            longest: if by_minutes { in_minutes } else { in_hours },
            to_end_of_hour: duration(self.mins_to_end_of_hour, 60.0, config, "mins_to_end_of_hour")?,
        })
    }
}

/// What was typed or is in `config`, in units of so many seconds, as whole seconds.
fn duration(typed: Option<f64>, unit_s: f64, config: &Config, option: &str) -> Result<Option<Setting<Duration>>> {
    let Some(Setting { value, source }) = decimal(typed, config, option)? else { return Ok(None) };
    let duration = Duration::try_from_secs_f64((value * unit_s).round());
    let duration = duration.map_err(|_| Error::usage(format!("{option}: {value} is no time that can pass")))?;
    Ok(Some(Setting { value: duration, source }))
}
