//! The instance groups and fleets of a new cluster.

use serde_json::Map;

use super::request::JobFlowInstancesConfig;
use crate::emr::model::instances::{InstanceFleet, InstanceGroup, Market, Role};
use crate::emr::model::timestamp::Timestamp;
use crate::emr::request::instances::InstanceGroupConfig;

/// The groups, from a list or from a count of instances.
pub(super) fn groups(instances: &JobFlowInstancesConfig, now: Timestamp) -> Vec<InstanceGroup> {
    match instances.instance_count {
        Some(count) => counted_groups(instances, count, now),
        None => instances.instance_groups.iter().map(|config| config.group(now)).collect(),
    }
}

/// The groups of a request with an instance count: one master, the others core.
fn counted_groups(instances: &JobFlowInstancesConfig, count: usize, now: Timestamp) -> Vec<InstanceGroup> {
    let roles = [
        (Role::Master, &instances.master_instance_type, 1),
        (Role::Core, &instances.slave_instance_type, count.saturating_sub(1)),
    ];
    let present = roles.into_iter().filter(|(_, _, count)| *count > 0);
    let configs = present.map(|(instance_role, instance_type, instance_count)| InstanceGroupConfig {
        instance_role,
        instance_type: instance_type.clone().unwrap_or_default(),
        instance_count,
        market: Market::OnDemand,
        bid_price: None,
        ebs_configuration: None,
        rest: Map::new(),
    });
    configs.map(|config| config.group(now)).collect()
}

/// The fleets.
pub(super) fn fleets(instances: &JobFlowInstancesConfig, now: Timestamp) -> Vec<InstanceFleet> {
    instances.instance_fleets.iter().map(|config| config.fleet(now)).collect()
}
