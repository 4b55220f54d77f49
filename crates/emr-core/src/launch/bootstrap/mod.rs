//! Bootstrapping: what runs on each new node before EMR installs its own software.
//!
//! In mrjob's order: the user's bootstrap actions (after the one for core dumps), then the *master* bootstrap script of
//! the tools, which fetches files and runs commands. Local files are uploaded under the hash of their content.

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

/// Adds the bootstrap actions that `options` ask for to `job_flow`, and the uploads that they need. Returns warnings
/// about actions that its release replaces.
pub fn add(job_flow: &mut JobFlow, options: &BootstrapOptions, scratch_uri: Option<&str>) -> Result<Vec<String>> {
    // The first action, so that a crash of a later one leaves a core dump, too.
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
