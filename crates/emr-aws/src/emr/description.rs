//! All that EMR tells of a cluster, by one call for each part of it, in EMR's own words.

use emr_core::error::{CallError, Error, Result, StrangeAnswer};
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::description::Description;
use emr_core::model::id::JobFlowId;
use futures_util::future::try_join4;
use serde_json::Value;

use super::Emr;
use crate::call::Repeat;
use crate::convert;
use crate::told::Told;

impl Emr {
    /// All that EMR tells of `job_flow`.
    ///
    /// Sources: <https://docs.aws.amazon.com/emr/latest/APIReference/API_DescribeCluster.html> and the pages of the other
    /// operations.
    pub async fn description(&self, job_flow: &JobFlowId) -> Result<Description> {
        let (detail, cluster) = self.told_cluster(job_flow).await?;
        // A cluster of an AMI version has no policies to ask for.
        let is_release = detail.release_label.is_some();
        let ((groups, fleets), bootstrap_actions, auto_termination, managed_scaling) = try_join4(
            self.told_instances(job_flow, detail.has_fleets),
            self.told_bootstrap_actions(job_flow),
            self.told_auto_termination(job_flow, is_release),
            self.told_managed_scaling(job_flow, is_release),
        )
        .await?;
        Ok(Description { detail, cluster, groups, fleets, bootstrap_actions, auto_termination, managed_scaling })
    }

    async fn told_cluster(&self, job_flow: &JobFlowId) -> Result<(ClusterDetail, Value)> {
        let (request, told) = (self.sdk.describe_cluster().cluster_id(job_flow.as_str()), Told::default());
        let send = || request.clone().customize().interceptor(told.clone()).send();
        let answer = self.caller.call("DescribeCluster", Repeat::Harmless, send).await;
        let answer = answer.map_err(|failure| Error::from(failure).on(job_flow))?;
        let none = || Error::from(StrangeAnswer::new(format!("without a cluster for {job_flow}")));
        let detail = convert::cluster_detail(answer.cluster().ok_or_else(none)?);
        let detail = detail.map_err(|error| CallError::strange("DescribeCluster", &error))?;
        Ok((detail, told.member("Cluster")))
    }

    /// The instance groups and the instance fleets, of which a cluster has the one or the other.
    async fn told_instances(&self, job_flow: &JobFlowId, has_fleets: bool) -> Result<(Vec<Value>, Vec<Value>)> {
        if has_fleets {
            return Ok((Vec::new(), self.told_fleets(job_flow).await?));
        }
        Ok((self.told_groups(job_flow).await?, Vec::new()))
    }

    async fn told_groups(&self, job_flow: &JobFlowId) -> Result<Vec<Value>> {
        Self::every_page("ListInstanceGroups", async |marker| {
            let request = self.sdk.list_instance_groups().cluster_id(job_flow.as_str()).set_marker(marker);
            let told = Told::default();
            let send = || request.clone().customize().interceptor(told.clone()).send();
            let answer = self.caller.call("ListInstanceGroups", Repeat::Harmless, send).await;
            let answer = answer.map_err(|failure| Error::from(failure).on(job_flow))?;
            Ok((told.list("InstanceGroups"), answer.marker().map(str::to_owned)))
        })
        .await
    }

    async fn told_fleets(&self, job_flow: &JobFlowId) -> Result<Vec<Value>> {
        Self::every_page("ListInstanceFleets", async |marker| {
            let request = self.sdk.list_instance_fleets().cluster_id(job_flow.as_str()).set_marker(marker);
            let told = Told::default();
            let send = || request.clone().customize().interceptor(told.clone()).send();
            let answer = self.caller.call("ListInstanceFleets", Repeat::Harmless, send).await;
            let answer = answer.map_err(|failure| Error::from(failure).on(job_flow))?;
            Ok((told.list("InstanceFleets"), answer.marker().map(str::to_owned)))
        })
        .await
    }

    async fn told_bootstrap_actions(&self, job_flow: &JobFlowId) -> Result<Vec<Value>> {
        Self::every_page("ListBootstrapActions", async |marker| {
            let request = self.sdk.list_bootstrap_actions().cluster_id(job_flow.as_str()).set_marker(marker);
            let told = Told::default();
            let send = || request.clone().customize().interceptor(told.clone()).send();
            let answer = self.caller.call("ListBootstrapActions", Repeat::Harmless, send).await;
            let answer = answer.map_err(|failure| Error::from(failure).on(job_flow))?;
            Ok((told.list("BootstrapActions"), answer.marker().map(str::to_owned)))
        })
        .await
    }

    async fn told_auto_termination(&self, job_flow: &JobFlowId, is_release: bool) -> Result<Option<Value>> {
        if !is_release {
            return Ok(None);
        }
        let (request, told) = (self.sdk.get_auto_termination_policy().cluster_id(job_flow.as_str()), Told::default());
        let send = || request.clone().customize().interceptor(told.clone()).send();
        let answer = self.caller.call("GetAutoTerminationPolicy", Repeat::Harmless, send).await;
        policy(job_flow, answer.map(|_| told.member("AutoTerminationPolicy")))
    }

    async fn told_managed_scaling(&self, job_flow: &JobFlowId, is_release: bool) -> Result<Option<Value>> {
        if !is_release {
            return Ok(None);
        }
        let (request, told) = (self.sdk.get_managed_scaling_policy().cluster_id(job_flow.as_str()), Told::default());
        let send = || request.clone().customize().interceptor(told.clone()).send();
        let answer = self.caller.call("GetManagedScalingPolicy", Repeat::Harmless, send).await;
        policy(job_flow, answer.map(|_| told.member("ManagedScalingPolicy")))
    }
}

/// The policy that was told; `None` if there is none, or if the release has no such policies and EMR refuses to tell.
fn policy(job_flow: &JobFlowId, told: std::result::Result<Value, CallError>) -> Result<Option<Value>> {
    match told.map_err(|failure| Error::from(failure).on(job_flow)) {
        Ok(policy) => Ok(Some(policy).filter(|policy| !policy.is_null())),
        Err(error) if error.is_refused() => Ok(None),
        Err(error) => Err(error),
    }
}
