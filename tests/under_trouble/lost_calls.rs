//! Calls to EMR that must happen once, and whose request or answer is lost: what is there with the own run id is adopted,
//! nothing that is another's is, and nothing is asked for twice. While a lost request may still arrive, its lock is held.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use harness::{Passing, Proxy, Ran, Sandbox};
use serde_json::Value;

use crate::{SCRATCH, all_of, assert_free, at_once, find_pool, held, idle, pooled, runs_a_job, steps, tools};

/// Runs a tool whose first request for `operation` is lost, or the answer to it. Returns what came of it, and how often
/// it asked.
fn losing(sandbox: &Sandbox, operation: &'static str, is_answer: bool, words: &[&str], stdin: &str) -> (Ran, usize) {
    let asked = Arc::<AtomicUsize>::default();
    let (count, lost) = (Arc::clone(&asked), AtomicUsize::new(0));
    let proxy = Proxy::start(sandbox.endpoint(), move |passing: &Passing| {
        let is_it = passing.operation == operation;
        count.fetch_add(usize::from(is_it && passing.status.is_none()), Relaxed);
        !(is_it && passing.status.is_some() == is_answer && lost.fetch_add(1, Relaxed) == 0)
    });
    let mut command = sandbox.tool(words[0]);
    proxy.point(command.args(&words[1..]));
    (Ran::with_stdin(&mut command, stdin), asked.load(Relaxed))
}

fn id(record: &Value, key: &str) -> String {
    record[key].as_str().unwrap().to_owned()
}

#[test]
fn of_what_is_lost_the_own_is_adopted_and_nothing_else() {
    let cases: [fn(&Sandbox); 7] = [
        a_step_whose_request_is_lost_is_not_another_s,
        a_step_whose_answer_is_lost_is_found,
        |sandbox| a_start_whose_request_is_lost_is_not_another_s(sandbox, "find-pool", &["--or-create"]),
        |sandbox| a_start_whose_answer_is_lost_is_found(sandbox, "find-pool", &["--or-create"]),
        |sandbox| a_start_whose_request_is_lost_is_not_another_s(sandbox, "fill-pool", &["--min-idle", "1"]),
        |sandbox| a_start_whose_answer_is_lost_is_found(sandbox, "fill-pool", &["--min-idle", "1"]),
        a_job_flow_whose_end_is_lost_is_not_told_as_terminated,
    ];
    // Most wait for what never comes.
    at_once(&cases, cases.len(), |case| case(&Sandbox::start(&tools(), &[])));
}

const ADD: [&str; 3] = ["add-step", "--", "true"];

fn a_step_whose_request_is_lost_is_not_another_s(sandbox: &Sandbox) {
    let job_flow = pooled(sandbox, "etl");
    runs_a_job(sandbox, "etl");
    let claimed = find_pool(sandbox, "etl", &[]).ok().stdout;
    let (added, asked) = losing(sandbox, "AddJobFlowSteps", false, &ADD, &claimed);
    added.fails(69, "nothing named");
    assert_eq!((asked, steps(sandbox, &job_flow).len()), (1, 1), "{added:?}");
    assert_eq!(held(sandbox, "scratch/locks/job-flows/").len(), 1, "it may still come: {added:?}");
}

fn a_step_whose_answer_is_lost_is_found(sandbox: &Sandbox) {
    let job_flow = pooled(sandbox, "etl");
    runs_a_job(sandbox, "etl");
    let claimed = find_pool(sandbox, "etl", &[]).ok().stdout;
    let (added, asked) = losing(sandbox, "AddJobFlowSteps", true, &ADD, &claimed);
    let (added, all) = (added.ok().record(), steps(sandbox, &job_flow));
    assert_eq!((asked, all.len()), (1, 2), "{added}");
    let same: Vec<_> = all.iter().filter(|step| step["step_id"] == added["step_id"]).collect();
    assert!(same.len() == 1 && same[0]["name"] == added["name"], "{added}: {all:?}");
    assert_free(sandbox, "scratch/locks/job-flows/");
}

fn start(sandbox: &Sandbox, is_answer: bool, name: &str, more: &[&str]) -> (Ran, usize) {
    let words = [&[name, "--pool-name", "etl", "--s3-scratch-uri", SCRATCH], more].concat();
    losing(sandbox, "RunJobFlow", is_answer, &words, "")
}

fn a_start_whose_request_is_lost_is_not_another_s(sandbox: &Sandbox, name: &str, more: &[&str]) {
    let _ = pooled(sandbox, "other");
    let (started, asked) = start(sandbox, false, name, more);
    started.fails(69, "nothing named");
    assert_eq!((asked, all_of(sandbox, "etl").len()), (1, 0), "{started:?}");
    assert_eq!(held(sandbox, "scratch/locks/pools/").len(), 1, "it may still come: {started:?}");
}

fn a_start_whose_answer_is_lost_is_found(sandbox: &Sandbox, name: &str, more: &[&str]) {
    let _ = pooled(sandbox, "other");
    let (started, asked) = start(sandbox, true, name, more);
    let (started, all) = (started.ok().record(), all_of(sandbox, "etl"));
    assert_eq!((asked, all.len()), (1, 1), "{started}");
    assert_eq!(id(&all[0], "job_flow_id"), id(&started, "job_flow_id"));
    assert_free(sandbox, "scratch/locks/pools/");
}

fn a_job_flow_whose_end_is_lost_is_not_told_as_terminated(sandbox: &Sandbox) {
    let job_flow = pooled(sandbox, "etl");
    idle();
    let proxy = Proxy::start(sandbox.endpoint(), |passing: &Passing| passing.operation != "TerminateJobFlows");
    let mut sweep = sandbox.tool("terminate-idle-job-flows");
    let swept = Ran::of(proxy.point(sweep.args(["--max-hours-idle", "0", "--pool-name", "etl"])));
    swept.fails(69, &job_flow);
    assert_eq!(all_of(sandbox, "etl")[0]["state"], "WAITING");
    assert_eq!(held(sandbox, "scratch/locks/job-flows/").len(), 1, "it may still come: {swept:?}");
}

#[test]
fn a_step_that_was_throttled_is_not_asked_for_again_when_the_claim_is_over() {
    // On a busy machine the claim may be over before EMR is asked at all.
    while !is_asked_until_its_claim_is_over(&Sandbox::start(&tools(), &["--fault", "AddJobFlowSteps:throttle:6"])) {}
}

fn is_asked_until_its_claim_is_over(sandbox: &Sandbox) -> bool {
    let job_flow = pooled(sandbox, "etl");
    let claimed = find_pool(sandbox, "etl", &["--ttl", "3"]).ok().stdout;
    let is_asked = Arc::<AtomicBool>::default();
    let was_asked = Arc::clone(&is_asked);
    // Nothing is renewed any more once EMR was asked.
    let proxy = Proxy::start(sandbox.endpoint(), move |passing: &Passing| {
        was_asked.fetch_or(passing.operation == "AddJobFlowSteps", Relaxed);
        !(passing.is_for_s3() && was_asked.load(Relaxed))
    });
    let mut add = sandbox.tool("add-step");
    let added = Ran::with_stdin(proxy.point(add.args(&ADD[1..])), &claimed);
    assert!(matches!(added.code, Some(69 | 75)) && added.stdout.is_empty(), "{added:?}");
    assert!(steps(sandbox, &job_flow).is_empty(), "{added:?}");
    is_asked.load(Relaxed)
}
