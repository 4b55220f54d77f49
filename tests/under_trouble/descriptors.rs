//! Too few file descriptors: whatever a tool cannot open, it ends with an honest code, and blocks nobody.

use std::process::Command;

use harness::{Ran, Sandbox};

use crate::{SCRATCH, TTL, all_of, at_once, find_pool, free_job_flow, pass, pooled, tools, verdict};

const AT_ONCE: usize = 8;

/// From less than any program needs to more than the tools do.
const LIMITS: std::ops::Range<usize> = 3..24;

/// A tool that may have so many files open.
fn limited(sandbox: &Sandbox, files: usize, name: &str, args: &[&str]) -> Command {
    let limit = format!("--nofile={files}:{files}");
    let mut command = tools().run_by(&["prlimit", &limit, "--"]).command(name);
    sandbox.point(&mut command);
    command.args(args);
    command
}

/// Asserts that a run with few files is done, or says in which way it failed. A program that cannot even be loaded
/// ends with 127, and on a busy machine a short claim may be over.
fn check(ran: &Ran) {
    assert!(matches!(ran.code, Some(0 | 1 | 69 | 70 | 74 | 75 | 78 | 127)), "{ran:?}");
    assert!(!ran.stderr.contains("panicked"), "{ran:?}");
    assert_eq!(ran.code == Some(0), !ran.stdout.is_empty(), "{ran:?}");
}

/// Lets a job with so few files claim `job_flow` and add a step to it. Returns whether it has.
fn claims_and_adds(sandbox: &Sandbox, files: usize, pool: &str, job_flow: &str) -> bool {
    let find = ["--pool-name", pool, "--s3-scratch-uri", SCRATCH, "--ttl", TTL];
    let found = Ran::of(&mut limited(sandbox, files, "find-pool", &find));
    check(&found);
    if found.code != Some(0) {
        return false;
    }
    assert_eq!(found.record()["job_flow_id"], job_flow);
    let args = ["--s3-scratch-uri", SCRATCH, "--", "true"];
    let added = Ran::with_stdin(&mut limited(sandbox, files, "add-step", &args), &found.stdout);
    check(&added);
    added.code == Some(0)
}

#[test]
fn a_job_that_has_too_few_files_claims_and_adds_or_says_why_not() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let limits: Vec<_> = LIMITS.map(|files| (files, format!("p{files}"))).collect();
    let done = at_once(&limits, AT_ONCE, |(files, pool)| {
        let job_flow = pooled(&sandbox, pool);
        let is_added = claims_and_adds(&sandbox, *files, pool, &job_flow);
        free_job_flow(&sandbox, &job_flow);
        find_pool(&sandbox, pool, &["--pool-wait-minutes", "1"]).ok();
        is_added
    });
    assert!(done.contains(&true) && done.contains(&false), "{done:?}");
    let _ = verdict(&sandbox);
}

#[test]
fn a_sweep_that_has_too_few_files_ends_a_job_flow_or_says_why_not() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let limits: Vec<_> = LIMITS.map(|files| (files, format!("p{files}"))).collect();
    at_once(&limits, AT_ONCE, |(_, pool)| drop(pooled(&sandbox, pool)));
    pass(std::time::Duration::from_secs(1));
    let done = at_once(&limits, AT_ONCE, |(files, pool)| {
        let args = ["--max-hours-idle", "0", "--pool-name", pool];
        let swept = Ran::of(&mut limited(&sandbox, *files, "terminate-idle-job-flows", &args));
        check(&swept);
        let state = all_of(&sandbox, pool)[0]["state"].to_string();
        assert_eq!(swept.code == Some(0), state.contains("TERMINAT"), "{state}: {swept:?}");
        swept.code == Some(0)
    });
    assert!(done.contains(&true) && done.contains(&false), "{done:?}");
    let _ = verdict(&sandbox);
}
