//! Gauges of a sweep, by pool. Job flows in no pool have no label `pool`.

use std::collections::BTreeMap;

use emr_core::metrics::{Gauge, Metrics};
use emr_core::model::id::JobFlowId;

/// What became of a job flow. Of several the last of these counts: EMR may list one twice while it changes its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// It was left alone.
    Kept,
    /// It could not be looked at, or could not be terminated.
    Failed,
    /// It was terminated.
    Ended,
    /// It was terminated with steps that EMR never began.
    EndedPending,
}

const ENDED: Gauge = Gauge { name: "emr_sweep_ended_job_flows", help: "Job flows that the last sweep terminated." };

const PENDING: Gauge = Gauge {
    name: "emr_sweep_ended_pending_job_flows",
    help: "Those of the terminated job flows that had pending steps, which EMR never began.",
};

const FAILED: Gauge = Gauge {
    name: "emr_sweep_failed_job_flows",
    help: "Job flows that the last sweep could not look at or could not terminate.",
};

const KEPT: Gauge = Gauge {
    name: "emr_sweep_kept_job_flows",
    help: "Job flows that the last sweep found waiting or running and left alone.",
};

/// The job flows of a sweep of one region, each with its pool and its fate.
#[derive(Debug, Default)]
pub(crate) struct Tally(BTreeMap<JobFlowId, (Option<String>, Fate)>);

impl Tally {
    /// Notes the fate of a job flow of `pool`.
    pub(crate) fn note(&mut self, job_flow: &JobFlowId, pool: Option<String>, fate: Fate) {
        let known = self.0.entry(job_flow.clone()).or_insert((None, fate));
        *known = (pool.or(known.0.take()), known.1.max(fate));
    }

    /// Sums up the gauges, also those of the pool `swept`, or of the job flows in none, if no job flow is there.
    pub(crate) fn measure(&self, metrics: &mut Metrics, region: &str, swept: Option<&str>) {
        begin(metrics, region, swept);
        for (pool, fate) in self.0.values() {
            begin(metrics, region, pool.as_deref());
            let gauges = match fate {
                Fate::Ended => &[ENDED][..],
                Fate::EndedPending => &[ENDED, PENDING],
                Fate::Failed => &[FAILED],
                Fate::Kept => &[KEPT],
            };
            for gauge in gauges {
                *metrics.at(*gauge, &labels(region, pool.as_deref())) += 1.0;
            }
        }
    }
}

/// Begins the gauges of `pool` at zero, so that a monitor can tell nothing from no news.
fn begin(metrics: &mut Metrics, region: &str, pool: Option<&str>) {
    for gauge in [ENDED, PENDING, FAILED, KEPT] {
        metrics.at(gauge, &labels(region, pool));
    }
}

fn labels<'a>(region: &'a str, pool: Option<&'a str>) -> [(&'static str, &'a str); 2] {
    [("region", region), ("pool", pool.unwrap_or_default())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(tally: &Tally, swept: Option<&str>) -> Vec<String> {
        let mut metrics = Metrics::default();
        tally.measure(&mut metrics, "", swept);
        metrics
            .to_string()
            .lines()
            .filter(|line| !line.starts_with('#') && !line.ends_with(" 0"))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_job_flow_counts_once_by_what_came_of_it() {
        let mut tally = Tally::default();
        let etl = || Some("etl".to_owned());
        for (id, pool, fate) in [
            ("j-A", etl(), Fate::Ended),
            ("j-A", None, Fate::Kept),
            ("j-B", etl(), Fate::EndedPending),
            ("j-C", None, Fate::Failed),
            ("j-D", None, Fate::Kept),
            ("j-D", None, Fate::Kept),
        ] {
            tally.note(&id.parse().unwrap(), pool, fate);
        }
        assert_eq!(
            samples(&tally, None),
            [
                "emr_sweep_ended_job_flows{pool=\"etl\"} 2",
                "emr_sweep_ended_pending_job_flows{pool=\"etl\"} 1",
                "emr_sweep_failed_job_flows 1",
                "emr_sweep_kept_job_flows 1",
            ]
        );
    }

    #[test]
    fn a_sweep_of_one_pool_says_so_when_there_is_nothing_in_it() {
        let mut metrics = Metrics::default();
        Tally::default().measure(&mut metrics, "eu-west-1", Some("etl"));
        let text = metrics.to_string();
        assert_eq!(text.matches("{pool=\"etl\",region=\"eu-west-1\"} 0\n").count(), 4, "{text}");
        assert_eq!(samples(&Tally::default(), None), [""; 0]);
    }
}
