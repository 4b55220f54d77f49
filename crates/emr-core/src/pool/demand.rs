//! The demand: what a job needs of a cluster's instances, in the same terms for groups and fleets.

use std::collections::BTreeMap;

use super::words;
use crate::model::bid::Bid;
use crate::model::instance_type;
use crate::model::instances::{Ebs, InstanceFleet, InstanceGroup, Instances, Market, Role};

/// What a job needs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Demand {
    /// Its wants, role by role.
    pub wants: Vec<Want>,
}

/// An amount of instances for one role, of any of several kinds.
///
/// A fleet is one want, in its own units. The groups of a role with the same architecture are one want as well, in
/// virtual CPUs: a group of ten `m5.xlarge` wants 40 units of a kind that weighs 4. The CPUs of an unknown type cannot
/// be counted, so each unknown type is a want of its own, in instances.
#[derive(Debug, Clone, PartialEq)]
pub struct Want {
    /// The role of the instances.
    pub role: Role,
    /// The kinds that will do.
    pub kinds: Vec<WantedKind>,
    /// Units that must be on demand.
    pub on_demand: u64,
    /// Units that may be spot instances.
    pub spot: u64,
    /// The unit, for messages: `vCPU`, `instances` or `units`.
    pub measure: &'static str,
    /// The want, for messages: `10 x m5.xlarge`.
    pub text: String,
}

/// A kind of instance that will do.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedKind {
    /// The type, such as `m5.xlarge`.
    pub instance_type: String,
    /// Units that one instance counts for.
    pub weight: u32,
    /// Whether it may be a spot instance, and at least at which bid.
    pub market: Market,
    /// The EBS volumes that it must have at least.
    pub ebs: Ebs,
}

impl Demand {
    /// The demand of a job that would start a job flow with `instances`.
    #[must_use]
    pub fn of(instances: &Instances) -> Self {
        let wants = match instances {
            Instances::Groups(groups) => wants_of_groups(groups),
            Instances::Fleets(fleets) => fleets.iter().map(want_of_fleet).collect(),
        };
        Self { wants }
    }

    /// The wants for `role`.
    pub(super) fn of_role(&self, role: Role) -> Vec<&Want> {
        self.wants.iter().filter(|want| want.role == role).collect()
    }

    /// What instances of `role` must be able to stand in for if the job wants none of that role: those of the next
    /// lower role, because the job's tasks would run on them as well.
    pub(super) fn instead_of_role(&self, role: Role) -> Vec<&Want> {
        let down = self.wants.iter().map(|want| want.role).filter(|other| *other < role).max();
        down.map_or_else(Vec::new, |role| self.of_role(role))
    }
}

fn wants_of_groups(groups: &[InstanceGroup]) -> Vec<Want> {
    let mut together: BTreeMap<(Role, Result<bool, &str>), Vec<&InstanceGroup>> = BTreeMap::new();
    for group in groups {
        let is_arm = instance_type::find(&group.instance_type).map(|known| known.arm);
        together.entry((group.role, is_arm.ok_or(&group.instance_type))).or_default().push(group);
    }
    together.into_iter().map(|((role, is_arm), groups)| want_of_groups(role, is_arm.is_err(), &groups)).collect()
}

fn want_of_groups(role: Role, unknown: bool, groups: &[&InstanceGroup]) -> Want {
    let weight = |group: &InstanceGroup| instance_type::find(&group.instance_type).map_or(1, |known| known.vcpu);
    let units = |is_on_demand: bool| {
        let bought = groups.iter().filter(|group| (group.market == Market::OnDemand) == is_on_demand);
        bought.map(|group| u64::from(group.count) * u64::from(weight(group))).sum()
    };
    let kind = |group: &&InstanceGroup| WantedKind {
        instance_type: group.instance_type.clone(),
        weight: weight(group),
        market: group.market.clone(),
        ebs: group.ebs.clone(),
    };
    Want {
        role,
        kinds: groups.iter().map(kind).collect(),
        on_demand: units(true),
        spot: units(false),
        measure: if unknown { "instances" } else { "vCPU" },
        text: words::list(groups.iter().map(|group| format!("{} x {}", group.count, group.instance_type)), "and"),
    }
}

fn want_of_fleet(fleet: &InstanceFleet) -> Want {
    let market = |bid: &Bid| if fleet.spot == 0 { Market::OnDemand } else { Market::Spot(bid.clone()) };
    let kinds = fleet.types.iter().map(|config| WantedKind {
        instance_type: config.instance_type.clone(),
        weight: config.weight,
        market: market(&config.bid),
        ebs: config.ebs.clone(),
    });
    Want {
        role: fleet.role,
        kinds: kinds.collect(),
        on_demand: fleet.on_demand.into(),
        spot: fleet.spot.into(),
        measure: "units",
        text: words::list(fleet.types.iter().map(|config| config.instance_type.clone()), "or"),
    }
}
