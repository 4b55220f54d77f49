//! The job flow whose logs are wanted, the step of it that was named, and which of the two failed.

use emr_aws::Aws;
use emr_core::diagnose::{FailedBootstrap, failed_bootstrap_of, failure_of};
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::cause::Cause;
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::model::step::{Step, StepState};
use emr_logs::{Ends, Logs};
use emr_ssh::Session;

/// A job flow, and the step of it that was named, if one was.
pub(crate) struct JobFlow {
    pub(crate) cluster: ClusterDetail,
    pub(crate) step: Option<Step>,
}

/// What failed.
pub(crate) enum Failed {
    Step(StepId),
    Bootstrap(FailedBootstrap),
    /// The job flow itself, of which no log tells.
    JobFlow,
}

impl JobFlow {
    /// Asks EMR for both. It is an error if the job flow has no such step.
    pub(crate) async fn find(aws: &Aws, id: &JobFlowId, step: Option<&StepId>) -> Result<Self> {
        let cluster = Box::pin(aws.emr.describe_cluster(id)).await?;
        let Some(named) = step else { return Ok(Self { cluster, step: None }) };
        let steps = Box::pin(aws.emr.steps_by_id(id, std::slice::from_ref(named))).await?;
        let step = steps.into_iter().find(|step| step.id == *named);
        match step {
            Some(step) => Ok(Self { cluster, step: Some(step) }),
            None => Err(Error::usage(format!("{id} has no step {named}"))),
        }
    }

    pub(crate) fn id(&self) -> &JobFlowId {
        &self.cluster.cluster.id
    }

    /// The step that was named, if one was.
    pub(crate) fn step_id(&self) -> Option<StepId> {
        self.step.as_ref().map(|step| step.id.clone())
    }

    /// Whether the step has begun, so that there may be a log.
    pub(crate) fn has_begun(&self) -> bool {
        let is_waiting =
            |state: &StepState| matches!(state, StepState::Pending | StepState::CancelPending | StepState::Cancelled);
        self.step.as_ref().is_some_and(|step| step.started_at.is_some() || !is_waiting(&step.state))
    }

    /// Whether nothing more will become of the step: it has ended, or its job flow has.
    pub(crate) fn is_over(&self) -> bool {
        self.cluster.cluster.state.has_ended() || self.step.as_ref().is_some_and(|step| step.state.has_ended())
    }

    /// When the step and its job flow ended, as far as they did.
    pub(crate) fn ends(&self) -> Ends {
        let job_flow = self.cluster.cluster.ended_at.filter(|_| self.cluster.cluster.state.has_ended());
        Ends { step: self.step.as_ref().and_then(|step| step.ended_at), job_flow }
    }

    /// Says that the step never began, if it is over and did not: it has no log, and never will.
    pub(crate) fn never_began(&self) -> Option<Error> {
        let step = self.step.as_ref().filter(|_| self.is_over() && !self.has_begun())?;
        Some(Error::new(Outcome::No, format!("{} never began, and has no log: it is {}", step.id, step.state)))
    }

    pub(crate) fn logs<'a>(&self, aws: &'a Aws, session: Option<&'a Session>) -> Result<Logs<'a>> {
        let of_step = self.step.as_ref().and_then(|step| step.log_uri.as_deref());
        Logs::of(aws, &self.cluster, of_step, session)
    }

    /// Why the job flow itself failed, as EMR says; `None` if it did not.
    pub(crate) fn failure(&self) -> Option<Cause> {
        failure_of(&self.cluster.cluster)
    }

    /// What failed: the named step, unless it completed or never began, or else a bootstrap action, the job flow itself,
    /// or the newest step that did.
    pub(crate) async fn failed(&self, aws: &Aws) -> Result<Option<Failed>> {
        let has_failed = self.failure().is_some();
        match &self.step {
            Some(step) if step.state == StepState::Completed => return Ok(None),
            Some(step) if step.started_at.is_some() || !has_failed => return Ok(Some(Failed::Step(step.id.clone()))),
            _ => {}
        }
        if let Some(failed) = failed_bootstrap_of(&self.cluster.cluster) {
            return Ok(Some(Failed::Bootstrap(failed)));
        }
        if has_failed {
            return Ok(Some(Failed::JobFlow));
        }
        let mut pages = aws.emr.steps(self.id());
        while let Some(page) = Box::pin(pages.next()).await? {
            if let Some(step) = page.into_iter().find(|step| step.state == StepState::Failed) {
                return Ok(Some(Failed::Step(step.id)));
            }
        }
        Ok(None)
    }

    /// Says that nothing failed.
    pub(crate) fn unfailed(&self) -> String {
        if let Some(step) = &self.step {
            return format!("{} has not failed: it is {}", step.id, step.state);
        }
        let cluster = &self.cluster.cluster;
        let reason = cluster.reason.as_ref().filter(|_| cluster.state.has_ended());
        let ended = reason.map_or_else(String::new, |reason| format!("; it is {}: {reason}", cluster.state));
        format!("no step of {} has failed{ended}", self.id())
    }
}
