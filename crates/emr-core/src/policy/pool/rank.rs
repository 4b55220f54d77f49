//! Which of several clusters that fit is best.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::offer::{Kind, Lot, Offer};
use crate::model::id::JobFlowId;
use crate::model::instance_type;
use crate::model::instances::Role;

const HOUR_MS: i64 = 3_600_000;

/// The virtual CPUs of a cluster, in thousandths; types that are not known count nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Power {
    /// Those on core and task instances.
    pub core_and_task_mvcpu: u64,
    /// Those on the master.
    pub master_mvcpu: u64,
}

impl Power {
    /// The power of what is offered, at least.
    #[must_use]
    pub fn of(offer: &Offer) -> Self {
        let sum = |is_master: bool| {
            let lots = offer.lots.iter().filter(|lot| (lot.role == Role::Master) == is_master);
            lots.map(lot_mvcpu).fold(0, u64::saturating_add)
        };
        Self { core_and_task_mvcpu: sum(false), master_mvcpu: sum(true) }
    }
}

fn lot_mvcpu(lot: &Lot) -> u64 {
    let units = u64::from(lot.on_demand.count()) + u64::from(lot.spot.count());
    let per_unit = |kind: &Kind| {
        let vcpu = instance_type::find(&kind.instance_type).map_or(0, |known| known.vcpu);
        units.saturating_mul(1000 * u64::from(vcpu)) / u64::from(kind.weight.max(1))
    };
    lot.kinds.iter().map(per_unit).min().unwrap_or(0)
}

/// A cluster's place among those that fit; the best is the least. More power on core and task instances comes first,
/// then more on the master, then the nearer end of a full hour since the cluster was created, then the smaller id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    core_and_task: Reverse<u64>,
    master: Reverse<u64>,
    to_end_of_hour_ms: i64,
    id: JobFlowId,
}

impl Rank {
    /// The place of the cluster `id` at `now`.
    #[must_use]
    pub fn new(power: Power, created_at: Option<DateTime<Utc>>, now: DateTime<Utc>, id: JobFlowId) -> Self {
        Self {
            core_and_task: Reverse(power.core_and_task_mvcpu),
            master: Reverse(power.master_mvcpu),
            to_end_of_hour_ms: to_end_of_hour_ms(created_at, now),
            id,
        }
    }
}

/// Milliseconds to the end of a full hour since `created_at`; a whole hour, exactly on the hour or where it is not known.
fn to_end_of_hour_ms(created_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> i64 {
    let age_ms = created_at.map_or(0, |created_at| (now - created_at).num_milliseconds());
    HOUR_MS - age_ms.rem_euclid(HOUR_MS)
}
