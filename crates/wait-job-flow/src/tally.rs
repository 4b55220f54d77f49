//! How far a wait is, in a line for logs: they have no progress bars.

use chrono::{DateTime, Utc};
use emr_core::model::cluster::Cluster;
use emr_core::model::time;

/// How far a wait is: `done` of `all` job flows have come to an end of it, and of the others these are `open`, as far as
/// they were seen.
///
/// `1 of 3 job flows are done; j-2 is BOOTSTRAPPING, 0:04:12 old`
pub(crate) fn line(done: usize, all: usize, open: &[&Cluster], now: DateTime<Utc>) -> String {
    let noun = if all == 1 { "job flow is" } else { "job flows are" };
    let line = format!("{done} of {all} {noun} done");
    let Some(oldest) = open.iter().min_by_key(|cluster| cluster.created_at) else { return line };
    let age = oldest.created_at.map_or(0, |created| (now - created).num_seconds());
    format!("{line}; {} is {}, {} old", oldest.id, oldest.state, time::clock(age.try_into().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use emr_core::model::cluster::{ClusterState, example};

    use super::*;

    fn flow(id: &str, state: ClusterState, created: i64) -> Cluster {
        Cluster { created_at: DateTime::from_timestamp(created, 0), ..example::cluster(id, state) }
    }

    #[test]
    fn the_oldest_of_those_that_are_waited_for_is_told() {
        let now = DateTime::from_timestamp(851, 0).unwrap();
        let (one, other) = (flow("j-1", ClusterState::Starting, 900), flow("j-2", ClusterState::Bootstrapping, 100));
        let text = line(1, 3, &[&one, &other], now);
        assert_eq!(text, "1 of 3 job flows are done; j-2 is BOOTSTRAPPING, 0:12:31 old");
        let lagging = line(0, 1, &[&one], now);
        assert_eq!(lagging, "0 of 1 job flow is done; j-1 is STARTING, 0:00:00 old", "a clock that lags");
        assert_eq!(line(2, 3, &[], now), "2 of 3 job flows are done");
    }
}
