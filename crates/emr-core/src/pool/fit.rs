//! Whether a cluster fits a job: compares its offer with the job's demand, role by role, and gives reasons.
//!
//! First, each instance of a role must be able to replace a wanted one, because the job's tasks may run on any. Then
//! the units must suffice; they are CPUs if the types are known.

use serde::Serialize;

use super::compatible::{obstacle, worth};
use super::demand::{Demand, Want, WantedKind};
use super::obstacle::Obstacle;
use super::offer::{InstanceKind, Lot, Offer};
use super::words;
use crate::model::instances::{Market, Role};

/// Why a cluster does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The rule, such as `memory`.
    pub check: &'static str,
    /// What the job needs.
    pub wanted: String,
    /// What the cluster has.
    pub found: String,
}

/// Tolerance in comparing sums of units, which are floating-point numbers.
const ROUNDING: f64 = 1e-6;

/// The reasons why `offer` does not satisfy `demand`; empty if it does.
#[must_use]
pub fn misfits(demand: &Demand, offer: &Offer) -> Vec<Reason> {
    Role::ALL.into_iter().flat_map(|role| misfits_of_role(role, demand, offer)).collect()
}

fn misfits_of_role(role: Role, demand: &Demand, offer: &Offer) -> Vec<Reason> {
    let (wants, lots) = (demand.of_role(role), offer.of_role(role));
    if lots.is_empty() {
        return wants.into_iter().map(missing).collect();
    }
    let to_stand_in_for = if wants.is_empty() { demand.instead_of_role(role) } else { wants.clone() };
    let mut reasons: Vec<Reason> = Vec::new();
    for reason in lots.iter().flat_map(|lot| refusals(lot, &to_stand_in_for)) {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    if reasons.is_empty() {
        reasons.extend(wants.into_iter().filter_map(|want| shortage(want, &lots)));
    }
    reasons
}

fn missing(want: &Want) -> Reason {
    let role = want.role.group_name();
    Reason { check: "instances", wanted: format!("{role}: {}", want.text), found: format!("no {role} instances") }
}

/// Why instances of `lot` can replace none of the wanted ones.
fn refusals(lot: &Lot, wants: &[&Want]) -> Vec<Reason> {
    let portions = [(lot.on_demand, false), (lot.spot, true)];
    let kinds = portions
        .into_iter()
        .filter(|(units, _)| !units.is_none())
        .flat_map(|(_, is_spot)| lot.kinds.iter().map(move |kind| (kind, is_spot)));
    kinds.filter_map(|(kind, is_spot)| refusal(lot.role, kind, is_spot, wants)).collect()
}

/// Why `kind` can replace none of `wants`, by the want that it comes closest to. `None` if it can replace one.
fn refusal(role: Role, kind: &InstanceKind, is_spot: bool, wants: &[&Want]) -> Option<Reason> {
    let mut nearest: Option<(Obstacle, &Want, &WantedKind)> = None;
    for (want, wanted) in wants.iter().flat_map(|want| want.kinds.iter().map(move |wanted| (want, wanted))) {
        let obstacle = obstacle(kind, is_spot, wanted)?;
        if nearest.is_none_or(|(nearest, ..)| obstacle > nearest) {
            nearest = Some((obstacle, want, wanted));
        }
    }
    let (obstacle, want, wanted) = nearest?;
    let (check, wanted, found) = explained(obstacle, kind, is_spot, wanted);
    let of = |role: Role, text| format!("{}: {text}", role.group_name());
    Some(Reason { check, wanted: of(want.role, wanted), found: of(role, found) })
}

/// The rule behind `obstacle`, with the wanted and the found value.
fn explained(
    obstacle: Obstacle,
    found: &InstanceKind,
    is_spot: bool,
    wanted: &WantedKind,
) -> (&'static str, String, String) {
    let (wanted_type, found_type) = (&wanted.instance_type, &found.instance_type);
    match obstacle {
        Obstacle::InstanceType => ("instance_type", words::memory(wanted_type), words::memory(found_type)),
        Obstacle::Architecture => ("architecture", words::architecture(wanted_type), words::architecture(found_type)),
        Obstacle::Memory => ("memory", words::memory(wanted_type), words::memory(found_type)),
        Obstacle::BidPrice => {
            let market = if is_spot { Market::Spot(found.bid.clone()) } else { Market::OnDemand };
            let bought = |name: &str, market: &Market| format!("{name} {}", words::market(market));
            ("bid_price", bought(wanted_type, &wanted.market), bought(found_type, &market))
        }
        Obstacle::Ebs => ("ebs", words::ebs(&wanted.ebs), words::ebs(&found.ebs)),
    }
}

/// Why the units of `lots`, which can all replace wanted instances, do not suffice for `want`.
fn shortage(want: &Want, lots: &[&Lot]) -> Option<Reason> {
    let sum = |is_spot| lots.iter().map(|lot| lot_worth(lot, is_spot, want)).sum::<f64>();
    let on_demand = sum(false);
    let all = on_demand + sum(true);
    let (wanted_on_demand, wanted) = (units(want.on_demand), units(want.on_demand) + units(want.spot));
    let (wanted, found, how) = if on_demand + ROUNDING < wanted_on_demand {
        (wanted_on_demand, on_demand, if want.spot > 0 { " on demand" } else { "" })
    } else if all + ROUNDING < wanted {
        (wanted, all, "")
    } else {
        return None;
    };
    let measured = |amount| format!("({} {}{how})", words::amount(amount), want.measure);
    let role = want.role.group_name();
    let lots = words::list(lots.iter().map(|lot| words::lot(lot)), "and");
    Some(Reason {
        check: "cpu",
        wanted: format!("{role}: {} {}", want.text, measured(wanted)),
        found: format!("{role}: {lots} {}", measured(found)),
    })
}

/// The worth of a lot's on-demand or spot instances in units of `want`, if all are of the weakest kind.
fn lot_worth(lot: &Lot, is_spot: bool, want: &Want) -> f64 {
    let bought = if is_spot { lot.spot } else { lot.on_demand };
    let per_unit = lot.kinds.iter().map(|kind| kind_worth(kind, is_spot, want) / f64::from(kind.weight.max(1)));
    f64::from(bought.count()) * per_unit.reduce(f64::min).unwrap_or(0.0)
}

fn kind_worth(kind: &InstanceKind, is_spot: bool, want: &Want) -> f64 {
    let stands_in = want.kinds.iter().filter(|wanted| obstacle(kind, is_spot, wanted).is_none());
    stands_in.map(|wanted| worth(kind, wanted)).fold(0.0, f64::max)
}

#[expect(clippy::cast_precision_loss, reason = "EMR has no clusters of 2^53 units")]
fn units(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests;
