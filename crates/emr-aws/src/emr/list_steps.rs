//! `ListSteps`: 50 steps a page, newest first, or up to 10 by id.

use aws_sdk_emr::types as sdk;
use emr_core::error::{CallError, Error, Result};
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::model::step::{Step, StepState};

use super::Emr;
use crate::call::Repeat;
use crate::convert;
use crate::paging::Paging;

/// The most steps that one call lists by id.
pub const STEPS_PER_LOOK: usize = 10;

/// The pages of a job flow's steps, fetched one by one.
pub struct StepPages<'a> {
    emr: &'a Emr,
    job_flow: &'a JobFlowId,
    states: Vec<StepState>,
    paging: Paging,
}

impl Emr {
    /// Lists the steps of `job_flow`, newest first.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_ListSteps.html>
    #[must_use]
    pub fn steps<'a>(&'a self, job_flow: &'a JobFlowId) -> StepPages<'a> {
        self.steps_in(job_flow, &[])
    }

    /// Lists the steps of `job_flow` that are in one of `states`. EMR documents no order for such a list.
    #[must_use]
    pub fn steps_in<'a>(&'a self, job_flow: &'a JobFlowId, states: &[StepState]) -> StepPages<'a> {
        StepPages { emr: self, job_flow, states: states.to_vec(), paging: Paging::default() }
    }

    /// The steps of `job_flow` with these ids, at most [`STEPS_PER_LOOK`], in EMR's order.
    pub async fn steps_by_id(&self, job_flow: &JobFlowId, ids: &[StepId]) -> Result<Vec<Step>> {
        let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
        Ok(self.list_steps(job_flow, Some(ids), &[], None).await?.0)
    }

    /// The steps of `job_flow` with these ids, at most [`STEPS_PER_LOOK`], in the order of `ids`. If EMR refuses the
    /// call because of one id, each is looked up alone.
    pub async fn each_step_by_id(&self, job_flow: &JobFlowId, ids: &[StepId]) -> Result<Vec<Result<Step>>> {
        match Box::pin(self.steps_by_id(job_flow, ids)).await {
            Ok(steps) => Ok(ids.iter().map(|id| of_id(&steps, job_flow, id)).collect()),
            Err(error) if error.is_refused() && ids.len() > 1 => {
                let mut found = Vec::new();
                for id in ids {
                    let alone = Box::pin(self.steps_by_id(job_flow, std::slice::from_ref(id))).await;
                    found.push(alone.and_then(|steps| of_id(&steps, job_flow, id)));
                }
                Ok(found)
            }
            Err(error) => Err(error),
        }
    }

    /// The steps of `job_flow` that have not ended, newest first. EMR allows 256 of them, which are six pages.
    pub async fn unfinished_steps(&self, job_flow: &JobFlowId) -> Result<Vec<Step>> {
        let page = async |marker| self.list_steps(job_flow, None, &StepState::UNFINISHED, marker).await;
        Self::every_page("ListSteps", page).await
    }

    /// All steps of `job_flow`, newest first.
    pub async fn all_steps(&self, job_flow: &JobFlowId) -> Result<Vec<Step>> {
        Self::every_page("ListSteps", async |marker| self.list_steps(job_flow, None, &[], marker).await).await
    }

    async fn list_steps(
        &self,
        job_flow: &JobFlowId,
        ids: Option<Vec<String>>,
        states: &[StepState],
        marker: Option<String>,
    ) -> Result<(Vec<Step>, Option<String>)> {
        let states: Vec<_> = states.iter().map(|state| sdk::StepState::from(state.as_str())).collect();
        let request = self
            .sdk(job_flow)
            .list_steps()
            .cluster_id(job_flow.as_str())
            .set_step_ids(ids)
            .set_step_states((!states.is_empty()).then_some(states))
            .set_marker(marker);
        let answer = self
            .caller(job_flow)
            .call("ListSteps", Repeat::Harmless, || request.clone().send())
            .await
            .map_err(|failure| Error::from(failure).on(job_flow))?;
        let steps = answer.steps().iter().map(convert::step).collect::<Result<_>>();
        let steps = steps.map_err(|error| CallError::strange("ListSteps", &error))?;
        Ok((steps, answer.marker().map(str::to_owned)))
    }
}

fn of_id(steps: &[Step], job_flow: &JobFlowId, id: &StepId) -> Result<Step> {
    let step = steps.iter().find(|step| step.id == *id).cloned();
    step.ok_or_else(|| Error::usage(format!("{job_flow} has no step {id}")))
}

impl StepPages<'_> {
    /// Whether there is no further page.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.paging.is_done()
    }

    /// Fetches the next page; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<Step>>> {
        if self.paging.is_done() {
            return Ok(None);
        }
        let (steps, marker) = self.emr.list_steps(self.job_flow, None, &self.states, self.paging.marker()).await?;
        self.paging.turn("ListSteps", marker.as_deref())?;
        Ok(Some(steps))
    }
}
