//! `CancelSteps`: cancels pending and running steps.

use aws_sdk_emr::types as sdk;
use emr_core::error::{CallError, Error, Outcome, Result};
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::model::step::StopBy;

use super::Emr;
use crate::call::Repeat;
use crate::convert;

/// The most steps in one call.
pub const PER_CALL: usize = 256;

impl Emr {
    /// Asks EMR to cancel `steps` of `job_flow`, and to interrupt those that run. EMR cancels them later. A refusal is
    /// an error.
    pub async fn cancel_steps(&self, job_flow: &JobFlowId, steps: &[StepId]) -> Result<()> {
        let refused = self.ask_to_cancel(job_flow, steps, StopBy::Interrupt).await?;
        match refused.first() {
            Some((id, reason)) => Err(Error::new(Outcome::No, format!("{id}: not cancelled: {reason}"))),
            None => Ok(()),
        }
    }

    /// Asks EMR to cancel `steps` of `job_flow`, at most [`PER_CALL`], and to stop running ones by `stop`. Returns the
    /// steps that EMR refuses to cancel, each with its reason.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_CancelSteps.html>
    pub async fn ask_to_cancel(
        &self,
        job_flow: &JobFlowId,
        steps: &[StepId],
        stop: StopBy,
    ) -> Result<Vec<(StepId, String)>> {
        let ids = steps.iter().map(ToString::to_string).collect();
        let option = match stop {
            StopBy::Interrupt => sdk::StepCancellationOption::SendInterrupt,
            StopBy::Kill => sdk::StepCancellationOption::TerminateProcess,
        };
        let request = self.sdk(job_flow).cancel_steps().cluster_id(job_flow.as_str()).set_step_ids(Some(ids));
        let request = request.step_cancellation_option(option);
        let answer = self
            .caller(job_flow)
            .act("CancelSteps", Repeat::Harmless, job_flow.as_str(), || request.clone().send())
            .await
            .map_err(|failure| Error::from(failure).on(job_flow))?;
        let refused = answer.cancel_steps_info_list().iter().filter(|info| is_refused(info)).map(|info| {
            let reason = convert::said(info.reason()).unwrap_or_else(|| "EMR gives no reason".to_owned());
            Ok((convert::id(info.step_id())?, reason))
        });
        refused.collect::<Result<_>>().map_err(|error| CallError::strange("CancelSteps", &error).into())
    }
}

fn is_refused(info: &sdk::CancelStepsInfo) -> bool {
    info.status().is_some_and(|status| *status == sdk::CancelStepsRequestStatus::Failed)
}
