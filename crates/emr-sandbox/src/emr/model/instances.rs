//! Instance groups, instance fleets and their instances.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::status::{GroupState, InstanceState, Status};

/// The role of a group's or fleet's instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Role {
    Master,
    Core,
    Task,
}

/// How instances are paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Market {
    #[default]
    OnDemand,
    Spot,
}

/// An entry of `ListInstanceGroups`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "the API's own names")]
pub(crate) struct InstanceGroup {
    pub(crate) id: String,
    pub(crate) instance_group_type: Role,
    #[serde(default)]
    pub(crate) market: Market,
    #[serde(default)]
    pub(crate) instance_type: String,
    #[serde(default)]
    pub(crate) requested_instance_count: usize,
    #[serde(default)]
    pub(crate) running_instance_count: usize,
    #[serde(default)]
    pub(crate) status: Status<GroupState>,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

/// An entry of `ListInstanceFleets`. Capacities are sums of the weights of instance types.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "the API's own names")]
pub(crate) struct InstanceFleet {
    pub(crate) id: String,
    pub(crate) instance_fleet_type: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) target_on_demand_capacity: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) target_spot_capacity: Option<usize>,
    #[serde(default)]
    pub(crate) provisioned_on_demand_capacity: usize,
    #[serde(default)]
    pub(crate) provisioned_spot_capacity: usize,
    #[serde(default)]
    pub(crate) instance_type_specifications: Vec<InstanceTypeSpecification>,
    #[serde(default)]
    pub(crate) status: Status<GroupState>,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

/// An instance type that a fleet may use.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InstanceTypeSpecification {
    pub(crate) instance_type: String,
    #[serde(default = "default_weight")]
    pub(crate) weighted_capacity: usize,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

pub(crate) fn default_weight() -> usize {
    1
}

/// An entry of `ListInstances`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "the API's own names")]
pub(crate) struct Instance {
    pub(crate) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ec2_instance_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) instance_group_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) instance_fleet_id: Option<String>,
    /// Recordings from before 2017 have neither type nor market.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) instance_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) market: Option<Market>,
    #[serde(default)]
    pub(crate) status: Status<InstanceState>,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

impl Instance {
    /// Whether the instance belongs to the group or fleet `id`.
    pub(crate) fn is_of(&self, id: &str) -> bool {
        self.instance_group_id.as_deref() == Some(id) || self.instance_fleet_id.as_deref() == Some(id)
    }
}
