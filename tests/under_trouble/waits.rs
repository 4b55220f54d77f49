//! Whoever waits for a lock or a job flow gets its turn, also behind the dead.

use harness::{Ran, Sandbox};

use crate::{OVER, SCRATCH, TTL, all_of, at_once, find_pool, pass, pooled, tools};

const MANY: usize = 4;

#[test]
fn jobs_that_wait_for_the_only_job_flow_of_a_pool_use_it_in_turn() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let find = ["--pool-name", "etl", "--s3-scratch-uri", SCRATCH, "--or-create"];
    let wait = ["--max-job-flows-in-pool", "1", "--pool-wait-minutes", "2"];
    at_once(&[(); MANY], MANY, |()| {
        let found = sandbox.run("find-pool", &[&find[..], &wait].concat()).ok();
        Ran::with_stdin(sandbox.tool("add-step").args(["--", "sleep", "0.2"]), &found.stdout).ok();
    });
    assert_eq!(all_of(&sandbox, "etl").len(), 1);
}

#[test]
fn jobs_that_start_a_job_flow_each_wait_for_the_lock_of_the_pool() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let find = ["--pool-name", "etl", "--s3-scratch-uri", SCRATCH, "--or-create", "--ttl", "10m"];
    at_once(&[(); MANY], MANY, |()| drop(sandbox.run("find-pool", &find).ok()));
    assert_eq!(all_of(&sandbox, "etl").len(), MANY);
}

#[test]
fn whoever_waits_for_a_lock_gets_it_when_it_is_free() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let run = ["run", "s3://bucket/locks/wait", "--wait", "2m", "--", "sh", "-c", "echo run >> runs; sleep 0.3"];
    at_once(&[(); MANY], MANY, |()| drop(sandbox.run("s3-lock", &run).ok()));
    let runs = std::fs::read_to_string(sandbox.folder().join("runs")).unwrap();
    assert_eq!(runs.lines().count(), MANY);
}

#[test]
fn a_job_flow_whose_holder_is_dead_is_found_behind_one_that_is_claimed() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let _ = (pooled(&sandbox, "etl"), pooled(&sandbox, "etl"));
    let _ = find_pool(&sandbox, "etl", &[]).ok();
    let second = find_pool(&sandbox, "etl", &["--ttl", TTL]).ok().record();
    pass(OVER);
    // The first is tried first, and then a list of the locks tells which others are held.
    let found = find_pool(&sandbox, "etl", &["--ttl", TTL]).ok().record();
    assert_eq!(found["job_flow_id"], second["job_flow_id"]);
}
