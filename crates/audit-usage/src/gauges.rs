//! Gauges of what was used and wasted: of all job flows, and of each group. Groups that grow with time have none.

use emr_core::metrics::{Gauge, Metrics, amount};
use emr_core::usage::{GroupBy, Part, Parts, Totals};

use crate::coverage::Coverage;
use crate::record::{dollars, name};

/// The gauges of one kind of groups.
pub(crate) struct Family {
    /// The label that names the group; empty for all job flows.
    label: &'static str,
    job_flows: Gauge,
    seconds: Gauge,
    vcpu_seconds: Gauge,
    dollars: Gauge,
    unsized_job_flows: Gauge,
}

/// The gauges whose names begin with `prefix`.
macro_rules! family {
    ($label:literal, $prefix:literal, $whose:literal) => {
        Family {
            label: $label,
            job_flows: Gauge {
                name: concat!($prefix, "_job_flows"),
                help: concat!("Job flows ", $whose, " that were up in the time of the report."),
            },
            seconds: Gauge {
                name: concat!($prefix, "_seconds"),
                help: concat!("Wall time of the job flows ", $whose, " by what they did; unknown if nobody looked."),
            },
            vcpu_seconds: Gauge {
                name: concat!($prefix, "_vcpu_seconds"),
                help: concat!("The same in vCPU-seconds ", $whose, ", of job flows whose size is known."),
            },
            dollars: Gauge {
                name: concat!($prefix, "_dollars"),
                help: concat!(
                    "The same in dollars ",
                    $whose,
                    " by the prices given, of job flows whose price is known."
                ),
            },
            unsized_job_flows: Gauge {
                name: concat!($prefix, "_unsized_job_flows"),
                help: concat!("Job flows ", $whose, " whose virtual CPUs are not known."),
            },
        }
    };
}

const ALL: Family = family!("", "emr_usage", "of the account");
const POOLS: Family = family!("pool", "emr_pool_usage", "of each pool");
const OWNERS: Family = family!("owner", "emr_owner_usage", "of each owner");
const JOBS: Family = family!("job_name", "emr_job_usage", "of each job");
const REGIONS: Family = family!("region", "emr_region_usage", "of each region");
const TYPES: Family = family!("instance_type", "emr_instance_type_usage", "of each instance type");

const LOOKED_AT: Gauge = Gauge { name: "emr_usage_looked_at_job_flows", help: "Job flows whose steps were looked at." };

const LOOKED_AT_RATIO: Gauge = Gauge {
    name: "emr_usage_looked_at_ratio",
    help: "Which part of what all job flows may have cost those come to whose steps were looked at.",
};

const LEAST_WASTED: Gauge = Gauge {
    name: "emr_usage_least_wasted_ratio",
    help: "Which part of the hours was wasted at least: failed or idle. Of vCPU-hours if all sizes are known.",
};

const MOST_WASTED: Gauge = Gauge {
    name: "emr_usage_most_wasted_ratio",
    help: "Which part of the hours was wasted at most, if all that is unknown was wasted.",
};

/// The gauges of groups by this; `None` if there are ever more groups.
pub(crate) fn of_group(by: GroupBy) -> Option<Family> {
    match by {
        GroupBy::Pool => Some(POOLS),
        GroupBy::Owner => Some(OWNERS),
        GroupBy::Job => Some(JOBS),
        GroupBy::Region => Some(REGIONS),
        GroupBy::InstanceType => Some(TYPES),
        GroupBy::JobFlow | GroupBy::Day | GroupBy::Hour => None,
    }
}

/// Adds the gauges of all job flows.
pub(crate) fn measure_all(metrics: &mut Metrics, totals: &Totals, coverage: &Coverage, is_priced: bool) {
    measure(metrics, &ALL, "", totals, is_priced);
    *metrics.at(LOOKED_AT, &[]) = amount(coverage.looked_at());
    let bounds = Coverage::wasted(totals);
    for (gauge, percent) in
        [(LOOKED_AT_RATIO, coverage.percent_looked_at()), (LEAST_WASTED, bounds.0), (MOST_WASTED, bounds.1)]
    {
        *metrics.at(gauge, &[]) = percent / 100.0;
    }
}

/// Adds the gauges of a group; of the group without a name, of which nothing more is known, without its label.
pub(crate) fn measure_group(metrics: &mut Metrics, by: GroupBy, group: Option<&str>, totals: &Totals, is_priced: bool) {
    if let Some(family) = of_group(by) {
        measure(metrics, &family, group.unwrap_or_default(), totals, is_priced);
    }
}

fn measure(metrics: &mut Metrics, family: &Family, group: &str, totals: &Totals, is_priced: bool) {
    let label = (family.label, group);
    *metrics.at(family.job_flows, &[label]) += amount(totals.job_flows);
    *metrics.at(family.unsized_job_flows, &[label]) += amount(totals.unsized_job_flows);
    let mut add = |gauge: Gauge, parts: &Parts, value: fn(u128) -> f64| {
        for part in Part::ALL {
            *metrics.at(gauge, &[label, ("part", name(part))]) += value(parts.get(part));
        }
    };
    add(family.seconds, &totals.wall, amount);
    // Of what is not known at all, zero would be a falsehood.
    let is_known = |missing: u64| totals.job_flows == 0 || missing < totals.job_flows;
    if is_known(totals.unsized_job_flows) {
        add(family.vcpu_seconds, &totals.vcpu, amount);
    }
    if is_priced && is_known(totals.unpriced_job_flows) {
        add(family.dollars, &totals.money, dollars);
    }
}
