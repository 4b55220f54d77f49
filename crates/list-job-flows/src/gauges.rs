//! Gauges of the listed job flows, by pool. Job flows in no pool have no label `pool`; no label names a job flow.

use emr_core::metrics::{Gauge, Metrics, amount};
use emr_core::model::cluster::ClusterState;
use emr_core::model::pool::PoolName;
use emr_core::model::record::JobFlowRecord;

const BY_STATE: Gauge = Gauge { name: "emr_job_flows", help: "Job flows by state." };

const FREE: Gauge = Gauge {
    name: "emr_pool_free_job_flows",
    help: "Job flows of a pool that a job could claim: waiting, with no unfinished step, and not claimed.",
};

const CLAIMED: Gauge =
    Gauge { name: "emr_pool_claimed_job_flows", help: "Job flows of a pool that a job has claimed and not yet used." };

const STARTING: Gauge =
    Gauge { name: "emr_pool_starting_job_flows", help: "Job flows of a pool that are starting or bootstrapping." };

const UNKNOWN: Gauge = Gauge {
    name: "emr_unknown_job_flows",
    help: "Job flows that are up and do not tell whether they are free, claimed or idle: they count as none of these.",
};

const IDLE: Gauge = Gauge {
    name: "emr_idle_job_flows",
    help: "Job flows that are idle, as terminate-idle-job-flows counts it, and that nothing keeps.",
};

const IDLE_SECONDS: Gauge = Gauge { name: "emr_idle_seconds", help: "Idle time of all idle job flows together." };

const LONGEST: Gauge =
    Gauge { name: "emr_longest_idle_seconds", help: "Idle time of the job flow that has been idle for longest." };

const INSTANCES: Gauge =
    Gauge { name: "emr_instances", help: "Requested instances, of job flows whose size is known." };

const VCPUS: Gauge = Gauge { name: "emr_vcpus", help: "Their virtual CPUs, as far as their types are known." };

const UNSIZED: Gauge = Gauge {
    name: "emr_unsized_job_flows",
    help: "Job flows whose instances or virtual CPUs are not known; --size asks EMR for those whose Names lack them.",
};

/// Begins the gauges of `pool`, or of the job flows in none: at zero, so that a monitor can tell nothing from no news.
pub(crate) fn begin(metrics: &mut Metrics, pool: Option<&str>, states: &[ClusterState]) {
    let pool = ("pool", pool.unwrap_or_default());
    for state in states {
        metrics.at(BY_STATE, &[pool, ("state", &state.to_string())]);
    }
    for gauge in [FREE, CLAIMED, STARTING, UNKNOWN, IDLE, IDLE_SECONDS, LONGEST, INSTANCES, VCPUS, UNSIZED] {
        metrics.at(gauge, &[pool]);
    }
}

/// Counts the job flow of `record`.
pub(crate) fn count(metrics: &mut Metrics, record: &JobFlowRecord, states: &[ClusterState]) {
    let pool = record.pool_name.as_ref().map(PoolName::as_str);
    begin(metrics, pool, states);
    let pool = ("pool", pool.unwrap_or_default());
    *metrics.at(BY_STATE, &[pool, ("state", &record.state.to_string())]) += 1.0;
    let busy = record.busy_because.as_deref();
    let is_untold = record.idle_s.is_none() || (record.pool_name.is_some() && record.free.is_none());
    let is_unknown = crate::is_asked(&record.state) && busy.is_none() && is_untold;
    let idle_s = record.idle_s.filter(|_| busy.is_none() && !is_unknown);
    let is_up_or_coming = !record.state.has_ended();
    let is_sized = record.instances.is_some() && record.vcpus.is_some();
    let is_starting = matches!(record.state, ClusterState::Starting | ClusterState::Bootstrapping);
    for (gauge, counts) in [
        (FREE, record.free == Some(true)),
        (CLAIMED, busy == Some("claimed")),
        (STARTING, is_starting && record.pool_name.is_some()),
        (UNKNOWN, is_unknown),
        (IDLE, idle_s.is_some()),
        (UNSIZED, is_up_or_coming && !is_sized),
    ] {
        *metrics.at(gauge, &[pool]) += f64::from(u8::from(counts));
    }
    let idle_s = amount(idle_s.unwrap_or(0));
    *metrics.at(IDLE_SECONDS, &[pool]) += idle_s;
    let longest = metrics.at(LONGEST, &[pool]);
    *longest = longest.max(idle_s);
    if is_up_or_coming {
        *metrics.at(INSTANCES, &[pool]) += f64::from(record.instances.unwrap_or(0));
        *metrics.at(VCPUS, &[pool]) += f64::from(record.vcpus.unwrap_or(0));
    }
}
