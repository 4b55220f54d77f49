//! Real processes under real trouble: stopped beyond their leases, killed at each of their requests, with wrong clocks,
//! full disks and too few file descriptors, on a store that loses what it is asked or hears of it too late.
//!
//! What the tools ask of locks is recorded, and the history of each sandbox is verified when the test ends. What EMR was
//! asked for and came to is judged apart from that, by its own lists and by what a proxy saw.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod before_the_lock;
mod clocks;
mod commands;
mod descriptors;
mod disks;
mod given_up;
mod killed;
mod late_writes;
mod leases;
mod lost_answers;
mod lost_calls;
mod minimums;
mod stale_looks;
mod stopped;
mod storm;
mod tokens;
mod victim;
mod waits;

use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use harness::{Ran, Sandbox, Tools};
use serde_json::Value;

const SCRATCH: &str = "s3://bucket/scratch/";

/// A time to live that is over soon: of claims, half of which has to be left when the job flow was looked at.
const TTL: &str = "6";
/// By then a lock of this time to live is free: others count whole seconds, and give one more.
const OVER: Duration = Duration::from_secs(6 + 2);

fn tools() -> Tools {
    Tools::beside(env!("CARGO_BIN_EXE_emr-sandbox"))
}

/// Waits until what the dead or stopped held is free.
#[expect(clippy::disallowed_methods, reason = "a time to live is over by itself")]
fn pass(time: Duration) {
    thread::sleep(time);
}

/// Waits until job flows are idle for longer than no time at all, by a clock of whole seconds.
fn idle() {
    pass(Duration::from_secs(2));
}

/// Runs `work` for each of `cases`, a few at once.
fn at_once<Case: Sync, Came: Send>(cases: &[Case], few: usize, work: impl Fn(&Case) -> Came + Sync) -> Vec<Came> {
    let next = AtomicUsize::new(0);
    let take = || {
        let number = next.fetch_add(1, Relaxed);
        cases.get(number).map(|case| (number, work(case)))
    };
    let mut came: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..few).map(|_| scope.spawn(|| iter::from_fn(take).collect::<Vec<_>>())).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    came.sort_by_key(|(number, _)| *number);
    came.into_iter().map(|(_, came)| came).collect()
}

fn find_pool(sandbox: &Sandbox, pool: &str, more: &[&str]) -> Ran {
    let args = ["--pool-name", pool, "--s3-scratch-uri", SCRATCH];
    sandbox.run("find-pool", &[&args[..], more].concat())
}

/// The job flow that a pool has.
fn pooled(sandbox: &Sandbox, pool: &str) -> String {
    sandbox.job_flow(&["--pool-emr-job-flows", "--pool-name", pool])
}

/// The job flows that a pool has, or has had.
fn all_of(sandbox: &Sandbox, pool: &str) -> Vec<Value> {
    sandbox.run("list-job-flows", &["--all", "--no-idle", "--pool-name", pool]).ok().records()
}

/// The job flows of the pool that live.
fn alive(sandbox: &Sandbox, pool: &str) -> Vec<String> {
    let alive = sandbox.run("list-job-flows", &["--no-idle", "--pool-name", pool]).ok().records();
    alive.iter().map(|job_flow| job_flow["job_flow_id"].as_str().unwrap().to_owned()).collect()
}

/// The job flows of all pools, by pool: one run for all cases.
fn by_pool(sandbox: &Sandbox) -> BTreeMap<String, Vec<Value>> {
    let mut pools = BTreeMap::<_, Vec<_>>::new();
    for job_flow in sandbox.run("list-job-flows", &["--all", "--no-idle"]).ok().records() {
        if let Some(pool) = job_flow["pool_name"].as_str() {
            pools.entry(pool.to_owned()).or_default().push(job_flow);
        }
    }
    pools
}

/// Finds a job flow of the pool, adds a step, and waits until it has completed.
fn runs_a_job(sandbox: &Sandbox, pool: &str) -> String {
    let found = find_pool(sandbox, pool, &[]).ok();
    let added = Ran::with_stdin(sandbox.tool("add-step").args(["--", "true"]), &found.stdout).ok();
    let waited = Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout).ok();
    assert_eq!(waited.record()["state"], "COMPLETED");
    found.record()["job_flow_id"].as_str().unwrap().to_owned()
}

/// The steps of a job flow, which are one after another, and each of another run.
fn steps(sandbox: &Sandbox, job_flow: &str) -> Vec<Value> {
    let steps = sandbox.run("list-steps", &[job_flow]).ok().records();
    let names: BTreeSet<_> = steps.iter().map(|step| step["name"].to_string()).collect();
    assert_eq!(names.len(), steps.len(), "each run id once: {steps:?}");
    steps
}

/// The locks whose keys begin with `prefix`, each with its object.
fn locks(sandbox: &Sandbox, prefix: &str) -> BTreeMap<String, Value> {
    let objects = sandbox.keys(prefix).into_iter().filter_map(|key| {
        let object = serde_json::from_str(&sandbox.object(&key)?).ok()?;
        Some((key, object))
    });
    objects.collect()
}

/// The locks whose keys begin with `prefix`, and that were not given back.
fn held(sandbox: &Sandbox, prefix: &str) -> Vec<(String, Value)> {
    locks(sandbox, prefix).into_iter().filter(|(_, lock)| !lock["token"].is_null()).collect()
}

fn assert_free(sandbox: &Sandbox, prefix: &str) {
    let held = held(sandbox, prefix);
    assert!(held.is_empty(), "nobody holds a lock by now: {held:?}");
}

/// The longest time to live of the locks of pools and sweeps, in seconds.
const LONG: u64 = 90;

/// Frees the lock at `key` if somebody who is dead holds it, by its token, as its holder's record allows. It would be free
/// by itself at the latest `longest` seconds later.
fn free(sandbox: &Sandbox, key: &str, longest: u64) {
    let Some(lock) = sandbox.object(key) else { return };
    let lock: Value = serde_json::from_str(&lock).unwrap();
    if let Some(token) = lock["token"].as_str() {
        assert!(lock["ttl_s"].as_u64().is_some_and(|ttl| ttl <= longest), "{lock}");
        let uri = format!("s3://bucket/{key}");
        sandbox.run("s3-lock", &["release", &uri, "--token", token]).ok();
    }
}

/// Frees a job flow that somebody who is dead has claimed.
fn free_job_flow(sandbox: &Sandbox, job_flow: &str) {
    free_within(sandbox, job_flow, TTL.parse().unwrap());
}

/// The same, where it would be free by itself so many seconds later.
fn free_within(sandbox: &Sandbox, job_flow: &str, longest: u64) {
    free(sandbox, &format!("scratch/locks/job-flows/{job_flow}"), longest);
}

/// The verdict on what was recorded in a sandbox, which has no violation.
fn verdict(sandbox: &Sandbox) -> Value {
    let verified = sandbox.run("s3-lock", &["verify", "lock-history.jsonl"]).ok();
    let verdict = verified.records().pop().unwrap();
    assert_eq!(verdict["holds"], true);
    assert_eq!(leases::too_long(sandbox), [""; 0]);
    verdict
}
