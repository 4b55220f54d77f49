//! `ListBootstrapActions`: the scripts that EMR runs on each instance of a cluster before it is ready.

use emr_core::error::{Error, Result};
use emr_core::model::cluster::BootstrapAction;
use emr_core::model::id::JobFlowId;

use super::Emr;
use crate::call::Repeat;

impl Emr {
    /// All bootstrap actions of `job_flow`, in order.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_ListBootstrapActions.html>
    pub async fn bootstrap_actions(&self, job_flow: &JobFlowId) -> Result<Vec<BootstrapAction>> {
        Self::every_page("ListBootstrapActions", async |marker| {
            let request = self.sdk(job_flow).list_bootstrap_actions().cluster_id(job_flow.as_str()).set_marker(marker);
            let answer = self
                .caller(job_flow)
                .call("ListBootstrapActions", Repeat::Harmless, || request.clone().send())
                .await
                .map_err(|failure| Error::from(failure).on(job_flow))?;
            let actions = answer.bootstrap_actions().iter().map(|action| BootstrapAction {
                name: action.name().unwrap_or_default().to_owned(),
                args: action.args().to_vec(),
            });
            Ok((actions.collect(), answer.marker().map(str::to_owned)))
        })
        .await
    }
}
