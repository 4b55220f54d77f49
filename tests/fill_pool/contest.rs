//! Crons, jobs and sweeps on one pool, all at once, on a network that loses answers.

use std::thread;
use std::time::{Duration, Instant};

use harness::Ran;

use crate::account::{Account, empty, ids};

const MIN_IDLE: usize = 2;
const CONTEST: Duration = Duration::from_secs(6);
const FAULTS: [&str; 8] = [
    "--fault",
    "PutObject:drop-response:4",
    "--fault",
    "RunJobFlow:drop-response:2",
    "--fault",
    "ListSteps:delay:6:300",
    "--fault",
    "GetObject:drop-request:4",
];

/// Exit codes that are no fault: done, the answer is no, and what the network did.
fn check(ran: &Ran) {
    assert!(matches!(ran.code, Some(0 | 1 | 69)), "{ran:?}");
}

/// Keeps the minimum, over and over; how many it started.
fn fill(account: &Account, began: Instant) -> usize {
    let mut started = 0;
    while began.elapsed() < CONTEST {
        let ran = account.fill(&["--min-idle", &MIN_IDLE.to_string()]);
        check(&ran);
        started += ids(&ran).len();
    }
    started
}

/// Claims job flows and gives them a step each; how many.
fn join(account: &Account, began: Instant) -> usize {
    let mut joined = 0;
    while began.elapsed() < CONTEST {
        let found = account.run("find-pool", &[]);
        check(&found);
        // Of one whose answer was lost the claim may be held.
        joined += usize::from(found.code != Some(1));
        if found.code == Some(0) {
            let added = Ran::with_stdin(account.sandbox.tool("add-step").args(["--", "sleep", "0.3"]), &found.stdout);
            check(&added);
            assert!(added.code != Some(1), "a claimed job flow takes the step: {added:?}");
        }
    }
    joined
}

/// Ends whatever is idle for more than no time, over and over.
fn sweep(account: &Account, began: Instant) {
    while began.elapsed() < CONTEST {
        check(&account.sandbox.run("terminate-idle-job-flows", &["--no-conf", "--max-hours-idle", "0"]));
    }
}

#[test]
fn no_more_is_started_than_jobs_took_and_sweeps_leave_the_minimum() {
    let account = empty(&FAULTS);
    let _ = account.fill(&["--min-idle", &MIN_IDLE.to_string()]).ok();
    let began = Instant::now();
    let (started, joined): (usize, usize) = thread::scope(|scope| {
        let crons: Vec<_> = (0..2).map(|_| scope.spawn(|| fill(&account, began))).collect();
        let jobs = scope.spawn(|| join(&account, began));
        let sweeps: Vec<_> = (0..2).map(|_| scope.spawn(|| sweep(&account, began))).collect();
        for sweep in sweeps {
            sweep.join().unwrap();
        }
        (crons.into_iter().map(|cron| cron.join().unwrap()).sum(), jobs.join().unwrap())
    });
    assert!(joined > 0 && account.started() >= MIN_IDLE, "{joined} joined, {started} were started");
    assert!(started <= joined, "{started} were started for {joined} that jobs took");
}
