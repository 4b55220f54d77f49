//! The records that flow through pipes: JSON, one object a line.
//!
//! Keys are `snake_case` and only ever added; times are RFC 3339 UTC; durations are seconds in a key that ends in
//! `_s`; an absent value is an absent key. What is read may also have AWS's own shape.

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::model::cause::Cause;
use crate::model::claim::Claim;
use crate::model::cluster::{Cluster, ClusterState, ErrorDetail};
use crate::model::id::{JobFlowId, StepId};
use crate::model::pool::{Marker, PoolHash, PoolName};
use crate::model::step::{Step, StepState};
use crate::model::time;

/// What a tool prints, in each form that `--output` offers.
pub trait Record: Serialize {
    /// The headings of its table.
    const COLUMNS: &'static [&'static str];

    /// Its cells, one a heading.
    fn cells(&self) -> Vec<String>;

    /// Its id alone.
    fn id(&self) -> &str;
}

/// A job flow.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobFlowRecord {
    /// Its id.
    pub job_flow_id: JobFlowId,
    /// Its Name.
    pub name: String,
    /// Its state when it was looked at.
    pub state: ClusterState,
    /// EMR's code for why it is in that state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// Why it is in that state, in EMR's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The errors that ended it, as far as EMR has details of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub error_details: Vec<ErrorDetail>,
    /// The pool that its Name says it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_name: Option<PoolName>,
    /// What those who share it must have in common, in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_hash: Option<PoolHash>,
    /// When it was asked for.
    #[serde(serialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<DateTime<Utc>>,
    /// When it could first run steps.
    #[serde(serialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(serialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// Seconds without work, where it waits and that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_s: Option<u64>,
    /// What lets the reader of the record add steps to it, where it was claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
}

impl From<Cluster> for JobFlowRecord {
    fn from(cluster: Cluster) -> Self {
        let marker = Marker::read(&cluster.name);
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
            created_at: cluster.created_at,
            ready_at: cluster.ready_at,
            ended_at: cluster.ended_at,
            idle_s: None,
            claim: None,
        }
    }
}

impl Record for JobFlowRecord {
    const COLUMNS: &'static [&'static str] = &["JOB FLOW", "STATE", "CREATED", "IDLE", "POOL", "NAME", "REASON"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.job_flow_id.to_string(),
            self.state.to_string(),
            cell(self.created_at.map(|at| at.format("%F %T"))),
            cell(self.idle_s.map(time::hours)),
            cell(self.pool_name.as_ref()),
            self.name.clone(),
            cell(self.reason.as_ref().filter(|_| self.state.has_ended())),
        ]
    }

    fn id(&self) -> &str {
        self.job_flow_id.as_str()
    }
}

/// A step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepRecord {
    /// The job flow that it belongs to.
    pub job_flow_id: JobFlowId,
    /// Its id.
    pub step_id: StepId,
    /// Its Name.
    pub name: String,
    /// Its state when it was looked at.
    pub state: StepState,
    /// Why it is in that state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where the log stands that shows why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_file: Option<String>,
    /// When it was added.
    #[serde(serialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<DateTime<Utc>>,
    /// When it began.
    #[serde(serialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(serialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// The exit code of its program, as the controller's log tells, where that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// Why it failed, as its logs tell, where they were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
}

impl StepRecord {
    /// The record of `step`, which belongs to `job_flow_id`.
    #[must_use]
    pub fn new(job_flow_id: JobFlowId, step: Step) -> Self {
        Self {
            job_flow_id,
            step_id: step.id,
            name: step.name,
            state: step.state,
            reason: step.reason,
            log_file: step.log_file,
            created_at: step.created_at,
            started_at: step.started_at,
            ended_at: step.ended_at,
            exit_code: None,
            cause: None,
        }
    }
}

impl Record for StepRecord {
    const COLUMNS: &'static [&'static str] = &["JOB FLOW", "STEP", "STATE", "NAME", "REASON"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.job_flow_id.to_string(),
            self.step_id.to_string(),
            self.state.to_string(),
            self.name.clone(),
            cell(self.reason.as_ref()),
        ]
    }

    fn id(&self) -> &str {
        self.step_id.as_str()
    }
}

/// A job flow that was terminated, or would be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TerminatedRecord {
    /// Its id.
    pub job_flow_id: JobFlowId,
    /// Its Name.
    pub name: String,
    /// Its state before.
    pub state: ClusterState,
    /// Its pool, where that was asked for and it is in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_name: Option<String>,
    /// Seconds without work, where that is why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_s: Option<u64>,
    /// Whether it had steps that EMR never began, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<bool>,
    /// Whether this only says what would be done.
    pub dry_run: bool,
}

impl TerminatedRecord {
    /// The record of `cluster`, of which nothing more was asked.
    #[must_use]
    pub fn new(cluster: Cluster, dry_run: bool) -> Self {
        let Cluster { id, name, state, .. } = cluster;
        Self { job_flow_id: id, name, state, pool_name: None, idle_s: None, pending: None, dry_run }
    }
}

impl Record for TerminatedRecord {
    const COLUMNS: &'static [&'static str] = &["JOB FLOW", "STATE BEFORE", "IDLE", "POOL", "NAME"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.job_flow_id.to_string(),
            self.state.to_string(),
            cell(self.idle_s.map(time::hours)),
            cell(self.pool_name.as_ref()),
            self.name.clone(),
        ]
    }

    fn id(&self) -> &str {
        self.job_flow_id.as_str()
    }
}

/// What a line of input or an argument names: a job flow, a step, or a step of a job flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The job flow, where it is named.
    pub job_flow: Option<JobFlowId>,
    /// The step, where one is named.
    pub step: Option<StepId>,
    /// The claim on the job flow, where the line is the record of one that was claimed.
    pub claim: Option<Claim>,
}

impl Target {
    /// Reads a line: one that begins with `{` is a record, any other line's first word is an id.
    pub fn read(line: &str) -> Result<Self> {
        let line = line.trim();
        if line.starts_with('{') { Self::from_record(line) } else { Self::from_id(first_word(line)) }
    }

    fn from_record(line: &str) -> Result<Self> {
        let record: Value =
            serde_json::from_str(line).map_err(|cause| Error::usage(format!("not a record: {cause}")))?;
        let either = text(&record, &["Id"])?.map(Self::from_id).transpose()?;
        let (job_flow, step) = either.map_or((None, None), |target| (target.job_flow, target.step));
        let named_flow = text(&record, &["job_flow_id", "JobFlowId", "ClusterId"])?.map(str::parse).transpose()?;
        let named_step = text(&record, &["step_id", "StepId"])?.map(str::parse).transpose()?;
        let target = Self { job_flow: named_flow.or(job_flow), step: named_step.or(step), claim: claim(&record)? };
        if target.job_flow.is_none() && target.step.is_none() {
            return Err(Error::usage("the record has neither job_flow_id nor step_id"));
        }
        Ok(target)
    }

    fn from_id(id: &str) -> Result<Self> {
        if id.starts_with("s-") {
            return Ok(Self { job_flow: None, step: Some(id.parse()?), claim: None });
        }
        Ok(Self { job_flow: Some(id.parse()?), step: None, claim: None })
    }
}

fn claim(record: &Value) -> Result<Option<Claim>> {
    let claim = record.get("claim").unwrap_or(&Value::Null);
    Option::deserialize(claim).map_err(|cause| Error::usage(format!("not a record: claim: {cause}")))
}

/// The text under the first of `keys` that `record` has.
fn text<'a>(record: &'a Value, keys: &[&str]) -> Result<Option<&'a str>> {
    let Some((key, value)) = keys.iter().find_map(|key| Some((key, record.get(key)?))) else {
        return Ok(None);
    };
    value.as_str().map(Some).ok_or_else(|| Error::usage(format!("not a record: {key} is not a string")))
}

fn first_word(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}

/// A cell of a table: the value, or a dash where there is none.
pub fn cell(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// Serializes a time as RFC 3339 in whole seconds.
pub fn seconds<S: Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    match time {
        Some(time) => serializer.collect_str(&time.trunc_subsecs(0).format("%FT%TZ")),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lock::Token;

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
        })
    }

    fn named(line: &str) -> (Option<String>, Option<String>) {
        let target = Target::read(line).unwrap();
        (target.job_flow.map(String::from), target.step.map(String::from))
    }

    #[test]
    fn ids_and_records_of_ours_and_of_aws_are_understood() {
        let (flow, step) = (Some("j-A".to_owned()), Some("s-B".to_owned()));
        assert_eq!(named("j-A  RUNNING etl"), (flow.clone(), None));
        assert_eq!(named(" s-B"), (None, step.clone()));
        assert_eq!(named(r#"{"job_flow_id":"j-A","name":"x","new_key":1}"#), (flow.clone(), None));
        assert_eq!(named(r#"{"job_flow_id":"j-A","step_id":"s-B"}"#), (flow.clone(), step.clone()));
        assert_eq!(named(r#"{"JobFlowId":"j-A","ClusterArn":"arn"}"#), (flow.clone(), None));
        assert_eq!(named(r#"{"ClusterId":"j-A","StepId":"s-B"}"#), (flow.clone(), step.clone()));
        assert_eq!(named(r#"{"Id":"j-A","Name":"x","Status":{"State":"WAITING"}}"#), (flow, None));
        assert_eq!(named(r#"{"Id":"s-B"}"#), (None, step));
    }

    #[test]
    fn a_claim_is_read_as_it_was_written() {
        let claim = Claim {
            lock_uri: "s3://b/tmp/locks/j-A".parse().unwrap(),
            token: Token("t".to_owned()),
            generation: 3,
            ttl_s: 60,
        };
        let record = JobFlowRecord { claim: Some(claim.clone()), ..named_flow("etl") };
        let line = serde_json::to_string(&record).unwrap();
        let text = r#""claim":{"lock_uri":"s3://b/tmp/locks/j-A","token":"t","generation":3,"ttl_s":60}"#;
        assert!(line.contains(text), "{line}");
        assert_eq!(Target::read(&line).unwrap().claim, Some(claim));
        assert_eq!(Target::read(r#"{"job_flow_id":"j-A","claim":null}"#).unwrap().claim, None);
        let bad = Target::read(r#"{"job_flow_id":"j-A","claim":{"lock_uri":"x"}}"#).unwrap_err();
        assert!(bad.to_string().starts_with("not a record: claim: 'x' is not a place on S3"), "{bad}");
    }

    #[test]
    fn the_pool_of_a_job_flow_is_read_from_its_name() {
        let record = named_flow("nightly pool:my=20etl,0123456789abcdef run:0123456789ab");
        let json = serde_json::to_string(&record).unwrap();
        assert!(json.contains(r#""pool_name":"my etl","pool_hash":"0123456789abcdef""#), "{json}");
        assert_eq!(record.cells()[4], "my etl");
    }

    #[test]
    fn what_is_neither_is_refused() {
        for bad in ["{\"job_flow_id\":", "{}", "hello world", "[1]", r#"{"job_flow_id":7}"#, r#"{"job_flow_id":"x"}"#] {
            assert_eq!(Target::read(bad).unwrap_err().outcome, crate::error::Outcome::Usage, "{bad}");
        }
    }

    #[test]
    fn absent_values_are_absent_keys_and_times_are_rfc_3339() {
        let record = named_flow("etl");
        let json = serde_json::to_string(&record).unwrap();
        assert_eq!(
            json,
            r#"{"job_flow_id":"j-A","name":"etl","state":"STARTING","created_at":"2025-11-22T06:00:00Z"}"#
        );
    }
}
