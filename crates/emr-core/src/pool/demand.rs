//! The demand: the instances that a job needs, in the same terms for groups and fleets.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::words;
use crate::model::bid::Bid;
use crate::model::instance_type;
use crate::model::instances::{Ebs, InstanceFleet, InstanceGroup, Instances, Market, Role};

/// The instances that a job needs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Demand {
    /// Its wants, by role.
    pub wants: Vec<Want>,
}

/// An amount of instances of one role, of any of several kinds.
///
/// A fleet is one want, in its own units. The groups of one role and architecture together are one want, in virtual
/// CPUs: a group of ten `m5.xlarge` wants 40 units of a kind with weight 4. The CPUs of an unknown type cannot be
/// counted, so each unknown type is a separate want, in instances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Want {
    /// The role of the instances.
    pub role: Role,
    /// The acceptable kinds.
    pub kinds: Vec<WantedKind>,
    /// Units that must be on demand.
    pub on_demand: u64,
    /// Units that may be spot instances.
    pub spot: u64,
    /// The unit, for messages: `vCPU`, `instances` or `units`.
    pub measure: Cow<'static, str>,
    /// The want, for messages: `10 x m5.xlarge`.
    pub text: String,
}

/// An acceptable kind of instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WantedKind {
    /// The type, such as `m5.xlarge`.
    pub instance_type: String,
    /// Units that one instance counts for.
    pub weight: u32,
    /// On demand, or spot with the least acceptable bid.
    pub market: Market,
    /// The least EBS volumes.
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

    /// The wants of `role`.
    pub(super) fn of_role(&self, role: Role) -> Vec<&Want> {
        self.wants.iter().filter(|want| want.role == role).collect()
    }

    /// The wants that instances of `role` must satisfy if the job wants none of that role: those of the next lower
    /// role, because the job's tasks would run on such instances, too.
    pub(super) fn instead_of_role(&self, role: Role) -> Vec<&Want> {
        let down = self.wants.iter().map(|want| want.role).filter(|other| *other < role).max();
        down.map_or_else(Vec::new, |role| self.of_role(role))
    }
}

impl Want {
    /// Whether it is a fleet, in its own units.
    #[must_use]
    pub fn is_of_fleet(&self) -> bool {
        self.measure == UNITS
    }
}

/// The measure of a fleet.
const UNITS: &str = "units";

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
        measure: if unknown { "instances" } else { "vCPU" }.into(),
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
        measure: UNITS.into(),
        text: words::list(fleet.types.iter().map(|config| config.instance_type.clone()), "or"),
    }
}
