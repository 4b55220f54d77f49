//! EMR's limits on bootstrap actions.
//!
//! Sources: <https://docs.aws.amazon.com/emr/latest/APIReference/API_RunJobFlow.html> and
//! <https://docs.aws.amazon.com/emr/latest/APIReference/API_ScriptBootstrapActionConfig.html>

use super::BootstrapOptions;
use crate::config::setting;
use crate::error::{Error, Result};
use crate::model::job_flow::{BootstrapAction, JobFlow};

/// Bootstrap actions of a job flow.
const ACTIONS: usize = 16;

/// Characters of a path, and of an argument.
const CHARACTERS: usize = 10_280;

/// Refuses what EMR would refuse of `job_flow`, which `options` ask for.
pub(in crate::launch) fn check(job_flow: &JobFlow, options: &BootstrapOptions) -> Result<()> {
    let number = job_flow.bootstrap_actions.len();
    if number > ACTIONS {
        let error = Error::usage(format!("{number} bootstrap actions are too many"))
            .advise(format!("EMR takes {ACTIONS}, with those of the tools' own; use --bootstrap-script for some"));
        return Err(setting::blame(options.actions.last(), error));
    }
    Ok(())
}

/// Refuses an action that EMR would refuse.
pub(super) fn check_action(action: &BootstrapAction) -> Result<()> {
    for text in action.args.iter().chain([&action.path]) {
        let length = text.chars().count();
        let wrong = if length > CHARACTERS {
            format!("has an argument of {length} characters; EMR takes {CHARACTERS}")
        } else if let Some(bad) = text.chars().find(|c| !is_allowed(*c)) {
            format!("has the character {bad:?} in an argument, which EMR takes nowhere")
        } else {
            continue;
        };
        return Err(Error::usage(format!("the bootstrap action '{}' {wrong}", action.name))
            .advise("put it into a file, and use --bootstrap-file"));
    }
    Ok(())
}

/// The pattern of the API's `XmlString`.
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\r' | '\n' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}
