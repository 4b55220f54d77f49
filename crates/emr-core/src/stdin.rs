//! What tools read from stdin and take as arguments: the words and records that name a job flow or a step.
//!
//! A line is a record, this project's or AWS's, or its first word is an id:
//!
//! | line | names |
//! |---|---|
//! | `j-2AXXXXXXGAPLF  WAITING  nightly` | the job flow |
//! | `s-2AXXXXXXGAPLF` | the step, of a job flow that is named elsewhere |
//! | `{"job_flow_id":"j-…","step_id":"s-…"}` | the step and its job flow |
//! | `{"job_flow_id":"j-…","claim":{…}}` | the job flow and the claim on it, as find-pool prints them |
//! | `{"ClusterId":"j-…"}`, `{"JobFlowId":"j-…"}`, `{"Id":"j-…"}` | the job flow, as the AWS CLI prints it |
//!
//! Unknown keys are ignored, so that records may gain keys.

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::model::claim::Claim;
use crate::model::id::{JobFlowId, StepId};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cluster::{ClusterState, example};
    use crate::model::lock::Token;
    use crate::model::record::JobFlowRecord;

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
        let cluster = example::cluster("j-A", ClusterState::Waiting);
        let record = JobFlowRecord { claim: Some(claim.clone()), ..cluster.into() };
        let line = serde_json::to_string(&record).unwrap();
        let text = r#""claim":{"lock_uri":"s3://b/tmp/locks/j-A","token":"t","generation":3,"ttl_s":60}"#;
        assert!(line.contains(text), "{line}");
        assert_eq!(Target::read(&line).unwrap().claim, Some(claim));
    }

    #[test]
    fn a_claim_that_is_null_is_none_and_a_broken_one_is_refused() {
        assert_eq!(Target::read(r#"{"job_flow_id":"j-A","claim":null}"#).unwrap().claim, None);
        let bad = Target::read(r#"{"job_flow_id":"j-A","claim":{"lock_uri":"x"}}"#).unwrap_err();
        assert!(bad.to_string().starts_with("not a record: claim: 'x' is not a place on S3"), "{bad}");
    }

    #[test]
    fn what_is_neither_is_refused() {
        for bad in ["{\"job_flow_id\":", "{}", "hello world", "[1]", r#"{"job_flow_id":7}"#, r#"{"job_flow_id":"x"}"#] {
            assert_eq!(Target::read(bad).unwrap_err().outcome, crate::error::Outcome::Usage, "{bad}");
        }
    }
}
