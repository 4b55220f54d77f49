//! Whether one instance can replace another, by type, bid and volumes.
//!
//! Each of the three has a file: [`instance_types`], [`bids`], [`volumes`].

use super::demand::WantedKind;
use super::obstacle::Obstacle;
use super::offer::InstanceKind;
use super::{bids, instance_types, volumes};

/// Why `found`, a spot instance if `is_spot`, cannot replace `wanted`; `None` if it can.
pub(super) fn obstacle(found: &InstanceKind, is_spot: bool, wanted: &WantedKind) -> Option<Obstacle> {
    let of_type = instance_types::obstacle(&found.instance_type, &wanted.instance_type);
    if of_type.is_some() {
        return of_type;
    }
    if is_spot && !bids::lasts_as_long(&found.bid, &wanted.market) {
        return Some(Obstacle::BidPrice);
    }
    (!volumes::are_as_good(&found.ebs, &wanted.ebs)).then_some(Obstacle::Ebs)
}

/// The units of `wanted` that one instance of `found` is worth, by CPUs. 0 for another type if either type is unknown.
pub(super) fn worth(found: &InstanceKind, wanted: &WantedKind) -> f64 {
    f64::from(wanted.weight) * instance_types::cpu_ratio(&found.instance_type, &wanted.instance_type).unwrap_or(0.0)
}
