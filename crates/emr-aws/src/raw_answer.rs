//! Keeps the raw JSON of an answer: the SDK's types drop members that are newer than the SDK.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::Value;

/// The SDK's hook that keeps the body of an answer.
#[derive(Debug, Clone, Default)]
pub(super) struct RawAnswer(Arc<Mutex<Value>>);

impl RawAnswer {
    /// The member `name` of the answer; null without one.
    pub(super) fn member(&self, name: &str) -> Value {
        let mut answer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answer.get_mut(name).map(Value::take).unwrap_or_default()
    }

    /// The entries of the list `name` in the answer.
    pub(super) fn list(&self, name: &str) -> Vec<Value> {
        if let Value::Array(list) = self.member(name) { list } else { Vec::new() }
    }
}

impl Intercept for RawAnswer {
    fn name(&self) -> &'static str {
        "RawAnswer"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        if let Some(body) = response.body().bytes().filter(|_| response.status().is_success()) {
            let answer = serde_json::from_slice(body).unwrap_or_default();
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = answer;
        }
        Ok(())
    }
}
