//! Runs a command on the nodes of a job flow.

mod args;
mod host_ranges;
mod output;
mod record;
mod run;
mod tunnel;
mod tunnel_ports;

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use emr_aws::Aws;
use emr_cli::signal::or_interrupted;
use emr_cli::{Text, pipe};
use emr_core::config::Config;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::id::JobFlowId;
use emr_core::model::instance::Node;
use emr_core::stdin::Places;
use emr_ssh::reach::{self, Reach};

use crate::record::NodeRecord;
use args::Args;

/// Runs the tool with this command line, beginning with its own name.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(args::with_port(words), ssh_nodes)
}

async fn ssh_nodes(args: Args) -> Result<Outcome> {
    let (job_flows, places) = wanted(&args)?;
    if job_flows.is_empty() {
        return Ok(pipe::nothing_to_do());
    }
    if job_flows.len() > 1 && (args.login || args.tunnel.is_some()) {
        return Err(Error::usage("--login and --tunnel take one job flow"));
    }
    let config = args.account.config_with(args.typed())?;
    let aws = args.account.connect_to(&config, places).await?;
    let mut worst = Outcome::Done;
    for job_flow in job_flows {
        let outcome = Visit::to(&aws, &args, &config, &job_flow).await;
        let outcome = match outcome {
            Ok(visit) => visit.make().await,
            Err(error) => Err(error),
        };
        let outcome = outcome.unwrap_or_else(|error| {
            emr_cli::report(&error);
            error.outcome
        });
        worst = worst.larger(outcome);
        if matches!(outcome, Outcome::Signal(_)) {
            break;
        }
    }
    Ok(worst)
}

/// The ids of the given job flows, without duplicates, and where they are.
fn wanted(args: &Args) -> Result<(Vec<JobFlowId>, Places)> {
    let lacks_command = !args.job_flows.is_empty() && args.script().is_none();
    let advised = |error: Error| if lacks_command { error.advise("write the command after --") } else { error };
    let targets = pipe::targets(&args.job_flows).map_err(advised)?;
    let (mut ids, places) = (Vec::new(), Places::of(&targets)?);
    for target in targets {
        let id = target.job_flow.ok_or_else(|| Error::usage("a step without its job flow has no nodes"))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok((ids, places))
}

/// The work for one job flow.
struct Visit<'a> {
    args: &'a Args,
    config: &'a Config,
    cluster: ClusterDetail,
    /// All nodes that are running.
    nodes: Vec<Node>,
    /// The nodes that the options select.
    chosen: Vec<Node>,
    reach: Reach,
}

impl<'a> Visit<'a> {
    async fn to(aws: &Aws, args: &'a Args, config: &'a Config, job_flow: &JobFlowId) -> Result<Self> {
        let reach = args.ssh.reach(config, job_flow)?;
        let cluster = aws.emr.describe_cluster(job_flow).await?;
        let nodes = aws.emr.nodes(&cluster).await?;
        let chosen = args.choice.of(&nodes)?;
        Ok(Self { args, config, cluster, nodes, chosen, reach })
    }

    async fn make(&self) -> Result<Outcome> {
        let script = self.args.script();
        if self.args.login {
            return self.login(script.as_deref());
        }
        if self.args.print {
            return self.print(script.as_deref());
        }
        if let Some(port) = self.args.tunnel {
            return tunnel::open(self.config, port, &self.cluster, &self.nodes, &self.reach).await;
        }
        match script {
            Some(script) => {
                let session = or_interrupted(emr_ssh::Session::open(&self.nodes, &self.reach)).await??;
                run::run(self.args, &self.cluster.cluster.id, &session, &self.chosen, &script).await
            }
            None => self.list(),
        }
    }

    fn list(&self) -> Result<Outcome> {
        let mut printer = self.args.output.printer();
        for node in &self.chosen {
            printer.print(&NodeRecord::new(self.cluster.cluster.id.clone(), node))?;
        }
        printer.finish()?;
        Ok(Outcome::Done)
    }

    fn print(&self, script: Option<&str>) -> Result<Outcome> {
        emr_ssh::make_place(&self.reach)?;
        let mut text = Text::on_stdout();
        for node in &self.chosen {
            let mut words = reach::command_line(node, &self.nodes, &self.reach)?;
            words.extend(script.map(str::to_owned));
            text.print(format!("{}\n", reach::line(&words)).as_bytes());
        }
        text.end()?;
        Ok(Outcome::Done)
    }

    /// Replaces this process by an `ssh` on the terminal.
    fn login(&self, script: Option<&str>) -> Result<Outcome> {
        emr_ssh::make_place(&self.reach)?;
        let node = self.chosen.first().ok_or_else(|| Error::usage("no node to log in to: the options select none"))?;
        let words = reach::command_line(node, &self.nodes, &self.reach)?;
        let (program, words) = words.split_first().ok_or_else(|| Error::usage("--ssh-bin is empty"))?;
        let cause =
            Command::new(program).args(words).args(script.map(|script| ["-t", script]).into_iter().flatten()).exec();
        Err(Error::file("run", program.as_ref(), &cause))
    }
}
