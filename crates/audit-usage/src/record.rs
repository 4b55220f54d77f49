//! The record of a group.

use emr_core::model::record::{Record, cell};
use emr_core::usage::{GroupBy, Part, Parts, Totals};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// What the job flows of a group used and wasted.
#[derive(Debug, Clone)]
pub(crate) struct UsageRecord {
    group_by: GroupBy,
    /// What they have in common; `None` for those of which that is not known.
    group: Option<String>,
    totals: Totals,
    /// Whether the user has said what instances cost.
    is_priced: bool,
}

/// Seconds in an hour.
const HOUR: f64 = 3600.0;

impl UsageRecord {
    pub(crate) fn new(group_by: GroupBy, group: Option<String>, totals: &Totals, is_priced: bool) -> Self {
        Self { group_by, group, totals: totals.clone(), is_priced }
    }

    /// Whether the vCPUs of some of them are known.
    fn is_sized(&self) -> bool {
        self.totals.unsized_job_flows < self.totals.job_flows
    }

    fn is_costed(&self) -> bool {
        self.is_priced && self.totals.unpriced_job_flows < self.totals.job_flows
    }

    fn pooling<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        // Of those that nobody has looked at nobody knows the jobs.
        let is_known = self.totals.wall.get(Part::Unknown) == 0;
        let Some(pooling) = self.totals.pooling.as_ref().filter(|_| is_known) else { return Ok(()) };
        map.serialize_entry("jobs", &pooling.jobs)?;
        if self.group_by != GroupBy::Pool || self.group.is_none() {
            return Ok(());
        }
        map.serialize_entry("bootstraps_saved", &pooling.bootstraps_saved())?;
        entry(map, "bootstraps_saved_s", pooling.saved_s())
    }
}

/// A part's name in records.
pub(crate) fn name(part: Part) -> &'static str {
    match part {
        Part::Starting => "starting",
        Part::Used => "used",
        Part::Failed => "failed",
        Part::IdleBetween => "idle_between",
        Part::IdleAtEnd => "idle_at_end",
        Part::Unknown => "unknown",
    }
}

fn entry<M: SerializeMap, T: Serialize>(map: &mut M, key: &str, value: Option<T>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(key, &value))
}

/// The life and its parts under keys that end in `unit`. An unknown part is there only if there is any.
fn parts<M: SerializeMap, T: Serialize>(
    map: &mut M,
    parts: &Parts,
    unit: &str,
    value: impl Fn(u128) -> T,
) -> Result<(), M::Error> {
    map.serialize_entry(&format!("life_{unit}"), &value(parts.total()))?;
    for part in Part::ALL {
        if part != Part::Unknown || parts.get(part) > 0 {
            map.serialize_entry(&format!("{}_{unit}", name(part)), &value(parts.get(part)))?;
        }
    }
    Ok(())
}

/// `amount`, of which so many are one, to the millionth.
#[expect(clippy::cast_precision_loss, reason = "a double has fifteen digits")]
fn of_units(amount: u128, units: f64) -> f64 {
    (amount as f64 / units * 1e6).round() / 1e6
}

/// `amount` in hours.
pub(crate) fn hours(amount: u128) -> f64 {
    of_units(amount, HOUR)
}

/// Millionths of a dollar an hour, times seconds, in dollars.
pub(crate) fn dollars(amount: u128) -> f64 {
    of_units(amount, HOUR * 1e6)
}

/// The text of a sum from which so many of `all` job flows are missing: `12.3+` without some, `None` without all.
pub(crate) fn sum(text: String, missing: u64, all: u64) -> Option<String> {
    match missing {
        0 => Some(text),
        some if some < all => Some(text + "+"),
        _ => None,
    }
}

/// `part` of `whole` in per cent.
pub(crate) fn percent(part: u128, whole: u128) -> f64 {
    if whole == 0 { 0.0 } else { hours(part) / hours(whole) * 100.0 }
}

impl Serialize for UsageRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let totals = &self.totals;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("group_by", self.group_by.as_str())?;
        entry(&mut map, "group", self.group.as_ref())?;
        map.serialize_entry("job_flows", &totals.job_flows)?;
        parts(&mut map, &totals.wall, "s", |seconds| u64::try_from(seconds).unwrap_or(u64::MAX))?;
        if self.is_sized() {
            parts(&mut map, &totals.vcpu, "vcpu_h", hours)?;
            map.serialize_entry("instance_h", &hours(totals.instance_s))?;
        }
        entry(&mut map, "unsized_job_flows", Some(totals.unsized_job_flows).filter(|count| *count > 0))?;
        if self.is_costed() {
            parts(&mut map, &totals.money, "usd", dollars)?;
        }
        entry(&mut map, "unpriced_job_flows", Some(totals.unpriced_job_flows).filter(|count| *count > 0))?;
        entry(&mut map, "normalized_instance_hours", totals.normalized_instance_hours)?;
        self.pooling(&mut map)?;
        map.end()
    }
}

impl Record for UsageRecord {
    const COLUMNS: &'static [&'static str] = &[
        "BY", "GROUP", "FLOWS", "HOURS", "VCPU-H", "USD", "START", "USED", "FAILED", "BETWEEN", "AT END", "UNKNOWN",
        "WASTED", "SAVED",
    ];

    const CUT: &'static [(&'static str, usize)] = &[("GROUP", 8)];

    fn cells(&self) -> Vec<String> {
        let Totals { wall, vcpu, money, pooling, .. } = &self.totals;
        // Large job flows count for more, where all sizes are known.
        let shares = if self.totals.is_measured() { vcpu } else { wall };
        let share = |part: Part| match shares.get(part) {
            0 => "-".to_owned(),
            amount => format!("{:.0}%", percent(amount, shares.total())),
        };
        let most = shares.wasted() + shares.get(Part::Unknown);
        let [least, most] = [shares.wasted(), most].map(|amount| percent(amount, shares.total()));
        let is_known = shares.get(Part::Unknown) == 0;
        let wasted =
            if is_known { format!("{least:.0}%") } else { format!("{:.0}-{:.0}%", least.floor(), most.ceil()) };
        let saved = pooling.as_ref().filter(|_| self.group_by == GroupBy::Pool && self.group.is_some());
        let saved = saved.filter(|_| wall.get(Part::Unknown) == 0).map(emr_core::usage::Pooling::bootstraps_saved);
        let all = self.totals.job_flows;
        let usd = sum(format!("{:.2}", dollars(money.total())), self.totals.unpriced_job_flows, all);
        let usd = usd.filter(|_| self.is_priced);
        let head = [
            self.group_by.to_string(),
            cell(self.group.as_ref()),
            self.totals.job_flows.to_string(),
            format!("{:.1}", hours(wall.total())),
            cell(sum(format!("{:.1}", hours(vcpu.total())), self.totals.unsized_job_flows, all)),
            cell(usd),
        ];
        let tail = [wasted, cell(saved)];
        head.into_iter().chain(Part::ALL.map(share)).chain(tail).collect()
    }

    fn id(&self) -> &str {
        self.group.as_deref().unwrap_or_default()
    }
}
