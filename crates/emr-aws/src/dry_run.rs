//! The request that a call would send, in the API's JSON.
//!
//! The SDK's own serializer writes it, so a dry run shows exactly what the real call sends.

use std::sync::{Arc, OnceLock};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use emr_core::error::{Error, Outcome, Result};
use serde_json::Value;

/// Keeps the body of the request and stops the call before it is signed or sent.
#[derive(Debug, Clone, Default)]
pub(super) struct DryRun(Arc<OnceLock<Value>>);

impl DryRun {
    /// The body of the call that was stopped.
    pub(super) fn request(&self) -> Result<Value> {
        self.0.get().cloned().ok_or_else(|| Error::new(Outcome::Bug, "the request could not be written as JSON"))
    }
}

impl Intercept for DryRun {
    fn name(&self) -> &'static str {
        "DryRun"
    }

    // The last hook before credentials are resolved. All hooks that change the body have run.
    fn read_before_attempt(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> std::result::Result<(), BoxError> {
        let body = context.request().body().bytes().unwrap_or_default();
        let _ = self.0.set(serde_json::from_slice(body)?);
        Err("a dry run sends nothing".into())
    }
}
