//! Makes calls to AWS: waits for the quota, retries where that is safe, logs each at `-vv`.
//!
//! `RunJobFlow` and `AddJobFlowSteps` are [`Repeat::Costly`]: EMR has no client token, so a retry after an unclear
//! answer could start two clusters or run a step twice. They are retried only if the failure proves that nothing
//! happened. After an unclear answer `emr::adopt` looks up what they did.

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
use super::history::{self, Under};

/// How often a request is signed. The first signature may be stale, and the second may still use the wrong clock: the
/// SDK learns AWS's time from answers.
pub(super) const SIGNATURES: u32 = 3;

/// Whether a call may be retried when it is unclear whether it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It may: twice has the same effect as once.
    Harmless,
    /// It may not: twice starts two clusters or runs a step twice.
    Costly,
}

/// Makes the calls of one run.
#[derive(Debug)]
pub(super) struct Caller {
    quotas: Mutex<Quotas>,
    started: Instant,
    attempts: u32,
    /// Set once the run is to end: no costly call is begun after that.
    ending: watch::Sender<bool>,
}

impl Caller {
    /// A caller with at most `attempts` attempts a call.
    pub(super) fn new(attempts: u32) -> Self {
        let ending = watch::Sender::new(false);
        Self { quotas: Mutex::default(), started: Instant::now(), attempts: attempts.max(1), ending }
    }

    /// Neither begins nor retries a costly call from now on. One in flight finishes.
    pub(super) fn end(&self) {
        self.ending.send_replace(true);
    }

    /// Leaves all but one of so many `parts` of each quota to others.
    pub(super) fn divide_quotas(&self, parts: u32) {
        self.quotas().divide(parts);
    }

    /// Calls `api` by `send`, and retries while that is safe and likely to help.
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
        self.call_recorded(api, repeat, None, send).await
    }

    /// The same for a call that changes what `of` names. Under a lock whose history is recorded each attempt is, too.
    pub(super) async fn act<T, E, F>(
        &self,
        api: &'static str,
        repeat: Repeat,
        of: &str,
        send: impl Fn() -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        self.call_recorded(api, repeat, history::held().as_ref().map(|held| (held, of)), send).await
    }

    async fn call_recorded<T, E, F>(
        &self,
        api: &'static str,
        repeat: Repeat,
        under: Option<(&Under, &str)>,
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
            let asked = under.map(|(held, of)| held.asks(api, of)).transpose();
            let asked = asked.map_err(|error| error.after(was_unclear))?;
            let began = Instant::now();
            let result = send().await.map_err(|error| failure(api, error));
            let took = began.elapsed().as_millis();
            if let Some(asked) = asked {
                asked.acted(result.as_ref().err());
            }
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

    /// Sleeps for `wait`. A costly call fails as soon as the run is to end.
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
                Err(CallError::unanswered(CallErrorKind::GivenUp, api, "the run is ending, or its lock is lost"))
            }
            () = tokio::time::sleep(wait) => Ok(()),
        }
    }

    fn attempts_for(&self, kind: CallErrorKind, repeat: Repeat) -> u32 {
        match kind {
            CallErrorKind::Throttled => self.attempts,
            // A failed connection rarely recovers within seconds, and a person waits.
            CallErrorKind::NotSent => self.attempts.min(3),
            CallErrorKind::Stale => self.attempts.min(SIGNATURES),
            CallErrorKind::Unclear if repeat == Repeat::Harmless => self.attempts.min(4),
            CallErrorKind::Unclear
            | CallErrorKind::GivenUp
            | CallErrorKind::Unsendable
            | CallErrorKind::Unrecorded
            | CallErrorKind::NoCredentials
            | CallErrorKind::Denied
            | CallErrorKind::Refused
            | CallErrorKind::NotNow => 1,
        }
    }

    /// Takes a token of the quota of `api`. Returns how long to wait for it.
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
