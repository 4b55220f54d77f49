//! EMR's limits on bootstrap actions, checked before any request so that an error names the option.
//!
//! Sources: <https://docs.aws.amazon.com/emr/latest/APIReference/API_RunJobFlow.html> and
//! <https://docs.aws.amazon.com/emr/latest/APIReference/API_ScriptBootstrapActionConfig.html>

use super::options::BootstrapOptions;
use crate::config::setting;
use crate::error::{Error, Result};
use crate::model::job_flow::{BootstrapAction, JobFlow};

/// The most bootstrap actions of a job flow.
const ACTIONS: usize = 16;

/// The most characters of a path or an argument.
const CHARACTERS: usize = 10_280;

/// Refuses more bootstrap actions than EMR accepts.
pub(in crate::launch) fn check(job_flow: &JobFlow, options: &BootstrapOptions) -> Result<()> {
    let number = job_flow.bootstrap_actions.len();
    if number > ACTIONS {
        let error = Error::usage(format!("{number} bootstrap actions are too many"))
            .advise(format!("EMR accepts {ACTIONS}, including those of the tools; use --bootstrap-script for some"));
        return Err(setting::blame(options.actions.last(), error));
    }
    Ok(())
}

/// Refuses an action with a text that EMR does not accept.
pub(super) fn check_action(action: &BootstrapAction) -> Result<()> {
    for text in action.args.iter().chain([&action.path]) {
        let length = text.chars().count();
        let wrong = if length > CHARACTERS {
            format!("has an argument of {length} characters; EMR accepts {CHARACTERS}")
        } else if let Some(bad) = text.chars().find(|c| !is_allowed(*c)) {
            format!("has the character {bad:?} in an argument, which EMR does not accept")
        } else {
            continue;
        };
        return Err(Error::usage(format!("the bootstrap action '{}' {wrong}", action.name))
            .advise("put it into a file, and use --bootstrap-file"));
    }
    Ok(())
}

/// Whether the API's type `XmlString` allows this character.
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\r' | '\n' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}
