//! `CancelSteps`: cancels steps, begun or not.

use emr_core::error::{Error, Outcome, Result};
use emr_core::model::id::{JobFlowId, StepId};

use super::Emr;
use crate::call::Repeat;

impl Emr {
    /// Asks EMR to cancel `steps` of `job_flow`, the running ones by an interrupt. EMR does it in its own time.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_CancelSteps.html>
    pub async fn cancel_steps(&self, job_flow: &JobFlowId, steps: &[StepId]) -> Result<()> {
        let ids = steps.iter().map(ToString::to_string).collect();
        let request = self.sdk.cancel_steps().cluster_id(job_flow.as_str()).set_step_ids(Some(ids));
        let answer = self
            .caller
            .call("CancelSteps", Repeat::Harmless, || request.clone().send())
            .await
            .map_err(|failure| Error::from(failure).on(job_flow))?;
        let refused = answer.cancel_steps_info_list().iter().find(|info| {
            info.status().is_some_and(|status| *status == aws_sdk_emr::types::CancelStepsRequestStatus::Failed)
        });
        match refused {
            Some(info) => Err(Error::new(
                Outcome::No,
                format!(
                    "{}: not cancelled: {}",
                    info.step_id().unwrap_or("a step"),
                    info.reason().unwrap_or("no reason")
                ),
            )),
            None => Ok(()),
        }
    }
}
