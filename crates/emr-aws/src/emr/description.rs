//! Everything that EMR's API returns about a cluster, as the API's JSON.

use emr_core::error::{CallError, Error, Result, StrangeAnswer};
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::description::Description;
use emr_core::model::id::JobFlowId;
use futures_util::future::try_join4;
use serde_json::Value;

use super::Emr;
use crate::call::Repeat;
use crate::convert;
use crate::raw_answer::RawAnswer;

impl Emr {
    /// Everything about `job_flow`, by one call for each part.
    ///
    /// Sources: <https://docs.aws.amazon.com/emr/latest/APIReference/API_DescribeCluster.html> and the pages of the other
    /// operations.
    pub async fn description(&self, job_flow: &JobFlowId) -> Result<Description> {
        let (detail, cluster) = self.raw_cluster(job_flow).await?;
        // A cluster with an AMI version predates these policies.
        let is_release = detail.release_label.is_some();
        let ((groups, fleets), bootstrap_actions, auto_termination, managed_scaling) = try_join4(
            self.raw_instances(job_flow, detail.has_fleets),
            self.raw_bootstrap_actions(job_flow),
            self.raw_auto_termination(job_flow, is_release),
            self.raw_managed_scaling(job_flow, is_release),
        )
        .await?;
        Ok(Description { detail, cluster, groups, fleets, bootstrap_actions, auto_termination, managed_scaling })
    }

    async fn raw_cluster(&self, job_flow: &JobFlowId) -> Result<(ClusterDetail, Value)> {
        let (request, raw) =
            (self.sdk(job_flow).describe_cluster().cluster_id(job_flow.as_str()), RawAnswer::default());
        let send = || request.clone().customize().interceptor(raw.clone()).send();
        let answer = self.caller(job_flow).call("DescribeCluster", Repeat::Harmless, send).await;
        let answer = answer.map_err(|failure| Error::from(failure).on(job_flow))?;
        let none = || Error::from(StrangeAnswer::new(format!("without a cluster for {job_flow}")));
        let detail = convert::cluster_detail(answer.cluster().ok_or_else(none)?, self.place(job_flow));
        let detail = detail.map_err(|error| CallError::strange("DescribeCluster", &error))?;
        Ok((detail, raw.member("Cluster")))
    }

    /// The instance groups and the instance fleets. A cluster has either.
    async fn raw_instances(&self, job_flow: &JobFlowId, has_fleets: bool) -> Result<(Vec<Value>, Vec<Value>)> {
        if has_fleets {
            return Ok((Vec::new(), self.raw_fleets(job_flow).await?));
        }
        Ok((self.raw_groups(job_flow).await?, Vec::new()))
    }

    async fn raw_groups(&self, job_flow: &JobFlowId) -> Result<Vec<Value>> {
        Self::every_page("ListInstanceGroups", async |marker| {
            let request = self.sdk(job_flow).list_instance_groups().cluster_id(job_flow.as_str()).set_marker(marker);
            let raw = RawAnswer::default();
            let send = || request.clone().customize().interceptor(raw.clone()).send();
            let answer = self.caller(job_flow).call("ListInstanceGroups", Repeat::Harmless, send).await;
            let answer = answer.map_err(|failure| Error::from(failure).on(job_flow))?;
            Ok((raw.list("InstanceGroups"), answer.marker().map(str::to_owned)))
        })
        .await
    }

    async fn raw_fleets(&self, job_flow: &JobFlowId) -> Result<Vec<Value>> {
        Self::every_page("ListInstanceFleets", async |marker| {
            let request = self.sdk(job_flow).list_instance_fleets().cluster_id(job_flow.as_str()).set_marker(marker);
            let raw = RawAnswer::default();
            let send = || request.clone().customize().interceptor(raw.clone()).send();
            let answer = self.caller(job_flow).call("ListInstanceFleets", Repeat::Harmless, send).await;
            let answer = answer.map_err(|failure| Error::from(failure).on(job_flow))?;
            Ok((raw.list("InstanceFleets"), answer.marker().map(str::to_owned)))
        })
        .await
    }

    async fn raw_bootstrap_actions(&self, job_flow: &JobFlowId) -> Result<Vec<Value>> {
        Self::every_page("ListBootstrapActions", async |marker| {
            let request = self.sdk(job_flow).list_bootstrap_actions().cluster_id(job_flow.as_str()).set_marker(marker);
            let raw = RawAnswer::default();
            let send = || request.clone().customize().interceptor(raw.clone()).send();
            let answer = self.caller(job_flow).call("ListBootstrapActions", Repeat::Harmless, send).await;
            let answer = answer.map_err(|failure| Error::from(failure).on(job_flow))?;
            Ok((raw.list("BootstrapActions"), answer.marker().map(str::to_owned)))
        })
        .await
    }

    async fn raw_auto_termination(&self, job_flow: &JobFlowId, is_release: bool) -> Result<Option<Value>> {
        if !is_release {
            return Ok(None);
        }
        let (request, raw) =
            (self.sdk(job_flow).get_auto_termination_policy().cluster_id(job_flow.as_str()), RawAnswer::default());
        let send = || request.clone().customize().interceptor(raw.clone()).send();
        let answer = self.caller(job_flow).call("GetAutoTerminationPolicy", Repeat::Harmless, send).await;
        policy(job_flow, answer.map(|_| raw.member("AutoTerminationPolicy")))
    }

    async fn raw_managed_scaling(&self, job_flow: &JobFlowId, is_release: bool) -> Result<Option<Value>> {
        if !is_release {
            return Ok(None);
        }
        let (request, raw) =
            (self.sdk(job_flow).get_managed_scaling_policy().cluster_id(job_flow.as_str()), RawAnswer::default());
        let send = || request.clone().customize().interceptor(raw.clone()).send();
        let answer = self.caller(job_flow).call("GetManagedScalingPolicy", Repeat::Harmless, send).await;
        policy(job_flow, answer.map(|_| raw.member("ManagedScalingPolicy")))
    }
}

/// The policy; `None` if the cluster has none, or if EMR refuses the call because the release has no such policies.
fn policy(job_flow: &JobFlowId, raw: std::result::Result<Value, CallError>) -> Result<Option<Value>> {
    match raw.map_err(|failure| Error::from(failure).on(job_flow)) {
        Ok(policy) => Ok(Some(policy).filter(|policy| !policy.is_null())),
        Err(error) if error.is_refused() => Ok(None),
        Err(error) => Err(error),
    }
}
