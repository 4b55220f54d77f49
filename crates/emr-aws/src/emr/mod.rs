//! Calls to EMR, one file an operation.

mod add_job_flow_steps;
mod adopt;
mod cancel_steps;
mod describe_cluster;
mod description;
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
pub use cancel_steps::PER_CALL as CANCELLED_PER_CALL;
pub use idleness::Look;
pub use list_clusters::{ClusterFilter, ClusterPages};
pub use list_steps::{STEPS_PER_LOOK, StepPages};
pub use run_job_flow::dry_run as run_job_flow_dry_run;
pub use terminate_job_flows::PER_CALL as TERMINATED_PER_CALL;

use super::answer::AnswerCheck;
use super::call::Caller;
use super::clock::AwsClock;
use super::connect::timeouts;
use super::paging::Paging;
use emr_core::error::Result;

/// The time limit of one attempt. After it, it is unclear whether the call took effect.
const ATTEMPT: Duration = Duration::from_secs(30);

/// Attempts at a throttled call, unless `AWS_MAX_ATTEMPTS` is set. The delays between eight attempts add up to at most
/// 45 s.
const ATTEMPTS: u32 = 8;

/// The largest clock skew to expect. A request that is signed further off is refused.
const CLOCKS_APART: TimeDelta = TimeDelta::minutes(15);

/// EMR in one account and region.
pub struct Emr {
    sdk: aws_sdk_emr::Client,
    caller: Caller,
    clock: AwsClock,
    started_at: DateTime<Utc>,
}

impl Emr {
    /// A client of EMR from `config`, at `endpoint` if there is one.
    pub(super) fn new(config: &SdkConfig, endpoint: Option<String>, started_at: DateTime<Utc>) -> Self {
        let clock = AwsClock::default();
        let mut emr = aws_sdk_emr::config::Builder::from(config)
            // The caller retries. The SDK would also retry calls that must not happen twice.
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts(config, ATTEMPT))
            .interceptor(clock.clone())
            .interceptor(AnswerCheck);
        if endpoint.is_some() {
            emr.set_endpoint_url(endpoint);
        }
        Self { sdk: aws_sdk_emr::Client::from_conf(emr.build()), caller: Caller::new(attempts()), clock, started_at }
    }

    /// The same, which makes a call once, and again neither when it is unclear nor when it is throttled.
    pub(super) fn without_retries(self) -> Self {
        Self { caller: Caller::new(1), ..self }
    }

    /// Every item of the list of `operation`. `page` fetches the page at a marker and returns its items and the next
    /// marker.
    async fn every_page<T>(
        operation: &'static str,
        page: impl AsyncFn(Option<String>) -> Result<(Vec<T>, Option<String>)>,
    ) -> Result<Vec<T>> {
        let mut all = Vec::new();
        let mut paging = Paging::default();
        while !paging.is_done() {
            let (found, next) = page(paging.marker()).await?;
            all.extend(found);
            paging.turn(operation, next.as_deref())?;
        }
        Ok(all)
    }

    /// Takes one part in so many `parts` of each quota, for a tool that asks much and must not be in the way of others.
    pub fn divide_quotas(&self, parts: u32) {
        self.caller.divide_quotas(parts);
    }

    /// Starts no costly call from now on; those in flight finish.
    pub fn wind_up(&self) {
        self.caller.end();
    }

    /// The time by AWS's clock; before the first answer, the start of this run by the local clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now().unwrap_or(self.started_at)
    }
}

fn attempts() -> u32 {
    let set = std::env::var("AWS_MAX_ATTEMPTS").ok();
    set.and_then(|attempts| attempts.parse().ok()).unwrap_or(ATTEMPTS)
}
