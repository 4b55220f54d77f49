//! Options for pools: which pool, its greatest size, and how long to wait for a free job flow.

use super::keys;
use crate::config::{Argument, Key, Minutes, Seconds, Takes};
use crate::model::pool::PoolName;

const HEADING: &str = "Pool";
const SEARCH: &str = "Search";

keys! { POOL:
    /// Whether a new job flow belongs to a pool; by default not. A pooled job flow stays after its last step, and pools
    /// keep their locks below the scratch URI.
    POOL_EMR_JOB_FLOWS: bool = Key::named("pool_emr_job_flows").also(&["pool_clusters"])
        .typed_as(&[
            Argument::yes("pool-emr-job-flows", "Put the job flow into a pool, for jobs to share")
                .also(&["pool-clusters"])
                .overrides(&["no-pool-emr-job-flows"])
                .first()
                .under(HEADING),
            Argument::no("no-pool-emr-job-flows", "Do not put the job flow into a pool, whatever mrjob.conf says")
                .also(&["no-pool-clusters"])
                .under(HEADING),
        ]);

    /// Name of the pool, any text; default by default.
    EMR_JOB_FLOW_POOL_NAME: PoolName = Key::named("emr_job_flow_pool_name").also(&["pool_name"])
        .typed_as(&[Argument::new("pool-name", Takes::Value("NAME"), "Name of the pool, any text [default: default]")
            .also(&["emr-job-flow-pool-name"])
            .first()
            .under(HEADING)]);

    /// How long to wait for a pooled job flow to become free, in minutes; 0 by default.
    POOL_WAIT_MINUTES: Minutes = Key::named("pool_wait_minutes")
        .typed_as(&[Argument::new(
            "pool-wait-minutes",
            Takes::Value("MINUTES"),
            "Wait up to this long for one to become free; not if there is none to wait for [default: 0]",
        )
        .first()
        .under(SEARCH)]);

    /// Most job flows that `find-pool --or-create` lets a pool grow to; by default there is no limit.
    MAX_JOB_FLOWS_IN_POOL: u32 = Key::named("max_job_flows_in_pool").also(&["max_clusters_in_pool"])
        .typed_as(&[Argument::new(
            "max-job-flows-in-pool",
            Takes::Value("N"),
            "Start none if the pool has this many [default: no limit]",
        )
        .also(&["max-clusters-in-pool"])
        .first()
        .under(SEARCH)]);

    /// How long to wait between locking a job flow and looking at it, in seconds; 0 by default, because S3 has been
    /// strongly consistent since December 2020.
    S3_SYNC_WAIT_TIME: Seconds = Key::named("s3_sync_wait_time").also(&["cloud_fs_sync_secs"])
        .typed_as(&[Argument::new(
            "s3-sync-wait-time",
            Takes::Value("SECONDS"),
            "Wait this long between locking a job flow and looking at it; not needed since 2020, when S3 became strongly \
             consistent [default: 0]",
        )
        .also(&["cloud-fs-sync-secs"])
        .under(SEARCH)]);
}
