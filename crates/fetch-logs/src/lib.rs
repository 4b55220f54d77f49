//! Prints the logs of steps, and why they failed.

mod job_flow;
mod link;
mod own_logs;
mod print;
mod record;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use emr_cli::signal::{self, Alarm};
use emr_cli::{Account, Commands, Failures, Output, Ssh, logs, pipe};
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::model::time;
use emr_core::stdin::{Places, Target};

use crate::job_flow::JobFlow;
use crate::link::Way;
use crate::own_logs::{Own, OwnLogs};
use crate::print::Printing;

const EXAMPLES: &str = "\
Examples:
  fetch-logs --emr-job-flow-id j-2AXXXXXXGAPLF s-1XXXXXXXXXXXX | less
  fetch-logs --cause j-2AXXXXXXGAPLF
  fetch-logs --follow --name stdout j-2AXXXXXXGAPLF s-1XXXXXXXXXXXX
  add-step j-2AXXXXXXGAPLF -- spark-submit s3://bucket/job.py | wait-step || fetch-logs --cause j-2AXXXXXXGAPLF
  add-step j-2AXXXXXXGAPLF --script ./job.sh | wait-step | fetch-logs --name stdout --wait-minutes 10 > out
  add-step j-2AXXXXXXGAPLF -- spark-submit s3://bucket/job.py | fetch-logs --follow --name stderr
  fetch-logs --list j-2AXXXXXXGAPLF | jq -r .uri";

/// Print the logs of steps and of their tasks, or why they failed
///
/// A step stands for its own logs, those of its tasks, and the history of its jobs. A job flow stands for all of its
/// logs, and with --cause for its bootstrap action that failed, or else for itself if EMR says that it failed, or else
/// for its newest step that failed. Where EMR has the reason (a quota, a key, no capacity), no log is needed. While a job
/// flow lives and there is a key, an agent or an ssh_config, logs are read on its nodes, else on S3, to which EMR copies
/// them every five minutes and when the job flow ends.
///
/// --name prints a log of a step itself as its program wrote it: of a step that has ended once EMR has copied all of it.
/// --follow goes on until the step has ended, over a new connection where one breaks, and on S3 where the master is gone.
/// When it is interrupted, or fails, it says how to go on at the byte where it was.
///
/// A log that breaks off or is damaged is printed as far as it goes.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Args {
    /// Ids of steps or job flows [default: those on stdin, as with -]
    #[arg(value_name = "STEP")]
    targets: Vec<String>,

    /// Job flow of the steps that are named by their ids alone
    #[arg(long, visible_aliases = ["job-flow-id", "cluster-id"], value_name = "ID")]
    emr_job_flow_id: Option<JobFlowId>,

    #[command(flatten)]
    doing: Doing,

    #[command(flatten)]
    own: Own,

    /// Look again for up to this long while there is no log; EMR copies logs to S3 every five minutes. With --follow it
    /// is for how long S3 may lack logs of a step that has ended, and 10 where it is not given
    #[arg(long, value_name = "MINUTES", default_value = "0", value_parser = time::minutes)]
    wait_minutes: Duration,

    /// Read logs on S3 alone
    #[arg(long)]
    no_ssh: bool,

    #[command(flatten)]
    output: Output,

    #[command(flatten)]
    ssh: Ssh,

    #[command(flatten)]
    account: Account,
}

impl Args {
    /// What was typed of the way to the nodes, for the command that goes on.
    fn ssh_words(&self) -> Vec<String> {
        let no_ssh = self.no_ssh.then(|| "--no-ssh".to_owned());
        no_ssh.into_iter().chain(self.ssh.typed().words()).collect()
    }
}

/// What to do with the logs.
#[derive(Debug, Clone, Copy, clap::Args)]
#[group(multiple = false)]
struct Doing {
    /// Print a record of each log
    #[arg(short, long)]
    list: bool,

    /// Print the logs, unpacked, each after a heading on stderr [default]
    #[arg(short = 'a', long)]
    cat: bool,

    /// Print a record of the probable cause of the failure
    #[arg(short = 'f', long, visible_alias = "find-failure")]
    cause: bool,
}

/// Runs the tool with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, fetch_logs)
}

async fn fetch_logs(args: Args) -> Result<Outcome> {
    let targets = pipe::targets(&args.targets)?;
    if targets.is_empty() {
        return Ok(pipe::nothing_to_do());
    }
    args.own.check()?;
    let alarm = Alarm::set();
    let mut own_logs = OwnLogs::new(&args.own, args.ssh_words(), alarm.clone());
    let work = async {
        if args.own.is_asked_for() {
            print_own(&args, targets, &mut own_logs).await
        } else {
            fetch_all(&args, targets, alarm.clone()).await
        }
    };
    let ended = tokio::select! {
        outcome = work => outcome,
        number = signal::ending() => Ok(Outcome::Signal(number)),
    };
    // A signal also ends a run that is blocked by a slow reader.
    let outcome = alarm.number().map_or(ended, |number| Ok(Outcome::Signal(number)));
    match &outcome {
        Ok(Outcome::Signal(_)) => own_logs.give_up("interrupted"),
        Err(_) if own_logs.has_begun() => own_logs.give_up("not all is printed"),
        _ => {}
    }
    outcome
}

/// Prints the logs of the steps themselves.
async fn print_own(args: &Args, targets: Vec<Target>, own_logs: &mut OwnLogs<'_>) -> Result<Outcome> {
    let config = args.account.config_with([args.ssh.typed()])?;
    let aws = args.account.connect_to(&config, Places::of(&targets)?).await?;
    own_logs.go_on_by(Commands::of(&args.account, &config)?);
    let ssh = (!args.no_ssh).then_some(&args.ssh);
    let way = Way { aws: &aws, config: &config, ssh, patience: args.wait_minutes };
    let mut failures = Failures::default();
    let mut steps = named(targets, args.emr_job_flow_id.as_ref())?.into_iter();
    while let Some((id, step)) = steps.next() {
        let flow = JobFlow::find(&aws, &id, step.as_ref()).await?;
        if let Err(nothing) = Box::pin(own_logs.print(&way, flow, steps.as_slice())).await? {
            failures.add(&nothing);
        }
        if own_logs.is_closed() {
            break;
        }
    }
    Ok(failures.outcome())
}

async fn fetch_all(args: &Args, targets: Vec<Target>, alarm: Alarm) -> Result<Outcome> {
    let config = args.account.config_with([args.ssh.typed()])?;
    let aws = args.account.connect_to(&config, Places::of(&targets)?).await?;
    let mut printing = Printing::new(&args.output, args.doing, alarm);
    let mut failures = Failures::default();
    for (id, step) in named(targets, args.emr_job_flow_id.as_ref())? {
        let flow = JobFlow::find(&aws, &id, step.as_ref()).await?;
        let session = logs::session(&aws, &flow.cluster, &args.ssh, &config);
        let session = if args.no_ssh { None } else { Box::pin(session).await? };
        // Where EMR itself says why the job flow failed, there need be no logs.
        let logs = match flow.logs(&aws, session.as_ref()) {
            Err(_) if args.doing.cause && flow.failure().is_some() => None,
            logs => Some(logs?),
        };
        let printed = Box::pin(printing.print(&aws, &flow, logs.as_ref(), args.wait_minutes)).await?;
        if let Err(nothing) = printed {
            failures.add(&nothing);
        }
        if printing.is_closed() {
            break;
        }
    }
    Ok(failures.outcome().or(printing.finish()?))
}

/// The job flows that `targets` name, with the step of each that is named, if one is. `job_flow` is that of steps named
/// alone; without it a step is of the job flow that is named before it, which then is no target of its own.
fn named(targets: Vec<Target>, job_flow: Option<&JobFlowId>) -> Result<Vec<(JobFlowId, Option<StepId>)>> {
    let mut all: Vec<(JobFlowId, Option<StepId>)> = Vec::new();
    let mut before = job_flow.cloned();
    for target in targets {
        match (target.job_flow, target.step) {
            (Some(flow), None) => {
                before = job_flow.or(Some(&flow)).cloned();
                all.push((flow, None));
            }
            (Some(flow), step) => all.push((flow, step)),
            (None, step) => {
                let flow = before.clone().ok_or_else(|| unknown(step.as_ref()))?;
                if job_flow.is_none() {
                    all.pop_if(|last| *last == (flow.clone(), None));
                }
                all.push((flow, step));
            }
        }
    }
    Ok(all)
}

fn unknown(step: Option<&StepId>) -> Error {
    let step = step.map_or("a step", StepId::as_str);
    let unknown = Error::usage(format!("the job flow of {step} is not known"));
    unknown.advise("name it before the step or with --emr-job-flow-id, or pipe in records")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_of_the_job_flow_that_is_named_before_it_or_by_the_option() {
        let of = |words: &str, job_flow: Option<&str>| {
            let target =
                |word: &str| Target { job_flow: word.parse().ok(), step: word.parse().ok(), ..Target::default() };
            let job_flow: Option<JobFlowId> = job_flow.and_then(|flow| flow.parse().ok());
            let named = named(words.split(' ').map(target).collect(), job_flow.as_ref()).ok()?;
            let named =
                named.into_iter().map(|(flow, step)| format!("{flow}/{}", step.map_or_else(String::new, String::from)));
            Some(named.collect::<Vec<_>>().join(" "))
        };
        assert_eq!(of("j-A s-1 s-2 j-B", None).as_deref(), Some("j-A/s-1 j-A/s-2 j-B/"));
        assert_eq!(of("j-A j-B s-1", None).as_deref(), Some("j-A/ j-B/s-1"));
        assert_eq!(of("j-B s-1", Some("j-A")).as_deref(), Some("j-B/ j-A/s-1"));
        assert_eq!(of("s-1 j-A", None), None);
    }
}
