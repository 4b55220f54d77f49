//! EMR's API, one file an operation.

mod add_job_flow_steps;
mod adopt;
mod cancel_steps;
mod describe_cluster;
mod idleness;
mod instances;
mod list_bootstrap_actions;
mod list_clusters;
mod list_instance_fleets;
mod list_instance_groups;
mod list_instances;
mod list_sessions;
mod list_steps;
mod overlay;
mod run_job_flow;
mod terminate_job_flows;

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use chrono::{DateTime, TimeDelta, Utc};

pub use add_job_flow_steps::dry_run as add_job_flow_steps_dry_run;
pub use idleness::Look;
pub use list_clusters::{ClusterFilter, ClusterPages};
pub use list_steps::{STEPS_PER_LOOK, StepPages};
pub use run_job_flow::dry_run as run_job_flow_dry_run;
pub use terminate_job_flows::PER_CALL as TERMINATED_PER_CALL;

use super::call::Caller;
use super::clock::AwsClock;
use super::connect::timeouts;
use super::convert;
use emr_core::error::Result;

/// A call that takes longer has failed; whether it happened is unclear then.
const ATTEMPT: Duration = Duration::from_secs(30);

/// How often a throttled call is made before giving up, unless `AWS_MAX_ATTEMPTS` says otherwise.
const ATTEMPTS: u32 = 8;

/// How far this machine's clock and AWS's may be apart; requests signed further apart are refused.
const CLOCKS_APART: TimeDelta = TimeDelta::minutes(15);

/// EMR in one account and region.
pub struct Emr {
    sdk: aws_sdk_emr::Client,
    caller: Caller,
    clock: AwsClock,
    started_at: DateTime<Utc>,
}

impl Emr {
    /// EMR as `config` has it, or at an endpoint of its own.
    pub(super) fn new(config: &SdkConfig, endpoint: Option<String>, started_at: DateTime<Utc>) -> Self {
        let clock = AwsClock::default();
        let mut emr = aws_sdk_emr::config::Builder::from(config)
            // The caller decides what is repeated: the SDK would repeat what must not happen twice.
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts(config, ATTEMPT))
            .interceptor(clock.clone());
        if endpoint.is_some() {
            emr.set_endpoint_url(endpoint);
        }
        Self { sdk: aws_sdk_emr::Client::from_conf(emr.build()), caller: Caller::new(attempts()), clock, started_at }
    }

    /// All that a list of EMR's holds, which comes in pages: `page` asks for the one at a marker, and tells the next.
    async fn every_page<T>(page: impl AsyncFn(Option<String>) -> Result<(Vec<T>, Option<String>)>) -> Result<Vec<T>> {
        let mut all = Vec::new();
        let mut marker = None;
        loop {
            let (found, next) = page(marker.clone()).await?;
            all.extend(found);
            marker = convert::next_page(next.as_deref(), marker.as_deref())?;
            if marker.is_none() {
                return Ok(all);
            }
        }
    }

    /// Begins nothing costly from now on; what is under way is seen through.
    pub fn wind_up(&self) {
        self.caller.end();
    }

    /// The time on AWS's clock; before the first answer, when this run began by this machine's.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now().unwrap_or(self.started_at)
    }
}

fn attempts() -> u32 {
    let set = std::env::var("AWS_MAX_ATTEMPTS").ok();
    set.and_then(|attempts| attempts.parse().ok()).unwrap_or(ATTEMPTS)
}
