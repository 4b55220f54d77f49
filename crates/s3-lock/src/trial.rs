//! A long test of a store: many processes fight over a few locks, some are killed and some stopped, and the history of
//! it all is verified.
//!
//! The clients are processes of s3-lock itself, so that what is tested is what users run.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use emr_core::error::{Error, Outcome, Result};
use emr_core::model::record::{Record, cell};
use emr_core::model::s3_uri::S3Uri;
use rustix::process::{Pid, Signal, kill_process};
use serde::Serialize;
use serde_json::Value;

use crate::child;

/// Processes at once.
const CLIENTS: u64 = 8;

/// Locks, few enough to be fought over.
const LOCKS: usize = 3;

/// The times to live of the locks, in seconds: short, so that they change hands often.
const TTLS: std::ops::RangeInclusive<u64> = 1..=3;

/// Of so many commands one is killed.
const KILLED: u32 = 10;

/// Of so many commands one is stopped for a while.
const STOPPED: u32 = 15;

/// Of so many holders one leaves its lock to expire.
const FORGETS: u32 = 10;

/// What a trial did.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct TrialRecord {
    /// The seed of its random numbers.
    pub(crate) seed: u64,
    /// How long it took.
    pub(crate) duration_s: u64,
    /// Processes at once.
    pub(crate) clients: u64,
    /// Commands that were run.
    pub(crate) commands: u64,
    /// Those that were killed.
    pub(crate) kills: u64,
    /// Those that were stopped and continued.
    pub(crate) pauses: u64,
    /// Locks that were left to expire.
    pub(crate) forgotten: u64,
    /// Locks that were acquired.
    pub(crate) acquired: u64,
    /// Commands that failed, by their exit codes.
    pub(crate) failures: BTreeMap<i32, u64>,
    /// The last message of one that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
    /// The history, if it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) history: Option<PathBuf>,
}

impl Record for TrialRecord {
    const COLUMNS: &'static [&'static str] =
        &["SECONDS", "CLIENTS", "COMMANDS", "ACQUIRED", "KILLED", "STOPPED", "LEFT", "FAILED"];

    fn cells(&self) -> Vec<String> {
        let failed = self.failures.values().sum();
        let counts = [self.duration_s, self.clients, self.commands, self.acquired, self.kills, self.pauses];
        counts.into_iter().chain([self.forgotten, failed]).map(|count| cell(Some(count))).collect()
    }

    fn id(&self) -> &'static str {
        "trial"
    }
}

/// A trial of the store of `locks`.
pub(crate) struct Trial {
    pub(crate) locks: Vec<S3Uri>,
    /// The words that name the store, for each command.
    pub(crate) store: Vec<String>,
    pub(crate) history: PathBuf,
    pub(crate) seed: u64,
    pub(crate) lasts: Duration,
    stop: Stop,
    record: Mutex<TrialRecord>,
}

/// Ends pauses early.
#[derive(Default)]
struct Stop(Mutex<bool>, Condvar);

impl Stop {
    /// Waits for `time`. Returns whether the trial is to go on.
    fn pause(&self, time: Duration) -> bool {
        let stopped = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.1.wait_timeout_while(stopped, time, |stopped| !*stopped);
        !*waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// What becomes of a command.
#[derive(Clone, Copy)]
enum Fate {
    Lives,
    /// Is killed after this time.
    Killed(Duration),
    /// Is stopped after the first time, for the second one.
    Stopped(Duration, Duration),
}

/// How a command ended: its exit code, `None` if it was killed, and the token in its record.
type Ended = (Option<i32>, Option<String>);

impl Trial {
    /// A trial below `place`.
    pub(crate) fn new(place: &S3Uri, store: Vec<String>, history: PathBuf, seed: u64, lasts: Duration) -> Self {
        let folder = format!("probe-{:016x}", fastrand::u64(..));
        let locks = (0..LOCKS).map(|number| place.join(&format!("{folder}-{number}"))).collect();
        let record = Mutex::new(TrialRecord { seed, clients: CLIENTS, ..TrialRecord::default() });
        Self { locks, store, history, seed, lasts, stop: Stop::default(), record }
    }

    /// Ends it early.
    pub(crate) fn end(&self) {
        *self.stop.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.1.notify_all();
    }

    /// Runs it, and returns what it did.
    pub(crate) fn run(&self) -> Result<TrialRecord> {
        let began = Instant::now();
        thread::scope(|scope| {
            let clients = (0..CLIENTS).map(|client| scope.spawn(move || self.client(client, began)));
            let clients: Vec<_> = clients.collect();
            let ended = clients.into_iter().map(|client| client.join().unwrap_or_else(|_| Err(panicked())));
            ended.collect::<Result<Vec<()>>>()
        })?;
        let mut record = self.record().clone();
        record.duration_s = began.elapsed().as_secs();
        Ok(record)
    }

    fn record(&self) -> MutexGuard<'_, TrialRecord> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One client: acquires, renews, holds, and releases, over and over.
    fn client(&self, number: u64, began: Instant) -> Result<()> {
        let mut random = fastrand::Rng::with_seed(self.seed.wrapping_add(number));
        let mut usual = Duration::from_millis(100);
        while began.elapsed() < self.lasts && self.stop.pause(random_part(&mut random, Duration::from_millis(50))) {
            let lock = &self.locks[random.usize(..LOCKS)];
            let ttl = random.u64(TTLS);
            let started = Instant::now();
            let args = ["--nonblock", "--ttl", &ttl.to_string()];
            let (code, token) = self.command(&mut random, usual, "acquire", lock, &args)?;
            if code.is_some() {
                usual = usual.mul_f64(0.9) + started.elapsed().mul_f64(0.1);
            }
            if let Some(token) = token {
                self.record().acquired += 1;
                self.hold(&mut random, usual, lock, &token, Duration::from_secs(ttl))?;
            }
        }
        Ok(())
    }

    fn hold(
        &self,
        random: &mut fastrand::Rng,
        usual: Duration,
        lock: &S3Uri,
        token: &str,
        ttl: Duration,
    ) -> Result<()> {
        while random.bool() {
            let held = self.stop.pause(random_part(random, ttl / 2));
            if !held || self.command(random, usual, "renew", lock, &["--token", token])?.0 != Some(0) {
                return Ok(());
            }
        }
        if random.u32(..FORGETS) == 0 {
            self.record().forgotten += 1;
            return Ok(());
        }
        self.command(random, usual, "release", lock, &["--token", token]).map(drop)
    }

    /// Runs a command, and kills or stops it if that is its fate.
    fn command(
        &self,
        random: &mut fastrand::Rng,
        usual: Duration,
        action: &str,
        lock: &S3Uri,
        args: &[&str],
    ) -> Result<Ended> {
        let fate = fate(random, usual);
        let mut command = child::client(action)?;
        command.args(args).arg(lock.to_string()).args(&self.store).arg("--history").arg(&self.history);
        command.args(["--output", "json"]);
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().map_err(|cause| cannot_run(&cause))?;
        self.meet(&mut child, fate);
        let (mut out, mut said) = (String::new(), String::new());
        // What a killed process leaves may be cut anywhere.
        let _ = child.stdout.take().map(|mut stdout| stdout.read_to_string(&mut out));
        let _ = child.stderr.take().map(|mut stderr| stderr.read_to_string(&mut said));
        let status = child.wait().map_err(|cause| cannot_run(&cause))?;
        self.note(fate, status.code(), &said);
        Ok((status.code(), token_of(&out)))
    }

    fn meet(&self, child: &mut Child, fate: Fate) {
        let goes_on = match fate {
            Fate::Lives => true,
            Fate::Killed(after) => {
                let _ = self.stop.pause(after);
                false
            }
            Fate::Stopped(after, pause) => {
                let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
                let signal = |signal| pid.is_some_and(|pid| kill_process(pid, signal).is_ok());
                let goes_on = self.stop.pause(after) && signal(Signal::STOP) && self.stop.pause(pause);
                signal(Signal::CONT) && goes_on
            }
        };
        if !goes_on {
            let _ = child.kill();
        }
    }

    fn note(&self, fate: Fate, code: Option<i32>, said: &str) {
        let mut record = self.record();
        record.commands += 1;
        match (fate, code) {
            (_, None) => record.kills += 1,
            (Fate::Stopped(..), _) => record.pauses += 1,
            _ => {}
        }
        // A lock that somebody else holds, or has taken meanwhile, is what a trial is about.
        if let Some(code) = code.filter(|code| *code > 1) {
            *record.failures.entry(code).or_default() += 1;
            record.failure = said.lines().last().map(str::to_owned).or(record.failure.take());
        }
    }
}

fn token_of(record: &str) -> Option<String> {
    let record: Value = serde_json::from_str(record).ok()?;
    Some(record.get("token")?.as_str()?.to_owned())
}

fn cannot_run(cause: &io::Error) -> Error {
    child::cannot_run(OsStr::new("s3-lock"), cause)
}

fn panicked() -> Error {
    Error::new(Outcome::Bug, "a client of the trial failed")
}

fn fate(random: &mut fastrand::Rng, usual: Duration) -> Fate {
    if random.u32(..KILLED) == 0 {
        Fate::Killed(random_part(random, usual * 2))
    } else if random.u32(..STOPPED) == 0 {
        Fate::Stopped(random_part(random, usual), random_part(random, Duration::from_secs(*TTLS.end() * 2)))
    } else {
        Fate::Lives
    }
}

/// A random part of `whole`.
fn random_part(random: &mut fastrand::Rng, whole: Duration) -> Duration {
    whole.mul_f64(random.f64())
}
