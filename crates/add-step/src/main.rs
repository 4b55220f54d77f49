//! Adds steps to a job flow.

mod args;
mod files;
mod plan;

use std::path::Path;
use std::process::ExitCode;

use args::Args;
use emr_core::aws::emr;
use emr_core::cli::{self, Printer, chance, launch, output, pipe, signal};
use emr_core::config::Config;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::model::record::StepRecord;
use emr_core::model::run_id::RunId;
use emr_core::model::s3_uri::S3Uri;
use emr_core::model::step::{NewStep, Step, StepState};
use files::LocalFiles;

fn main() -> ExitCode {
    cli::run(add_step)
}

async fn add_step(args: Args) -> Result<Outcome> {
    args.check()?;
    let config = args.account.config()?;
    let job_flow = job_flow(&args, &config)?;
    let scratch = launch::either(args.s3_scratch_uri.as_ref(), &config, "s3_scratch_uri")?;
    let mut files = LocalFiles::new(scratch.map(|uri| uri.parse::<S3Uri>()).transpose()?);
    let aws = args.account.connect(&config).await?;
    let cluster = accepting(Box::pin(aws.emr.describe_cluster(&job_flow)).await?)?;
    let steps = plan::steps(&args, &config, &cluster, aws.region(), &mut files)?;
    let run = chance::run_id();
    if args.dry_run {
        output::print_json(&emr::add_job_flow_steps_dry_run(&job_flow, &steps, &run).await?)?;
        return Ok(Outcome::Done);
    }
    let uploaded = signal::or_interrupted(files.upload(&aws.s3)).await.flatten();
    aws.s3.abort_unfinished().await;
    uploaded?;
    let add = async {
        cli::say(&format!("Adding our job to job flow {job_flow}"));
        aws.emr.add_job_flow_steps(&job_flow, &steps, &run).await
    };
    let unknown = format!("steps whose names end in '{run}' may have been added to {job_flow}; look for them");
    let (added, signal) = signal::hold(Box::pin(add), || aws.emr.wind_up(), &unknown).await?;
    let added = signal::ended_by(added, signal)?;
    let mut printer = Printer::new(args.form());
    let told = records(&job_flow, &added, &steps, &run).try_for_each(|record| printer.print(&record));
    // Where the records cannot be written, the error is the last that anybody hears of the steps.
    let ids = || added.iter().map(StepId::as_str).collect::<Vec<_>>().join(", ");
    told.and_then(|()| printer.finish()).map_err(|error| error.on(format!("added {} to {job_flow}", ids())))?;
    Ok(signal.map_or(Outcome::Done, Outcome::Signal))
}

/// The job flow to add to: an argument, the one that stdin names, or the one in the configuration.
fn job_flow(args: &Args, config: &Config) -> Result<JobFlowId> {
    let typed = args.job_flow.as_deref().filter(|id| *id != "-").map(str::parse).transpose()?;
    if let Some(id) = typed.or_else(|| args.emr_job_flow_id.clone()) {
        return Ok(id);
    }
    let stdin_is_taken = args.steps.as_deref() == Some(Path::new("-"));
    let Some(piped) = (if stdin_is_taken { None } else { pipe::piped()? }) else {
        let configured = config.text("emr_job_flow_id")?.ok_or_else(nothing_to_add_to)?;
        return configured.value.parse();
    };
    let mut named = Vec::new();
    for target in piped {
        named.push(target.job_flow.ok_or_else(|| Error::usage("stdin names a step without its job flow"))?);
    }
    named.dedup();
    match named.as_slice() {
        [id] => Ok(id.clone()),
        [] => Err(nothing_to_add_to()),
        several => Err(Error::usage(format!("stdin names {} job flows", several.len()))
            .advise("steps are added to one job flow at a time")),
    }
}

fn nothing_to_add_to() -> Error {
    Error::new(Outcome::No, "there is no job flow to add to")
        .advise("name one, or pipe in the record that create-job-flow printed")
}

/// The cluster, unless it ends or has ended.
fn accepting(cluster: ClusterDetail) -> Result<ClusterDetail> {
    if cluster.cluster.state.has_ended() {
        let reason = cluster.cluster.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
        let id = &cluster.cluster.id;
        return Err(Error::new(Outcome::TryAgain, format!("{id} is {}{reason}", cluster.cluster.state))
            .advise("add the step to another job flow"));
    }
    Ok(cluster)
}

fn records(job_flow: &JobFlowId, ids: &[StepId], steps: &[NewStep], run: &RunId) -> impl Iterator<Item = StepRecord> {
    ids.iter().zip(steps).map(|(id, step)| {
        let step = Step {
            id: id.clone(),
            name: run.name(&step.name),
            state: StepState::Pending,
            reason: None,
            log_file: None,
            created_at: None,
            started_at: None,
            ended_at: None,
        };
        StepRecord::new(job_flow.clone(), step)
    })
}
