//! Who calls, and what IAM says of roles: one file an operation of STS and IAM. Nothing is changed here.

mod get_caller_identity;
mod get_instance_profile;
mod get_role;
mod list_attached_role_policies;

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use chrono::{DateTime, Utc};
use emr_core::error::{CallError, StrangeAnswer};

pub use get_caller_identity::CallerIdentity;
pub use get_role::Role;

use super::answer::AnswerCheck;
use super::call::Caller;
use super::clock::AwsClock;
use super::connect::timeouts;

/// The time limit of one call. Somebody waits for what is only looked at.
const ATTEMPT: Duration = Duration::from_secs(10);

/// Attempts at a call.
const ATTEMPTS: u32 = 3;

/// STS and IAM.
pub struct Identity {
    sts: aws_sdk_sts::Client,
    iam: aws_sdk_iam::Client,
    caller: Caller,
    clock: AwsClock,
}

impl Identity {
    pub(super) fn new(config: &SdkConfig) -> Self {
        let clock = AwsClock::default();
        let sts = aws_sdk_sts::config::Builder::from(config)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts(config, ATTEMPT))
            .interceptor(clock.clone())
            .interceptor(AnswerCheck);
        let iam = aws_sdk_iam::config::Builder::from(config)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts(config, ATTEMPT))
            .interceptor(AnswerCheck);
        Self {
            sts: aws_sdk_sts::Client::from_conf(sts.build()),
            iam: aws_sdk_iam::Client::from_conf(iam.build()),
            caller: Caller::new(ATTEMPTS),
            clock,
        }
    }

    /// The time of STS's latest answer by AWS's clock, refusals included; `None` before the first.
    #[must_use]
    pub fn time(&self) -> Option<DateTime<Utc>> {
        self.clock.now()
    }
}

/// The failed call of `operation`, whose answer has no `member`.
fn lacks(operation: &'static str, member: &str) -> CallError {
    CallError::strange(operation, &StrangeAnswer::new(format!("without {member}")).into())
}
