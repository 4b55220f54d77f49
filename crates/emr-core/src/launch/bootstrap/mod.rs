//! Bootstrapping: scripts that run on each new node before EMR installs its software.
//!
//! The order is mrjob's: the user's bootstrap actions (after ours for core dumps), then our *master* bootstrap script,
//! which fetches files and runs commands. Local files are uploaded under the hash of their content.

mod action;
mod core_dumps;
mod extras;
mod instruction;
mod limits;
mod look_up;
mod master;
mod options;
mod packages;
mod script;
mod uploader;

pub use action::Action;
pub(super) use limits::check;
pub use options::BootstrapOptions;

use uploader::Uploader;

use crate::config::Setting;
use crate::error::Result;
use crate::launch::amazon_actions;
use crate::model::job_flow::{BootstrapAction, JobFlow};

/// Adds the bootstrap actions of `options` to `job_flow`, with the uploads that they need. Returns warnings about
/// actions that its release replaces.
pub fn add(job_flow: &mut JobFlow, options: &BootstrapOptions, scratch_uri: Option<&str>) -> Result<Vec<String>> {
    // First, so that a crash of a later action leaves a core dump, too.
    if options.core_dumps {
        core_dumps::add(job_flow, scratch_uri)?;
    }
    let spark = if options.spark { extras::spark(&mut job_flow.software, &options.actions) } else { None };
    let mut uploader = Uploader { job_flow, scratch_uri };
    let mut warnings = Vec::new();
    for (number, Setting { value: action, source }) in options.actions.iter().chain(&spark).enumerate() {
        let path = uploader.place(&action.script)?;
        let (args, identity) = (action.args.clone(), action.script.identity());
        let action = BootstrapAction { name: format!("action {number}"), path, args, identity };
        let replaced = amazon_actions::replace(uploader.job_flow, &action).map_err(|error| source.blame(error))?;
        let Some(instead) = replaced else {
            limits::check_action(&action).map_err(|error| source.blame(error))?;
            uploader.job_flow.bootstrap_actions.push(action);
            continue;
        };
        warnings.extend(instead);
    }
    master::add(&mut uploader, options)?;
    Ok(warnings)
}

#[cfg(test)]
mod tests;
