//! The report: sums by every group that is asked for, of one job flow after another.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::{GroupBy, Job, JobFlow, Parts, Pooling, Prices, Reckoning, Totals, Window};
use crate::model::instance_type;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Sums of what job flows used and wasted. It grows by groups, not by job flows.
#[derive(Debug)]
pub struct Report {
    window: Window,
    prices: Option<Prices>,
    groupings: Vec<(GroupBy, BTreeMap<Key, Totals>)>,
    total: Totals,
    vcpus: HashMap<String, Option<u32>>,
}

/// What a group has in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Text(Option<String>),
    /// A stretch of time, by its first second.
    Since(i64),
}

impl Report {
    /// A report on what is in `window`, by each of `group_by`.
    #[must_use]
    pub fn new(window: Window, prices: Option<Prices>, group_by: &[GroupBy]) -> Self {
        let groupings = group_by.iter().map(|by| (*by, BTreeMap::new())).collect();
        Self { window, prices, groupings, total: Totals::default(), vcpus: HashMap::new() }
    }

    /// Adds `job_flow` as it is at `now`, and returns its reckoning; `None` if nothing of it is in the window.
    pub fn add<'a>(&mut self, job_flow: &'a JobFlow, now: DateTime<Utc>) -> Option<Reckoning<'a>> {
        let known = &mut self.vcpus;
        let vcpus = |name: &str| match known.get(name) {
            Some(vcpus) => *vcpus,
            None => *known.entry(name.to_owned()).or_insert(instance_type::find(name).map(|found| found.vcpu)),
        };
        let reckoning = Reckoning::of(job_flow, now, self.window, self.prices.as_ref(), vcpus)?;
        let is_priced = self.prices.is_some();
        let whole = Totals {
            normalized_instance_hours: job_flow.normalized_instance_hours,
            pooling: Some(Pooling::of(job_flow, &reckoning, self.window)),
            ..totals(reckoning.parts, &reckoning, is_priced)
        };
        self.total.add(&whole);
        for (by, groups) in &mut self.groupings {
            for (key, totals) in shares(*by, job_flow, &reckoning, &whole, is_priced) {
                groups.entry(key).or_default().add(&totals);
            }
        }
        Some(reckoning)
    }

    /// Everything together.
    #[must_use]
    pub fn total(&self) -> &Totals {
        &self.total
    }

    /// The groups of each grouping in turn: stretches of time in their order, others by their waste.
    pub fn groups(&self) -> impl Iterator<Item = (GroupBy, Option<String>, &Totals)> {
        self.groupings.iter().flat_map(|(by, groups)| {
            let mut groups: Vec<_> = groups.iter().collect();
            if !by.is_time() {
                groups.sort_by_key(|(_, totals)| std::cmp::Reverse(totals.rank()));
            }
            groups.into_iter().map(move |(key, totals)| (*by, key.name(*by), totals))
        })
    }
}

impl Key {
    fn name(&self, by: GroupBy) -> Option<String> {
        match self {
            Self::Text(text) => text.clone(),
            Self::Since(since) => {
                let format = if by == GroupBy::Day { "%F" } else { "%FT%TZ" };
                DateTime::from_timestamp(*since, 0).map(|since| since.format(format).to_string())
            }
        }
    }
}

/// What of `job_flow` is in which group, of all that it comes to as a `whole`.
fn shares(
    by: GroupBy,
    job_flow: &JobFlow,
    reckoning: &Reckoning<'_>,
    whole: &Totals,
    is_priced: bool,
) -> Vec<(Key, Totals)> {
    // A tag without a value names no pool and no owner.
    let text = |text: Option<&str>| Key::Text(text.filter(|text| !text.is_empty()).map(str::to_owned));
    let all_in = |key: Option<&str>| vec![(text(key), whole.clone())];
    let in_time = |length: i64| {
        let stretches = by_time(reckoning, length).into_iter();
        stretches.map(|(since, parts)| (Key::Since(since), totals(parts, reckoning, is_priced))).collect()
    };
    match by {
        GroupBy::Pool => all_in(job_flow.pool_name.as_deref()),
        GroupBy::Owner => all_in(job_flow.owner.as_deref()),
        GroupBy::Region => all_in(job_flow.region.as_deref()),
        GroupBy::JobFlow => all_in(Some(job_flow.job_flow_id.as_str())),
        GroupBy::Day => in_time(DAY),
        GroupBy::Hour => in_time(HOUR),
        GroupBy::Job => {
            let jobs = by_job(reckoning).into_iter();
            jobs.map(|(label, parts)| (text(label), totals(parts, reckoning, is_priced))).collect()
        }
        GroupBy::InstanceType => {
            let types = by_type(reckoning, is_priced).into_iter();
            types.map(|(name, totals)| (text(name), totals)).collect()
        }
    }
}

/// The sums of `parts` of a job flow.
fn totals(parts: Parts, reckoning: &Reckoning<'_>, is_priced: bool) -> Totals {
    let (vcpus, price) = (reckoning.vcpus(), reckoning.price().filter(|_| is_priced));
    Totals {
        job_flows: 1,
        wall: parts,
        vcpu: vcpus.map(|vcpus| parts.times(vcpus)).unwrap_or_default(),
        instance_s: vcpus.and(reckoning.instances()).unwrap_or(0) * parts.total(),
        unsized_job_flows: u64::from(vcpus.is_none()),
        money: price.map(|price| parts.times(price)).unwrap_or_default(),
        unpriced_job_flows: u64::from(is_priced && price.is_none()),
        normalized_instance_hours: None,
        pooling: None,
    }
}

fn by_job<'a>(reckoning: &Reckoning<'a>) -> BTreeMap<Option<&'a str>, Parts> {
    let mut jobs = BTreeMap::<_, Parts>::new();
    for span in &reckoning.spans {
        let label = span.step.map(|step| Job::of(&step.name).label).filter(|label| !label.is_empty());
        jobs.entry(label).or_default().add(span.part, span.seconds());
    }
    jobs
}

fn by_time(reckoning: &Reckoning<'_>, length: i64) -> BTreeMap<i64, Parts> {
    let mut stretches = BTreeMap::<_, Parts>::new();
    for span in &reckoning.spans {
        for (since, seconds) in span.stretches(length) {
            stretches.entry(since).or_default().add(span.part, seconds);
        }
    }
    stretches
}

/// What the instances of each type come to. The wall time is the job flow's, whole for each type.
fn by_type<'a>(reckoning: &Reckoning<'a>, is_priced: bool) -> BTreeMap<Option<&'a str>, Totals> {
    let Some(sizes) = &reckoning.sizes else {
        return BTreeMap::from([(None, totals(reckoning.parts, reckoning, is_priced))]);
    };
    let mut types = BTreeMap::<_, Reckoning<'a>>::new();
    for size in sizes {
        let alone = types.entry(Some(size.instance_type));
        let alone = alone.or_insert_with(|| Reckoning { spans: Vec::new(), sizes: Some(Vec::new()), ..*reckoning });
        alone.sizes.get_or_insert_default().push(*size);
    }
    types.into_iter().map(|(name, alone)| (name, totals(alone.parts, &alone, is_priced))).collect()
}
