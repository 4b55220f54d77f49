//! Runs that a user ends, that nobody reads any more, or that fail in between: none leaves a lock behind that nobody
//! knows of. Its time to live is not waited for.

use std::process::{Command, Stdio};

use harness::{Ran, Sandbox};

use crate::killed::strike_everywhere;
use crate::{SCRATCH, assert_free, find_pool, held, pooled, steps, tools, victim};

/// The exit code of a tool that has ended because of SIGTERM.
const TERMINATED: Option<i32> = Some(128 + 15);

fn tool(sandbox: &Sandbox, name: &str, args: &[&str]) -> Command {
    let mut command = sandbox.tool(name);
    command.args(args);
    command
}

/// Sends SIGTERM to a tool at each of its requests, each time on a pool of its own. `key` is that of the lock of a case,
/// by its pool and its job flow.
fn end_everywhere(
    sandbox: &Sandbox,
    prepare: impl Fn(&str) -> Option<String> + Sync,
    command: impl Fn(&str) -> (Command, String) + Sync,
    key: impl Fn(&str, &str) -> String,
) {
    let ended = strike_everywhere(sandbox, victim::terminate, prepare, command);
    let mut waited = 0;
    for (case, ran) in &ended {
        assert!(matches!(ran.code, None | Some(0) | TERMINATED), "{case:?}: {ran:?}");
        // Where it has printed a claim, somebody knows of it. Before it begins its work it just ends.
        if ran.code == TERMINATED && ran.stdout.is_empty() {
            waited += 1;
            let key = key(&case.pool, case.job_flow.as_deref().unwrap_or_default());
            assert!(held(sandbox, &key).iter().all(|(other, _)| *other != key), "{key} is held: {case:?}: {ran:?}");
        }
    }
    assert!(waited > 1, "{ended:?}");
}

fn of_job_flow(_: &str, job_flow: &str) -> String {
    format!("scratch/locks/job-flows/{job_flow}")
}

#[test]
fn a_find_pool_that_is_ended_by_a_signal_claims_nothing_that_nobody_is_told_of() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let find = |pool: &str| {
        let find = ["--pool-name", pool, "--s3-scratch-uri", SCRATCH];
        (tool(&sandbox, "find-pool", &find), String::new())
    };
    end_everywhere(&sandbox, |pool| Some(pooled(&sandbox, pool)), find, of_job_flow);
}

#[test]
fn a_sweep_that_is_ended_by_a_signal_leaves_no_lock() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let sweep = |pool: &str| {
        (tool(&sandbox, "terminate-idle-job-flows", &["--max-hours-idle", "0", "--pool-name", pool]), String::new())
    };
    end_everywhere(&sandbox, |pool| Some(pooled(&sandbox, pool)), sweep, of_job_flow);
}

#[test]
fn an_s3_lock_that_is_ended_by_a_signal_leaves_no_lock() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let key = |pool: &str, _: &str| format!("locks/{pool}");
    let lock = |words: &'static [&'static str], command: &'static [&'static str]| {
        let sandbox = &sandbox;
        move |pool: &str| {
            let uri = format!("s3://bucket/locks/{}{pool}", words[0]);
            let words = [words, &[&uri], command].concat();
            (tool(sandbox, "s3-lock", &words), String::new())
        }
    };
    let of = |word: &'static str| move |pool: &str, job_flow: &str| key(&format!("{word}{pool}"), job_flow);
    end_everywhere(&sandbox, |_| None, lock(&["acquire"], &[]), of("acquire"));
    end_everywhere(&sandbox, |_| None, lock(&["run"], &["--", "sleep", "0.5"]), of("run"));
}

#[test]
fn a_claim_that_nobody_reads_is_given_back() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let _ = pooled(&sandbox, "etl");
    let find = ["--pool-name", "etl", "--s3-scratch-uri", SCRATCH];
    let mut child = tool(&sandbox, "find-pool", &find).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert!(ran.stderr.contains("Claimed"), "{ran:?}");
    assert_free(&sandbox, "scratch/locks/job-flows/");
}

#[test]
fn a_job_that_cannot_be_added_gives_its_claim_back() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let job_flow = pooled(&sandbox, "etl");
    let claimed = find_pool(&sandbox, "etl", &[]).ok();
    let places = ["--input", "s3://bucket/not-there/", "--output", "s3://bucket/out/"];
    let add = [&["--streaming", "--mapper", "cat"], &places[..]].concat();
    let added = Ran::with_stdin(&mut tool(&sandbox, "add-step", &add), &claimed.stdout);
    added.fails(2, "no object is at the input");
    assert!(steps(&sandbox, &job_flow).is_empty());
    assert_free(&sandbox, "scratch/locks/job-flows/");
}
