//! The order of clusters that fit, best first.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::offer::{InstanceKind, Lot, Offer};
use crate::model::id::JobFlowId;
use crate::model::instance_type;
use crate::model::instances::Role;

const HOUR_MS: i64 = 3_600_000;

/// The virtual CPUs of a cluster, in thousandths. Unknown types count as 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Power {
    /// On core and task instances.
    pub core_and_task_mvcpu: u64,
    /// On the master.
    pub master_mvcpu: u64,
}

impl Power {
    /// The power of `offer`. For a fleet the weakest type counts, because EMR does not say which types it got.
    #[must_use]
    pub fn of(offer: &Offer) -> Self {
        let sum = |is_master: bool| {
            let lots = offer.lots.iter().filter(|lot| (lot.role == Role::Master) == is_master);
            lots.map(lot_mvcpu).fold(0, u64::saturating_add)
        };
        Self { core_and_task_mvcpu: sum(false), master_mvcpu: sum(true) }
    }

    /// The power of all instances.
    #[must_use]
    pub fn all_mvcpu(&self) -> u64 {
        self.core_and_task_mvcpu.saturating_add(self.master_mvcpu)
    }
}

fn lot_mvcpu(lot: &Lot) -> u64 {
    let units = u64::from(lot.on_demand.count()) + u64::from(lot.spot.count());
    let per_unit = |kind: &InstanceKind| {
        let vcpu = instance_type::find(&kind.instance_type).map_or(0, |known| known.vcpu);
        units.saturating_mul(1000 * u64::from(vcpu)) / u64::from(kind.weight.max(1))
    };
    lot.kinds.iter().map(per_unit).min().unwrap_or(0)
}

/// A cluster's rank among those that fit. The least is the best.
///
/// First counts power on core and task instances, because jobs run there; then power on the master; then the time to
/// the end of an hour since creation, because EMR used to charge by the hour and such a cluster is the first to be
/// terminated when idle; then the smaller id, so that two runs agree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    core_and_task: Reverse<u64>,
    master: Reverse<u64>,
    to_end_of_hour_ms: i64,
    id: JobFlowId,
}

impl Rank {
    /// The rank of the cluster `id` at `now`.
    #[must_use]
    pub fn new(power: Power, created_at: Option<DateTime<Utc>>, now: DateTime<Utc>, id: JobFlowId) -> Self {
        Self {
            core_and_task: Reverse(power.core_and_task_mvcpu),
            master: Reverse(power.master_mvcpu),
            to_end_of_hour_ms: to_end_of_hour_ms(created_at, now),
            id,
        }
    }

    /// The same cluster's rank with another `power`.
    #[must_use]
    pub fn with(&self, power: Power) -> Self {
        let Power { core_and_task_mvcpu, master_mvcpu } = power;
        Self { core_and_task: Reverse(core_and_task_mvcpu), master: Reverse(master_mvcpu), ..self.clone() }
    }
}

/// Milliseconds to the end of an hour since `created_at`: a whole hour exactly on the hour, and if unknown.
fn to_end_of_hour_ms(created_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> i64 {
    let age_ms = created_at.map_or(0, |created_at| (now - created_at).num_milliseconds());
    HOUR_MS - age_ms.rem_euclid(HOUR_MS)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::shape;
    use super::*;

    fn rank(shape: &str, age_minutes: i64, id: &str) -> Rank {
        let created_at = DateTime::UNIX_EPOCH;
        let now = created_at + TimeDelta::minutes(age_minutes);
        Rank::new(Power::of(&shape::offer(shape).unwrap()), Some(created_at), now, id.parse().unwrap())
    }

    #[test]
    fn the_order_is_core_and_task_power_then_master_then_hour_then_id() {
        let best_first = [
            rank("m1:m5.xlarge+c1:m5.xlarge+t2:m5.xlarge", 1, "j-9"),
            rank("m1:m5.4xlarge+c2:m5.xlarge", 1, "j-8"),
            rank("m1:m5.xlarge+c2:m5.xlarge", 119, "j-7"),
            rank("m1:m5.xlarge+c2:m5.xlarge", 40, "j-6"),
            rank("m1:m5.xlarge+c2:m5.xlarge", 20, "j-2"),
            rank("m1:m5.xlarge+c2:m5.xlarge", 20, "j-3"),
            rank("m1:m5.xlarge+c2:m5.xlarge", 60, "j-1"),
            rank("m1:m5.xlarge+c9:x9.huge", 59, "j-0"),
        ];
        assert!(best_first.is_sorted(), "{best_first:?}");
    }

    #[test]
    fn another_power_keeps_hour_and_id() {
        let power = Power::of(&shape::offer("m1:m5.xlarge+c2:m5.xlarge").unwrap());
        assert_eq!(
            rank("m1:m5.xlarge+c9:m5.xlarge", 20, "j-2").with(power),
            rank("m1:m5.xlarge+c2:m5.xlarge", 20, "j-2")
        );
    }

    #[test]
    fn the_weakest_type_of_a_fleet_counts() {
        let power = |shape| Power::of(&shape::offer(shape).unwrap()).core_and_task_mvcpu;
        assert_eq!(power("c8:m5.xlarge/m5.2xlarge*4"), 16_000);
        assert_eq!(power("c2-3:m5.xlarge*3"), 6_666);
    }
}
