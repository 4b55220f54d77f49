//! The offer: the instances that a cluster has, in the same terms for groups and fleets.

use crate::model::bid::Bid;
use crate::model::instances::{Ebs, InstanceFleet, InstanceGroup, Instances, Market, Role, TypeConfig};

/// The instances of a cluster.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Offer {
    /// Its groups or fleets.
    pub lots: Vec<Lot>,
}

/// A group or a fleet: instances of one role, of one or several kinds. A group has one kind, of weight 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Lot {
    /// Their role.
    pub role: Role,
    /// The kinds. EMR does not say how many of each kind a fleet got, so all may be of any one.
    pub kinds: Vec<InstanceKind>,
    /// Units on demand.
    pub on_demand: Units,
    /// Units as spot instances.
    pub spot: Units,
}

/// A kind of instance.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceKind {
    /// The type, such as `m5.xlarge`.
    pub instance_type: String,
    /// Units that one instance counts for, at least one.
    pub weight: u32,
    /// The bid, if it is a spot instance.
    pub bid: Bid,
    /// Its EBS volumes.
    pub ebs: Ebs,
}

/// How many units were requested from EMR, and how many are running.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Units {
    /// Units that were requested.
    pub requested: u32,
    /// Units that are running; `None` if unknown.
    pub running: Option<u32>,
}

impl Offer {
    /// The offer of a job flow with `instances`, when EMR has provided all of them.
    #[must_use]
    pub fn of(instances: &Instances) -> Self {
        let lots = match instances {
            Instances::Groups(groups) => groups.iter().map(Lot::of_group).collect(),
            Instances::Fleets(fleets) => fleets.iter().map(Lot::of_fleet).collect(),
        };
        Self { lots }
    }

    /// Whether the requested instances are those in a Name. EMR may not have provided all of them.
    #[must_use]
    pub fn is_as_named(&self, named: &Self) -> bool {
        self.requested() == named.requested()
    }

    fn requested(&self) -> Vec<(Role, u32, u32, Vec<&str>)> {
        let mut lots: Vec<_> = self.lots.iter().map(Lot::requested).collect();
        lots.sort();
        lots
    }

    /// The offer after EMR has provided, or removed, everything requested.
    #[must_use]
    pub fn once_provided(&self) -> Self {
        let lots = self.lots.iter().map(|lot| Lot {
            on_demand: Units::all(lot.on_demand.requested),
            spot: Units::all(lot.spot.requested),
            ..lot.clone()
        });
        Self { lots: lots.collect() }
    }

    /// The lots of `role` that have instances or will get them.
    pub(super) fn of_role(&self, role: Role) -> Vec<&Lot> {
        let has_any = |lot: &&Lot| !lot.on_demand.is_none() || !lot.spot.is_none();
        self.lots.iter().filter(|lot| lot.role == role).filter(has_any).collect()
    }
}

impl Lot {
    /// What was requested: role, on-demand units, spot units, and sorted types.
    fn requested(&self) -> (Role, u32, u32, Vec<&str>) {
        let mut types: Vec<_> = self.kinds.iter().map(|kind| kind.instance_type.as_str()).collect();
        types.sort_unstable();
        (self.role, self.on_demand.requested, self.spot.requested, types)
    }

    fn of_group(group: &InstanceGroup) -> Self {
        let InstanceGroup { role, instance_type, count, market, ebs, .. } = group;
        Self::group(*role, instance_type.clone(), market, ebs.clone(), Units::all(*count))
    }

    fn of_fleet(fleet: &InstanceFleet) -> Self {
        Self {
            role: fleet.role,
            kinds: fleet.types.iter().map(InstanceKind::from).collect(),
            on_demand: Units::all(fleet.on_demand),
            spot: Units::all(fleet.spot),
        }
    }

    /// The lot of a group.
    #[must_use]
    pub fn group(role: Role, instance_type: String, market: &Market, ebs: Ebs, units: Units) -> Self {
        let (bid, on_demand, spot) = match market {
            Market::OnDemand => (Bid::OnDemandPrice, units, Units::all(0)),
            Market::Spot(bid) => (bid.clone(), Units::all(0), units),
        };
        Self { role, kinds: vec![InstanceKind { instance_type, weight: 1, bid, ebs }], on_demand, spot }
    }
}

impl From<&TypeConfig> for InstanceKind {
    fn from(config: &TypeConfig) -> Self {
        let TypeConfig { instance_type, weight, bid, ebs, .. } = config.clone();
        Self { instance_type, weight, bid, ebs }
    }
}

impl Units {
    /// `number` units, all requested and running.
    #[must_use]
    pub fn all(number: u32) -> Self {
        Self { requested: number, running: Some(number) }
    }

    /// The running units, or the requested ones if that is unknown.
    #[must_use]
    pub fn count(self) -> u32 {
        self.running.unwrap_or(self.requested)
    }

    /// Whether there are none and none will come.
    #[must_use]
    pub fn is_none(self) -> bool {
        self.requested == 0 && self.count() == 0
    }
}
