//! Waiting for what EMR does in its own time: how often to look, for how long, and how to tell how far it is.

use std::time::Duration;

use emr_core::claim::pause::pauses;
use emr_core::config::options::CHECK_EMR_STATUS_EVERY;
use emr_core::config::setting::value;
use emr_core::config::{Config, Offer};
use emr_core::error::Result;
use tokio::time::Instant;

use super::{Group, Options, detail, progress, signal, warn};

/// So many looks in a row may fail once one has succeeded: what takes hours outlives a network outage.
const PATIENCE: u32 = 20;

/// The longest pause between two looks, unless an option says another.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How often a log is told how far a wait is.
const TOLD_EVERY: Duration = Duration::from_mins(1);

/// The option that says how often to look.
pub type Looks = Options<LookGroup>;

/// The options of [`Looks`].
#[derive(Debug, Clone)]
pub struct LookGroup;

impl Group for LookGroup {
    const OFFERS: &'static [Offer] = &[CHECK_EMR_STATUS_EVERY.offer()];
}

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All that was waited for has come.
    Done,
    /// The time was over.
    TimedOut,
    /// A signal ended it; its number.
    Signal(u8),
}

/// Waits until `done` returns, for at most `timeout`, or until a signal ends the run.
pub async fn within(timeout: Option<Duration>, done: impl Future<Output = Result<()>>) -> Result<End> {
    tokio::select! {
        done = done => done.map(|()| End::Done),
        () = after(timeout) => Ok(End::TimedOut),
        number = signal::ending() => Ok(End::Signal(number)),
    }
}

async fn after(timeout: Option<Duration>) {
    match timeout {
        Some(timeout) => tokio::time::sleep(timeout).await,
        None => std::future::pending().await,
    }
}

/// Calls `look` with its number, from 0, until it returns that all is done. Looks are close together at first, and later
/// as far apart as `config` says. A failed look is repeated if it may pass and an earlier one succeeded.
pub async fn look_until_done(config: &Config, mut look: impl AsyncFnMut(usize) -> Result<bool>) -> Result<()> {
    let longest = value(config.get(&CHECK_EMR_STATUS_EVERY)?).unwrap_or(LONGEST_PAUSE);
    let mut patience = 0;
    for (number, pause) in pauses(longest).enumerate() {
        match look(number).await {
            Ok(true) => break,
            Ok(false) => patience = PATIENCE,
            Err(error) if patience > 0 && error.may_pass() => {
                warn(&format!("{error}; looking again"));
                patience -= 1;
            }
            Err(error) => return Err(error),
        }
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

/// Tells a log how far a wait is, in a line a minute (`-v`). A terminal has bars instead.
#[derive(Debug, Default)]
pub struct Minutes {
    told: Option<Instant>,
}

impl Minutes {
    /// Says `line` if the last one was said a minute ago, and nobody sees bars.
    pub fn tell(&mut self, line: impl FnOnce() -> String) {
        let is_due = self.told.is_none_or(|told| told.elapsed() >= TOLD_EVERY);
        if is_due && !progress::is_shown() {
            self.told = Some(Instant::now());
            detail(&line());
        }
    }
}
