//! The wish to cancel steps, from the first look to what came of each.

use emr_aws::Emr;
use emr_aws::emr::{CANCELLED_PER_CALL, STEPS_PER_LOOK};
use emr_cli::wait::{Minutes, Pace, Stop, Watch};
use emr_cli::{Commands, Failures, Printer};
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::cluster::{ClusterDetail, ClusterState};
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::model::job_flow::Software;
use emr_core::model::record::StepRecord;
use emr_core::model::step::{Step, StopBy};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::record::CancelRecord;
use crate::verdict::{Verdict, foreseen_refusal, verdict};

/// How many calls are made side by side, within EMR's quotas.
const CALLS_AT_ONCE: usize = 8;

/// Every fifth look is at the job flows, too: EMR may go on calling a step PENDING on a job flow that is gone.
const CLUSTERS_EVERY: usize = 5;

/// A step that is to be cancelled.
struct Doomed {
    job_flow: JobFlowId,
    id: StepId,
    latest: Option<Step>,
    /// Why EMR refused to cancel it.
    refusal: Option<String>,
    is_settled: bool,
}

pub(crate) struct Cancel<'a> {
    emr: &'a Emr,
    commands: &'a Commands,
    steps: Vec<Doomed>,
    /// Whether nothing is to be changed.
    dry_run: bool,
    printer: Printer<CancelRecord>,
    failures: Failures,
    minutes: Minutes,
    /// Whether EMR has been asked to cancel any.
    has_asked: bool,
}

/// Steps of one job flow, for one call.
type Batch = (JobFlowId, Vec<StepId>);

impl<'a> Cancel<'a> {
    pub(crate) fn new(
        emr: &'a Emr,
        commands: &'a Commands,
        steps: Vec<(JobFlowId, StepId)>,
        dry_run: bool,
        printer: Printer<CancelRecord>,
    ) -> Self {
        let doomed = |(job_flow, id)| Doomed { job_flow, id, latest: None, refusal: None, is_settled: false };
        let steps = steps.into_iter().map(doomed).collect();
        let (failures, minutes) = (Failures::default(), Minutes::default());
        Self { emr, commands, steps, dry_run, printer, failures, minutes, has_asked: false }
    }

    /// Looks at each step before anything is asked. One that EMR does not know does not keep the others.
    pub(crate) async fn look_first(&mut self) -> Result<()> {
        let emr = self.emr;
        let looks = stream::iter(self.batches(STEPS_PER_LOOK)).map(|batch| async move {
            let looked = Box::pin(emr.each_step_by_id(&batch.0, &batch.1)).await;
            (batch, looked)
        });
        let looks: Vec<_> = looks.buffered(CALLS_AT_ONCE).collect().await;
        for ((job_flow, ids), looked) in looks {
            let found = looked.unwrap_or_else(|error| {
                self.give_up_on(&job_flow, &ids, &error);
                Vec::new()
            });
            for (id, step) in ids.iter().zip(found) {
                match step {
                    Ok(step) => self.take_in(&job_flow, step),
                    Err(error) => self.give_up_on(&job_flow, std::slice::from_ref(id), &error),
                }
            }
        }
        self.settle(&[], false)
    }

    /// Prints what would be cancelled, and says what would not.
    pub(crate) async fn foretell(&mut self) -> Result<()> {
        for cluster in self.clusters().await? {
            let id = cluster.cluster.id.clone();
            let state = &cluster.cluster.state;
            for place in 0..self.steps.len() {
                let doomed = &self.steps[place];
                let Some(step) = doomed.latest.clone().filter(|_| doomed.job_flow == id && !doomed.is_settled) else {
                    continue;
                };
                let ended = state.has_ended().then(|| format!("its job flow is {state}"));
                let refusal = ended.or_else(|| foreseen(&step, &cluster));
                self.steps[place].is_settled = true;
                match refusal {
                    Some(why) => self.failures.add(&not_cancelled(&id, &step.id, &why)),
                    None => self.print(&id, step)?,
                }
            }
        }
        Ok(())
    }

    /// Asks EMR to cancel all that have not ended. An error about some does not keep the others.
    pub(crate) async fn ask(&mut self, stop: StopBy) {
        self.has_asked = true;
        let emr = self.emr;
        let asked = stream::iter(self.batches(CANCELLED_PER_CALL)).map(|(job_flow, ids)| async move {
            let answer = Box::pin(emr.ask_to_cancel(&job_flow, &ids, stop)).await;
            (job_flow, ids, answer)
        });
        let answers: Vec<_> = asked.buffered(CALLS_AT_ONCE).collect().await;
        for (job_flow, ids, answer) in answers {
            match answer {
                Ok(refused) => {
                    for (id, reason) in refused {
                        self.find(&job_flow, &id, |doomed| doomed.refusal = Some(reason));
                    }
                }
                Err(error) => self.give_up_on(&job_flow, &ids, &error),
            }
        }
    }

    /// Looks once more, and takes what EMR has been asked for as done.
    pub(crate) async fn settle_for_asking(&mut self) -> Result<()> {
        self.look(false).await?;
        for place in 0..self.steps.len() {
            if !self.steps[place].is_settled {
                self.steps[place].is_settled = true;
                let job_flow = self.steps[place].job_flow.clone();
                if let Some(step) = self.steps[place].latest.clone() {
                    self.print(&job_flow, step)?;
                }
            }
        }
        Ok(())
    }

    /// Looks until it is known of each step what came of it.
    pub(crate) async fn until_all_are_settled(&mut self, pace: Pace) -> Result<()> {
        if self.is_done() {
            return Ok(());
        }
        let looks = async |number| {
            self.look(number % CLUSTERS_EVERY == CLUSTERS_EVERY - 1).await?;
            if !self.is_done() {
                let (all, open) = (self.steps.len(), self.open().count());
                self.minutes.tell(|| format!("waiting for {open} of {all} steps to be cancelled"));
            }
            Ok(self.is_done())
        };
        pace.look_until_done(looks).await
    }

    /// Looks at what is not settled, with `at_clusters` also at the job flows, and settles what is known then.
    async fn look(&mut self, at_clusters: bool) -> Result<()> {
        // The job flows come first: the answer about a step must not be the older one.
        let mut clusters = Vec::new();
        if at_clusters {
            clusters = self.clusters().await?;
        }
        let emr = self.emr;
        let looks = stream::iter(self.batches(STEPS_PER_LOOK)).map(|(job_flow, ids)| async move {
            let steps = Box::pin(emr.steps_by_id(&job_flow, &ids)).await?;
            Ok::<_, Error>((job_flow, steps))
        });
        let mut looks = std::pin::pin!(looks.buffered(CALLS_AT_ONCE));
        let mut found = Vec::new();
        while let Some(looked) = looks.try_next().await? {
            found.push(looked);
        }
        for (job_flow, steps) in found {
            for step in steps {
                self.take_in(&job_flow, step);
            }
        }
        self.settle(&clusters, true)
    }

    /// The job flows of what is not settled.
    async fn clusters(&self) -> Result<Vec<ClusterDetail>> {
        let mut ids: Vec<JobFlowId> = Vec::new();
        for doomed in self.open() {
            if !ids.contains(&doomed.job_flow) {
                ids.push(doomed.job_flow.clone());
            }
        }
        let emr = self.emr;
        let looks = stream::iter(ids).map(|id| async move { Box::pin(emr.describe_cluster(&id)).await });
        looks.buffered(CALLS_AT_ONCE).try_collect().await
    }

    /// Settles each step of which it is known what came of it: prints its record, and says why it was not cancelled.
    fn settle(&mut self, clusters: &[ClusterDetail], has_looked_again: bool) -> Result<()> {
        for place in 0..self.steps.len() {
            let doomed = &self.steps[place];
            let Some(step) = doomed.latest.as_ref().filter(|_| !doomed.is_settled) else { continue };
            let cluster = clusters.iter().find(|detail| detail.cluster.id == doomed.job_flow);
            let state: Option<&ClusterState> = cluster.map(|detail| &detail.cluster.state);
            let refusal = doomed.refusal.as_deref().filter(|_| has_looked_again);
            let Some(verdict) = verdict(step, refusal, state) else { continue };
            let (job_flow, step) = (doomed.job_flow.clone(), step.clone());
            self.steps[place].is_settled = true;
            match verdict {
                Verdict::Cancelled => emr_cli::detail(&format!("{} on {job_flow} is cancelled", step.id)),
                Verdict::NotCancelled(why) => self.failures.add(&not_cancelled(&job_flow, &step.id, &why)),
            }
            // A dry run prints what would be cancelled.
            if !self.dry_run {
                self.print(&job_flow, step)?;
            }
        }
        Ok(())
    }

    /// What is not settled, in batches of one job flow and at most `size` steps.
    fn batches(&self, size: usize) -> Vec<Batch> {
        let mut batches: Vec<Batch> = Vec::new();
        for doomed in self.open() {
            let open = batches.iter_mut().find(|(flow, ids)| *flow == doomed.job_flow && ids.len() < size);
            match open {
                Some((_, ids)) => ids.push(doomed.id.clone()),
                None => batches.push((doomed.job_flow.clone(), vec![doomed.id.clone()])),
            }
        }
        batches
    }

    fn open(&self) -> impl Iterator<Item = &Doomed> {
        self.steps.iter().filter(|doomed| !doomed.is_settled)
    }

    fn find(&mut self, job_flow: &JobFlowId, id: &StepId, change: impl FnOnce(&mut Doomed)) {
        if let Some(found) = self.steps.iter_mut().find(|doomed| doomed.id == *id && doomed.job_flow == *job_flow) {
            change(found);
        }
    }

    fn take_in(&mut self, job_flow: &JobFlowId, step: Step) {
        self.find(job_flow, &step.id.clone(), |doomed| doomed.latest = Some(step));
    }

    /// Reports `error`, and leaves the steps `ids` alone because of it.
    fn give_up_on(&mut self, job_flow: &JobFlowId, ids: &[StepId], error: &Error) {
        self.failures.add(error);
        for id in ids {
            self.find(job_flow, id, |doomed| doomed.is_settled = true);
        }
    }

    fn print(&mut self, job_flow: &JobFlowId, step: Step) -> Result<()> {
        let step = StepRecord::new(job_flow.clone(), self.emr.place(job_flow).clone(), step);
        self.printer.print(&CancelRecord { step, dry_run: self.dry_run })
    }
}

impl Watch for Cancel<'_> {
    fn is_done(&self) -> bool {
        self.open().next().is_none()
    }

    fn outcome(&self) -> Outcome {
        self.failures.outcome()
    }

    /// Says why the wait ends before it is known what came of it, and how to find out.
    async fn give_up(&self, stop: Stop) {
        let why = stop.why();
        let what = if self.has_asked { "EMR goes on with what it was asked" } else { "nothing was asked of EMR" };
        for (job_flow, ids) in self.batches(usize::MAX) {
            let words = ["list-steps", "--emr-job-flow-id", job_flow.as_str()];
            let words: Vec<_> = words.into_iter().chain(ids.iter().map(StepId::as_str)).collect();
            let again = self.commands.at(&words, self.emr.place(&job_flow));
            emr_cli::complain(&format!("{why}, and {what}; see '{again}'"));
        }
    }

    /// Prints the latest records of those that are not settled.
    fn finish(mut self) -> Result<()> {
        let open = std::mem::take(&mut self.steps).into_iter().filter(|doomed| !doomed.is_settled);
        for doomed in open {
            if let Some(step) = doomed.latest.filter(|_| self.has_asked) {
                self.print(&doomed.job_flow, step)?;
            }
        }
        self.printer.finish()
    }
}

fn not_cancelled(job_flow: &JobFlowId, id: &StepId, why: &str) -> Error {
    Error::new(Outcome::No, format!("{id} on {job_flow} is not cancelled: {why}"))
}

/// Why EMR would refuse to cancel `step` of `cluster`.
fn foreseen(step: &Step, cluster: &ClusterDetail) -> Option<String> {
    let software = cluster
        .release_label
        .as_ref()
        .map(|label| Software::Release { label: label.clone(), applications: Vec::new() });
    foreseen_refusal(step, software.as_ref().and_then(Software::release), software.is_some())
}
