//! What a minimum counts, and what it keeps: job flows that a job could have at once or soon, as they are by now.

use harness::{Ran, Sandbox};

use crate::{SCRATCH, alive, at_once, find_pool, idle, pooled, tools, victim};

const POOL: [&str; 2] = ["--pool-name", "etl"];

fn fill(sandbox: &Sandbox, min_idle: &str) -> Ran {
    let more = ["--s3-scratch-uri", SCRATCH, "--min-idle", min_idle];
    sandbox.run("fill-pool", &[&POOL[..], &more].concat()).ok()
}

fn sweep(sandbox: &Sandbox, more: &[&str]) -> Ran {
    sandbox.run("terminate-idle-job-flows", &[&["--max-hours-idle", "0"], &POOL[..], more].concat())
}

/// What is tried, and the arguments of its sandbox.
type Case = (fn(&Sandbox), &'static [&'static str]);

#[test]
fn minimums_count_what_a_job_could_have_and_keep_it() {
    let cases: [Case; 6] = [
        (a_job_flow_that_is_claimed_does_not_count_for_those_who_fill, &[]),
        (a_job_flow_that_is_claimed_is_none_of_those_that_a_sweep_keeps, &[]),
        (job_flows_that_start_count_for_those_who_fill, &["--provision-s", "600"]),
        (a_minimum_that_is_written_during_a_sweep_is_kept, &[]),
        (job_flows_whose_minimum_cannot_be_read_are_kept, &[]),
        (a_dry_run_tells_what_is_claimed, &[]),
    ];
    at_once(&cases, 2, |(case, args)| case(&Sandbox::start(&tools(), args)));
}

fn a_job_flow_that_is_claimed_does_not_count_for_those_who_fill(sandbox: &Sandbox) {
    let _ = fill(sandbox, "1");
    let _ = find_pool(sandbox, "etl", &[]).ok();
    assert_eq!(fill(sandbox, "1").records().len(), 1);
    assert_eq!(fill(sandbox, "1").records().len(), 0);
}

fn a_job_flow_that_is_claimed_is_none_of_those_that_a_sweep_keeps(sandbox: &Sandbox) {
    let _ = fill(sandbox, "2");
    let _ = find_pool(sandbox, "etl", &[]).ok();
    idle();
    assert_eq!(fill(sandbox, "1").records().len(), 0);
    let swept = sweep(sandbox, &[]).ok();
    assert_eq!((alive(sandbox, "etl").len(), swept.stdout.as_str()), (2, ""));
}

fn job_flows_that_start_count_for_those_who_fill(sandbox: &Sandbox) {
    assert_eq!(fill(sandbox, "2").records().len(), 2);
    assert_eq!(fill(sandbox, "2").records().len(), 0);
}

/// Nothing tells a sweep in advance: the pool had no minimum when it ended the first.
fn a_minimum_that_is_written_during_a_sweep_is_kept(sandbox: &Sandbox) {
    let _ = (pooled(sandbox, "etl"), pooled(sandbox, "etl"));
    idle();
    let mut command = sandbox.tool("terminate-idle-job-flows");
    command.args(["--max-hours-idle", "0"]).args(POOL);
    let stopped = victim::stop(sandbox, command, "", |passing| {
        passing.status.is_none() && passing.operation == "TerminateJobFlows"
    });
    assert!(stopped.is_struck);
    assert_eq!(fill(sandbox, "1").records().len(), 0, "the other is free");
    let (swept, _) = stopped.end();
    assert_eq!((swept.ok().records().len(), alive(sandbox, "etl").len()), (1, 1));
}

fn job_flows_whose_minimum_cannot_be_read_are_kept(sandbox: &Sandbox) {
    let _ = fill(sandbox, "1");
    let minimums = sandbox.keys("scratch/locks/minimums/");
    sandbox.put(&minimums[0], &sandbox.file("damaged", "{"));
    idle();
    let swept = sweep(sandbox, &[]);
    assert!(swept.code != Some(0) && alive(sandbox, "etl").len() == 1, "{swept:?}");
}

fn a_dry_run_tells_what_is_claimed(sandbox: &Sandbox) {
    let _ = pooled(sandbox, "etl");
    idle();
    let would = sweep(sandbox, &["--dry-run"]).ok();
    assert_eq!(would.records().len(), 1);
    let _ = find_pool(sandbox, "etl", &[]).ok();
    for would in [sweep(sandbox, &["--dry-run"]).ok(), find_pool(sandbox, "etl", &["--dry-run"])] {
        assert_eq!(would.stdout, "", "{would:?}");
    }
}
