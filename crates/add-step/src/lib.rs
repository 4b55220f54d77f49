//! Adds steps to a job flow.

mod args;
mod command_runner;
mod files;
mod form;
mod hadoop_words;
mod held_claim;
mod input;
mod location;
mod look;
mod master_jars;
mod mrjob;
mod named_files;
mod pack;
mod places;
mod plan;
mod spark;
mod step_file;
mod streaming;
mod streaming_job;
mod target;
mod task_setup;
#[cfg(feature = "untrusted")]
pub mod untrusted;

use std::cell::{Cell, RefCell};
use std::ffi::OsString;
use std::process::ExitCode;

use emr_aws::claim::Work;
use emr_aws::{Aws, emr};
use emr_cli::{Printer, output, random, signal};
use emr_core::config::Config;
use emr_core::config::options::{CHECK_INPUT_PATHS, S3_SCRATCH_URI};
use emr_core::config::setting::value;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::model::record::StepRecord;
use emr_core::model::run_id::RunId;
use emr_core::model::s3_uri::S3Uri;
use emr_core::model::step::{NewStep, Step, StepState};

use args::Args;
use files::LocalFiles;
use held_claim::{Addition, HeldClaim};
use mrjob::JobSteps;
use places::Places;
use plan::Request;

/// Runs the tool with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, add_step)
}

async fn add_step(args: Args) -> Result<Outcome> {
    args.check()?;
    let config = args.account.config_with(args.typed())?;
    let (job_flow, claim, places) = target::target(&args, &config)?;
    let aws = args.account.connect_recorded(&config, places, &args.history).await?;
    let run = random::run_id();
    let preparation = Preparation { args: &args, config: &config, job_flow: &job_flow, run: &run };
    if args.dry_run {
        let planned = preparation.plan(&aws).await?;
        if let Some(refusal) = preparation.refusal(&aws, &planned).await? {
            emr_cli::warn(&format!("the step would not be added: {refusal}"));
        }
        if let Some(claim) = &claim {
            HeldClaim::look(&aws, claim).await?;
        }
        let Planned { cluster, steps, .. } = planned;
        output::print_json(&emr::add_job_flow_steps_dry_run(&cluster.cluster.id, &steps, &run).await?)?;
        return Ok(Outcome::Done);
    }
    let (claimed, planned) = match &claim {
        None => (None, preparation.plan_and_upload(&aws).await?),
        Some(claim) => {
            let mut claimed = HeldClaim::keep(&aws, claim).await?;
            match claimed.during(Box::pin(preparation.plan_and_upload(&aws))).await {
                Ok(prepared) => (Some(claimed), prepared),
                Err(error) => return Err(claimed.give_back_after(error).await),
            }
        }
    };
    let addition = Addition {
        emr: &aws.emr,
        job_flow: &job_flow,
        step_concurrency: planned.cluster.step_concurrency,
        steps: &planned.steps,
        run: &run,
        added: RefCell::default(),
        have_begun: Cell::default(),
    };
    let add = async {
        match claimed {
            Some(claimed) => claimed.add(&addition).await,
            None => addition.act().await.map(|_| ()),
        }
    };
    let unknown = format!("steps whose names end in '{run}' may have been added to {job_flow}; look for them");
    let (done, signal) = signal::hold(Box::pin(add), || aws.emr.wind_up(), &unknown).await?;
    signal::ended_by(done, signal)?;
    print(&args, &addition, planned.outputs)?;
    Ok(signal.map_or(Outcome::Done, Outcome::Signal))
}

/// What is done before steps are added.
struct Preparation<'a> {
    args: &'a Args,
    config: &'a Config,
    job_flow: &'a JobFlowId,
    run: &'a RunId,
}

/// Steps that could be added.
struct Planned {
    cluster: ClusterDetail,
    steps: Vec<NewStep>,
    /// Where each writes the job's output, where that is known.
    outputs: Vec<Option<String>>,
    /// What they read and write on S3, in their order.
    places: Vec<Places>,
    /// The local files that they need.
    files: LocalFiles,
}

impl Preparation<'_> {
    /// The cluster, the steps for it, and the local files that they need.
    async fn plan(&self, aws: &Aws) -> Result<Planned> {
        let mut files =
            LocalFiles::new(value(self.config.get(&S3_SCRATCH_URI)?)).leaving_missing(!self.looks_for_files()?);
        let described = Box::pin(aws.emr.describe_cluster(self.job_flow));
        let (cluster, job) = tokio::try_join!(described, self.mrjob_job(aws))?;
        let cluster = accepting(cluster)?;
        let Self { args, config, run, .. } = *self;
        let request = Request { args, config, cluster: &cluster, region: aws.region(), run };
        let (steps, outputs, places) = match &job {
            None => {
                let steps = plan::steps(&request, &mut files)?;
                let (outputs, places) = (places::outputs(&steps), steps.iter().filter_map(Places::of).collect());
                (steps, outputs, places)
            }
            Some((job, listed)) => {
                let JobSteps { steps, output, places } = mrjob::steps(job, listed, &request, &mut files)?;
                // What the others write is for the next.
                let outputs = steps.iter().skip(1).map(|_| None).chain([output]).collect();
                (plan::within_limits(steps)?, outputs, places)
            }
        };
        Ok(Planned { cluster, steps, outputs, places, files })
    }

    /// The job of mrjob's that is to be run, and the files on S3 that it wants a list of.
    async fn mrjob_job(&self, aws: &Aws) -> Result<Option<(mrjob::Job, Vec<String>)>> {
        let Some(script) = &self.args.mrjob else { return Ok(None) };
        let job = mrjob::ask(self.config, script, &self.args.command).await?;
        let listed = if job.reads_manifest() {
            mrjob::files_on_s3(&aws.s3, &job.inputs(&self.args.input)?).await?
        } else {
            Vec::new()
        };
        Ok(Some((job, listed)))
    }

    /// Why Hadoop would give one of the steps up, for what is and is not on S3.
    async fn refusal(&self, aws: &Aws, planned: &Planned) -> Result<Option<Error>> {
        let scratch: Option<S3Uri> = value(self.config.get(&S3_SCRATCH_URI)?).and_then(|uri| uri.parse().ok());
        let Planned { places, files, steps, .. } = planned;
        places.iter().try_for_each(|places| places.check(scratch.as_ref()))?;
        if !self.looks_for_files()? {
            return Ok(None);
        }
        places::check_outputs(steps)?;
        Ok(look::refusal(&aws.s3, places, files.uploads()).await)
    }

    /// Whether the files that steps name have to be there.
    fn looks_for_files(&self) -> Result<bool> {
        Ok(value(self.config.get(&CHECK_INPUT_PATHS)?).unwrap_or(true))
    }

    /// The cluster and the steps for it, when all files that they need are uploaded.
    async fn plan_and_upload(&self, aws: &Aws) -> Result<Planned> {
        let planned = self.plan(aws).await?;
        if let Some(refusal) = self.refusal(aws, &planned).await? {
            return Err(refusal);
        }
        emr_cli::upload(&aws.s3, planned.files.uploads(), signal::interrupted()).await?;
        Ok(planned)
    }
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

/// Prints the records of what was added, each with its place in `outputs`.
fn print(args: &Args, addition: &Addition<'_>, outputs: Vec<Option<String>>) -> Result<()> {
    let added = addition.added.borrow();
    let mut printer = Printer::new(args.form());
    let mut all = added.iter().zip(addition.steps).zip(outputs);
    let told =
        all.try_for_each(|((id, step), output)| printer.print(&StepRecord { output, ..record(addition, id, step) }));
    // Where the records cannot be written, the error is the last that anybody hears of the steps.
    let unheard = |error: Error| error.on(format!("added {} to {}", addition.added_ids(), addition.job_flow));
    told.and_then(|()| printer.finish()).map_err(unheard)
}

fn record(addition: &Addition<'_>, id: &StepId, step: &NewStep) -> StepRecord {
    let step = Step::new(id.clone(), addition.run.name(&step.name), StepState::Pending);
    StepRecord::new(addition.job_flow.clone(), addition.emr.place(addition.job_flow).clone(), step)
}
