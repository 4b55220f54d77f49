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

use std::collections::HashMap;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{Region, SdkConfig};
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
use super::connect::{Connection, timeouts};
use super::paging::Paging;
use emr_core::error::Result;
use emr_core::model::id::JobFlowId;
use emr_core::model::place::Place;

/// The time limit of one attempt. After it, it is unclear whether the call took effect.
const ATTEMPT: Duration = Duration::from_secs(30);

/// Attempts at a throttled call, unless `AWS_MAX_ATTEMPTS` is set. The delays between eight attempts add up to at most
/// 45 s.
const ATTEMPTS: u32 = 8;

/// The largest clock skew to expect. A request that is signed further off is refused.
const CLOCKS_APART: TimeDelta = TimeDelta::minutes(15);

/// EMR in one account: in the region of the configuration, and where job flows are said to be.
pub struct Emr {
    home: Link,
    /// The links to other regions.
    others: Vec<Link>,
    /// The job flows that are not at home, each with its place in `others`.
    elsewhere: HashMap<JobFlowId, usize>,
    clock: AwsClock,
    started_at: DateTime<Utc>,
}

/// EMR in one region, which has quotas of its own.
struct Link {
    sdk: aws_sdk_emr::Client,
    caller: Caller,
    place: Place,
}

impl Emr {
    /// Clients of EMR from `config`, in each region of `connection`.
    pub(super) fn new(config: &SdkConfig, connection: &Connection) -> Self {
        let clock = AwsClock::default();
        let home = Link::new(config, connection, &clock);
        let (mut others, mut elsewhere) = (Vec::<Link>::new(), HashMap::new());
        for (job_flow, region) in connection.places.regions().filter(|(_, region)| !home.is_in(region)) {
            let known = others.iter().position(|link| link.is_in(region));
            let place = known.unwrap_or_else(|| {
                let there = config.to_builder().region(Region::new(region.to_owned())).build();
                others.push(Link::new(&there, connection, &clock));
                others.len() - 1
            });
            elsewhere.insert(job_flow.clone(), place);
        }
        Self { home, others, elsewhere, clock, started_at: connection.started_at }
    }

    /// The link to where `job_flow` is.
    fn link(&self, job_flow: &JobFlowId) -> &Link {
        self.elsewhere.get(job_flow).and_then(|place| self.others.get(*place)).unwrap_or(&self.home)
    }

    fn sdk(&self, job_flow: &JobFlowId) -> &aws_sdk_emr::Client {
        &self.link(job_flow).sdk
    }

    fn caller(&self, job_flow: &JobFlowId) -> &Caller {
        &self.link(job_flow).caller
    }

    fn links(&self) -> impl Iterator<Item = &Link> {
        std::iter::once(&self.home).chain(&self.others)
    }

    /// Where `job_flow` is asked for.
    #[must_use]
    pub fn place(&self, job_flow: &JobFlowId) -> &Place {
        &self.link(job_flow).place
    }

    /// The same, which makes a call once, and again neither when it is unclear nor when it is throttled.
    #[cfg(any(test, feature = "untrusted"))]
    pub(super) fn without_retries(mut self) -> Self {
        self.home.caller = Caller::new(1);
        self
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
        for link in self.links() {
            link.caller.divide_quotas(parts);
        }
    }

    /// Starts no costly call from now on; those in flight finish.
    pub fn wind_up(&self) {
        for link in self.links() {
            link.caller.end();
        }
    }

    /// The time by AWS's clock; before the first answer, the start of this run by the local clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now().unwrap_or(self.started_at)
    }
}

impl Link {
    /// A link to the region of `config`.
    fn new(config: &SdkConfig, connection: &Connection, clock: &AwsClock) -> Self {
        let region = config.region().map(ToString::to_string);
        let mut emr = aws_sdk_emr::config::Builder::from(config)
            // The caller retries. The SDK would also retry calls that must not happen twice.
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts(config, ATTEMPT))
            .interceptor(clock.clone())
            .interceptor(AnswerCheck);
        if let Some(endpoint) = connection.emr_endpoint_in(region.as_deref()) {
            emr.set_endpoint_url(Some(endpoint));
        }
        let place = Place { region, profile: connection.profile.clone() };
        Self { sdk: aws_sdk_emr::Client::from_conf(emr.build()), caller: Caller::new(attempts()), place }
    }

    fn is_in(&self, region: &str) -> bool {
        self.place.region.as_deref() == Some(region)
    }
}

fn attempts() -> u32 {
    let set = std::env::var("AWS_MAX_ATTEMPTS").ok();
    set.and_then(|attempts| attempts.parse().ok()).unwrap_or(ATTEMPTS)
}
