//! The shape: an offer as short text in a cluster's Name, so that a list of clusters shows the instances of each.
//!
//! It has what was requested at the start. A resized cluster, or one that did not get everything, has other instances.
//!
//! `m1:m5.xlarge+c11:m5.xlarge+t0-20:c5.2xlarge@0.42` is a master, eleven core instances, and twenty spot task
//! instances at 0.42 US dollars. Lots are joined by `+`. Each lot is
//!
//! - its role (`m`, `c` or `t`), its units on demand, `-` and its units as spot instances if there are any, and `:`;
//! - its kinds, joined by `/`. A kind is a type; `*` and its weight unless 1; `@` and its bid if any, in dollars, or in
//!   per cent with `%`; `~o` or `~n` if it is set EBS-optimized or not; and each volume as `~gp3.100`, followed by
//!   `.IOPS` and `.throughput` if set.

use super::offer::{InstanceKind, Lot, Offer, Units};
use crate::model::bid::Bid;
use crate::model::instance_type;
use crate::model::instances::{Ebs, Instances, Role, Volume};

/// The longest shape, in characters: a Name has 256, and the rest of the marker, the run id and a label need room.
const LONGEST: usize = 120;

/// The shape of a job flow with `instances`. `None` if it is too long or cannot be written.
#[must_use]
pub fn of(instances: &Instances) -> Option<String> {
    let lots: Option<Vec<_>> = Offer::of(instances).lots.iter().map(lot).collect();
    Some(lots?.join("+")).filter(|shape| !shape.is_empty() && shape.len() <= LONGEST)
}

/// The offer of a cluster with the shape `text`, when EMR has provided all of it. `None` if `text` is not a shape.
#[must_use]
pub fn offer(text: &str) -> Option<Offer> {
    if text.len() > LONGEST {
        return None;
    }
    let lots: Option<Vec<_>> = text.split('+').map(parse_lot).collect();
    lots.map(|lots| Offer { lots })
}

fn lot(lot: &Lot) -> Option<String> {
    let kinds: Option<Vec<_>> = lot.kinds.iter().map(kind).collect();
    let kinds = kinds.filter(|kinds| !kinds.is_empty())?.join("/");
    let role = letter(lot.role);
    Some(match (lot.on_demand.requested, lot.spot.requested) {
        (on_demand, 0) => format!("{role}{on_demand}:{kinds}"),
        (on_demand, spot) => format!("{role}{on_demand}-{spot}:{kinds}"),
    })
}

fn parse_lot(text: &str) -> Option<Lot> {
    let (head, kinds) = text.split_once(':')?;
    let role = Role::ALL.into_iter().find(|role| head.starts_with(letter(*role)))?;
    let units = head.get(1..)?;
    let (on_demand, spot) = units.split_once('-').unwrap_or((units, "0"));
    let kinds: Option<Vec<_>> = kinds.split('/').map(parse_kind).collect();
    Some(Lot { role, kinds: kinds?, on_demand: Units::all(number(on_demand)?), spot: Units::all(number(spot)?) })
}

fn letter(role: Role) -> char {
    match role {
        Role::Master => 'm',
        Role::Core => 'c',
        Role::Task => 't',
    }
}

fn kind(kind: &InstanceKind) -> Option<String> {
    let name = Some(&kind.instance_type).filter(|name| instance_type::is_well_formed(name))?;
    let weight = if kind.weight == 1 { String::new() } else { format!("*{}", kind.weight) };
    let bid = match &kind.bid {
        Bid::OnDemandPrice => String::new(),
        Bid::Usd(price) if is_decimal(price) => format!("@{price}"),
        Bid::Percent(percent) if is_decimal(&percent.to_string()) => format!("@{percent}%"),
        Bid::Usd(_) | Bid::Percent(_) => return None,
    };
    Some(format!("{name}{weight}{bid}{}", ebs(&kind.ebs)?))
}

fn parse_kind(text: &str) -> Option<InstanceKind> {
    let mut parts = text.split('~');
    let head = parts.next()?;
    let ebs = parse_ebs(parts)?;
    let (head, bid) = match head.split_once('@') {
        Some((head, bid)) => (head, parse_bid(bid)?),
        None => (head, Bid::OnDemandPrice),
    };
    let (name, weight) = match head.split_once('*') {
        Some((name, weight)) => (name, number(weight)?),
        None => (head, 1),
    };
    let is_kind = instance_type::is_well_formed(name) && weight > 0;
    is_kind.then(|| InstanceKind { instance_type: name.to_owned(), weight, bid, ebs })
}

fn parse_bid(text: &str) -> Option<Bid> {
    let amount = text.strip_suffix('%').unwrap_or(text);
    if !is_decimal(amount) {
        return None;
    }
    if amount == text { Some(Bid::Usd(text.to_owned())) } else { amount.parse().ok().map(Bid::Percent) }
}

fn ebs(ebs: &Ebs) -> Option<String> {
    let optimized = match ebs.optimized {
        None => "",
        Some(true) => "~o",
        Some(false) => "~n",
    };
    let volumes: Option<String> = ebs.volumes.iter().map(volume).collect();
    volumes.map(|volumes| format!("{optimized}{volumes}"))
}

fn volume(volume: &Volume) -> Option<String> {
    let name = Some(&volume.volume_type).filter(|name| is_word(name))?;
    let size = volume.size_gib;
    let number = |number: Option<u32>| number.map_or_else(String::new, |number| number.to_string());
    Some(match (volume.iops, volume.throughput) {
        (None, None) => format!("~{name}.{size}"),
        (iops, None) => format!("~{name}.{size}.{}", number(iops)),
        (iops, throughput) => format!("~{name}.{size}.{}.{}", number(iops), number(throughput)),
    })
}

fn parse_ebs<'a>(parts: impl Iterator<Item = &'a str>) -> Option<Ebs> {
    let mut ebs = Ebs::default();
    for part in parts {
        match part {
            "o" => ebs.optimized = Some(true),
            "n" => ebs.optimized = Some(false),
            volume => ebs.volumes.push(parse_volume(volume)?),
        }
    }
    Some(ebs)
}

fn parse_volume(text: &str) -> Option<Volume> {
    let mut parts = text.split('.');
    let volume_type = parts.next().filter(|name| is_word(name))?.to_owned();
    let size_gib = number(parts.next()?)?;
    let mut optional = || match parts.next() {
        None | Some("") => Some(None),
        Some(text) => number(text).map(Some),
    };
    let (iops, throughput) = (optional()?, optional()?);
    parts.next().is_none().then_some(Volume { volume_type, size_gib, iops, throughput })
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn is_decimal(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.parse::<f64>().is_ok()
}

fn number(text: &str) -> Option<u32> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit());
    is_plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_text_is_none() {
        let texts = ["", "etl", "m1", "m:m5.xlarge", "m1:", "m1:m5", "x1:m5.xlarge", "m1:m5.xlarge+", "m-1:m5.xlarge"];
        let kinds =
            ["m1:m5.xlarge*0", "m1:m5.xlarge@", "m1:m5.xlarge@x", "m1:m5.xlarge~", "m1:m5.xlarge~gp2", "ä1:m5.a"];
        let others =
            ["m99999999999:m5.xlarge", "m1:m5.xlarge~gp2.1.2.3.4", "m+1:m5.xlarge", "c1:m5.xlarge/", "m1:m5.xlarge@%"];
        for text in texts.into_iter().chain(kinds).chain(others) {
            assert_eq!(offer(text), None, "{text}");
        }
        assert_eq!(offer(&"m1:m5.xlarge+".repeat(99)), None);
    }
}
