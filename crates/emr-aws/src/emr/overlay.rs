//! What the SDK's types have no place for, put into the request to start a cluster once the SDK has written it.

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

/// Changes the request's body once, before anything is signed or sent.
#[derive(Debug, Clone)]
pub(super) struct Overlay {
    /// The policy of automatic scaling of each instance group, where it has one.
    scaling: Vec<Option<Value>>,
    /// Parameters that are laid over all others.
    extra: Map<String, Value>,
}

impl Overlay {
    /// What `job_flow` has besides what the SDK's types say.
    pub(super) fn of(job_flow: &JobFlow) -> Self {
        let scaling = match &job_flow.instances {
            Instances::Groups(groups) => groups.iter().map(|group| group.scaling.clone()).collect(),
            Instances::Fleets(_) => Vec::new(),
        };
        Self { scaling, extra: job_flow.extra.clone() }
    }

    fn is_empty(&self) -> bool {
        self.extra.is_empty() && self.scaling.iter().all(Option::is_none)
    }

    fn lay_over(&self, body: &mut Value) {
        for (group, policy) in self.scaling.iter().enumerate() {
            if let (Some(group), Some(policy)) = (body["Instances"]["InstanceGroups"].get_mut(group), policy) {
                group["AutoScalingPolicy"] = policy.clone();
            }
        }
        if let Some(body) = body.as_object_mut() {
            lay_over(body, &self.extra);
        }
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
        if self.is_empty() {
            return Ok(());
        }
        let request = context.request_mut();
        let mut body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default())?;
        self.lay_over(&mut body);
        let body = body.to_string();
        request.headers_mut().insert("content-length", body.len().to_string());
        *request.body_mut() = SdkBody::from(body);
        Ok(())
    }
}
