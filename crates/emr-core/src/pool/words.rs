//! The wording of reasons: instances, prices and volumes for people.

use super::offer::Lot;
use crate::model::bid::Bid;
use crate::model::instance_type;
use crate::model::instances::{Ebs, Market, Volume};

/// `items` as a list, such as `a, b or c` with the word `or`.
pub(super) fn list(items: impl Iterator<Item = String>, word: &str) -> String {
    let mut items: Vec<_> = items.collect();
    match (items.pop(), items.is_empty()) {
        (Some(last), false) => format!("{} {word} {last}", items.join(", ")),
        (last, _) => last.unwrap_or_default(),
    }
}

/// A type with its memory: `m5.xlarge (16 GiB)`.
pub(super) fn memory(name: &str) -> String {
    let known = instance_type::find(name);
    known.map_or_else(|| format!("{name} (unknown)"), |known| format!("{name} ({} GiB)", known.memory_gib))
}

/// A type with its architecture: `m5.xlarge (x86)`.
pub(super) fn architecture(name: &str) -> String {
    let known = instance_type::find(name);
    known.map_or_else(|| name.to_owned(), |known| format!("{name} ({})", if known.arm { "ARM" } else { "x86" }))
}

/// How instances are bought: `on demand`, `spot at 0.42 USD`.
pub(super) fn market(market: &Market) -> String {
    match market {
        Market::OnDemand => "on demand".to_owned(),
        Market::Spot(Bid::Usd(price)) => format!("spot at {price} USD"),
        Market::Spot(Bid::Percent(percent)) => format!("spot at {percent} % of the on-demand price"),
        Market::Spot(Bid::OnDemandPrice) => "spot at the on-demand price".to_owned(),
    }
}

/// The size and types of a lot: `10 x m5.xlarge`, `8 units of m5.xlarge or m5.2xlarge`.
pub(super) fn lot(lot: &Lot) -> String {
    let count = u64::from(lot.on_demand.count()) + u64::from(lot.spot.count());
    match &lot.kinds[..] {
        [kind] if kind.weight == 1 => format!("{count} x {}", kind.instance_type),
        kinds => format!("{count} units of {}", list(kinds.iter().map(|kind| kind.instance_type.clone()), "or")),
    }
}

/// The volumes of an instance: `gp3 100 GiB 3000 IOPS`.
pub(super) fn ebs(ebs: &Ebs) -> String {
    let mut parts: Vec<_> = ebs.volumes.iter().map(volume).collect();
    if ebs.optimized == Some(true) {
        parts.push("EBS-optimized".to_owned());
    }
    if parts.is_empty() { "no volumes".to_owned() } else { parts.join(", ") }
}

fn volume(volume: &Volume) -> String {
    let iops = volume.iops.map_or_else(String::new, |iops| format!(" {iops} IOPS"));
    let throughput = volume.throughput.map_or_else(String::new, |rate| format!(" {rate} MiB/s"));
    format!("{} {} GiB{iops}{throughput}", volume.volume_type, volume.size_gib)
}

/// An amount with at most two decimals and no trailing zeros: `16`, `6.67`.
pub(super) fn amount(amount: f64) -> String {
    let text = format!("{amount:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
