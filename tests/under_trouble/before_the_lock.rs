//! What is seen before a lock is held counts for nothing: others act until then, so whoever has the lock looks again.
//!
//! Each tool is stopped right before it first asks for a lock, and goes on when another has acted.

use harness::{Passing, Ran, Sandbox};

use crate::{SCRATCH, alive, all_of, assert_free, at_once, idle, pooled, tools, victim};

/// What a run comes to that is overtaken by `meanwhile` before it has its first lock below `place`.
fn overtaken(sandbox: &Sandbox, words: &[&str], place: &'static str, meanwhile: impl FnOnce()) -> Ran {
    let mut command = sandbox.tool(words[0]);
    command.args(&words[1..]);
    let is_it =
        move |passing: &Passing| passing.status.is_none() && passing.writes_lock() && passing.operation.contains(place);
    let stopped = victim::stop(sandbox, command, "", is_it);
    assert!(stopped.is_struck, "{words:?}");
    meanwhile();
    let (ran, _) = stopped.end();
    // Whatever it found, it gives the lock back, unless it hands it on.
    if ran.stdout.is_empty() {
        assert_free(sandbox, "scratch/locks/job-flows/");
    }
    assert_free(sandbox, "scratch/locks/pools/");
    ran
}

const FIND: [&str; 5] = ["find-pool", "--pool-name", "etl", "--s3-scratch-uri", SCRATCH];
const FILL: [&str; 7] = ["fill-pool", "--pool-name", "etl", "--s3-scratch-uri", SCRATCH, "--min-idle", "1"];
const SWEEP: [&str; 5] = ["terminate-idle-job-flows", "--max-hours-idle", "0", "--pool-name", "etl"];

#[test]
fn what_others_do_before_the_lock_is_held_is_seen_under_it() {
    let cases: [fn(&Sandbox); 5] = [
        a_job_flow_that_another_uses_by_then_is_not_claimed,
        a_job_flow_that_another_uses_by_then_is_not_terminated,
        a_job_flow_that_another_has_started_by_then_is_found,
        a_job_flow_that_another_has_started_by_then_fills_the_pool,
        a_job_flow_that_a_minimum_needs_by_then_is_not_terminated,
    ];
    at_once(&cases, 2, |case| case(&Sandbox::start(&tools(), &[])));
}

fn a_job_flow_that_another_uses_by_then_is_not_claimed(sandbox: &Sandbox) {
    let job_flow = pooled(sandbox, "etl");
    let found = overtaken(sandbox, &FIND, "/job-flows/", || drop(sandbox.shell_step(&job_flow, "sleep 60")));
    assert_eq!((found.code, found.stdout.as_str()), (Some(1), ""), "{found:?}");
}

fn a_job_flow_that_another_uses_by_then_is_not_terminated(sandbox: &Sandbox) {
    let job_flow = pooled(sandbox, "etl");
    idle();
    let swept = overtaken(sandbox, &SWEEP, "/job-flows/", || drop(sandbox.shell_step(&job_flow, "sleep 60")));
    assert_eq!((swept.code, swept.stdout.as_str()), (Some(0), ""), "{swept:?}");
    assert_eq!(alive(sandbox, "etl"), [job_flow]);
}

fn a_job_flow_that_another_has_started_by_then_is_found(sandbox: &Sandbox) {
    let or_create = [&FIND[..], &["--or-create"]].concat();
    let found = overtaken(sandbox, &or_create, "/pools/", || drop(pooled(sandbox, "etl")));
    assert_eq!(alive(sandbox, "etl"), [found.ok().record()["job_flow_id"].as_str().unwrap()]);
}

fn a_job_flow_that_another_has_started_by_then_fills_the_pool(sandbox: &Sandbox) {
    let filled = overtaken(sandbox, &FILL, "/pools/", || drop(pooled(sandbox, "etl")));
    assert_eq!((filled.code, filled.stdout.as_str()), (Some(0), ""), "{filled:?}");
    assert_eq!(all_of(sandbox, "etl").len(), 1);
}

fn a_job_flow_that_a_minimum_needs_by_then_is_not_terminated(sandbox: &Sandbox) {
    let _ = sandbox.run(FILL[0], &FILL[1..]).ok();
    let _ = pooled(sandbox, "etl");
    idle();
    let would = sandbox.run(SWEEP[0], &[&SWEEP[1..], &["--dry-run"]].concat()).ok().record();
    let spare = alive(sandbox, "etl").into_iter().find(|id| would["job_flow_id"] != **id).unwrap();
    let swept = overtaken(sandbox, &SWEEP, "/pools/", || {
        let _ = sandbox.run("terminate-job-flow", &[&spare]).ok();
    });
    assert_eq!((swept.code, swept.stdout.as_str()), (Some(0), ""), "{swept:?}");
    assert_eq!(alive(sandbox, "etl").len(), 1);
}
