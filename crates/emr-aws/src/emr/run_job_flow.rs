//! `RunJobFlow`: starts a cluster, once.

use std::time::Duration;

use aws_sdk_emr::operation::run_job_flow::builders::RunJobFlowFluentBuilder;
use aws_sdk_emr::types as sdk;
use emr_core::error::{CallError, CallErrorKind, Error, Result};
use emr_core::model::cluster::{Cluster, ClusterState};
use emr_core::model::job_flow::{BootstrapAction, JobFlow, Software};
use emr_core::model::run_id::RunId;
use serde_json::Value;

use super::overlay::Overlay;
use super::{CLOCKS_APART, ClusterFilter, Emr, adopt, instances};
use crate::call::Repeat;
use crate::connect::Connection;
use crate::convert;
use crate::dry_run::DryRun;

/// The role that automatic scaling requires, as `aws emr create-default-roles` creates it.
const AUTO_SCALING_ROLE: &str = "EMR_AutoScaling_DefaultRole";

impl Emr {
    /// Starts `job_flow` once, under the Name that `run` gives it. After a lost answer the cluster is looked up by that
    /// Name and not started again: two clusters cost twice as much.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_RunJobFlow.html>
    pub async fn run_job_flow(&self, job_flow: &JobFlow, run: &RunId) -> Result<Cluster> {
        let request = request(&self.home.sdk, job_flow, run)?;
        let overlay = Overlay::of(job_flow);
        let start = || request.clone().customize().interceptor(overlay.clone()).send();
        let sent = self.home.caller.act("RunJobFlow", Repeat::Costly, &job_flow.name_of(run), start).await;
        let id = sent.and_then(|answer| {
            let id = convert::id(answer.job_flow_id());
            id.map_err(|error| CallError::strange("RunJobFlow", &error))
        });
        match id {
            Ok(id) => Ok(Cluster {
                id,
                name: job_flow.name_of(run),
                state: ClusterState::Starting,
                reason_code: None,
                reason: None,
                error_details: Vec::new(),
                created_at: Some(self.now()),
                ready_at: None,
                ended_at: None,
                normalized_instance_hours: None,
                place: self.home.place.clone(),
            }),
            Err(failure) if failure.kind == CallErrorKind::Unclear => {
                adopt::adopt(failure, run, || self.find_made_by(run)).await
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// The cluster that `run` started, if it is listed. The time window allows for clock skew.
    async fn find_made_by(&self, run: &RunId) -> Result<Option<Cluster>> {
        let created_after = Some(self.now() - CLOCKS_APART);
        let mut pages = self.clusters(ClusterFilter { created_after, ..Default::default() });
        while let Some(page) = pages.next().await? {
            if let Some(made) = page.into_iter().find(|cluster| run.made(&cluster.name)) {
                return Ok(Some(made));
            }
        }
        Ok(None)
    }
}

/// The request that [`Emr::run_job_flow`] sends, in the API's JSON. Nothing is sent.
pub async fn dry_run(job_flow: &JobFlow, run: &RunId) -> Result<Value> {
    let sdk = aws_sdk_emr::Client::new(&Connection::offline());
    let caught = DryRun::default();
    let request = request(&sdk, job_flow, run)?.customize();
    let _ = request.interceptor(Overlay::of(job_flow)).interceptor(caught.clone()).send().await;
    caught.request()
}

fn request(sdk: &aws_sdk_emr::Client, job_flow: &JobFlow, run: &RunId) -> Result<RunJobFlowFluentBuilder> {
    let level = job_flow.step_concurrency.map(i32::try_from).transpose();
    let actions = job_flow.bootstrap_actions.iter().map(bootstrap_action).collect::<Vec<_>>();
    let request = sdk
        .run_job_flow()
        .name(job_flow.name_of(run))
        .instances(instances_of(job_flow)?)
        .set_log_uri(job_flow.log_uri.clone())
        .job_flow_role(&job_flow.instance_profile)
        .service_role(&job_flow.service_role)
        .visible_to_all_users(job_flow.visible_to_all_users)
        .set_step_concurrency_level(level.map_err(|_| Error::usage("too many steps at once"))?)
        .set_auto_termination_policy(job_flow.auto_termination.map(auto_termination).transpose()?)
        .set_bootstrap_actions((!actions.is_empty()).then_some(actions))
        .set_additional_info(job_flow.additional_info.clone())
        .set_configurations(instances::configurations(&job_flow.configurations))
        .set_custom_ami_id(job_flow.custom_image.clone())
        .set_ebs_root_volume_size(job_flow.root_volume.size_gib.map(convert::number).transpose()?)
        .set_ebs_root_volume_iops(job_flow.root_volume.iops.map(convert::number).transpose()?)
        .set_ebs_root_volume_throughput(job_flow.root_volume.throughput.map(convert::number).transpose()?)
        .set_security_configuration(job_flow.security_configuration.clone())
        .set_auto_scaling_role(job_flow.instances.has_scaling().then(|| AUTO_SCALING_ROLE.to_owned()))
        .set_steps(job_flow.has_debugging.then(|| vec![debugging()]))
        .set_tags((!job_flow.tags.is_empty()).then(|| job_flow.tags.iter().map(tag).collect()));
    Ok(match &job_flow.software {
        Software::Release { label, applications } => request.release_label(label).set_applications(
            (!applications.is_empty())
                .then(|| applications.iter().map(|name| sdk::Application::builder().name(name).build()).collect()),
        ),
        Software::Ami { version, .. } => request.ami_version(version),
    })
}

/// The step that indexes logs for the console, on releases that have it.
fn debugging() -> sdk::StepConfig {
    let jar = sdk::HadoopJarStepConfig::builder().jar("command-runner.jar").args("state-pusher-script").build();
    sdk::StepConfig::builder()
        .name("Setup Hadoop Debugging")
        .action_on_failure(sdk::ActionOnFailure::Continue)
        .hadoop_jar_step(jar)
        .build()
}

fn instances_of(job_flow: &JobFlow) -> Result<sdk::JobFlowInstancesConfig> {
    let hadoop_version = match &job_flow.software {
        Software::Ami { hadoop_version, .. } => hadoop_version.clone(),
        Software::Release { .. } => None,
    };
    Ok(instances::config(job_flow)?
        .set_ec2_key_name(job_flow.key_pair.clone())
        .set_hadoop_version(hadoop_version)
        .keep_job_flow_alive_when_no_steps(job_flow.keep_alive)
        .termination_protected(job_flow.termination_protected)
        .build())
}

fn auto_termination(idle: Duration) -> Result<sdk::AutoTerminationPolicy> {
    let seconds = i64::try_from(idle.as_secs()).map_err(|_| Error::usage("the idle time-out is too long"))?;
    Ok(sdk::AutoTerminationPolicy::builder().idle_timeout(seconds).build())
}

fn bootstrap_action(action: &BootstrapAction) -> sdk::BootstrapActionConfig {
    let script = sdk::ScriptBootstrapActionConfig::builder().path(&action.path).set_args(Some(action.args.clone()));
    let action = sdk::BootstrapActionConfig::builder().name(&action.name).script_bootstrap_action(script.build());
    action.build()
}

fn tag((key, value): &(String, String)) -> sdk::Tag {
    sdk::Tag::builder().key(key).value(value).build()
}
