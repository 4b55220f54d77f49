//! Lists and pulls core dumps from all nodes of a job flow.

mod args;
mod dump;
mod file_name;
mod local;
mod node;
mod record;
mod remote;
mod summary;
mod survey;
#[cfg(feature = "untrusted")]
pub mod untrusted;
mod vault;

use std::ffi::OsString;
use std::process::ExitCode;

use emr_aws::Aws;
use emr_cli::{pipe, signal};
use emr_core::config::Config;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::id::JobFlowId;
use emr_core::stdin::Places;

use args::Args;
use survey::Survey;

/// Runs the tool with this command line, beginning with its own name.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, ssh_core_dump)
}

async fn ssh_core_dump(args: Args) -> Result<Outcome> {
    let (job_flows, places) = wanted(&args.job_flows)?;
    if job_flows.is_empty() {
        return Ok(pipe::nothing_to_do());
    }
    let config = args.account.config_with([args.ssh.typed()])?;
    let aws = args.account.connect_to(&config, places).await?;
    let mut survey = Survey::new(&args);
    let surveyed = signal::or_interrupted(survey_all(&mut survey, &aws, &config, &job_flows)).await;
    let outcome = survey.finish()?;
    surveyed.map(|()| outcome)
}

/// An error about one job flow does not stop the others.
async fn survey_all(survey: &mut Survey<'_>, aws: &Aws, config: &Config, job_flows: &[JobFlowId]) {
    for job_flow in job_flows {
        if let Err(error) = survey.job_flow(aws, config, job_flow).await {
            survey.fail(&error);
        }
    }
}

/// The ids of the given job flows, without duplicates, and where they are. A step is replaced by its job flow.
fn wanted(args: &[String]) -> Result<(Vec<JobFlowId>, Places)> {
    let targets = pipe::targets(args)?;
    let (mut ids, places) = (Vec::new(), Places::of(&targets)?);
    for target in targets {
        let id = target.job_flow.ok_or_else(|| Error::usage("the job flow of a step is not known"))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok((ids, places))
}
