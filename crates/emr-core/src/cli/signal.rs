//! Signals that end a run: ctrl-C, and what `kill` and cron's shutdown send.

use std::future::Future;

use tokio::signal::unix::{SignalKind, signal};

use crate::error::{Error, Outcome, Result};

/// Waits for SIGINT, SIGTERM or SIGHUP and returns its number.
pub async fn ending() -> u8 {
    let (Ok(mut int), Ok(mut term), Ok(mut hup)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()), signal(SignalKind::hangup()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = int.recv() => 2,
        _ = term.recv() => 15,
        _ = hup.recv() => 1,
    }
}

/// Sees `work` through although a signal arrives: what has been asked of AWS must be told, or nobody knows of it.
///
/// Returns what `work` returns, and the signal that came meanwhile.
pub async fn hold<T>(work: impl Future<Output = T>) -> (T, Option<u8>) {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => (done, None),
        number = ending() => {
            log::warn!("signal {number}: finishing the call that is under way");
            (work.await, Some(number))
        }
    }
}

/// Does `work`, or gives it up when a signal arrives.
pub async fn or_interrupted<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        done = work => done,
        number = ending() => Err(Error::new(Outcome::Signal(number), "interrupted")),
    }
}
