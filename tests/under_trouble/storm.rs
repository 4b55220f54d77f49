//! Joiners, sweeps and fillers on one pool, all together, on a network that loses and delays, while some are killed and
//! some stopped.
//!
//! `scripts/proofs/processes` runs it for as long as it is told, by `EMR_TOOLS_TROUBLE_SEED` and
//! `EMR_TOOLS_TROUBLE_SECONDS`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use harness::{Passing, Process, Proxy, Ran, Sandbox};
use serde_json::Value;

use crate::judge::{Claim, Seen, judge};
use crate::{SCRATCH, pass, tools};

/// The seconds of a storm in a usual run of the tests.
const SECONDS: u64 = 12;

/// The longest round. Each has a sandbox of its own, which forgets nothing.
const ROUND: Duration = Duration::from_mins(2);

const JOINERS: u64 = 4;
const SWEEPS: u64 = 2;

/// The longest time for which a process is stopped, or a request is kept: longer than a claim lasts here.
const LONGEST: f64 = 6.0;

/// What was done, in numbers.
#[derive(Debug, Default)]
pub(crate) struct Done {
    runs: AtomicUsize,
    kills: AtomicUsize,
    stops: AtomicUsize,
    lost: AtomicUsize,
    delayed: AtomicUsize,
}

/// A round: a sandbox, and what was seen in it.
pub(crate) struct Round {
    pub(crate) sandbox: Sandbox,
    pub(crate) seen: Arc<Mutex<Seen>>,
    done: Arc<Done>,
    began: Instant,
    lasts: Duration,
}

/// What happens to one process.
#[derive(Debug, Clone, Copy)]
enum Strike {
    None,
    Kill,
    Stop,
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
        let round = Round::new(Arc::clone(&done), lasts.saturating_sub(began.elapsed()).min(ROUND));
        round.run(seed.wrapping_add(verified.len() as u64));
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
         {} delayed; {} lines of history verified, {} acts under locks, {} of them perhaps too late",
        began.elapsed().as_secs(),
        verified.len(),
        count(&done.runs),
        count(&done.kills),
        count(&done.stops),
        count(&done.lost),
        count(&done.delayed),
        sum("lines"),
        sum("acts"),
        sum("late_acts")
    );
    println!("{line}");
    assert!(sum("acts") > 0, "{line}");
}

/// The token under which a request locks the pool.
fn token_of_pool(passing: &Passing) -> Option<String> {
    let is_of_pool = passing.writes_lock() && passing.operation.contains("/locks/pools/");
    let lock: Value = serde_json::from_str(&passing.body).ok().filter(|_| is_of_pool)?;
    lock["token"].as_str().map(str::to_owned)
}

impl Round {
    fn new(done: Arc<Done>, lasts: Duration) -> Self {
        let sandbox = Sandbox::start(&tools(), &["--latency-ms", "3"]);
        Self { sandbox, seen: Arc::default(), done, began: Instant::now(), lasts }
    }

    fn run(&self, seed: u64) {
        let actor = |number: u64| Rng::with_seed(seed ^ (number << 48));
        thread::scope(|scope| {
            for number in 0..JOINERS {
                scope.spawn(move || self.until_over(actor(number), Self::join));
            }
            for number in 0..SWEEPS {
                scope.spawn(move || self.until_over(actor(JOINERS + number), Self::sweep));
            }
            if tools().folder().join("fill-pool").exists() {
                scope.spawn(move || self.until_over(actor(JOINERS + SWEEPS), Self::fill));
            }
        });
    }

    fn until_over(&self, mut random: Rng, act: impl Fn(&Self, &mut Rng)) {
        while self.began.elapsed() < self.lasts && !is_stopped() {
            act(self, &mut random);
            pass(Duration::from_millis(random.u64(..100)));
        }
    }

    /// Claims a job flow and adds a step to it; where none is free it starts one.
    fn join(&self, random: &mut Rng) {
        let (started, ttl) = (Instant::now(), random.u64(3..7).to_string());
        let find = ["--pool-name", "etl", "--s3-scratch-uri", SCRATCH, "--ttl", &ttl];
        let creates = random.u8(..4) == 0;
        let more: &[&str] = if creates { &["--or-create", "--max-job-flows-in-pool", "4"] } else { &[] };
        let found = self.tool(random, "find-pool", &[&find[..], more].concat(), "");
        if found.code == Some(1) {
            let create = ["--pool-emr-job-flows", "--pool-name", "etl"];
            drop(self.tool(random, "create-job-flow", &create, ""));
        }
        if found.code != Some(0) {
            return;
        }
        let (record, from) = (found.record(), Instant::now());
        pass(Duration::from_millis(random.u64(..1500)));
        if record.get("claim").is_some() {
            let lasts = Duration::from_secs(ttl.parse().unwrap()).mul_f64(11.0 / 12.0);
            let until = (started + lasts).min(Instant::now());
            let job_flow = record["job_flow_id"].as_str().unwrap().to_owned();
            self.seen.lock().unwrap().claims.push(Claim { job_flow, from, until });
        }
        if random.u8(..10) > 0 {
            let added = self.tool(random, "add-step", &["--", "sleep", "0.2"], &found.stdout);
            if added.code == Some(0) {
                self.seen.lock().unwrap().steps.push(added.stdout);
            }
        }
    }

    fn sweep(&self, random: &mut Rng) {
        pass(Duration::from_millis(random.u64(..1500)));
        let args = ["--max-hours-idle", "0", "--pool-name", "etl"];
        drop(self.tool(random, "terminate-idle-job-flows", &args, ""));
    }

    fn fill(&self, random: &mut Rng) {
        pass(Duration::from_millis(random.u64(..3000)));
        let args = ["--pool-name", "etl", "--s3-scratch-uri", SCRATCH, "--min-idle", "1"];
        drop(self.tool(random, "fill-pool", &args, ""));
    }

    /// Runs a tool under trouble.
    fn tool(&self, random: &mut Rng, name: &str, args: &[&str], stdin: &str) -> Ran {
        let mut random = random.fork();
        let strike = match random.u8(..100) {
            0..10 => Strike::Kill,
            10..20 => Strike::Stop,
            _ => Strike::None,
        };
        let (process, token) = (Process::default(), Arc::default());
        let mut command = self.sandbox.tool(name);
        let proxy = self.proxy(random, strike, process.clone(), Arc::clone(&token));
        proxy.point(command.args(args)).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        process.is(&child);
        drop(child.stdin.take().unwrap().write_all(stdin.as_bytes()));
        let ran = Ran::from(child.wait_with_output().unwrap());
        self.done.runs.fetch_add(1, Relaxed);
        if ran.code.is_none() {
            proxy.settle();
            self.inherit(&token);
        }
        if !matches!(ran.code, None | Some(0 | 1 | 69 | 75)) {
            self.seen.lock().unwrap().findings.push(format!("{name} {args:?}: {ran:?}"));
        }
        ran
    }

    /// Releases the pool's lock for a dead process, if that died with it. It lasts for a minute and a half, and would hold
    /// up the round. That is sound once all that the dead has sent has come to AWS: its token releases nobody else's lock.
    fn inherit(&self, token: &Mutex<Option<String>>) {
        if let Some(token) = &*token.lock().unwrap() {
            let lock = "s3://bucket/scratch/locks/pools/etl";
            // Another has it by now, or the dead released it.
            let _ = self.sandbox.run("s3-lock", &["release", lock, "--token", token]);
        }
    }

    /// A network for one process, which is struck at one of its requests. The process locks the pool under `token`.
    fn proxy(&self, mut random: Rng, strike: Strike, process: Process, token: Arc<Mutex<Option<String>>>) -> Proxy {
        let at = (random.usize(..6), random.bool());
        let (random, seen, done) = (Mutex::new(random), Arc::clone(&self.seen), Arc::clone(&self.done));
        Proxy::start(self.sandbox.endpoint(), move |passing: &Passing| {
            if passing.status == Some(200) && passing.operation == "TerminateJobFlows" {
                seen.lock().unwrap().ended.push((Instant::now(), passing.body.clone()));
            }
            if let Some(sent) = token_of_pool(passing) {
                token.lock().unwrap().replace(sent);
            }
            let (odds, time) = {
                let mut random = random.lock().unwrap();
                (random.u8(..100), Duration::from_secs_f64(random.f64() * LONGEST))
            };
            let is_struck = (passing.number, passing.status.is_some()) == at;
            let passes = match strike {
                Strike::Kill if is_struck => {
                    process.kill();
                    done.kills.fetch_add(1, Relaxed);
                    odds.is_multiple_of(2)
                }
                Strike::Stop if is_struck => {
                    process.stop();
                    done.stops.fetch_add(1, Relaxed);
                    pass(time);
                    process.go_on();
                    true
                }
                _ => odds >= 4,
            };
            done.lost.fetch_add(usize::from(!passes && !is_struck), Relaxed);
            if odds > 98 {
                done.delayed.fetch_add(1, Relaxed);
                pass(time);
            }
            passes
        })
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
