//! How a call is made: within the quota, again where that is safe, and said with `-vv`.

use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::time::Instant;

use super::failure::{Failure, Kind};
use crate::policy::backoff;
use crate::policy::quota::Quotas;

/// Whether a call may be made again when it is unclear whether it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It may: happening twice is the same as happening once.
    Harmless,
    /// It may not: happening twice costs twice.
    Costly,
}

/// What is left of the quotas in this run.
#[derive(Debug)]
pub(super) struct Caller {
    quotas: Mutex<Quotas>,
    started: Instant,
    attempts: u32,
}

impl Caller {
    /// A caller that makes each call at most `attempts` times.
    pub(super) fn new(attempts: u32) -> Self {
        Self { quotas: Mutex::default(), started: Instant::now(), attempts: attempts.max(1) }
    }

    /// Makes the call `api` by `send`, again and again while that is safe and of use.
    pub(super) async fn call<T, E, F>(
        &self,
        api: &'static str,
        repeat: Repeat,
        send: impl Fn() -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let mut attempt = 0;
        loop {
            self.wait_for_quota(api).await;
            let began = Instant::now();
            let result = send().await.map_err(|error| Failure::of(api, &error));
            let took = began.elapsed().as_millis();
            let failure = match result {
                Ok(answer) => {
                    log::trace!("{api}: answered in {took} ms");
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            log::trace!("{api}: {} after {took} ms ({:?})", failure.text, failure.kind);
            if attempt + 1 >= self.attempts_for(failure.kind, repeat) {
                return Err(failure);
            }
            tokio::time::sleep(backoff::delay(attempt, fastrand::f64())).await;
            attempt += 1;
        }
    }

    fn attempts_for(&self, kind: Kind, repeat: Repeat) -> u32 {
        match kind {
            Kind::Throttled => self.attempts,
            // Who is not there now is rarely there a second later, and a person is waiting for the message.
            Kind::NotSent => self.attempts.min(3),
            Kind::Unclear if repeat == Repeat::Harmless => self.attempts.min(4),
            Kind::Unclear | Kind::NoCredentials | Kind::Denied | Kind::Refused => 1,
        }
    }

    async fn wait_for_quota(&self, api: &'static str) {
        let wait = self.quotas.lock().unwrap_or_else(PoisonError::into_inner).reserve(api, self.started.elapsed());
        if wait > Duration::ZERO {
            log::debug!("waiting {:.1} s for EMR's quota of {api}", wait.as_secs_f64());
            tokio::time::sleep(wait).await;
        }
    }
}
