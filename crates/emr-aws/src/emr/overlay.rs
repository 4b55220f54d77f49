//! Lays the user's own JSON over the request to start a cluster, after the SDK has serialized it.
//!
//! The SDK's types know only the parameters that existed when the SDK was released. The overlay also sends newer ones.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use emr_core::launch::extra_parameters::lay_over;
use emr_core::model::instances::Instances;
use emr_core::model::job_flow::JobFlow;
use serde_json::{Map, Value};

/// The SDK's hook that changes the body, before it is signed.
#[derive(Debug, Clone)]
pub(super) struct Overlay {
    /// Groups or fleets, with the members that the SDK does not serialize.
    instances: Instances,
    /// Parameters that override all others.
    extra: Map<String, Value>,
}

impl Overlay {
    /// The parts of `job_flow` that go to EMR as the user wrote them.
    pub(super) fn of(job_flow: &JobFlow) -> Self {
        Self { instances: job_flow.instances.clone(), extra: job_flow.extra.clone() }
    }

    fn lay_over(&self, body: &mut Map<String, Value>) {
        if let Some(instances) = body.get_mut("Instances").and_then(Value::as_object_mut) {
            lay_over_instances(instances, &self.instances);
        }
        lay_over(body, &self.extra);
    }
}

fn lay_over_instances(body: &mut Map<String, Value>, instances: &Instances) {
    match instances {
        Instances::Groups(groups) => each(body, "InstanceGroups", groups, |entry, group| lay_over(entry, &group.rest)),
        Instances::Fleets(fleets) => each(body, "InstanceFleets", fleets, |entry, fleet| {
            each(entry, "InstanceTypeConfigs", &fleet.types, |entry, config| lay_over(entry, &config.rest));
            lay_over(entry, &fleet.rest);
        }),
    }
}

/// Calls `lay` with each object in the list `name` of `body` and with what the SDK serialized it from.
fn each<T>(body: &mut Map<String, Value>, name: &str, all: &[T], lay: impl Fn(&mut Map<String, Value>, &T)) {
    let entries = body.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten();
    for (entry, one) in entries.filter_map(Value::as_object_mut).zip(all) {
        lay(entry, one);
    }
}

impl Intercept for Overlay {
    fn name(&self) -> &'static str {
        "Overlay"
    }

    fn modify_before_retry_loop(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let mut body = serde_json::from_slice(request.body().bytes().unwrap_or_default())?;
        self.lay_over(&mut body);
        let body = serde_json::to_string(&body)?;
        request.headers_mut().insert("content-length", body.len().to_string());
        *request.body_mut() = SdkBody::from(body);
        Ok(())
    }
}
