//! Jobs that join job flows of a pool, and sweeps that end idle ones, all at once, on a network that loses answers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use harness::{Ran, Sandbox, Tools};

const TOOL: &str = env!("CARGO_BIN_EXE_terminate-idle-job-flows");
const SCRATCH: &str = "s3://bucket/scratch/";
const CONTEST: Duration = Duration::from_secs(10);
const JOBS: usize = 4;
const SWEEPS: usize = 3;
const FAULTS: [&str; 14] = [
    "--latency-ms",
    "5",
    "--fault",
    "PutObject:drop-response:5",
    "--fault",
    "PutObject:error-500:5",
    "--fault",
    "GetObject:drop-request:5",
    "--fault",
    "ListSteps:delay:9:300",
    "--fault",
    "DescribeCluster:delay:9:300",
    "--fault",
    "TerminateJobFlows:drop-response:3",
];

/// Exit codes that are no fault: done, the answer is no, and what the network did.
fn check(ran: &Ran) {
    assert!(matches!(ran.code, Some(0 | 1 | 69)), "{ran:?}");
}

/// Joins job flows, and adds a step to each after a while; the records of the steps. Where none is free one is made.
fn join(sandbox: &Sandbox, began: Instant) -> Vec<String> {
    let mut steps = Vec::new();
    while began.elapsed() < CONTEST {
        let found = sandbox.run("find-pool", &["--pool-name", "etl", "--s3-scratch-uri", SCRATCH]);
        check(&found);
        match found.code {
            Some(0) => {
                assert!(Command::new("sleep").arg(format!("0.{}", fastrand::u8(..9))).status().unwrap().success());
                let added = Ran::with_stdin(sandbox.tool("add-step").args(["--", "sleep", "0.2"]), &found.stdout);
                check(&added);
                assert!(added.code != Some(1), "a claimed job flow takes the step: {added:?}");
                steps.extend(added.stdout.lines().map(str::to_owned));
            }
            Some(1) => drop(sandbox.job_flow(&["--pool-emr-job-flows", "--pool-name", "etl"])),
            _ => {}
        }
    }
    steps
}

/// Ends whatever is idle for more than no time, over and over; how many it ended.
fn sweep(sandbox: &Sandbox, began: Instant) -> usize {
    let mut ended = 0;
    while began.elapsed() < CONTEST {
        let swept = sandbox.run("terminate-idle-job-flows", &["--max-hours-idle", "0", "--pool-name", "etl"]);
        check(&swept);
        ended += swept.stdout.lines().count();
    }
    ended
}

#[test]
fn no_claimed_job_flow_is_ended_and_no_step_of_a_claim_is_lost() {
    let sandbox = Sandbox::start(&Tools::beside(TOOL), &FAULTS);
    let began = Instant::now();
    let (steps, ended): (Vec<_>, usize) = thread::scope(|scope| {
        let jobs: Vec<_> = (0..JOBS).map(|_| scope.spawn(|| join(&sandbox, began))).collect();
        let sweeps: Vec<_> = (0..SWEEPS).map(|_| scope.spawn(|| sweep(&sandbox, began))).collect();
        let steps = jobs.into_iter().flat_map(|job| job.join().unwrap()).collect();
        (steps, sweeps.into_iter().map(|sweep| sweep.join().unwrap()).sum())
    });
    assert!(steps.len() > JOBS && ended > 0, "{} steps were added, {ended} job flows ended", steps.len());
    let waited = Ran::with_stdin(&mut sandbox.tool("wait-step"), &(steps.join("\n") + "\n")).ok();
    let states: Vec<_> = waited.records().into_iter().map(|record| record["state"].clone()).collect();
    assert!(states.len() == steps.len() && states.iter().all(|state| state == "COMPLETED"), "{states:?}");
}
