//! The watch over steps: one call looks at up to ten of a job flow, all job flows side by side.

use emr_aws::Emr;
use emr_aws::emr::STEPS_PER_LOOK;
use emr_cli::progress::Tally;
use emr_cli::wait::{self, Minutes, Pace, Stop, Watch as _};
use emr_cli::{Commands, Printer, signal};
use emr_core::diagnose::{failed_bootstrap_of, failure_of};
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::cause::Cause;
use emr_core::model::cluster::Cluster;
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::model::record::StepRecord;
use emr_core::model::step::{Step, StepState};
use emr_core::stdin::{Output, Target};
use futures_util::future::{join_all, try_join_all};

use crate::bars::StepBar;
use crate::causes::{Causes, Why};
use crate::stands_for::{self, WithoutSteps, without_steps};
use crate::step_ending::{self, Ending};
use crate::tally;

/// Every tenth look is at the job flow, too: EMR may go on calling a step RUNNING on a job flow that is gone.
const CLUSTER_EVERY: usize = 10;

struct Watched {
    job_flow: JobFlowId,
    id: StepId,
    bar: StepBar,
    latest: Option<Step>,
    /// What its record said of its output, where it came with one.
    output: Output,
    ending: Option<Ending>,
    /// Why its job flow failed, if it did.
    failure: Option<Cause>,
    is_printed: bool,
}

impl Watched {
    /// The record of it as `step`. What is known of its output from a record counts: that of a job's last step alone has
    /// one, and the arguments of the others look alike.
    fn record(&self, emr: &Emr, step: Step) -> StepRecord {
        let record = StepRecord::new(self.job_flow.clone(), emr.place(&self.job_flow).clone(), step);
        match &self.output {
            Output::Unsaid => record,
            Output::Absent => StepRecord { output: None, ..record },
            Output::At(place) => StepRecord { output: Some(place.clone()), ..record },
        }
    }
}

/// What one look at up to ten steps of a job flow found.
struct Look {
    job_flow: JobFlowId,
    steps: Vec<Step>,
    cluster: Option<Cluster>,
}

pub(crate) struct Watch<'a> {
    emr: &'a Emr,
    commands: &'a Commands,
    causes: Option<Causes<'a>>,
    /// Job flows of which it is not known yet what they stand for.
    unresolved: Vec<JobFlowId>,
    watched: Vec<Watched>,
    /// How many job flows failed without a step.
    failed_flows: usize,
    /// Whether an interrupt is to end the steps, too.
    cancels: bool,
    printer: Printer<StepRecord>,
    bar: Tally,
    minutes: Minutes,
}

impl<'a> Watch<'a> {
    /// A watch over no step yet. It prints the record of each step that ends, with the cause if there are `causes`.
    pub(crate) fn new(
        emr: &'a Emr,
        commands: &'a Commands,
        causes: Option<Causes<'a>>,
        printer: Printer<StepRecord>,
    ) -> Self {
        let (unresolved, watched) = (Vec::new(), Vec::new());
        let (bar, minutes) = (Tally::default(), Minutes::default());
        Self { emr, commands, causes, unresolved, watched, failed_flows: 0, cancels: false, printer, bar, minutes }
    }

    /// Has an interrupt cancel the steps.
    pub(crate) fn cancel_on_interrupt(&mut self) {
        self.cancels = true;
    }

    /// Adds `targets`: steps, or what job flows stand for. `job_flow` is that of steps named alone.
    pub(crate) fn add_all(&mut self, targets: Vec<Target>, job_flow: Option<&JobFlowId>) -> Result<()> {
        for target in targets {
            match (target.job_flow.as_ref().or(job_flow), target.step) {
                (Some(flow), Some(step)) => self.add(flow, step, target.output),
                (Some(flow), None) if self.unresolved.contains(flow) => {}
                (Some(flow), None) => self.unresolved.push(flow.clone()),
                (None, step) => {
                    let step = step.map_or_else(|| "a step".to_owned(), String::from);
                    return Err(Error::usage(format!("the job flow of {step} is not known"))
                        .advise("give it with --emr-job-flow-id, or pipe in records"));
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, job_flow: &JobFlowId, id: StepId, output: Output) {
        if !self.watched.iter().any(|watched| watched.id == id && watched.job_flow == *job_flow) {
            let (job_flow, bar) = (job_flow.clone(), StepBar::new(id.as_str()));
            self.watched.push(Watched {
                job_flow,
                id,
                bar,
                latest: None,
                output,
                ending: None,
                failure: None,
                is_printed: false,
            });
        }
    }

    /// Looks until every step has ended, and prints the record of each when it does.
    pub(crate) async fn until_all_end(&mut self, pace: Pace) -> Result<()> {
        let looks = async |number| {
            self.look(number % CLUSTER_EVERY == CLUSTER_EVERY - 1).await?;
            self.tell_progress();
            Ok(self.is_done())
        };
        pace.look_until_done(looks).await
    }

    /// Shows how far the wait is, or tells a log that wants to know (`-v`) once a minute.
    fn tell_progress(&mut self) {
        let (done, all) = (self.watched.iter().filter(|watched| watched.ending.is_some()).count(), self.watched.len());
        self.bar.show(done, all);
        if all == 0 || self.is_done() {
            return;
        }
        let open = self.watched.iter().filter(|watched| watched.ending.is_none());
        let open: Vec<&Step> = open.filter_map(|watched| watched.latest.as_ref()).collect();
        self.minutes.tell(|| tally::line(done, all, &open, self.emr.now()));
    }

    /// Looks once at everything that has not ended, and `at_clusters` also at their job flows.
    async fn look(&mut self, at_clusters: bool) -> Result<()> {
        self.resolve().await?;
        let asked = self.unfinished().into_iter();
        let looks = asked.map(|(flow, ids, unbegun)| look(self.emr, flow, ids, unbegun || at_clusters));
        for look in try_join_all(looks).await? {
            self.take_in(look);
        }
        self.print_ended().await
    }

    /// Finds out what the job flows stand for of which that is not known yet.
    async fn resolve(&mut self) -> Result<()> {
        for job_flow in self.unresolved.clone() {
            match stands_for::find(self.emr, &job_flow).await? {
                Some(found) => {
                    emr_cli::say(&format!("{job_flow} stands for {}", found.phrase));
                    found.steps.into_iter().for_each(|id| self.add(&job_flow, id, Output::Unsaid));
                }
                None if self.waits_for_steps(&job_flow).await? => continue,
                None => {}
            }
            self.unresolved.retain(|other| *other != job_flow);
        }
        Ok(())
    }

    /// Whether `job_flow`, which has no step, is still to come up; if not, says what that means.
    async fn waits_for_steps(&mut self, job_flow: &JobFlowId) -> Result<bool> {
        let cluster = Box::pin(self.emr.describe_cluster(job_flow)).await?.cluster;
        match without_steps(&cluster) {
            WithoutSteps::Starting => return Ok(true),
            WithoutSteps::Nothing => emr_cli::say(&format!("{job_flow} is {} and has no step", cluster.state)),
            WithoutSteps::Failed => {
                let reason = cluster.reason.map_or_else(String::new, |reason| format!(": {reason}"));
                let line = format!("{job_flow} has no step and is {}{reason}", cluster.state);
                emr_cli::complain(&line);
                self.failed_flows += 1;
            }
        }
        Ok(false)
    }

    /// The steps to look at, up to ten of one job flow each, and whether any of them has not been seen to begin.
    fn unfinished(&self) -> Vec<(JobFlowId, Vec<StepId>, bool)> {
        let mut looks: Vec<(JobFlowId, Vec<StepId>, bool)> = Vec::new();
        for watched in self.watched.iter().filter(|watched| watched.ending.is_none()) {
            let unbegun = watched.latest.as_ref().is_some_and(|step| step.state != StepState::Running);
            let open = looks.iter_mut().find(|(flow, ids, _)| *flow == watched.job_flow && ids.len() < STEPS_PER_LOOK);
            match open {
                Some((_, ids, pending)) => {
                    ids.push(watched.id.clone());
                    *pending |= unbegun;
                }
                None => looks.push((watched.job_flow.clone(), vec![watched.id.clone()], unbegun)),
            }
        }
        looks
    }

    fn take_in(&mut self, look: Look) {
        let now = self.emr.now();
        for step in look.steps {
            let of_step = |watched: &&mut Watched| watched.id == step.id && watched.job_flow == look.job_flow;
            let Some(watched) = self.watched.iter_mut().find(of_step) else { continue };
            let state = look.cluster.as_ref().map(|cluster| &cluster.state);
            watched.bar.show(&step, state, now);
            watched.ending = step_ending::ending(&step, state);
            if let Some(ending) = watched.ending {
                watched.bar.clear();
                let log = ["fetch-logs", "--cause", look.job_flow.as_str()];
                let log = self.commands.at(&log, self.emr.place(&look.job_flow));
                tell((&look.job_flow, look.cluster.as_ref()), &step, ending, &log);
            }
            watched.latest = Some(step);
            watched.failure = look.cluster.as_ref().and_then(failure_of);
        }
    }

    /// Prints the records of the steps that have ended, once it is known why those failed that did.
    async fn print_ended(&mut self) -> Result<()> {
        let is_new = |watched: &&mut Watched| watched.ending.is_some() && !watched.is_printed;
        let ended: Vec<_> = self.watched.iter_mut().filter(is_new).collect();
        let whys = join_all(ended.iter().map(|watched| why(self.causes.as_ref(), watched))).await;
        for (watched, Why { cause, exit_code }) in ended.into_iter().zip(whys) {
            let Some(step) = watched.latest.clone() else { continue };
            self.printer.print(&StepRecord { cause, exit_code, ..watched.record(self.emr, step) })?;
            watched.is_printed = true;
        }
        Ok(())
    }

    /// Says `why` the wait ends before the steps do, and how to take it up again. Steps that have failed are named too, so
    /// that their failure is not forgotten.
    fn say_how_to_go_on(&self, why: &str) {
        let say = |job_flow: &JobFlowId, named: &[&str]| {
            let again = self.commands.at(&[&["wait-step"], named].concat(), self.emr.place(job_flow));
            emr_cli::complain(&format!("{why}, and the steps go on; wait on with '{again}'"));
        };
        let mut open: Vec<(&JobFlowId, Vec<&str>)> = Vec::new();
        for watched in self.watched.iter().filter(|watched| watched.ending != Some(Ending::Completed)) {
            match open.iter_mut().find(|(job_flow, _)| *job_flow == &watched.job_flow) {
                Some((_, ids)) => ids.push(watched.id.as_str()),
                None => open.push((&watched.job_flow, vec![watched.id.as_str()])),
            }
        }
        for (job_flow, ids) in open {
            say(job_flow, &[&["--emr-job-flow-id", job_flow.as_str()], ids.as_slice()].concat());
        }
        for job_flow in &self.unresolved {
            say(job_flow, &[job_flow.as_str()]);
        }
    }

    /// Asks EMR to cancel every step that has not ended. One that cannot be cancelled does not stop the others.
    async fn cancel(&self) {
        for (job_flow, ids, _) in self.unfinished() {
            let named: Vec<_> = ids.iter().map(StepId::as_str).collect();
            match self.emr.cancel_steps(&job_flow, &ids).await {
                Ok(()) => emr_cli::say(&format!("interrupted; asked EMR to cancel {} on {job_flow}", named.join(", "))),
                Err(error) => emr_cli::report(&error),
            }
        }
    }
}

impl wait::Watch for Watch<'_> {
    fn is_done(&self) -> bool {
        self.unresolved.is_empty() && self.watched.iter().all(|watched| watched.ending.is_some())
    }

    fn outcome(&self) -> Outcome {
        if self.failed_flows > 0 {
            return Outcome::No;
        }
        step_ending::of_all(self.watched.iter().filter_map(|watched| watched.ending))
    }

    async fn give_up(&self, stop: Stop) {
        if !(self.cancels && matches!(stop, Stop::Signal(_))) {
            return self.say_how_to_go_on(stop.why());
        }
        if let Err(error) = signal::or_interrupted(self.cancel()).await {
            emr_cli::report(&error);
        }
    }

    /// Prints the records that are still due, with the latest state of the steps that have not ended.
    fn finish(mut self) -> Result<()> {
        self.bar.clear();
        for watched in self.watched.iter_mut().filter(|watched| !watched.is_printed) {
            watched.bar.clear();
            if let Some(step) = watched.latest.take() {
                self.printer.print(&watched.record(self.emr, step))?;
            }
        }
        self.printer.finish()
    }
}

/// Looks at `ids`, and with `at_cluster` also at the job flow, without which no step ever begins or ends.
///
/// The job flow comes first: the answer about a step must not be the older one, or a step that completed just before the
/// job flow ended would seem never to have begun. Of a step that was cancelled before it began the job flow is asked once
/// more, because its end may have cancelled the step between the two answers.
async fn look(emr: &Emr, job_flow: JobFlowId, ids: Vec<StepId>, at_cluster: bool) -> Result<Look> {
    let mut cluster = None;
    if at_cluster {
        cluster = Some(self::cluster(emr, &job_flow).await?);
    }
    let steps = Box::pin(emr.steps_by_id(&job_flow, &ids)).await?;
    if let Some(missing) = ids.iter().find(|id| steps.iter().all(|step| step.id != **id)) {
        return Err(Error::usage(format!("{job_flow} has no step {missing}")));
    }
    let lives = cluster.as_ref().is_none_or(|cluster| !cluster.state.has_ended());
    let cancelled = |step: &Step| matches!(step.state, StepState::Cancelled | StepState::Interrupted);
    if lives && steps.iter().any(|step| cancelled(step) && step.started_at.is_none()) {
        cluster = Some(self::cluster(emr, &job_flow).await?);
    }
    Ok(Look { job_flow, steps, cluster })
}

async fn cluster(emr: &Emr, job_flow: &JobFlowId) -> Result<Cluster> {
    Ok(Box::pin(emr.describe_cluster(job_flow)).await?.cluster)
}

/// Why the step failed, if it did, or why its job flow did before it was done.
async fn why(causes: Option<&Causes<'_>>, watched: &Watched) -> Why {
    match (causes, &watched.latest, watched.ending) {
        (Some(causes), Some(step), Some(Ending::Failed)) => causes.of(&watched.job_flow, step).await,
        (Some(_), _, Some(Ending::NeverBegan | Ending::Interrupted)) => {
            Why { cause: watched.failure.clone(), exit_code: None }
        }
        _ => Why::default(),
    }
}

/// Says that `cluster` has ended, and why; empty if it lives.
fn ended(cluster: &Cluster) -> String {
    let reason = || failure_of(cluster).map(|cause| cause.message).or_else(|| cluster.reason.clone());
    match reason().filter(|_| cluster.state.has_ended()) {
        Some(reason) => format!("; the job flow is {}: {}", cluster.state, reason.trim_end_matches('.')),
        None => String::new(),
    }
}

/// Reports how a step ended, and if it failed why and where to read more: `log` is the command that prints what a bootstrap
/// action failed of.
fn tell((job_flow, cluster): (&JobFlowId, Option<&Cluster>), step: &Step, ending: Ending, log: &str) {
    let mut line = format!("step {} ({} on {job_flow}) {}", step.name, step.id, ending.phrase());
    if ending == Ending::Completed {
        return emr_cli::detail(&line);
    }
    if let Some(reason) = &step.reason {
        line = format!("{line}: {}", reason.trim_end_matches('.'));
    }
    if let Some(cluster) = cluster.filter(|_| ending != Ending::Failed) {
        line.push_str(&ended(cluster));
    }
    if let Some(log) = &step.log_file {
        line = format!("{line}; its log is {log}");
    }
    if ending == Ending::NeverBegan && cluster.is_some_and(|cluster| failed_bootstrap_of(cluster).is_some()) {
        line = format!("{line}; '{log}' says why");
    }
    emr_cli::report(&Error::new(ending.outcome(), line));
}
