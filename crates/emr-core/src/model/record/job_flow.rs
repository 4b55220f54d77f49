//! The record of a job flow.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Name, Record, cell, moment, seconds};
use crate::model::claim::Claim;
use crate::model::cluster::{Cluster, ClusterState, ErrorDetail};
use crate::model::id::JobFlowId;
use crate::model::owner;
use crate::model::place::Place;
use crate::model::pool::{Marker, PoolHash, PoolName};
use crate::model::time;

/// A job flow.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobFlowRecord {
    /// Its id.
    pub job_flow_id: JobFlowId,
    /// Its Name.
    pub name: String,
    /// Its state at the time of the call.
    pub state: ClusterState,
    /// EMR's code for the reason of its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// EMR's message about the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// EMR's details of the errors that ended it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub error_details: Vec<ErrorDetail>,
    /// Its pool, from its Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_name: Option<PoolName>,
    /// The content hash of its pool, from its Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_hash: Option<PoolHash>,
    /// Its owner, if the Name has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Requested instances, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances: Option<u32>,
    /// Their virtual CPUs, if their types are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vcpus: Option<u32>,
    /// When it was requested.
    #[serde(serialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<DateTime<Utc>>,
    /// When it could first run steps.
    #[serde(serialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(serialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// Its idle time, if it was determined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_s: Option<u64>,
    /// Why it is in use despite its idle time, in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub busy_because: Option<String>,
    /// Whether a job could claim it, if it is in a pool and was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free: Option<bool>,
    /// The claim, which allows the reader of the record to add steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// Where it is.
    #[serde(flatten)]
    pub place: Place,
}

impl From<Cluster> for JobFlowRecord {
    fn from(cluster: Cluster) -> Self {
        let marker = Marker::read(&cluster.name);
        let owner = owner::of_name(&Marker::without(&cluster.name));
        let (pool_name, pool_hash) = marker.map(|marker| (marker.pool_name, marker.hash)).unzip();
        Self {
            job_flow_id: cluster.id,
            name: cluster.name,
            state: cluster.state,
            reason_code: cluster.reason_code,
            reason: cluster.reason,
            error_details: cluster.error_details,
            pool_name,
            pool_hash,
            owner,
            instances: None,
            vcpus: None,
            created_at: cluster.created_at,
            ready_at: cluster.ready_at,
            ended_at: cluster.ended_at,
            idle_s: None,
            busy_because: None,
            free: None,
            claim: None,
            place: cluster.place,
        }
    }
}

impl JobFlowRecord {
    /// The cell SIZE: instances and virtual CPUs, such as `12/48`.
    fn size(&self) -> String {
        let vcpus = self.vcpus.map_or_else(|| "?".to_owned(), |vcpus| vcpus.to_string());
        cell(self.instances.map(|instances| format!("{instances}/{vcpus}")))
    }

    /// The cell IDLE: the idle time, and why it is in use anyway.
    fn idle(&self) -> String {
        let words = [self.idle_s.map(time::clock), self.busy_because.clone()];
        let words: Vec<_> = words.into_iter().flatten().collect();
        cell((!words.is_empty()).then(|| words.join(" ")))
    }
}

impl Record for JobFlowRecord {
    const COLUMNS: &'static [&'static str] =
        &["JOB FLOW", "REGION", "PROFILE", "STATE", "CREATED", "IDLE", "POOL", "OWNER", "SIZE", "NAME", "REASON"];

    const PROSE: Option<&'static str> = Some("REASON");

    fn cells(&self) -> Vec<String> {
        vec![
            self.job_flow_id.to_string(),
            cell(self.place.region.as_ref()),
            cell(self.place.profile.as_ref()),
            self.state.to_string(),
            moment(self.created_at),
            self.idle(),
            cell(self.pool_name.as_ref()),
            cell(self.owner.as_ref()),
            self.size(),
            Marker::without(&self.name),
            cell(self.reason.as_ref().filter(|_| self.state.has_ended())),
        ]
    }

    fn id(&self) -> &str {
        self.job_flow_id.as_str()
    }

    fn names(&self) -> Vec<Name> {
        let id = self.job_flow_id.clone();
        let own = if self.state.has_ended() { Name::Ended(id) } else { Name::JobFlow(id) };
        let pool = self.pool_name.as_ref().map(|pool| Name::Pool(pool.as_str().to_owned()));
        [own].into_iter().chain(pool).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named_flow(name: &str) -> JobFlowRecord {
        JobFlowRecord::from(Cluster {
            id: "j-A".parse().unwrap(),
            name: name.to_owned(),
            state: ClusterState::Starting,
            reason_code: None,
            reason: None,
            error_details: Vec::new(),
            created_at: DateTime::from_timestamp_millis(1_763_791_200_500),
            ready_at: None,
            ended_at: None,
            normalized_instance_hours: None,
            place: Place::in_region("eu-west-1"),
        })
    }

    #[test]
    fn the_pool_of_a_job_flow_is_in_its_name() {
        let record = named_flow("nightly pool:my=20etl,0123456789abcdef run:0123456789ab");
        let json = serde_json::to_string(&record).unwrap();
        assert!(json.contains(r#""pool_name":"my etl","pool_hash":"0123456789abcdef""#), "{json}");
        assert_eq!(record.cells()[6], "my etl");
    }

    #[test]
    fn absent_values_are_absent_keys_and_times_are_rfc_3339() {
        let record = named_flow("etl");
        let json = serde_json::to_string(&record).unwrap();
        assert_eq!(
            json,
            r#"{"job_flow_id":"j-A","name":"etl","state":"STARTING","created_at":"2025-11-22T06:00:00Z","region":"eu-west-1"}"#
        );
    }
}
