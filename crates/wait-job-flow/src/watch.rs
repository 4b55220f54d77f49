//! The watch over job flows: each is looked at by itself, several side by side.

use emr_aws::Emr;
use emr_cli::progress::Tally;
use emr_cli::wait::{self, Minutes, Pace, Patience, Stop, Watch as _};
use emr_cli::{Commands, Printer};
use emr_core::diagnose::{self, Until, failed_bootstrap_of, failure_of};
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::claim::Claim;
use emr_core::model::cluster::{Cluster, ClusterDetail};
use emr_core::model::id::JobFlowId;
use emr_core::model::place::Place;
use emr_core::model::record::JobFlowRecord;
use emr_core::pool;
use futures_util::{StreamExt, stream};

use crate::bar::FlowBar;
use crate::tally;

/// How many job flows are looked at side by side, within EMR's quotas.
const LOOKS_AT_ONCE: usize = 8;

struct Watched {
    id: JobFlowId,
    /// The claim on it, which goes on with the record.
    claim: Option<Claim>,
    bar: FlowBar,
    latest: Option<Cluster>,
    outcome: Option<Outcome>,
    /// Its own: a look at it may fail where one at another does not.
    patience: Patience,
    /// Whether the looks were given up, so that the outcome is that of a call and not of the job flow.
    is_lost: bool,
}

pub(crate) struct Watch<'a> {
    emr: &'a Emr,
    commands: &'a Commands,
    until: Until,
    watched: Vec<Watched>,
    /// Whether any look has succeeded, so that there is an EMR to wait for.
    has_seen: bool,
    printer: Printer<JobFlowRecord>,
    bar: Tally,
    minutes: Minutes,
}

impl<'a> Watch<'a> {
    /// A watch `until` then over no job flow yet.
    pub(crate) fn new(emr: &'a Emr, commands: &'a Commands, until: Until, printer: Printer<JobFlowRecord>) -> Self {
        let (bar, minutes) = (Tally::default(), Minutes::default());
        Self { emr, commands, until, watched: Vec::new(), has_seen: false, printer, bar, minutes }
    }

    /// Adds the job flow `id`, which was claimed with `claim`.
    pub(crate) fn add(&mut self, id: JobFlowId, claim: Option<Claim>) {
        if let Some(known) = self.watched.iter_mut().find(|watched| watched.id == id) {
            known.claim = known.claim.take().or(claim);
            return;
        }
        let (bar, patience) = (FlowBar::new(id.as_str()), Patience::default());
        self.watched.push(Watched { id, claim, bar, latest: None, outcome: None, patience, is_lost: false });
    }

    /// Looks until it is known of each what it comes to, and prints its record then.
    pub(crate) async fn until_all_are_told(&mut self, pace: Pace) -> Result<()> {
        let looks = async |_| {
            self.look().await?;
            if !self.is_done() {
                self.tell_progress();
            }
            Ok(self.is_done())
        };
        pace.look_until_done(looks).await?;
        if self.is_done() && self.watched.iter().any(|watched| watched.is_lost) {
            self.say_how_to_go_on(Stop::Lost);
        }
        Ok(())
    }

    /// Looks once at each of which it is not known yet. A look that fails does not keep the others.
    async fn look(&mut self) -> Result<()> {
        let emr = self.emr;
        let open: Vec<JobFlowId> = self.open().map(|watched| watched.id.clone()).collect();
        let looks = stream::iter(open).map(|id| async move {
            let found = Box::pin(emr.describe_cluster(&id)).await;
            (id, found)
        });
        let mut looks = std::pin::pin!(looks.buffer_unordered(LOOKS_AT_ONCE));
        while let Some((id, found)) = looks.next().await {
            match found {
                Ok(detail) => self.take_in(detail)?,
                Err(error) => self.miss(&id, error),
            }
        }
        Ok(())
    }

    /// Takes in that a look at `id` failed: what may pass is waited out, and what may not is what the wait for it comes
    /// to. That is never 75, which says that a job flow failed and that another may do better.
    fn miss(&mut self, id: &JobFlowId, error: Error) {
        let is_first = self.open().all(|watched| watched.patience.is_fresh());
        let has_seen = self.has_seen;
        let Some(watched) = self.watched.iter_mut().find(|watched| watched.id == *id) else { return };
        if watched.patience.bears(wait::may_pass(&error, has_seen)) {
            return wait::say_again(&error, is_first);
        }
        let error = wait::given_up(error);
        watched.bar.clear();
        watched.is_lost = wait::is_lost(&error);
        watched.outcome = Some(error.outcome);
        emr_cli::report(&error);
    }

    fn take_in(&mut self, detail: ClusterDetail) -> Result<()> {
        let now = self.emr.now();
        let outcome = diagnose::outcome(&detail.cluster, detail.keep_alive, self.until);
        let cluster = detail.cluster;
        let Some(watched) = self.watched.iter_mut().find(|watched| watched.id == cluster.id) else { return Ok(()) };
        self.has_seen = true;
        watched.patience.renew();
        watched.bar.show(&cluster, now);
        watched.outcome = outcome;
        watched.latest = Some(cluster.clone());
        if let Some(outcome) = outcome {
            watched.bar.clear();
            tell(&cluster, outcome, self.commands);
            self.printer.print(&record(cluster, watched.claim.clone()))?;
        }
        Ok(())
    }

    fn open(&self) -> impl Iterator<Item = &Watched> {
        self.watched.iter().filter(|watched| watched.outcome.is_none())
    }

    /// Shows how far the wait is, or tells a log that wants to know (`-v`) once a minute.
    fn tell_progress(&mut self) {
        let all = self.watched.len();
        let done = all - self.open().count();
        self.bar.show(done, all);
        let open = self.watched.iter().filter(|watched| watched.outcome.is_none());
        let open: Vec<&Cluster> = open.filter_map(|watched| watched.latest.as_ref()).collect();
        self.minutes.tell(|| tally::line(done, all, &open, self.emr.now()));
    }

    /// Says why the wait ends before it is known of all what they come to, and how to take it up again. Those that have
    /// failed are named too, so that their failure is not forgotten. It takes a command for each region.
    fn say_how_to_go_on(&self, stop: Stop) {
        let until: &[&str] = match self.until {
            Until::Ready => &[],
            Until::Ended => &["--until", "ended"],
        };
        let unsettled = self.watched.iter().filter(|watched| watched.outcome != Some(Outcome::Done));
        let mut places: Vec<(&Place, Vec<&str>)> = Vec::new();
        for id in unsettled.map(|watched| &watched.id) {
            let place = self.emr.place(id);
            match places.iter_mut().find(|(known, _)| *known == place) {
                Some((_, ids)) => ids.push(id.as_str()),
                None => places.push((place, vec![id.as_str()])),
            }
        }
        let why = stop.why();
        for (place, ids) in places {
            let again = self.commands.at(&[&["wait-job-flow"], until, ids.as_slice()].concat(), place);
            emr_cli::complain(&format!("{why}, and the job flows go on; wait on with '{again}'"));
        }
    }
}

impl wait::Watch for Watch<'_> {
    fn is_done(&self) -> bool {
        self.open().next().is_none()
    }

    fn outcome(&self) -> Outcome {
        diagnose::outcome_of_all(self.watched.iter().filter_map(|watched| watched.outcome))
    }

    async fn give_up(&self, stop: Stop) {
        self.say_how_to_go_on(stop);
    }

    /// Prints the latest records of those that are not settled.
    fn finish(mut self) -> Result<()> {
        self.bar.clear();
        for watched in self.watched.into_iter().filter(|watched| watched.outcome.is_none()) {
            watched.bar.clear();
            if let Some(cluster) = watched.latest {
                self.printer.print(&record(cluster, watched.claim))?;
            }
        }
        self.printer.finish()
    }
}

fn record(cluster: Cluster, claim: Option<Claim>) -> JobFlowRecord {
    JobFlowRecord { claim, ..pool::record(cluster) }
}

/// Reports what a job flow came to, and if it failed why and what to do next.
fn tell(cluster: &Cluster, outcome: Outcome, commands: &Commands) {
    let (id, state) = (&cluster.id, &cluster.state);
    if outcome == Outcome::Done {
        return emr_cli::detail(&format!("{id} is {state}"));
    }
    let why = failure_of(cluster).map(|cause| cause.message).or_else(|| cluster.reason.clone());
    let why = why.map_or_else(|| "EMR does not say why".to_owned(), |why| why.trim_end_matches('.').to_owned());
    let error = Error::new(outcome, format!("{id} is {state}: {why}"));
    emr_cli::report(&match advice(cluster, outcome, commands) {
        Some(advice) => error.advise(advice),
        None => error,
    });
}

fn advice(cluster: &Cluster, outcome: Outcome, commands: &Commands) -> Option<String> {
    let has_log = failed_bootstrap_of(cluster).is_some() || cluster.reason_code.as_deref() == Some("STEP_FAILURE");
    match outcome {
        Outcome::TryAgain => Some("try again later, or with another instance type or zone".to_owned()),
        Outcome::No if has_log => {
            let log = commands.at(&["fetch-logs", "--cause", cluster.id.as_str()], &cluster.place);
            Some(format!("'{log}' says why"))
        }
        _ => None,
    }
}
