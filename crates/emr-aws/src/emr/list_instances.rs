//! `ListInstances`: the nodes of a cluster that are up, or how many it has of each type.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_emr::types as sdk;
use chrono::{DateTime, Utc};
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::id::JobFlowId;
use emr_core::model::instance::Node;
use emr_core::model::instances::Role;

use super::Emr;
use crate::call::Repeat;
use crate::convert;

/// The states in which a node can be reached.
const UP: [sdk::InstanceState; 2] = [sdk::InstanceState::Bootstrapping, sdk::InstanceState::Running];

impl Emr {
    /// The nodes of `cluster` that are up: its first master, then the other masters, core and task nodes.
    ///
    /// A cluster that has ended or has no node yet is an error.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_ListInstances.html>
    pub async fn nodes(&self, cluster: &ClusterDetail) -> Result<Vec<Node>> {
        let (id, state) = (&cluster.cluster.id, &cluster.cluster.state);
        if state.has_ended() {
            return Err(Error::new(Outcome::TryAgain, format!("{id} is {state}, and its nodes are gone")));
        }
        let roles = if cluster.has_fleets { self.fleet_roles(id).await? } else { self.group_roles(id).await? };
        let listed = Self::every_page("ListInstances", async |marker| {
            let request = self.sdk(id).list_instances().cluster_id(id.as_str());
            let request = request.set_instance_states(Some(UP.to_vec())).set_marker(marker);
            let answer = self
                .caller(id)
                .call("ListInstances", Repeat::Harmless, || request.clone().send())
                .await
                .map_err(|failure| Error::from(failure).on(id))?;
            Ok((answer.instances().to_vec(), answer.marker().map(str::to_owned)))
        });
        let mut nodes: Vec<Node> = listed.await?.iter().filter_map(|instance| node(instance, &roles)).collect();
        if nodes.is_empty() {
            let none = Error::new(Outcome::TryAgain, format!("{id} is {state}, and has no node that is up"));
            return Err(none);
        }
        sort(&mut nodes, cluster.master_dns.as_deref());
        Ok(nodes)
    }

    /// How many instances of each type `job_flow` has running; with `at`, how many it had then. EMR tells of those that
    /// have ended for thirty days.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_ListInstances.html>
    pub async fn instance_types(
        &self,
        job_flow: &JobFlowId,
        at: Option<DateTime<Utc>>,
    ) -> Result<BTreeMap<String, u32>> {
        let states = at.is_none().then(|| vec![sdk::InstanceState::Running]);
        let listed = Self::every_page("ListInstances", async |marker| {
            let request = self.sdk(job_flow).list_instances().cluster_id(job_flow.as_str());
            let request = request.set_instance_states(states.clone()).set_marker(marker);
            let answer = self
                .caller(job_flow)
                .call("ListInstances", Repeat::Harmless, || request.clone().send())
                .await
                .map_err(|failure| Error::from(failure).on(job_flow))?;
            let there = answer.instances().iter().filter(|instance| at.is_none_or(|at| was_there(instance, at)));
            Ok((there.cloned().collect::<Vec<_>>(), answer.marker().map(str::to_owned)))
        });
        let mut types = BTreeMap::new();
        for instance in listed.await? {
            *types.entry(instance.instance_type().unwrap_or_default().to_owned()).or_insert(0) += 1;
        }
        Ok(types)
    }

    /// The role of each instance group of `job_flow`, by the group's id.
    async fn group_roles(&self, job_flow: &JobFlowId) -> Result<HashMap<String, Role>> {
        let role = |group: &sdk::InstanceGroup| {
            let role = convert::role(group.instance_group_type().map(sdk::InstanceGroupType::as_str))?;
            Ok((group.id().unwrap_or_default().to_owned(), role))
        };
        Ok(self.each_group(job_flow, role).await?.into_iter().collect())
    }

    /// The role of each instance fleet of `job_flow`, by the fleet's id.
    async fn fleet_roles(&self, job_flow: &JobFlowId) -> Result<HashMap<String, Role>> {
        let role = |fleet: &sdk::InstanceFleet| {
            let role = convert::role(fleet.instance_fleet_type().map(sdk::InstanceFleetType::as_str))?;
            Ok((fleet.id().unwrap_or_default().to_owned(), role))
        };
        Ok(self.each_fleet(job_flow, role).await?.into_iter().collect())
    }
}

/// Whether `instance` was there at this time.
fn was_there(instance: &sdk::Instance, at: DateTime<Utc>) -> bool {
    let timeline = instance.status().and_then(sdk::InstanceStatus::timeline);
    let created = convert::time(timeline.and_then(sdk::InstanceTimeline::creation_date_time));
    let ended = convert::time(timeline.and_then(sdk::InstanceTimeline::end_date_time));
    created.is_some_and(|created| created <= at) && ended.is_none_or(|ended| at < ended)
}

/// Sorts masters first, and among several masters the one whose DNS name is `master_dns`.
fn sort(nodes: &mut [Node], master_dns: Option<&str>) {
    let is_first = |node: &Node| master_dns.is_some_and(|name| node.is_named(name));
    nodes.sort_by_key(|node| (node.role, !is_first(node), node.id.clone()));
}

/// The node of `instance`; `None` if it has no EC2 instance yet, or if its group was added after `roles` were listed.
fn node(instance: &sdk::Instance, roles: &HashMap<String, Role>) -> Option<Node> {
    let group = instance.instance_group_id().or(instance.instance_fleet_id());
    let state = instance.status().and_then(sdk::InstanceStatus::state).map_or("UNKNOWN", sdk::InstanceState::as_str);
    Some(Node {
        id: instance.ec2_instance_id()?.parse().ok()?,
        role: *roles.get(group?)?,
        state: state.to_owned(),
        group: group.map(str::to_owned),
        private_dns: convert::said(instance.private_dns_name()),
        private_ip: convert::said(instance.private_ip_address()),
        public_dns: convert::said(instance.public_dns_name()),
        public_ip: convert::said(instance.public_ip_address()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use emr_core::model::instance::example;

    #[test]
    fn the_master_that_emr_names_comes_first() {
        let named = example::node(3, Role::Master);
        let mut nodes =
            [example::node(1, Role::Task), example::node(2, Role::Master), named.clone(), example::node(4, Role::Core)];
        sort(&mut nodes, named.public_dns.as_deref());
        assert_eq!(nodes.each_ref().map(|node| node.id.as_str()), ["i-3", "i-2", "i-4", "i-1"]);
        sort(&mut nodes, None);
        assert_eq!(nodes.each_ref().map(|node| node.id.as_str()), ["i-2", "i-3", "i-4", "i-1"]);
    }

    #[test]
    fn an_empty_name_is_none_and_without_an_ec2_instance_there_is_no_node() {
        let roles = HashMap::from([("ig-1".to_owned(), Role::Core)]);
        let status = sdk::InstanceStatus::builder().state(sdk::InstanceState::Running).build();
        let listed = sdk::Instance::builder().id("ci-1").instance_group_id("ig-1").public_dns_name("").status(status);
        assert_eq!(node(&listed.clone().build(), &roles), None);
        let node = node(&listed.ec2_instance_id("i-1").build(), &roles).unwrap();
        assert_eq!((node.role, node.state.as_str(), node.public_dns), (Role::Core, "RUNNING", None));
    }
}
