//! Signals, and those that end a run: SIGINT, SIGTERM and SIGHUP.

use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::thread;

use emr_core::error::{Error, Outcome, Result};
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Signals that are caught from the moment this is made, and do nothing by themselves any more.
pub struct Signals(Vec<(u8, Signal)>);

impl Signals {
    /// Catches those of `kinds` from now on that whoever started the run does not want ignored.
    #[must_use]
    pub fn catch(kinds: impl IntoIterator<Item = SignalKind>) -> Self {
        let numbered = kinds.into_iter().filter_map(|kind| Some((u8::try_from(kind.as_raw_value()).ok()?, kind)));
        let wanted = numbered.filter(|(number, _)| !is_ignored(*number));
        // A signal that cannot be caught ends the process, as usual.
        Self(wanted.filter_map(|(number, kind)| Some((number, signal(kind).ok()?))).collect())
    }

    /// Waits for one of them, and returns its number.
    pub async fn next(&mut self) -> u8 {
        poll_fn(|context| {
            for (number, signal) in &mut self.0 {
                if let Poll::Ready(Some(())) = signal.poll_recv(context) {
                    return Poll::Ready(*number);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// The signals that end a run.
pub struct Endings(Signals);

impl Endings {
    /// Catches them from now on.
    #[must_use]
    pub fn catch() -> Self {
        Self(Signals::catch([SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()]))
    }

    /// Waits for one of them, and returns its number.
    pub async fn next(&mut self) -> u8 {
        self.0.next().await
    }
}

/// Tells that a signal which ends the run has come, also while the run is blocked in a system call: the runtime stands
/// still then, and no future learns of it.
#[derive(Debug, Clone, Default)]
pub struct Alarm(Arc<AtomicU8>);

impl Alarm {
    /// Sets the alarm. From now on the signals do nothing by themselves.
    #[must_use]
    pub fn set() -> Self {
        let alarm = Self::default();
        let number = Arc::clone(&alarm.0);
        // Without a thread of its own only futures learn of a signal.
        drop(thread::Builder::new().spawn(move || {
            if let Ok(runtime) = Builder::new_current_thread().enable_io().build() {
                number.store(runtime.block_on(ending()), Ordering::Relaxed);
            }
        }));
        alarm
    }

    /// The number of the signal that has come.
    #[must_use]
    pub fn number(&self) -> Option<u8> {
        Some(self.0.load(Ordering::Relaxed)).filter(|number| *number > 0)
    }
}

/// Whether this signal was ignored when the process started, as nohup(1) has it, and shells for what they run in the
/// background. Only Linux tells.
fn is_ignored(number: u8) -> bool {
    static IGNORED: OnceLock<u64> = OnceLock::new();
    let mask = IGNORED.get_or_init(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
    });
    number > 0 && mask >> (number - 1) & 1 == 1
}

/// Waits for SIGINT, SIGTERM or SIGHUP and returns its number.
pub async fn ending() -> u8 {
    Endings::catch().next().await
}

/// Finishes `work` in spite of a signal: what was asked of AWS must be reported, or nobody knows of it.
///
/// At the first signal `wind_up` is called, which keeps `work` from beginning anything new; at a second one `work` is
/// given up, and the error says `unknown`, which is what nobody knows then. Returns what `work` returns, and the signal
/// that came meanwhile.
pub async fn hold<T>(work: impl Future<Output = T>, wind_up: impl FnOnce(), unknown: &str) -> Result<(T, Option<u8>)> {
    let mut endings = Endings::catch();
    let mut work = std::pin::pin!(work);
    let number = tokio::select! {
        done = &mut work => return Ok((done, None)),
        number = endings.next() => number,
    };
    log::warn!("signal {number}: finishing the call that is under way; a second signal gives it up");
    wind_up();
    tokio::select! {
        done = &mut work => Ok((done, Some(number))),
        number = endings.next() => Err(Error::new(Outcome::Signal(number), format!("given up: {unknown}"))),
    }
}

/// The result of a run that ended with `done`. If a signal arrived meanwhile, an error is reported and the signal decides.
pub fn ended_by<T>(done: Result<T>, signal: Option<u8>) -> Result<T> {
    done.map_err(|error| match signal {
        Some(number) => error.with_outcome(Outcome::Signal(number)),
        None => error,
    })
}

/// Waits for a signal that ends the run, and returns the error of a run that it ends.
pub async fn interrupted() -> Error {
    Error::new(Outcome::Signal(ending().await), "interrupted")
}

/// Does `work`, or gives it up when a signal arrives.
pub async fn or_interrupted<T>(work: impl Future<Output = T>) -> Result<T> {
    let mut endings = Endings::catch();
    tokio::select! {
        done = work => Ok(done),
        number = endings.next() => Err(Error::new(Outcome::Signal(number), "interrupted")),
    }
}
