//! Instances as people say them, for reasons.

use super::offer::Lot;
use crate::model::instance_type;
use crate::model::instances::{Bid, Ebs, Market, Volume};

/// `items` as a list, such as `a, b or c`.
pub(super) fn list(items: impl Iterator<Item = String>, word: &str) -> String {
    let mut items: Vec<_> = items.collect();
    match (items.pop(), items.is_empty()) {
        (Some(last), false) => format!("{} {word} {last}", items.join(", ")),
        (last, _) => last.unwrap_or_default(),
    }
}

/// A type with its memory.
pub(super) fn memory(name: &str) -> String {
    let known = instance_type::find(name);
    known.map_or_else(|| format!("{name} (unknown)"), |known| format!("{name} ({} GiB)", known.memory_gib))
}

/// A type with its processor architecture.
pub(super) fn architecture(name: &str) -> String {
    let known = instance_type::find(name);
    known.map_or_else(|| name.to_owned(), |known| format!("{name} ({})", if known.arm { "ARM" } else { "x86" }))
}

/// How instances are bought.
pub(super) fn market(market: &Market) -> String {
    match market {
        Market::OnDemand => "on demand".to_owned(),
        Market::Spot(Bid::Usd(price)) => format!("spot at {price} USD"),
        Market::Spot(Bid::Percent(percent)) => format!("spot at {percent} % of the on-demand price"),
        Market::Spot(Bid::OnDemandPrice) => "spot at the on-demand price".to_owned(),
    }
}

/// How many of which types a lot has.
pub(super) fn lot(lot: &Lot) -> String {
    let count = u64::from(lot.on_demand.count()) + u64::from(lot.spot.count());
    match &lot.kinds[..] {
        [kind] if kind.weight == 1 => format!("{count} x {}", kind.instance_type),
        kinds => format!("{count} units of {}", list(kinds.iter().map(|kind| kind.instance_type.clone()), "or")),
    }
}

/// The volumes of an instance.
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

/// A measured amount: whole where it is whole, otherwise with two digits.
pub(super) fn amount(amount: f64) -> String {
    let text = format!("{amount:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
