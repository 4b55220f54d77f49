//! Bootstrapping: what runs on each new node before EMR installs its own software.
//!
//! In mrjob's order: the user's bootstrap actions (after that for core dumps), then one script of ours, the *master*
//! bootstrap script, that fetches files and runs commands. Local files are uploaded under the hash of their content.

mod action;
mod command;
mod core_dumps;
mod extras;
mod folder;
mod instruction;
mod limits;
mod master;
mod options;
mod packages;
mod script;
mod source;
mod uploader;

pub use action::Action;
pub use command::{Command, Part};
pub use folder::NodeFile;
pub(super) use limits::check;
pub use options::BootstrapOptions;
pub use source::{Machine, Source};

use uploader::Uploader;

use crate::error::Result;
use crate::model::job_flow::{BootstrapAction, JobFlow};

/// Gives `job_flow` the bootstrap actions that `options` ask for, and the uploads that these need.
pub fn add(job_flow: &mut JobFlow, options: &BootstrapOptions, scratch_uri: Option<&str>) -> Result<()> {
    // Before all else, so that what crashes while a node bootstraps leaves one, too.
    if options.core_dumps {
        core_dumps::add(job_flow, scratch_uri)?;
    }
    let spark = if options.spark { extras::spark(&mut job_flow.software, &options.actions) } else { None };
    let mut uploader = Uploader { job_flow, scratch_uri };
    for (number, action) in options.actions.iter().chain(&spark).enumerate() {
        let path = uploader.place(&action.script)?;
        let (args, identity) = (action.args.clone(), action.script.identity());
        uploader.job_flow.bootstrap_actions.push(BootstrapAction {
            name: format!("action {number}"),
            path,
            args,
            identity,
        });
    }
    master::add(&mut uploader, options)
}

#[cfg(test)]
mod tests;
