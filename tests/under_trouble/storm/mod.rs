//! Joiners, sweeps, fillers and commands under locks, all together, on a network that loses and delays and a store with
//! a clock of its own, while some are killed and some stopped.
//!
//! `scripts/proofs/processes` runs it for as long as it is told, by `EMR_TOOLS_TROUBLE_SEED` and
//! `EMR_TOOLS_TROUBLE_SECONDS`.
//!
//! | pool | has |
//! |---|---|
//! | `etl` | job flows that jobs start with `--or-create`, at most [`MOST`] |
//! | `adhoc` | job flows that `create-job-flow` starts where a job finds none |
//! | `spare0`, `spare1` | a minimum of [`MIN_IDLE`], which fillers keep and a user ends; no job joins |
//!
//! Beside them are job flows that nobody may end: see [`untouchable`]. When the trouble is over, [`calm`] tries whether
//! everything still works. `judge` has what must be true of a round.

mod actors;
mod calm;
mod judge;
mod network;
mod untouchable;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use fastrand::Rng;
use harness::{Process, Sandbox};
use tempfile::TempDir;

use crate::{pass, tools};
use judge::{Seen, judge};

/// The seconds of a storm in a usual run of the tests.
const SECONDS: u64 = 12;

/// The longest round. Each has a sandbox of its own, which forgets nothing.
const ROUND: Duration = Duration::from_secs(90);

/// The most job flows of the pool `etl`.
const MOST: usize = 2;

/// The minimum of the spare pools.
const MIN_IDLE: usize = 2;

/// The longest time for which a round waits for those who act when it is over.
const AT_MOST: Duration = Duration::from_secs(5);

const JOINERS: u64 = 4;
const SWEEPS: u64 = 2;
const FILLERS: u64 = 2;
const RUNNERS: u64 = 2;

/// What was done, in numbers.
#[derive(Debug, Default)]
struct Done {
    runs: AtomicUsize,
    kills: AtomicUsize,
    stops: AtomicUsize,
    lost: AtomicUsize,
    late: AtomicUsize,
    delayed: AtomicUsize,
}

/// What an actor does again and again.
type Act = fn(&Round, &mut Rng);

/// A round: a sandbox, and what was seen in it.
struct Round {
    sandbox: Sandbox,
    seen: Arc<Mutex<Seen>>,
    done: Arc<Done>,
    seed: u64,
    began: Instant,
    lasts: Duration,
    /// By how much the store's clock is ahead of that of this machine, in seconds.
    ahead: i64,
    /// The number of the next name.
    names: AtomicUsize,
    /// The processes that run.
    running: Mutex<Vec<Process>>,
    _account: TempDir,
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Whether whoever runs this wants it to end.
fn is_stopped() -> bool {
    std::env::var_os("EMR_TOOLS_TROUBLE_STOP").is_some_and(|file| Path::new(&file).exists())
}

#[test]
fn sweeps_joiners_and_fillers_together_under_trouble_break_no_promise() {
    let seed = number("EMR_TOOLS_TROUBLE_SEED").unwrap_or_else(|| fastrand::u64(..1 << 48));
    let lasts = Duration::from_secs(number("EMR_TOOLS_TROUBLE_SECONDS").unwrap_or(SECONDS));
    let (began, done) = (Instant::now(), Arc::<Done>::default());
    let mut verified = Vec::new();
    while verified.is_empty() || began.elapsed() < lasts && !is_stopped() {
        let lasts_on = lasts.saturating_sub(began.elapsed()).min(ROUND);
        let round = Round::new(seed.wrapping_add(verified.len() as u64), Arc::clone(&done), lasts_on);
        round.run();
        match judge(&round) {
            Ok(verdict) => verified.push(verdict),
            Err(findings) => {
                let kept = round.keep(seed);
                let again = format!("scripts/proofs/processes {seed} {}", lasts.as_secs());
                panic!("{}\nkept in {}; repeat it by: {again}", findings.join("\n"), kept.display());
            }
        }
    }
    let sum = |key: &str| verified.iter().filter_map(|verdict| verdict[key].as_u64()).sum::<u64>();
    let count = |count: &AtomicUsize| count.load(Relaxed);
    let line = format!(
        "processes: seed {seed}, {} s in {} rounds: {} runs of tools, {} killed, {} stopped, {} requests or answers lost, \
         {} requests late, {} delayed; {} lines of history verified, {} acts under locks, {} of them perhaps too late",
        began.elapsed().as_secs(),
        verified.len(),
        count(&done.runs),
        count(&done.kills),
        count(&done.stops),
        count(&done.lost),
        count(&done.late),
        count(&done.delayed),
        sum("lines"),
        sum("acts"),
        sum("late_acts")
    );
    println!("{line}");
    assert!(sum("acts") > 0, "{line}");
}

impl Round {
    fn new(seed: u64, done: Arc<Done>, lasts: Duration) -> Self {
        let account = untouchable::account();
        let file = account.path().join("account.json");
        let sandbox = Sandbox::start(&tools(), &["--latency-ms", "3", "--load", file.to_str().unwrap()]);
        let untouchable = untouchable::furnish(&sandbox);
        let known = Seen { untouchable, ..Seen::default() };
        let (ahead, names, began) = (Rng::with_seed(seed).i64(-180..180), AtomicUsize::new(0), Instant::now());
        Self {
            sandbox,
            seen: Arc::new(Mutex::new(known)),
            done,
            seed,
            began,
            lasts,
            ahead,
            names,
            running: Mutex::default(),
            _account: account,
        }
    }

    /// Lets all act until the time is over, and then tries whether everything still works.
    fn run(&self) {
        thread::scope(|scope| {
            let actors: [(u64, Act); 5] = [
                (JOINERS, Self::join),
                (SWEEPS, Self::sweep),
                (FILLERS, Self::fill),
                (RUNNERS, Self::run_under_lock),
                (1, Self::end_a_spare),
            ];
            let all = actors.into_iter().flat_map(|(number, act)| (0..number).map(move |_| act));
            let acting: Vec<_> = (0_u64..)
                .zip(all)
                .map(|(number, act)| {
                    scope.spawn(move || self.until_over(Rng::with_seed(self.seed ^ (number << 48)), act))
                })
                .collect();
            self.end(&acting);
        });
        self.calm();
    }

    /// Waits until all have ended who act. Who waits for the lock of a pool, which the dead hold for long, is killed.
    fn end(&self, acting: &[ScopedJoinHandle<'_, ()>]) {
        while self.goes_on() {
            pass(Duration::from_millis(100));
        }
        let until = Instant::now() + AT_MOST;
        while acting.iter().any(|actor| !actor.is_finished()) {
            if until < Instant::now() {
                self.running.lock().unwrap().iter().for_each(Process::kill);
            }
            pass(Duration::from_millis(100));
        }
    }

    fn until_over(&self, mut random: Rng, act: Act) {
        while self.goes_on() {
            act(self, &mut random);
            pass(Duration::from_millis(random.u64(..100)));
        }
    }

    fn goes_on(&self) -> bool {
        self.began.elapsed() < self.lasts && !is_stopped()
    }

    /// Notes what breaks a promise.
    fn find(&self, what: String) {
        self.seen.lock().unwrap().findings.push(what);
    }

    /// Keeps what shows the findings.
    fn keep(&self, seed: u64) -> PathBuf {
        let kept = std::env::var_os("EMR_TOOLS_TROUBLE_KEEP")
            .map_or_else(|| env!("CARGO_TARGET_TMPDIR").into(), PathBuf::from);
        let kept = kept.join(format!("processes-{seed}"));
        fs::create_dir_all(&kept).unwrap();
        for name in ["lock-history.jsonl", "requests.json"] {
            fs::copy(self.sandbox.folder().join(name), kept.join(name)).unwrap();
        }
        kept
    }
}
