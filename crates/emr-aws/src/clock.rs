//! AWS's clock, read from the `Date` of answers. Ages are computed by it, because this machine's clock may be wrong.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use chrono::{DateTime, Utc};

/// The `Date` of the latest answer.
#[derive(Debug, Clone, Default)]
pub(super) struct AwsClock(Arc<Mutex<Option<DateTime<Utc>>>>);

impl AwsClock {
    /// The time of the latest answer, to the second; `None` before the first.
    pub(super) fn now(&self) -> Option<DateTime<Utc>> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for AwsClock {
    fn name(&self) -> &'static str {
        "AwsClock"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        if let Some(date) = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(date.to_utc());
        }
        Ok(())
    }
}
