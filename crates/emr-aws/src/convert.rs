//! Converts the SDK's types to the model's. An absent member becomes a default; a malformed one is an error.

use std::collections::HashMap;

use aws_sdk_emr::types as sdk;
use chrono::{DateTime, Datelike, Utc};
use emr_core::error::{Error, Result, StrangeAnswer};
use emr_core::model::bid::Bid;
use emr_core::model::cluster::{Cluster, ClusterDetail, ErrorDetail, Traits};
use emr_core::model::configuration::Configuration;
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::model::instances::{Ebs, Role, Volume};
use emr_core::model::job_flow::RootVolume;
use emr_core::model::place::Place;
use emr_core::model::step::Step;
use emr_core::streaming_step;

/// A time in an answer; `None` before 1970 or after 9999, because RFC 3339 has years of four digits.
pub(super) fn time(time: Option<&aws_smithy_types::DateTime>) -> Option<DateTime<Utc>> {
    let time = time.and_then(|time| DateTime::from_timestamp(time.secs(), time.subsec_nanos()));
    time.filter(|time| (1970..10_000).contains(&time.year()))
}

/// The state of `of`. Its absence is an error: a default could turn a failed step into a running one.
fn state<S: From<String>>(text: Option<&str>, of: &impl std::fmt::Display) -> Result<S> {
    text.map(|text| S::from(text.to_owned()))
        .ok_or_else(|| StrangeAnswer::new(format!("without the state of {of}")).into())
}

/// An id in an answer. A malformed or absent one is an error.
pub(super) fn id<T: std::str::FromStr<Err = Error>>(text: Option<&str>) -> Result<T> {
    let text = text.unwrap_or_default();
    text.parse().map_err(|_| StrangeAnswer::new(format!("with the id '{text}'")).into())
}

pub(super) fn cluster(summary: &sdk::ClusterSummary, place: &Place) -> Result<Cluster> {
    let cluster = named_cluster(summary.id(), summary.name(), summary.status(), place)?;
    Ok(Cluster { normalized_instance_hours: hours(summary.normalized_instance_hours()), ..cluster })
}

/// Normalized instance hours; `None` if absent or negative.
fn hours(number: Option<i32>) -> Option<u64> {
    number.and_then(|number| u64::try_from(number).ok())
}

fn named_cluster(
    id: Option<&str>,
    name: Option<&str>,
    status: Option<&sdk::ClusterStatus>,
    place: &Place,
) -> Result<Cluster> {
    let id: JobFlowId = self::id(id)?;
    let timeline = status.and_then(sdk::ClusterStatus::timeline);
    let reason = status.and_then(sdk::ClusterStatus::state_change_reason);
    Ok(Cluster {
        state: state(status.and_then(sdk::ClusterStatus::state).map(sdk::ClusterState::as_str), &id)?,
        id,
        name: name.unwrap_or_default().to_owned(),
        reason_code: reason.and_then(|reason| said(reason.code().map(sdk::ClusterStateChangeReasonCode::as_str))),
        reason: reason.and_then(|reason| said(reason.message())),
        error_details: status
            .map(sdk::ClusterStatus::error_details)
            .unwrap_or_default()
            .iter()
            .map(error_detail)
            .collect(),
        created_at: time(timeline.and_then(sdk::ClusterTimeline::creation_date_time)),
        ready_at: time(timeline.and_then(sdk::ClusterTimeline::ready_date_time)),
        ended_at: time(timeline.and_then(sdk::ClusterTimeline::end_date_time)),
        normalized_instance_hours: None,
        place: place.clone(),
    })
}

fn error_detail(detail: &sdk::ErrorDetail) -> ErrorDetail {
    let pairs = |data: &HashMap<String, String>| data.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    ErrorDetail {
        error_code: said(detail.error_code()),
        error_data: detail.error_data().iter().map(pairs).collect(),
        error_message: said(detail.error_message()),
    }
}

pub(super) fn cluster_detail(cluster: &sdk::Cluster, place: &Place) -> Result<ClusterDetail> {
    let ami_version = cluster.running_ami_version().or(cluster.requested_ami_version());
    Ok(ClusterDetail {
        cluster: Cluster {
            normalized_instance_hours: hours(cluster.normalized_instance_hours()),
            ..named_cluster(cluster.id(), cluster.name(), cluster.status(), place)?
        },
        release_label: said(cluster.release_label()),
        ami_version: said(ami_version),
        log_uri: said(cluster.log_uri()),
        step_concurrency: cluster.step_concurrency_level().and_then(|level| level.try_into().ok()).unwrap_or(1),
        termination_protected: cluster.termination_protected().unwrap_or(false),
        keep_alive: !cluster.auto_terminate().unwrap_or(false),
        has_fleets: cluster.instance_collection_type() == Some(&sdk::InstanceCollectionType::InstanceFleet),
        has_sessions: cluster.session_enabled().unwrap_or(false),
        traits: traits(cluster),
        tags: cluster.tags().iter().filter_map(tag).collect(),
        master_dns: said(cluster.master_public_dns_name()),
    })
}

/// A tag; an absent value is empty.
fn tag(tag: &sdk::Tag) -> Option<(String, String)> {
    Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()))
}

fn traits(cluster: &sdk::Cluster) -> Traits {
    let ec2 = cluster.ec2_instance_attributes();
    Traits {
        applications: cluster.applications().iter().filter_map(|application| said(application.name())).collect(),
        instance_profile: ec2.and_then(|ec2| said(ec2.iam_instance_profile())),
        service_role: said(cluster.service_role()),
        key_pair: ec2.and_then(|ec2| said(ec2.ec2_key_name())),
        subnets: ec2.map(|ec2| ec2.requested_ec2_subnet_ids().to_vec()).unwrap_or_default(),
        custom_image: said(cluster.custom_ami_id()),
        security_configuration: said(cluster.security_configuration()),
        root_volume: RootVolume {
            size_gib: positive(cluster.ebs_root_volume_size()),
            iops: positive(cluster.ebs_root_volume_iops()),
            throughput: positive(cluster.ebs_root_volume_throughput()),
        },
        configurations: cluster.configurations().iter().map(configuration).collect(),
    }
}

/// A number above zero; EMR answers 0 for an unset number.
fn positive(number: Option<i32>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0)
}

fn configuration(told: &sdk::Configuration) -> Configuration {
    Configuration {
        classification: told.classification().unwrap_or_default().to_owned(),
        properties: told.properties().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect(),
        configurations: told.configurations().iter().map(configuration).collect(),
    }
}

/// A number in a request.
pub(super) fn number(number: u32) -> Result<i32> {
    i32::try_from(number).map_err(|_| Error::usage(format!("{number} instances, units or GiB are too many")))
}

/// The role of a listed group or fleet. Any other name is an error.
pub(super) fn role(name: Option<&str>) -> Result<Role> {
    let name = name.unwrap_or_default();
    Role::find(name).ok_or_else(|| StrangeAnswer::new(format!("with instances of the role '{name}'")).into())
}

/// The bid for listed spot instances: dollars, a percentage, or by default the on-demand price.
pub(super) fn bid(dollars: Option<&str>, percent: Option<f64>) -> Bid {
    match (dollars, percent) {
        (Some(price), _) => Bid::Usd(price.to_owned()),
        (None, Some(percent)) => Bid::Percent(percent),
        (None, None) => Bid::OnDemandPrice,
    }
}

/// A count from a listing; `None` if absent or negative.
pub(super) fn count(number: Option<i32>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok())
}

/// The volumes of listed instances.
pub(super) fn volumes(devices: &[sdk::EbsBlockDevice], optimized: Option<bool>) -> Ebs {
    let specifications = devices.iter().filter_map(sdk::EbsBlockDevice::volume_specification);
    let volume = |specification: &sdk::VolumeSpecification| Volume {
        volume_type: specification.volume_type().unwrap_or_default().to_owned(),
        size_gib: count(specification.size_in_gb()).unwrap_or(0),
        iops: count(specification.iops()),
        throughput: count(specification.throughput()),
    };
    Ebs { volumes: specifications.map(volume).collect(), optimized }
}

pub(super) fn step(summary: &sdk::StepSummary) -> Result<Step> {
    let status = summary.status();
    let id: StepId = id(summary.id())?;
    let timeline = status.and_then(sdk::StepStatus::timeline);
    Ok(Step {
        state: state(status.and_then(sdk::StepStatus::state).map(sdk::StepState::as_str), &id)?,
        id,
        name: summary.name().unwrap_or_default().to_owned(),
        reason: status.and_then(step_reason),
        log_file: status.and_then(sdk::StepStatus::failure_details).and_then(|details| said(details.log_file())),
        log_uri: said(summary.log_uri()),
        output: summary.config().and_then(output),
        created_at: time(timeline.and_then(sdk::StepTimeline::creation_date_time)),
        started_at: time(timeline.and_then(sdk::StepTimeline::start_date_time)),
        ended_at: time(timeline.and_then(sdk::StepTimeline::end_date_time)),
    })
}

/// The S3 URI that a step writes to, by its arguments.
fn output(config: &sdk::HadoopStepConfig) -> Option<String> {
    streaming_step::output_on_s3(config.jar()?, config.args()).map(str::to_owned)
}

/// Why a step is in its state: the details of its failure, or else the message of its last state change.
fn step_reason(status: &sdk::StepStatus) -> Option<String> {
    let details = status.failure_details();
    let found = [details.and_then(sdk::FailureDetails::reason), details.and_then(sdk::FailureDetails::message)];
    let found: Vec<_> = found.into_iter().filter_map(said).collect();
    if found.is_empty() {
        return status.state_change_reason().and_then(|reason| said(reason.message()));
    }
    Some(found.join(" "))
}

/// `text` without blanks around it; `None` if nothing is left.
pub(super) fn said(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}
