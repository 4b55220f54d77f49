//! Makes calls to AWS: waits for the quota, retries where that is safe, logs each at `-vv`.

use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use emr_core::claim::backoff;
use emr_core::claim::quota::Quotas;
use emr_core::error::{CallError, CallErrorKind};
use tokio::sync::watch;
use tokio::time::Instant;

use super::failure::failure;

/// Signatures of one request. The first may be stale, and the second made before the clock of AWS is known.
pub(super) const SIGNATURES: u32 = 3;

/// Whether a call may be made again when it is unclear whether it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It may: happening twice is the same as happening once.
    Harmless,
    /// It may not: happening twice costs twice.
    Costly,
}

/// Makes the calls of one run.
#[derive(Debug)]
pub(super) struct Caller {
    quotas: Mutex<Quotas>,
    started: Instant,
    attempts: u32,
    /// Set once the user wants the run to end: nothing costly is begun then.
    ending: watch::Sender<bool>,
}

impl Caller {
    /// A caller that makes each call at most `attempts` times.
    pub(super) fn new(attempts: u32) -> Self {
        let ending = watch::Sender::new(false);
        Self { quotas: Mutex::default(), started: Instant::now(), attempts: attempts.max(1), ending }
    }

    /// Begins no costly call from now on, and repeats none. One that is under way is seen through.
    pub(super) fn end(&self) {
        self.ending.send_replace(true);
    }

    /// Leaves all but one of so many `parts` of each quota to others.
    pub(super) fn divide_quotas(&self, parts: u32) {
        self.quotas().divide(parts);
    }

    /// Makes the call `api` by `send`, again and again while that is safe and of use.
    pub(super) async fn call<T, E, F>(
        &self,
        api: &'static str,
        repeat: Repeat,
        send: impl Fn() -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let mut attempt = 0;
        let mut was_unclear = false;
        loop {
            let wait = self.reserve(api);
            self.pause(api, repeat, wait).await?;
            let began = Instant::now();
            let result = send().await.map_err(|error| failure(api, error));
            let took = began.elapsed().as_millis();
            let failed = match result {
                Ok(answer) => {
                    log::trace!("{api}: answered in {took} ms");
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            log::trace!("{api}: {} after {took} ms ({:?})", failed.message, failed.kind);
            if attempt + 1 >= self.attempts_for(failed.kind, repeat) {
                return Err(failed.after(was_unclear));
            }
            was_unclear |= failed.may_have_happened();
            if failed.kind == CallErrorKind::Throttled {
                self.quotas().exhaust(api, self.started.elapsed());
            }
            self.pause(api, repeat, backoff::delay(attempt, fastrand::f64())).await?;
            attempt += 1;
        }
    }

    /// Waits; but a costly call that has not begun is given up when the user wants the run to end.
    async fn pause(&self, api: &'static str, repeat: Repeat, wait: Duration) -> Result<(), CallError> {
        let mut ending = self.ending.subscribe();
        if wait.is_zero() && !*ending.borrow() {
            return Ok(());
        }
        if repeat == Repeat::Harmless {
            tokio::time::sleep(wait).await;
            return Ok(());
        }
        tokio::select! {
            biased;
            _ = ending.wait_for(|ending| *ending) => {
                Err(CallError::unanswered(CallErrorKind::GivenUp, api, "the run was to end, or its lock was lost"))
            }
            () = tokio::time::sleep(wait) => Ok(()),
        }
    }

    fn attempts_for(&self, kind: CallErrorKind, repeat: Repeat) -> u32 {
        match kind {
            CallErrorKind::Throttled => self.attempts,
            // A failed connection rarely recovers within seconds, and a person is waiting.
            CallErrorKind::NotSent => self.attempts.min(3),
            CallErrorKind::Stale => self.attempts.min(SIGNATURES),
            CallErrorKind::Unclear if repeat == Repeat::Harmless => self.attempts.min(4),
            CallErrorKind::Unclear
            | CallErrorKind::GivenUp
            | CallErrorKind::Unsendable
            | CallErrorKind::NoCredentials
            | CallErrorKind::Denied
            | CallErrorKind::Refused
            | CallErrorKind::NotNow => 1,
        }
    }

    /// Reserves a call within the quota, and says how long to wait for it.
    fn reserve(&self, api: &'static str) -> Duration {
        let wait = self.quotas().reserve(api, self.started.elapsed());
        if wait > Duration::ZERO {
            log::debug!("waiting {:.1} s for EMR's quota of {api}", wait.as_secs_f64());
        }
        wait
    }

    fn quotas(&self) -> MutexGuard<'_, Quotas> {
        self.quotas.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
