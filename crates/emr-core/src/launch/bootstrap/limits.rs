//! EMR's limits on bootstrap actions.
//!
//! Sources: <https://docs.aws.amazon.com/emr/latest/APIReference/API_RunJobFlow.html> and
//! <https://docs.aws.amazon.com/emr/latest/APIReference/API_ScriptBootstrapActionConfig.html>

use crate::error::{Error, Result};
use crate::model::job_flow::{BootstrapAction, JobFlow};

/// Bootstrap actions of a job flow.
const ACTIONS: usize = 16;

/// Characters of a path, and of an argument.
const CHARACTERS: usize = 10_280;

/// Refuses what EMR would refuse.
pub(in crate::launch) fn check(job_flow: &JobFlow) -> Result<()> {
    let actions = &job_flow.bootstrap_actions;
    if actions.len() > ACTIONS {
        return Err(Error::usage(format!("{} bootstrap actions are too many", actions.len()))
            .advise(format!("EMR takes {ACTIONS}, with those of the tools' own; use --bootstrap-script for some")));
    }
    actions.iter().try_for_each(check_action)
}

fn check_action(action: &BootstrapAction) -> Result<()> {
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
