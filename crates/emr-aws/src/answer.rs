//! Checks each answer of AWS: its size, and that the member it exists for is there.
//!
//! The SDK reads an absent list as an empty one. The empty body of a proxy would then be an account without clusters or
//! a cluster without steps, and waits and sweeps act on that. The SDK also reads any number of bytes, so the size is
//! limited here.

use std::fmt;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeDeserializationInterceptorContextMut,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use emr_core::error::StrangeAnswer;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::Value;

/// The largest answer: 16 MiB, ten times a page of 50 steps with the longest arguments that EMR accepts.
const LARGEST: usize = 16 << 20;

/// The JSON type of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text,
    Object,
    Texts,
    Objects,
}

/// Each operation whose answer carries data, with the member that must be there. Answers to the others may be empty.
///
/// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_Operations.html>
const MEMBERS: [(&str, &str, Shape); 11] = [
    ("AddJobFlowSteps", "StepIds", Shape::Texts),
    ("CancelSteps", "CancelStepsInfoList", Shape::Objects),
    ("DescribeCluster", "Cluster", Shape::Object),
    ("ListBootstrapActions", "BootstrapActions", Shape::Objects),
    ("ListClusters", "Clusters", Shape::Objects),
    ("ListInstanceFleets", "InstanceFleets", Shape::Objects),
    ("ListInstanceGroups", "InstanceGroups", Shape::Objects),
    ("ListInstances", "Instances", Shape::Objects),
    ("ListSessions", "Sessions", Shape::Objects),
    ("ListSteps", "Steps", Shape::Objects),
    ("RunJobFlow", "JobFlowId", Shape::Text),
];

/// The operation that streams its answer: an object may have any size.
const STREAMS: &str = "GetObject";

/// The SDK's hook that checks each answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct AnswerCheck;

impl Intercept for AnswerCheck {
    fn name(&self) -> &'static str {
        "AnswerCheck"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let is_object = operation(config) == STREAMS && context.response().status().is_success();
        if !is_object {
            let body = context.response_mut().body_mut();
            let unbounded = std::mem::replace(body, SdkBody::taken());
            *body = SdkBody::from_body_1_x(Limited::new(unbounded, LARGEST).map_err(bounded));
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        match response.body().bytes() {
            Some(body) if response.status().is_success() => check(operation(config), body).map_err(Into::into),
            _ => Ok(()),
        }
    }
}

fn operation(config: &ConfigBag) -> &str {
    config.load::<Metadata>().map_or("", Metadata::name)
}

/// Replaces the SDK's error for a body that is too large.
fn bounded(error: BoxError) -> BoxError {
    if error.is::<LengthLimitError>() {
        StrangeAnswer::new(format!("with more than {} MiB", LARGEST >> 20)).into()
    } else {
        error
    }
}

/// Checks that `body` has the member that the answer to `operation` must have.
fn check(operation: &str, body: &[u8]) -> Result<(), StrangeAnswer> {
    let Some((_, member, shape)) = MEMBERS.iter().find(|(name, ..)| *name == operation) else { return Ok(()) };
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(StrangeAnswer::new(format!("with an empty body, without {member}")));
    }
    let answer: Value = serde_json::from_slice(body).map_err(|_| StrangeAnswer::new("with a body that is not JSON"))?;
    match answer.get(member) {
        None | Some(Value::Null) => Err(StrangeAnswer::new(format!("without {member}"))),
        Some(value) if shape.fits(value) => Ok(()),
        Some(_) => Err(StrangeAnswer::new(format!("with {member} that is not {shape}"))),
    }
}

impl Shape {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Object => value.is_object(),
            Self::Texts => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
            // The SDK silently drops nulls in a list.
            Self::Objects => value.as_array().is_some_and(|list| list.iter().all(Value::is_object)),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "a string",
            Self::Object => "an object",
            Self::Texts => "a list of strings",
            Self::Objects => "a list of objects",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_its_list_is_an_error_and_not_an_empty_list() {
        for (operation, member, shape) in MEMBERS {
            for nothing in ["", " \n", "{}", "[]", "null", "<html>", "{\"Other\":1}", &format!("{{\"{member}\":null}}")]
            {
                let wrong = check(operation, nothing.as_bytes()).unwrap_err();
                assert!(wrong.to_string().starts_with("the endpoint answered with"), "{operation} {nothing}: {wrong}");
            }
            let fitting = match shape {
                Shape::Text => r#""x""#,
                Shape::Object => "{}",
                Shape::Texts | Shape::Objects => "[]",
            };
            assert_eq!(check(operation, format!("{{\"{member}\":{fitting}}}").as_bytes()), Ok(()));
        }
    }

    #[test]
    fn a_member_of_another_type_is_an_error_because_the_sdk_would_drop_it() {
        let wrong = |operation, body: &str| check(operation, body.as_bytes()).unwrap_err().to_string();
        let lists = "the endpoint answered with Clusters that is not a list of objects";
        assert_eq!(wrong("ListClusters", r#"{"Clusters":[null]}"#), lists);
        assert_eq!(wrong("ListClusters", r#"{"Clusters":{}}"#), lists);
        assert_eq!(
            wrong("AddJobFlowSteps", r#"{"StepIds":[1]}"#),
            "the endpoint answered with StepIds that is not a list of strings"
        );
    }

    #[test]
    fn the_answers_of_the_other_operations_may_be_empty() {
        assert_eq!(check("TerminateJobFlows", b""), Ok(()));
    }
}
