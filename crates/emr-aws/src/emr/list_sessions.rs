//! `ListSessions`: the Spark Connect sessions on one cluster.

use aws_sdk_emr::types::SessionState;
use emr_core::error::{Error, Result};
use emr_core::model::id::JobFlowId;

use super::Emr;
use crate::call::Repeat;
use crate::paging::Paging;

/// A session that has not ended, also one that waits for its user: EMR itself ends it when that takes too long.
const ACTIVE: [SessionState; 5] =
    [SessionState::Submitted, SessionState::Starting, SessionState::Started, SessionState::Idle, SessionState::Busy];

impl Emr {
    /// Whether somebody has a session on `job_flow`.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_ListSessions.html>
    pub async fn has_active_session(&self, job_flow: &JobFlowId) -> Result<bool> {
        let mut paging = Paging::default();
        loop {
            let request = self.sdk.list_sessions().cluster_id(job_flow.as_str());
            let request = request.set_session_states(Some(ACTIVE.to_vec())).set_next_token(paging.marker());
            let answer = self
                .caller
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
