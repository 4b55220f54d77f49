//! `ListBootstrapActions`: what EMR did on each instance of a cluster before it was ready.

use super::Emr;
use crate::aws::call::Repeat;
use crate::aws::convert;
use crate::error::{Error, Result};
use crate::model::cluster::BootstrapAction;
use crate::model::id::JobFlowId;

impl Emr {
    /// All bootstrap actions of `job_flow`, in their order.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_ListBootstrapActions.html>
    pub async fn bootstrap_actions(&self, job_flow: &JobFlowId) -> Result<Vec<BootstrapAction>> {
        let mut actions = Vec::new();
        let mut marker = None;
        loop {
            let request = self.sdk.list_bootstrap_actions().cluster_id(job_flow.as_str()).set_marker(marker.clone());
            let answer = self
                .caller
                .call("ListBootstrapActions", Repeat::Harmless, || request.clone().send())
                .await
                .map_err(|failure| Error::from(failure).on(job_flow))?;
            actions.extend(answer.bootstrap_actions().iter().map(|action| BootstrapAction {
                name: action.name().unwrap_or_default().to_owned(),
                args: action.args().to_vec(),
            }));
            marker = convert::next_page(answer.marker(), marker.as_deref())?;
            if marker.is_none() {
                return Ok(actions);
            }
        }
    }
}
