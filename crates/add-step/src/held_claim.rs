//! Adding steps under a claim: is it still ours, are our steps the first, and giving it back.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use emr_aws::emr::STEPS_PER_LOOK;
use emr_aws::{Aws, Emr, LockAt, claim};
use emr_core::claim::lease::{Lease, LockError, is_held};
use emr_core::claim::pause;
use emr_core::claim::protocol::{ClaimOutcome, Purpose};
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::claim::Claim;
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::model::run_id::RunId;
use emr_core::model::step::{NewStep, Step, StepState};
use emr_core::pool;

/// How often to look for what was just added: EMR's lists may lag behind.
const LOOKS: usize = 5;

/// A claim that was handed on, and is held.
pub(crate) struct HeldClaim<'a> {
    claim: &'a Claim,
    lock: LockAt<'a>,
    lease: Lease,
}

/// The steps to add, and where.
pub(crate) struct Addition<'a> {
    pub(crate) emr: &'a Emr,
    pub(crate) job_flow: &'a JobFlowId,
    pub(crate) step_concurrency: u32,
    pub(crate) steps: &'a [NewStep],
    pub(crate) run: &'a RunId,
    /// Their ids, once they are added.
    pub(crate) added: RefCell<Vec<StepId>>,
    /// Whether they began, although other steps seemed to come first.
    pub(crate) have_begun: Cell<bool>,
}

impl<'a> HeldClaim<'a> {
    /// Renews `claim`, or says that it is no longer ours.
    pub(crate) async fn keep(aws: &'a Aws, claim: &'a Claim) -> Result<Self> {
        let lock = aws.s3.lock(&claim.lock_uri);
        let lease = lock.keep(&claim.token, None).await.map_err(|error| claim_error(claim, error))?;
        Ok(Self { claim, lock, lease })
    }

    /// Does `work` while the claim is held, or says that the claim was lost meanwhile.
    pub(crate) async fn during<T>(&mut self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            lost = self.lock.keep_on(&mut self.lease, Duration::ZERO) => Err(lost),
            done = work => done,
        }
    }

    /// Adds the steps, makes sure that they are the first, and gives the claim back.
    pub(crate) async fn add(self, addition: &Addition<'_>) -> Result<()> {
        let ended = self.lock.resume(Purpose::Add, &self.lease, addition).await;
        match ended.map_err(|error| claim_error(self.claim, error))? {
            ClaimOutcome::Acted => Ok(()),
            ClaimOutcome::TooLate if addition.have_begun.get() => Ok(()),
            ClaimOutcome::TooLate => {
                let text = format!("{}: another job's step came first, and ours was cancelled", addition.job_flow);
                Err(Error::new(Outcome::TryAgain, text).advise("find another job flow"))
            }
            ClaimOutcome::Busy(_) | ClaimOutcome::NotFree | ClaimOutcome::Failed | ClaimOutcome::Claimed(_) => {
                Err(too_late(self.claim))
            }
        }
    }

    /// Gives the claim back after `error`, because nothing will be added.
    pub(crate) async fn give_back_after(self, error: Error) -> Error {
        if let Err(error) = self.lock.release(&self.lease).await {
            emr_cli::warn(&format!("the claim was not given back, and runs out: {error}"));
        }
        error
    }

    /// Looks whether `claim` is still ours, for a dry run.
    pub(crate) async fn look(aws: &Aws, claim: &Claim) -> Result<()> {
        let sighting = aws.s3.lock(&claim.lock_uri).look().await?.filter(is_held);
        let holder = sighting.and_then(|sighting| sighting.lock.holder);
        if holder.is_some_and(|holder| holder.token == claim.token) { Ok(()) } else { Err(too_late(claim)) }
    }
}

impl Addition<'_> {
    /// The ids of the steps that were added, for people.
    pub(crate) fn added_ids(&self) -> String {
        self.added.borrow().iter().map(StepId::as_str).collect::<Vec<_>>().join(", ")
    }
}

impl claim::Work for Addition<'_> {
    async fn look(&self) -> Result<bool> {
        Ok(true)
    }

    async fn act(&self) -> Result<bool> {
        emr_cli::announce(&format!("Adding our job to job flow {}", self.job_flow));
        let added = self.emr.add_job_flow_steps(self.job_flow, self.steps, self.run).await?;
        self.added.replace(added);
        Ok(true)
    }

    async fn check(&self) -> Result<bool> {
        for pause in pause::pauses(Duration::from_secs(2)).take(LOOKS) {
            let mut pages = self.emr.steps(self.job_flow);
            let mut listed = Vec::new();
            while let Some(page) = pages.next().await? {
                listed.extend(page);
                match pool::is_next_in_queue(&listed, &|step| self.run.made(&step.name), self.step_concurrency) {
                    Some(is_first) => return Ok(is_first),
                    // Ours may stand on the next page, or not be listed yet.
                    None if listed.len() > self.steps.len() => break,
                    None => {}
                }
            }
            tokio::time::sleep(pause).await;
        }
        emr_cli::warn(&format!("{}: the steps were added, but EMR does not list them yet", self.job_flow));
        Ok(true)
    }

    async fn undo(&self) -> Result<()> {
        let added = self.added.borrow().clone();
        let Err(error) = self.emr.cancel_steps(self.job_flow, &added).await else { return Ok(()) };
        // A step that begins in the meantime cannot be cancelled everywhere, and was not too late after all.
        let now = self.emr.steps_by_id(self.job_flow, &added[..added.len().min(STEPS_PER_LOOK)]).await;
        if now.is_ok_and(|steps| steps.iter().all(has_begun)) {
            self.have_begun.set(true);
            return Ok(());
        }
        Err(error.on(format!("{} may wait behind another job's steps", self.added_ids())))
    }

    fn wind_up(&self) {
        self.emr.wind_up();
    }
}

fn has_begun(step: &Step) -> bool {
    matches!(step.state, StepState::Running | StepState::Completed | StepState::Failed)
}

/// The error about the lock of `claim`. One that is lost is a claim that came too late.
fn claim_error(claim: &Claim, error: Error) -> Error {
    match error.cause() {
        Some(LockError::Lost(_)) => too_late(claim).caused_by(error),
        _ => error,
    }
}

fn too_late(claim: &Claim) -> Error {
    let text = "the claim has run out or was given back, and the job flow may be another job's";
    Error::new(Outcome::TryAgain, text).on(&claim.lock_uri).advise("claim one again with find-pool")
}
