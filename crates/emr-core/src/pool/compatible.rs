//! Whether one instance will do where another is wanted.

use super::demand::WantedKind;
use super::offer::InstanceKind;
use crate::model::instance_type;
use crate::model::instances::{Bid, Ebs, Market, Volume};

/// What keeps an instance from standing in for another; the later, the nearer it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Obstacle {
    /// It is of another type, and of at least one of the two it is not known what it has.
    InstanceType,
    /// It has another processor architecture, and a job's native code would not run on it.
    Architecture,
    /// It has less memory.
    Memory,
    /// It may be taken away sooner.
    BidPrice,
    /// It lacks a volume, or has a lesser one.
    Ebs,
}

/// What keeps `found`, a spot instance or not, from standing in for `wanted`.
pub(super) fn obstacle(found: &InstanceKind, is_spot: bool, wanted: &WantedKind) -> Option<Obstacle> {
    if found.instance_type != wanted.instance_type {
        let types = instance_type::find(&found.instance_type).zip(instance_type::find(&wanted.instance_type));
        match types {
            None => return Some(Obstacle::InstanceType),
            Some((found, wanted)) if found.arm != wanted.arm => return Some(Obstacle::Architecture),
            Some((found, wanted)) if found.memory_gib < wanted.memory_gib => return Some(Obstacle::Memory),
            Some(_) => {}
        }
    }
    if is_spot && !will_do(&found.bid, &wanted.market) {
        return Some(Obstacle::BidPrice);
    }
    (!has_volumes(&found.ebs, &wanted.ebs)).then_some(Obstacle::Ebs)
}

/// The units of `wanted` that one instance of `found` is worth, where it can stand in for it. An unknown type can for
/// itself alone.
pub(super) fn worth(found: &InstanceKind, wanted: &WantedKind) -> f64 {
    let weight = f64::from(wanted.weight);
    if found.instance_type == wanted.instance_type {
        return weight;
    }
    let vcpu = |name: &str| instance_type::find(name).map(|known| f64::from(known.vcpu));
    match vcpu(&found.instance_type).zip(vcpu(&wanted.instance_type)) {
        Some((found, wanted)) => weight * found / wanted,
        None => 0.0,
    }
}

/// Whether a spot instance with the bid `found` will do on `wanted`. Dollars and per cent cannot be compared, because
/// what an instance costs on demand is not known here.
fn will_do(found: &Bid, wanted: &Market) -> bool {
    let Market::Spot(wanted) = wanted else { return false };
    match (found, wanted) {
        (Bid::Usd(found), Bid::Usd(wanted)) => found == wanted || is_price_at_least(found, wanted),
        (Bid::Usd(_), _) => false,
        (Bid::Percent(found), Bid::Percent(wanted)) => found >= wanted,
        (Bid::Percent(found), _) => *found >= 100.0,
        (Bid::OnDemandPrice, Bid::Percent(wanted)) => *wanted <= 100.0,
        (Bid::OnDemandPrice, _) => true,
    }
}

fn is_price_at_least(found: &str, wanted: &str) -> bool {
    let price = |text: &str| text.trim().parse::<f64>().ok();
    price(found).zip(price(wanted)).is_some_and(|(found, wanted)| found >= wanted)
}

fn has_volumes(found: &Ebs, wanted: &Ebs) -> bool {
    let is_optimized = wanted.optimized != Some(true) || found.optimized == Some(true);
    let mut pairs = found.volumes.iter().zip(&wanted.volumes);
    is_optimized
        && found.volumes.len() >= wanted.volumes.len()
        && pairs.all(|(found, wanted)| is_as_good(found, wanted))
}

fn is_as_good(found: &Volume, wanted: &Volume) -> bool {
    is_type_as_good(&found.volume_type, &wanted.volume_type)
        && found.size_gib >= wanted.size_gib
        && found.iops.unwrap_or(0) >= wanted.iops.unwrap_or(0)
        && found.throughput.unwrap_or(0) >= wanted.throughput.unwrap_or(0)
}

/// Types of volumes that serve the same purpose, the better later. A type that is not here is as good as itself alone.
const VOLUME_TYPES: [&str; 5] = ["standard", "gp2", "gp3", "io1", "io2"];

fn is_type_as_good(found: &str, wanted: &str) -> bool {
    let place = |name| VOLUME_TYPES.iter().position(|known| *known == name);
    found == wanted || place(found).zip(place(wanted)).is_some_and(|(found, wanted)| found >= wanted)
}
