//! Which job flow to add to, and under which claim.

use std::io::{self, IsTerminal};

use emr_cli::pipe;
use emr_core::config::Config;
use emr_core::config::options::EMR_JOB_FLOW_ID;
use emr_core::error::{Error, Result};
use emr_core::model::claim::Claim;
use emr_core::model::id::JobFlowId;
use emr_core::stdin::{self, Places, Target};

use crate::args::Args;

/// The job flow to add to: an argument, the one that stdin names, or the one in the configuration; and the claim on it,
/// where find-pool handed one on; and where it is.
pub(crate) fn target(args: &Args, config: &Config) -> Result<(JobFlowId, Option<Claim>, Places)> {
    let option = config.get(&EMR_JOB_FLOW_ID)?;
    if let Some(id) = option.as_ref().filter(|id| id.is_typed()) {
        return Ok((id.value.clone(), None, Places::default()));
    }
    if let Some(text) = args.job_flow.as_deref().filter(|text| *text != "-") {
        return only("the argument", stdin::read_argument(text)?);
    }
    let stdin_is_taken = args.steps.as_deref() == Some("-");
    if let Some(piped) = if stdin_is_taken { None } else { pipe::piped()? } {
        return only("stdin", piped);
    }
    Ok((option.ok_or_else(nothing_to_add_to)?.value, None, Places::default()))
}

/// The one job flow that `targets` name, and the claim on it.
fn only(source: &str, targets: Vec<Target>) -> Result<(JobFlowId, Option<Claim>, Places)> {
    let places = Places::of(&targets)?;
    let mut named: Vec<(JobFlowId, Option<Claim>)> = Vec::new();
    for Target { job_flow, claim, .. } in targets {
        let id = job_flow.ok_or_else(|| Error::usage(format!("{source} names a step without its job flow")))?;
        match named.iter_mut().find(|(other, _)| *other == id) {
            Some((_, Some(held))) if claim.as_ref().is_some_and(|claim| claim != held) => {
                return Err(Error::usage(format!("{source} has two claims on {id}")));
            }
            Some((_, held)) => *held = held.take().or(claim),
            None => named.push((id, claim)),
        }
    }
    match named.len() {
        0 | 1 => named.pop().ok_or_else(nothing_to_add_to).map(|(id, claim)| (id, claim, places)),
        several => Err(Error::usage(format!("{source} names {several} job flows"))
            .advise("steps are added to one job flow at a time")),
    }
}

fn nothing_to_add_to() -> Error {
    let nothing = if io::stdin().is_terminal() {
        Error::usage("no job flow to add to is named")
    } else {
        pipe::nothing_came("job flow to add to")
    };
    nothing.advise("name one, or pipe in the record that create-job-flow or find-pool printed")
}
