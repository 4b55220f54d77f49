//! A look at a job flow that is overtaken: the lock is lost while the store is tested, and another has used the job flow.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use harness::{Passing, Proxy, Ran, Sandbox};
use serde_json::{Value, json};

use crate::{OVER, SCRATCH, find_pool, pass, pooled, tools};

#[test]
fn a_look_from_before_another_had_the_lock_claims_nothing() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let job_flow = pooled(&sandbox, "etl");
    let (writes, is_used) = (AtomicUsize::new(0), Arc::<AtomicBool>::default());
    let used = Arc::clone(&is_used);
    // The first write takes the lock. The tests of the store are lost until another has used the job flow.
    let proxy = Proxy::start(sandbox.endpoint(), move |passing: &Passing| {
        if passing.status.is_some() || !passing.writes_lock() || writes.fetch_add(1, Relaxed) == 0 {
            return true;
        }
        for _ in 0..15 {
            if used.load(Relaxed) {
                return true;
            }
            pass(Duration::from_millis(100));
        }
        false
    });
    let mut first = sandbox.tool("find-pool");
    proxy.point(first.args(["--pool-name", "etl", "--s3-scratch-uri", SCRATCH, "--ttl", "3"]));
    let first = std::thread::spawn(move || Ran::of(&mut first));
    pass(OVER / 2);
    let other = loop {
        let found = find_pool(&sandbox, "etl", &[]);
        if found.code == Some(0) {
            break found;
        }
    };
    let _ = Ran::with_stdin(sandbox.tool("add-step").args(["--", "sleep", "60"]), &other.stdout).ok();
    is_used.store(true, Relaxed);
    let first = first.join().unwrap();
    assert_eq!(first.code, Some(1), "a step runs on {job_flow}: {first:?}");
}

#[test]
fn what_is_lost_during_the_look_is_not_claimed_whatever_time_is_left() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let job_flow = pooled(&sandbox, "etl");
    let key = format!("scratch/locks/job-flows/{job_flow}");
    // A lock that is there needs no test of the store, beside which nothing is renewed.
    let before = find_pool(&sandbox, "etl", &[]).ok();
    let _ = Ran::with_stdin(sandbox.tool("s3-lock").arg("release"), &before.stdout).ok();
    let (is_looking, is_foreign) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
    let (looks, foreign) = (Arc::clone(&is_looking), Arc::clone(&is_foreign));
    let (is_held, is_refused, is_lost) = (AtomicBool::new(false), AtomicBool::new(false), AtomicBool::new(false));
    // The look under the lock lasts until a renewal was refused, and has read who holds the lock.
    let proxy = Proxy::start(sandbox.endpoint(), move |passing: &Passing| {
        match passing.status {
            Some(200) if passing.writes_lock() => is_held.store(true, Relaxed),
            Some(200) if passing.operation.starts_with("GET ") && is_refused.load(Relaxed) => {
                is_lost.store(true, Relaxed);
            }
            Some(412) if passing.writes_lock() && foreign.load(Relaxed) => is_refused.store(true, Relaxed),
            None if passing.operation == "ListSteps" && is_held.load(Relaxed) => {
                looks.store(true, Relaxed);
                while !is_lost.load(Relaxed) {
                    pass(Duration::from_millis(10));
                }
                // The answer is heard before that of the look. Still more than half of the lease is left, which is enough.
                pass(Duration::from_millis(300));
            }
            _ => {}
        }
        true
    });
    let mut find = sandbox.tool("find-pool");
    proxy.point(find.args(["--pool-name", "etl", "--s3-scratch-uri", SCRATCH, "--ttl", "18"]));
    let find = std::thread::spawn(move || Ran::of(&mut find));
    while !is_looking.load(Relaxed) {
        pass(Duration::from_millis(10));
    }
    // The object was deleted, say, and another has created it anew.
    let mut lock: Value = serde_json::from_str(&sandbox.object(&key).unwrap()).unwrap();
    (lock["token"], lock["nonce"]) = (json!("another"), json!("another"));
    sandbox.put(&key, &sandbox.file("lock", lock.to_string()));
    is_foreign.store(true, Relaxed);
    let found = find.join().unwrap();
    assert_eq!((found.code, found.stdout.as_str()), (Some(1), ""), "{found:?}");
}
