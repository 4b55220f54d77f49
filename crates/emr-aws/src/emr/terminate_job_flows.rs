//! `TerminateJobFlows`: terminates up to ten clusters a call.

use emr_core::error::{Error, Result};
use emr_core::model::id::JobFlowId;

use super::Emr;
use crate::call::Repeat;

/// The most job flows in one call.
pub const PER_CALL: usize = 10;

impl Emr {
    /// Terminates `job_flows`, at most [`PER_CALL`] and all in one region. Those that have ended are ignored.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_TerminateJobFlows.html>
    pub async fn terminate_job_flows(&self, job_flows: &[JobFlowId]) -> Result<()> {
        let Some(first) = job_flows.first() else { return Ok(()) };
        let ids: Vec<_> = job_flows.iter().map(ToString::to_string).collect();
        let named = ids.join(", ");
        let request = self.sdk(first).terminate_job_flows().set_job_flow_ids(Some(ids));
        let sent =
            self.caller(first).act("TerminateJobFlows", Repeat::Harmless, &named, || request.clone().send()).await;
        sent.map(|_| ()).map_err(|failure| Error::from(failure).on(named))
    }
}
