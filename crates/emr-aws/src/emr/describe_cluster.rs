//! `DescribeCluster`: the details of one cluster.

use emr_core::error::{CallError, Error, Result, StrangeAnswer};
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::id::JobFlowId;

use super::Emr;
use crate::call::Repeat;
use crate::convert;

impl Emr {
    /// The details of `job_flow`.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_DescribeCluster.html>
    pub async fn describe_cluster(&self, job_flow: &JobFlowId) -> Result<ClusterDetail> {
        let request = self.sdk(job_flow).describe_cluster().cluster_id(job_flow.as_str());
        let answer = self
            .caller(job_flow)
            .call("DescribeCluster", Repeat::Harmless, || request.clone().send())
            .await
            .map_err(|failure| Error::from(failure).on(job_flow))?;
        let none = || Error::from(StrangeAnswer::new(format!("without a cluster for {job_flow}")));
        let cluster = answer.cluster().ok_or_else(none)?;
        let detail = convert::cluster_detail(cluster, self.place(job_flow));
        detail.map_err(|error| CallError::strange("DescribeCluster", &error).into())
    }
}
