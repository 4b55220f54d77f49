//! Which job flow to add to, and under which claim.

use std::path::Path;

use emr_cli::pipe;
use emr_core::config::Config;
use emr_core::config::options::EMR_JOB_FLOW_ID;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::claim::Claim;
use emr_core::model::id::JobFlowId;

use crate::args::Args;

/// The job flow to add to: an argument, the one that stdin names, or the one in the configuration; and the claim on it,
/// where find-pool handed one on.
pub(crate) fn target(args: &Args, config: &Config) -> Result<(JobFlowId, Option<Claim>)> {
    if let Some(id) = args.job_flow.as_deref().filter(|id| *id != "-") {
        return Ok((id.parse()?, None));
    }
    let option = config.get(&EMR_JOB_FLOW_ID)?;
    if let Some(id) = option.as_ref().filter(|id| id.is_typed()) {
        return Ok((id.value.clone(), None));
    }
    let stdin_is_taken = args.steps.as_deref() == Some(Path::new("-"));
    let Some(piped) = (if stdin_is_taken { None } else { pipe::piped()? }) else {
        return Ok((option.ok_or_else(nothing_to_add_to)?.value, None));
    };
    let mut named = Vec::new();
    for target in piped {
        let id = target.job_flow.ok_or_else(|| Error::usage("stdin names a step without its job flow"))?;
        named.push((id, target.claim));
    }
    named.dedup();
    match named.len() {
        0 | 1 => named.pop().ok_or_else(nothing_to_add_to),
        several => Err(Error::usage(format!("stdin names {several} job flows"))
            .advise("steps are added to one job flow at a time")),
    }
}

fn nothing_to_add_to() -> Error {
    Error::new(Outcome::No, "there is no job flow to add to")
        .advise("name one, or pipe in the record that create-job-flow or find-pool printed")
}
