//! Makes the instances of groups and fleets, each with its own name and address. All addresses are loopback ones,
//! because this machine is every instance: a client that connects to one never reaches a foreign host.

use serde_json::{Map, Value, json};

use crate::emr::model::cluster::Cluster;
use crate::emr::model::ids;
use crate::emr::model::instances::{Instance, InstanceFleet, InstanceGroup, InstanceTypeSpecification, Market, Role};
use crate::emr::model::status::{ClusterState, GroupState, InstanceState, Reason, Status};
use crate::emr::model::timestamp::Timestamp;

/// The host name of this machine.
const MASTER_DNS_NAME: &str = "localhost";

/// Brings every group and fleet to its target. With `is_ready`, new instances run at once.
pub(crate) fn provision(cluster: &mut Cluster, is_ready: bool, now: Timestamp) {
    let Cluster { instance_groups, instance_fleets, instances, .. } = cluster;
    for group in instance_groups {
        resize_group(group, instances, now);
        group.running_instance_count = if is_ready { group.requested_instance_count } else { 0 };
    }
    for fleet in instance_fleets {
        resize_fleet(fleet, instances, now);
    }
    if is_ready {
        make_ready(cluster, now);
    }
}

/// Brings every group and fleet of a cluster to a new size.
pub(crate) fn resize(cluster: &mut Cluster, now: Timestamp) {
    let is_ready = matches!(cluster.state(), ClusterState::Running | ClusterState::Waiting);
    provision(cluster, is_ready, now);
}

/// Makes the instances of a recorded cluster from its counts, if no instances were recorded.
pub(crate) fn supplement(cluster: &mut Cluster) {
    let timeline = cluster.description.status.timeline;
    let (Some(created), ClusterState::Running | ClusterState::Waiting) = (timeline.creation_date_time, cluster.state())
    else {
        return;
    };
    let Cluster { instance_groups, instance_fleets, instances, .. } = cluster;
    for group in instance_groups {
        let running = InstanceGroup { requested_instance_count: group.running_instance_count, ..group.clone() };
        resize_group(&running, instances, created);
    }
    for fleet in instance_fleets {
        let mut running = InstanceFleet {
            target_on_demand_capacity: Some(fleet.provisioned_on_demand_capacity),
            target_spot_capacity: Some(fleet.provisioned_spot_capacity),
            ..fleet.clone()
        };
        resize_fleet(&mut running, instances, created);
    }
    for instance in instances {
        ready(&mut instance.status, InstanceState::Running, timeline.ready_date_time.unwrap_or(created));
    }
}

fn make_ready(cluster: &mut Cluster, now: Timestamp) {
    for group in &mut cluster.instance_groups {
        ready(&mut group.status, GroupState::Running, now);
    }
    for fleet in &mut cluster.instance_fleets {
        ready(&mut fleet.status, GroupState::Running, now);
    }
    for instance in &mut cluster.instances {
        if instance.status.state != InstanceState::Terminated {
            ready(&mut instance.status, InstanceState::Running, now);
        }
    }
    cluster.description.master_public_dns_name = Some(MASTER_DNS_NAME.to_owned());
}

fn ready<State>(status: &mut Status<State>, running: State, now: Timestamp) {
    status.state = running;
    status.timeline.ready_date_time.get_or_insert(now);
}

/// Ends all instances, groups and fleets.
pub(crate) fn release(cluster: &mut Cluster, now: Timestamp) {
    for group in &mut cluster.instance_groups {
        group.running_instance_count = 0;
        end(&mut group.status, GroupState::Terminated, now);
    }
    for fleet in &mut cluster.instance_fleets {
        fleet.provisioned_on_demand_capacity = 0;
        fleet.provisioned_spot_capacity = 0;
        end(&mut fleet.status, GroupState::Terminated, now);
    }
    for instance in &mut cluster.instances {
        if instance.status.state != InstanceState::Terminated {
            end(&mut instance.status, InstanceState::Terminated, now);
        }
    }
}

fn end<State>(status: &mut Status<State>, state: State, now: Timestamp) {
    status.state = state;
    status.state_change_reason = Reason::new("CLUSTER_TERMINATED", "Job flow terminated");
    status.timeline.end_date_time.get_or_insert(now);
}

fn resize_group(group: &InstanceGroup, instances: &mut Vec<Instance>, now: Timestamp) {
    let current = living(instances, &group.id, group.market);
    for _ in current..group.requested_instance_count {
        let mut instance = new_instance(&group.instance_type, group.market, instances.len(), now);
        instance.instance_group_id = Some(group.id.clone());
        if group.instance_group_type == Role::Master {
            instance.rest.insert("PublicDnsName".to_owned(), json!(MASTER_DNS_NAME));
        }
        instances.push(instance);
    }
    let surplus = current.saturating_sub(group.requested_instance_count);
    shrink(instances, &group.id, group.market, surplus, now);
}

fn resize_fleet(fleet: &mut InstanceFleet, instances: &mut Vec<Instance>, now: Timestamp) {
    let Some(specification) = fleet.instance_type_specifications.first().cloned() else {
        return;
    };
    let on_demand = fleet.target_on_demand_capacity.unwrap_or_default();
    let spot = fleet.target_spot_capacity.unwrap_or_default();
    fleet.provisioned_on_demand_capacity = fill(fleet, &specification, Market::OnDemand, on_demand, instances, now);
    fleet.provisioned_spot_capacity = fill(fleet, &specification, Market::Spot, spot, instances, now);
}

/// Fills a fleet's target in one market with its first instance type. Returns the provisioned capacity.
fn fill(
    fleet: &InstanceFleet,
    specification: &InstanceTypeSpecification,
    market: Market,
    target: usize,
    instances: &mut Vec<Instance>,
    now: Timestamp,
) -> usize {
    let weight = specification.weighted_capacity.max(1);
    let count = target.div_ceil(weight);
    let current = living(instances, &fleet.id, market);
    for _ in current..count {
        let mut instance = new_instance(&specification.instance_type, market, instances.len(), now);
        instance.instance_fleet_id = Some(fleet.id.clone());
        instances.push(instance);
    }
    shrink(instances, &fleet.id, market, current.saturating_sub(count), now);
    count * weight
}

fn living(instances: &[Instance], owner: &str, market: Market) -> usize {
    let is_living = |instance: &&Instance| {
        instance.is_of(owner)
            && instance.market.is_none_or(|of| of == market)
            && instance.status.state != InstanceState::Terminated
    };
    instances.iter().filter(is_living).count()
}

fn shrink(instances: &mut [Instance], owner: &str, market: Market, surplus: usize, now: Timestamp) {
    let newest_first = instances.iter_mut().rev().filter(|instance| {
        instance.is_of(owner)
            && instance.market.is_none_or(|of| of == market)
            && instance.status.state != InstanceState::Terminated
    });
    for instance in newest_first.take(surplus) {
        instance.status.state = InstanceState::Terminated;
        instance.status.timeline.end_date_time = Some(now);
    }
}

/// Makes the instance number `ordinal` of its cluster.
fn new_instance(instance_type: &str, market: Market, ordinal: usize, now: Timestamp) -> Instance {
    let (high, low) = ((ordinal / 250) % 250, ordinal % 250 + 4);
    let mut rest = Map::new();
    rest.insert("PrivateDnsName".to_owned(), json!(format!("ip-127-0-{high}-{low}.ec2.internal")));
    rest.insert("PrivateIpAddress".to_owned(), json!(format!("127.0.{high}.{low}")));
    rest.insert("PublicDnsName".to_owned(), json!(""));
    rest.insert("EbsVolumes".to_owned(), Value::Array(Vec::new()));
    Instance {
        id: ids::new("ci"),
        ec2_instance_id: Some(ids::new_ec2_instance()),
        instance_group_id: None,
        instance_fleet_id: None,
        instance_type: Some(instance_type.to_owned()),
        market: Some(market),
        status: Status::new(InstanceState::Provisioning, now),
        rest,
    }
}
