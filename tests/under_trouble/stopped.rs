//! SIGSTOP in the middle of a tool's work for longer than its lease lasts, while others go on, and then SIGCONT.
//!
//! What was stopped before it sent does not send. A request that was under way when its process was stopped may come
//! late: nobody can promise the contrary, and the history counts it apart.

use std::process::Command;
use std::time::Duration;

use harness::{Passing, Ran, Sandbox};

use crate::victim::{self, Stopped};
use crate::{OVER, SCRATCH, TTL, all_of, at_once, find_pool, pass, pooled, steps, tools, verdict};

const AT_ONCE: usize = 4;

/// A lease of a sweep, or of a pool, and what a lock is left alone after it.
const A_MINUTE: Duration = Duration::from_secs(60 + 2);

/// A pool whose only job flow a stopped process works on.
struct Case {
    pool: String,
    stopped: Stopped,
}

/// Stops `command` after each of its answers, each time on a pool of its own with one job flow, until it makes no more
/// requests.
fn stop_everywhere(sandbox: &Sandbox, command: impl Fn(&str) -> (Command, String) + Sync) -> Vec<Case> {
    let _ = pooled(sandbox, "whole");
    pass(Duration::from_secs(1));
    let (whole, stdin) = command("whole");
    let pools: Vec<_> =
        (0..victim::requests(sandbox, whole, &stdin)).map(|number| (number, format!("p{number}"))).collect();
    at_once(&pools, AT_ONCE, |(_, pool)| drop(pooled(sandbox, pool)));
    pass(Duration::from_secs(1));
    let stopped = at_once(&pools, AT_ONCE, |(number, pool)| {
        let (command, stdin) = command(pool);
        let number = *number;
        let is_it = move |passing: &Passing| passing.number == number && passing.status.is_some();
        victim::stop(sandbox, command, &stdin, is_it)
    });
    let cases = pools.into_iter().zip(stopped).map(|((_, pool), stopped)| Case { pool, stopped });
    cases.filter(|case| case.stopped.is_struck).collect()
}

fn tool(sandbox: &Sandbox, name: &str, args: &[&str]) -> Command {
    let mut command = sandbox.tool(name);
    command.args(args);
    command
}

/// Claims the job flow of each pool, lets the stopped go on, and then uses the job flows. Returns the number of claims,
/// and what came of each of the stopped: its run, and what it asked for since.
fn others_go_on(sandbox: &Sandbox, cases: Vec<Case>) -> (usize, Vec<(Ran, Vec<String>)>) {
    let pools: Vec<_> = cases.iter().map(|case| case.pool.clone()).collect();
    let claims = at_once(&pools, AT_ONCE, |pool| find_pool(sandbox, pool, &[]));
    let ended = cases.into_iter().map(|case| case.stopped.end()).collect();
    let claims: Vec<_> = claims.into_iter().zip(&pools).filter(|(claim, _)| claim.code == Some(0)).collect();
    at_once(&claims, AT_ONCE, |(claim, pool)| {
        let added = Ran::with_stdin(sandbox.tool("add-step").args(["--", "true"]), &claim.stdout).ok();
        Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout).ok();
        let job_flow = all_of(sandbox, pool);
        assert!(job_flow.iter().all(|job_flow| job_flow["state"] == "WAITING"), "{job_flow:?}");
    });
    (claims.len(), ended)
}

/// All of these wait for leases to run out. Side by side they wait once.
#[test]
fn what_was_stopped_does_nothing_under_a_lock_that_is_another_s_by_then() {
    let cases: [fn(); 4] = [
        an_add_step_that_was_stopped_adds_nothing_to_what_is_another_s_by_then,
        a_find_pool_that_was_stopped_claims_nothing_that_is_another_s_by_then,
        an_s3_lock_that_was_stopped_does_not_begin_its_command_when_the_lock_is_another_s,
        a_step_that_was_sent_in_time_and_comes_late_is_cancelled_or_counted_apart,
    ];
    at_once(&cases, cases.len(), |case| case());
}

fn an_add_step_that_was_stopped_adds_nothing_to_what_is_another_s_by_then() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let cases = stop_everywhere(&sandbox, |pool| {
        let claimed = find_pool(&sandbox, pool, &["--ttl", TTL]).ok();
        (tool(&sandbox, "add-step", &["--", "true"]), claimed.stdout)
    });
    pass(OVER);
    let (claims, ended) = others_go_on(&sandbox, cases);
    assert_eq!(claims, ended.len(), "all job flows are free when the leases are over");
    assert!(ended.len() > 4 && ended.iter().any(|(ran, _)| ran.code == Some(75)), "{ended:?}");
    for (ran, since) in &ended {
        assert!(!since.iter().any(|operation| operation == "AddJobFlowSteps"), "{ran:?}: {since:?}");
        assert!(matches!(ran.code, Some(0 | 75)), "{ran:?}");
    }
    let _ = verdict(&sandbox);
}

fn a_find_pool_that_was_stopped_claims_nothing_that_is_another_s_by_then() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let cases = stop_everywhere(&sandbox, |pool| {
        let args = ["--pool-name", pool, "--s3-scratch-uri", SCRATCH, "--ttl", TTL];
        (tool(&sandbox, "find-pool", &args), String::new())
    });
    pass(OVER);
    let (claims, ended) = others_go_on(&sandbox, cases);
    assert_eq!(claims, ended.len(), "all job flows are free when the leases are over");
    assert!(ended.len() > 4, "{ended:?}");
    for (ran, _) in &ended {
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    }
    assert!(verdict(&sandbox)["takeovers"].as_u64() > Some(0));
}

fn an_s3_lock_that_was_stopped_does_not_begin_its_command_when_the_lock_is_another_s() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let uri = |pool: &str| format!("s3://bucket/locks/{pool}");
    let cases = stop_everywhere(&sandbox, |pool| {
        let script = format!("echo run >> {pool}.txt");
        (tool(&sandbox, "s3-lock", &["run", &uri(pool), "--ttl", TTL, "--", "sh", "-c", &script]), String::new())
    });
    pass(OVER);
    let has_run = |pool: &str| sandbox.folder().join(format!("{pool}.txt")).exists();
    let before: Vec<_> = cases.iter().map(|case| (uri(&case.pool), has_run(&case.pool))).collect();
    let taken =
        at_once(&before, AT_ONCE, |(uri, _)| sandbox.run("s3-lock", &["acquire", "--nonblock", uri]).ok().record());
    let pools: Vec<_> = cases.iter().map(|case| case.pool.clone()).collect();
    let ended: Vec<_> = cases.into_iter().map(|case| case.stopped.end()).collect();
    for (((ran, _), pool), (_, had_run)) in ended.iter().zip(&pools).zip(&before) {
        assert_eq!(has_run(pool), *had_run, "{pool}: {ran:?}");
        assert!(matches!(ran.code, Some(0 | 1 | 75)), "{ran:?}");
    }
    for record in &taken {
        Ran::with_stdin(sandbox.tool("s3-lock").arg("release"), &format!("{record}\n")).ok();
    }
    assert!(before.len() > 3 && before.iter().any(|(_, had_run)| !had_run), "{before:?}");
}

fn a_step_that_was_sent_in_time_and_comes_late_is_cancelled_or_counted_apart() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let job_flow = pooled(&sandbox, "etl");
    let claimed = find_pool(&sandbox, "etl", &["--ttl", TTL]).ok().stdout;
    let is_it = |passing: &Passing| passing.operation == "AddJobFlowSteps" && passing.status.is_none();
    let add = tool(&sandbox, "add-step", &["--name", "late", "--", "true"]);
    let stopped = victim::stop(&sandbox, add, &claimed, is_it);
    assert!(stopped.is_struck);
    pass(OVER);
    let claimed = find_pool(&sandbox, "etl", &[]).ok().stdout;
    Ran::with_stdin(sandbox.tool("add-step").args(["--", "sleep", "30"]), &claimed).ok();
    let (ran, _) = stopped.end();
    // Another's step runs by then, so it withdraws its own.
    assert_eq!(ran.code, Some(75), "{ran:?}");
    let steps = steps(&sandbox, &job_flow);
    let late = steps.iter().find(|step| step["name"].to_string().contains("late"));
    assert_eq!(late.map(|step| &step["state"]), Some(&"CANCELLED".into()), "{steps:?}");
    assert_eq!(verdict(&sandbox)["late_acts"], 1);
}

#[test]
#[ignore = "waits for more than a minute, which is the lease of a sweep; scripts/test --full runs it"]
fn a_sweep_that_was_stopped_ends_nothing_that_is_claimed_by_then() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let cases = stop_everywhere(&sandbox, |pool| {
        (tool(&sandbox, "terminate-idle-job-flows", &["--max-hours-idle", "0", "--pool-name", pool]), String::new())
    });
    pass(A_MINUTE);
    let (claims, ended) = others_go_on(&sandbox, cases);
    assert!(claims > 2 && ended.len() > 4, "{claims} claims: {ended:?}");
    for (ran, since) in &ended {
        assert!(!since.iter().any(|operation| operation == "TerminateJobFlows"), "{ran:?}: {since:?}");
        // Stopped right after EMR's answer, it finds its lease gone first, and says that it does not know.
        assert!(matches!(ran.code, Some(0 | 69)), "{ran:?}");
    }
    let _ = verdict(&sandbox);
}

#[test]
#[ignore = "waits for more than a minute, which is the lease of a pool; scripts/test --full runs it"]
fn a_find_pool_that_was_stopped_starts_no_job_flow_when_another_run_may_have() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let pools: Vec<_> = (0..24).map(|number| (number, format!("p{number}"))).collect();
    let one = ["--or-create", "--max-job-flows-in-pool", "1"];
    let stopped = at_once(&pools, AT_ONCE, |(number, pool)| {
        let mut find = tool(&sandbox, "find-pool", &["--pool-name", pool, "--s3-scratch-uri", SCRATCH, "--ttl", TTL]);
        find.args(one);
        let number = *number;
        victim::stop(&sandbox, find, "", move |passing| passing.number == number && passing.status.is_some())
    });
    pass(A_MINUTE);
    at_once(&pools, AT_ONCE, |(_, pool)| assert!(matches!(find_pool(&sandbox, pool, &one).code, Some(0 | 75))));
    let ended: Vec<_> = stopped.into_iter().map(Stopped::end).collect();
    for ((_, pool), (ran, since)) in pools.iter().zip(&ended) {
        let all = all_of(&sandbox, pool);
        assert_eq!(all.len(), 1, "{pool}: {ran:?}: {since:?}: {all:?}");
    }
    let _ = verdict(&sandbox);
}
