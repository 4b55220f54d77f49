//! Searches repeatedly until a job flow is free, one may be started, or the wait is over.

use std::time::Duration;

use emr_aws::emr;
use emr_cli::pool_lock::{interrupted, stopped_within};
use emr_cli::{output, random};
use emr_core::claim::pause;
use emr_core::config::Config;
use emr_core::error::{Error, Outcome, Result};
use emr_core::launch::self_termination;
use emr_core::model::job_flow::JobFlow;
use emr_core::model::record::JobFlowRecord;
use tokio::time::Instant;

use crate::args::{self, Args};
use crate::create::Created;
use crate::round::Nothing;
use crate::search::{RoundResult, Search};

/// The longest pause between two rounds. The first pauses are shorter, because claims end and clusters come up within
/// moments. Each is jittered, so that jobs waiting for one pool do not all look at once.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The result of the whole search.
pub(crate) enum SearchResult {
    /// A job flow was free, and is claimed.
    Found(Box<JobFlowRecord>),
    /// A job flow was started.
    Started(Box<JobFlowRecord>),
    /// A dry run would have started one.
    WouldStart,
    /// None was free.
    None,
}

/// Searches, starts and waits, until there is a job flow or none can be expected.
pub(crate) async fn find(
    args: &Args,
    config: &Config,
    search: &mut Search<'_>,
    job_flow: &JobFlow,
) -> Result<SearchResult> {
    let began = Instant::now();
    let mut pauses = pause::pauses(LONGEST_PAUSE);
    let mut tell: fn(&str) = emr_cli::say;
    // A dry run shows what would happen now.
    let wait = if args.search.dry_run { Duration::ZERO } else { args::wait(config)? };
    let left = || wait.saturating_sub(began.elapsed());
    let most = args::max_in_pool(config)?.map_or(usize::MAX, |most| most as usize);
    let may_start = |nothing: &Nothing| nothing.in_pool < most && (left().is_zero() || !nothing.is_worth_waiting());
    loop {
        let mut nothing = match search.round().await? {
            RoundResult::JobFlow(record) => return Ok(SearchResult::Found(record)),
            RoundResult::Nothing(nothing) => nothing,
        };
        if args.search.or_create && may_start(&nothing) {
            if args.search.dry_run {
                emr_cli::say(&format!("none is free: {nothing}; a job flow would be started"));
                self_termination::unending(job_flow, true).as_deref().into_iter().for_each(emr_cli::say);
                output::print_json(&emr::run_job_flow_dry_run(job_flow, &random::run_id()).await?)?;
                return Ok(SearchResult::WouldStart);
            }
            match Box::pin(search.create(job_flow, &may_start)).await? {
                Created::Found(record) => return Ok(SearchResult::Found(record)),
                Created::Started(record) => return Ok(SearchResult::Started(record)),
                Created::Nothing(now) => nothing = now,
            }
        }
        let is_full = args.search.or_create && nothing.in_pool >= most;
        if left().is_zero() || !(is_full || nothing.is_worth_waiting()) {
            return nobody(search, &nothing, is_full);
        }
        tell(&format!("none is free: {nothing}; looking again"));
        // The user is told once; later messages are detail.
        tell = emr_cli::detail;
        let longest = pauses.next().unwrap_or(LONGEST_PAUSE);
        let pause = longest.mul_f64(random::share()).min(left());
        if stopped_within(search.looking.stop, pause).await {
            return Err(interrupted());
        }
    }
}

fn nobody(search: &Search<'_>, nothing: &Nothing, is_full: bool) -> Result<SearchResult> {
    let pool = &search.request.pool_name;
    if is_full {
        let text = format!("the pool '{pool}' is full: {nothing}");
        return Err(Error::new(Outcome::TryAgain, text).advise("try again later, or raise --max-job-flows-in-pool"));
    }
    emr_cli::say(&format!("no job flow of the pool '{pool}' is free: {nothing}; --explain says more"));
    Ok(SearchResult::None)
}
