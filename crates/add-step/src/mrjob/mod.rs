//! Jobs of mrjob, run unchanged.
//!
//! A job is a Python program that knows its own steps. Nothing of it is read here: [`ask`] has Python run it up to where
//! it would start, and what it would then ask of mrjob's runner comes back as a [`description`]. Its attributes and
//! options are laid over the configuration ([`settings`]), so that one set of rules decides what a job of mrjob's and a
//! plain streaming job get. [`plan`] makes steps of it: [`streaming`] ones, [`spark`] ones, and jars.
//!
//! Source: `mrjob/job.py`, `mrjob/runner.py`, `mrjob/bin.py` and `mrjob/emr.py` of mrjob 0.7.4

mod ask;
mod description;
mod inputs;
mod plan;
mod settings;
mod spark;
mod streaming;
mod task;
#[cfg(test)]
mod tests;

pub(crate) use ask::{ask, check};
pub(crate) use inputs::files_on_s3;
pub(crate) use plan::{JobSteps, steps};

use description::Description;

/// A job that has been asked.
#[derive(Debug)]
pub(crate) struct Job {
    /// What was asked, for messages.
    pub(crate) name: String,
    description: Description,
    /// A zip of the mrjob that it runs with.
    package: Vec<u8>,
}

/// Reads the `line` with which a job describes itself, and the options in it.
#[cfg(feature = "untrusted")]
pub(crate) fn check_description(line: &[u8]) -> emr_core::error::Result<()> {
    use emr_core::config::{Config, Surroundings, Typed};

    let name = "job.py".to_owned();
    let description = Description::read(line, &name).map_err(|unread| unread.error)?;
    let job = Job { name, description, package: Vec::new() };
    settings::of(&job, &Config::new(Typed::default(), Surroundings::default())).map(drop)
}
