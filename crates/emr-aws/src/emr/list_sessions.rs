//! `ListSessions`: the Spark Connect sessions on one cluster.

use aws_sdk_emr::types::SessionState;
use emr_core::error::{Error, Result};
use emr_core::model::id::JobFlowId;

use super::Emr;
use crate::call::Repeat;
use crate::paging::Paging;

/// The states of a session that has not ended. Idle ones count: EMR ends a session that is idle too long by itself.
const ACTIVE: [SessionState; 5] =
    [SessionState::Submitted, SessionState::Starting, SessionState::Started, SessionState::Idle, SessionState::Busy];

impl Emr {
    /// Whether `job_flow` has a session that has not ended.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_ListSessions.html>
    pub async fn has_active_session(&self, job_flow: &JobFlowId) -> Result<bool> {
        let mut paging = Paging::default();
        loop {
            let request = self.sdk(job_flow).list_sessions().cluster_id(job_flow.as_str());
            let request = request.set_session_states(Some(ACTIVE.to_vec())).set_next_token(paging.marker());
            let answer = self
                .caller(job_flow)
                .call("ListSessions", Repeat::Harmless, || request.clone().send())
                .await
                .map_err(|failure| Error::from(failure).on(job_flow))?;
            paging.turn("ListSessions", answer.next_token())?;
            if !answer.sessions().is_empty() || paging.is_done() {
                return Ok(!answer.sessions().is_empty());
            }
        }
    }
}
