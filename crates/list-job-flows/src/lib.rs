//! Lists job flows.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use emr_aws::Emr;
use emr_aws::emr::ClusterFilter;
use emr_cli::{Account, Output, Printer};
use emr_core::error::{Outcome, Result};
use emr_core::idle;
use emr_core::model::cluster::{Cluster, ClusterState};
use emr_core::model::pool::{Marker, PoolName};
use emr_core::model::record::JobFlowRecord;
use emr_core::model::time::{self, Time};
use futures_util::{StreamExt, stream};

const EXAMPLES: &str = "\
Examples:
  list-job-flows
  list-job-flows --state WAITING --output id
  list-job-flows --pool-name etl
  list-job-flows --state WAITING | jq -r 'select(.idle_s > 3600) | .job_flow_id' | terminate-job-flow
  list-job-flows --all --created-after 2026-11-01T00:00:00Z --no-idle | wc -l";

/// How many job flows are looked at side by side, within EMR's quotas.
const LOOKS_AT_ONCE: usize = 8;

/// List job flows
///
/// Lists those that start, run or wait, with the time that the waiting ones have been without work. Job flows come in
/// EMR's order, which is none.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Args {
    /// Only those in this state; several are separated by commas, or the option is repeated
    #[arg(long = "state", value_name = "STATE", value_delimiter = ',', value_parser = str::parse::<ClusterState>)]
    states: Vec<ClusterState>,

    /// Those in every state, also the ended ones that EMR still knows of
    #[arg(long, conflicts_with = "states")]
    all: bool,

    /// Only those created after this time (RFC 3339) or this long ago (such as 2h)
    #[arg(long, value_name = "TIME", value_parser = time::read)]
    created_after: Option<Time>,

    /// Only those created before this time (RFC 3339) or this long ago
    #[arg(long, value_name = "TIME", value_parser = time::read)]
    created_before: Option<Time>,

    /// Only those whose Name contains this text
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,

    /// Only those of this pool
    #[arg(long, value_name = "NAME")]
    pool_name: Option<PoolName>,

    /// Only those of pools
    #[arg(long)]
    pooled_only: bool,

    /// Do not ask for the steps of waiting job flows, which takes a call each
    #[arg(long)]
    no_idle: bool,

    #[command(flatten)]
    output: Output,

    #[command(flatten)]
    account: Account,
}

/// Runs the tool with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, list_job_flows)
}

async fn list_job_flows(args: Args) -> Result<Outcome> {
    let config = args.account.config()?;
    let aws = args.account.connect(&config).await?;
    let mut listing =
        Listing { emr: &aws.emr, idle: !args.no_idle, printer: args.output.printer(), outcome: Outcome::Done };
    let mut pages = aws.emr.clusters(args.filter());
    let listed = async {
        while let Some(page) = pages.next().await? {
            let wanted = page.into_iter().filter(|cluster| args.wants(cluster)).collect();
            listing.print(wanted).await?;
            if listing.printer.is_closed() {
                break;
            }
        }
        Ok(())
    }
    .await;
    listing.printer.finish()?;
    listed.map(|()| listing.outcome)
}

struct Listing<'a> {
    emr: &'a Emr,
    idle: bool,
    printer: Printer<JobFlowRecord>,
    outcome: Outcome,
}

impl Listing<'_> {
    /// Prints the records of a page. A job flow whose steps cannot be listed is printed without its idle time.
    async fn print(&mut self, page: Vec<Cluster>) -> Result<()> {
        if self.idle {
            foretell(&page);
        }
        let (emr, idle) = (self.emr, self.idle);
        let mut looks = stream::iter(page).map(|cluster| look(emr, cluster, idle)).buffered(LOOKS_AT_ONCE);
        while let Some((cluster, idle_s)) = looks.next().await {
            let idle_s = idle_s.unwrap_or_else(|error| {
                emr_cli::complain(&error);
                self.outcome = error.outcome;
                None
            });
            self.printer.print(&JobFlowRecord { idle_s, ..cluster.into() })?;
            if self.printer.is_closed() {
                break;
            }
        }
        Ok(())
    }
}

/// EMR answers ten calls for steps at once, and then one in two seconds: who waits should know what for.
fn foretell(page: &[Cluster]) {
    let waiting = page.iter().filter(|cluster| cluster.state == ClusterState::Waiting).count();
    if waiting > 10 {
        let seconds = 2 * (waiting - 10);
        emr_cli::say(&format!(
            "asking for the steps of {waiting} job flows, for {seconds} s or so; --no-idle leaves it out"
        ));
    }
}

impl Args {
    fn filter(&self) -> ClusterFilter {
        let now = emr_cli::clock::now();
        let states = match self.states.as_slice() {
            [] if self.all => Vec::new(),
            [] => ClusterState::ALIVE.to_vec(),
            states => states.to_vec(),
        };
        ClusterFilter {
            states,
            created_after: self.created_after.map(|time| time.at(now)),
            created_before: self.created_before.map(|time| time.at(now)),
        }
    }

    fn wants(&self, cluster: &Cluster) -> bool {
        let named = self.name.as_ref().is_none_or(|text| cluster.name.contains(text));
        named && self.wants_pool_of(cluster)
    }

    fn wants_pool_of(&self, cluster: &Cluster) -> bool {
        let pool = Marker::read(&cluster.name).map(|marker| marker.pool_name);
        if self.pool_name.is_some() { pool == self.pool_name } else { pool.is_some() || !self.pooled_only }
    }
}

/// The cluster with its idle time, where that is asked for and it waits: its newest steps say.
async fn look(emr: &Emr, cluster: Cluster, idle: bool) -> (Cluster, Result<Option<u64>>) {
    if !idle || cluster.state != ClusterState::Waiting {
        return (cluster, Ok(None));
    }
    let newest = emr.steps(&cluster.id).next().await;
    let idle_s = newest.map(|newest| idle::idle_seconds(&cluster, &newest.unwrap_or_default(), emr.now()));
    (cluster, idle_s)
}
