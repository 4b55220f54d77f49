//! Answers that are lost, refused or late.

use crate::account::{Account, empty, failed, ids};

fn with(fault: &str) -> Account {
    empty(&["--fault", fault])
}

#[test]
fn a_lost_answer_starts_none_twice() {
    for fault in
        ["RunJobFlow:drop-response:1", "RunJobFlow:throttle:2", "PutObject:drop-response:3", "PutObject:error-500:2"]
    {
        let account = with(fault);
        let ran = account.fill(&["--min-idle", "2"]).ok();
        assert_eq!((ids(&ran).len(), account.sandbox.job_flows().len()), (2, 2), "{fault}: {ran:?}");
        assert_eq!(account.fill(&["--min-idle", "2"]).ok().stdout, "", "{fault}");
    }
}

#[test]
fn where_a_start_may_still_happen_the_pool_stays_locked_and_what_was_started_is_told() {
    let account = empty(&["--fault", "RunJobFlow:delay:1:0", "--fault", "RunJobFlow:drop-request:9"]);
    let ran = account.fill(&["--min-idle", "2"]);
    assert_eq!((ran.code, ids(&ran).len()), (Some(69), 1), "{ran:?}");
    let lock = account.sandbox.run("s3-lock", &["show", "s3://bucket/scratch/locks/pools/etl"]).ok().record();
    assert_eq!(lock["state"], "held", "nobody counts before it is clear");
}

#[test]
fn what_ended_while_it_started_is_started_again() {
    let account = empty(&["--provision-s", "1", "--fault", "RunJobFlow:no-capacity:1"]);
    let first = account.fill(&["--min-idle", "1"]).ok();
    let waited = account.sandbox.run("wait-job-flow", &[ids(&first).first().unwrap()]);
    assert_eq!(waited.code, Some(75), "{waited:?}");
    // For as long as it took to fail nothing is started.
    let mut again = account.fill(&["--min-idle", "1"]);
    while again.code == Some(75) {
        again = account.fill(&["--min-idle", "1"]);
    }
    assert_eq!(ids(&again.ok()).len(), 1);
    assert_eq!(account.fill(&["--min-idle", "1"]).ok().stdout, "");
}

#[test]
fn what_fails_to_come_up_is_started_again_after_as_long_as_it_failed() {
    let account = failed(&[("j-FIRST", 90, 80), ("j-LAST", 60, 20)], &[]);
    for args in [&["--min-idle", "2", "-q"][..], &["--min-idle", "2", "--dry-run"]] {
        let ran = account.fill(args);
        ran.fails(75, "2 job flows of the pool 'etl' failed to come up since ");
        let last = "the last of them j-LAST (BOOTSTRAP_FAILURE: bootstrap action 1 returned 7): the first run after ";
        assert!(ran.stderr.contains(last) && ran.stdout.is_empty(), "{ran:?}");
        assert!(ran.stderr.ends_with(" starts one; 'wait-job-flow j-LAST --no-conf' says why it failed\n"), "{ran:?}");
    }
    assert_eq!(account.started(), 0);
    assert!(account.sandbox.keys("scratch/locks/pools/").is_empty(), "nobody waited for the lock");
}

#[test]
fn after_failures_one_is_started_alone_and_the_others_once_it_came_up() {
    let account = failed(&[("j-LAST", 60, 40)], &[]);
    let alone = "one is started alone, and the others wait for it to come up";
    let dry = account.fill(&["--min-idle", "3", "--dry-run"]);
    assert_eq!((dry.code, dry.records().len()), (Some(75), 1), "{dry:?}");
    assert!(dry.stderr.contains(alone), "{dry:?}");
    let ran = account.fill(&["--min-idle", "3"]);
    assert_eq!((ran.code, ids(&ran).len(), account.started()), (Some(75), 1, 1), "{ran:?}");
    assert!(ran.stderr.contains("1 job flow of the pool 'etl' failed") && ran.stderr.contains(alone), "{ran:?}");
    let rest = account.fill(&["--min-idle", "3"]).ok();
    assert_eq!((ids(&rest).len(), account.started()), (2, 3), "{rest:?}");
    assert_eq!(account.fill(&["--min-idle", "3"]).ok().stderr, "");
}

#[test]
fn while_one_starts_after_failures_no_other_is_started() {
    let account = failed(&[("j-LAST", 60, 40)], &["--provision-s", "600"]);
    assert_eq!(ids(&account.fill(&["--min-idle", "1"]).ok()).len(), 1);
    for _ in 0..2 {
        account.fill(&["--min-idle", "2"]).fails(75, "one is starting, and the others wait for it to come up");
    }
    assert_eq!(account.started(), 1);
}

#[test]
fn what_is_denied_is_said_and_leaves_the_pool_unlocked() {
    let account = with("RunJobFlow:deny:9");
    account.fill(&["--min-idle", "1"]).fails(77, "RunJobFlow");
    let lock = account.sandbox.run("s3-lock", &["show", "s3://bucket/scratch/locks/pools/etl"]).ok().record();
    assert_eq!(lock["state"], "free");
    let account = with("GetObject:deny:9");
    account.fill(&["--min-idle", "1"]).fails(77, "s3:GetObject");
    assert_eq!(account.started(), 0);
}

#[test]
fn a_minimum_that_s3_does_not_take_is_no_other_run_s_fault() {
    for (fault, code) in [("PutObject:drop-request:60", 69), ("PutObject:throttle:60", 75)] {
        let account = with(fault);
        let ran = account.fill(&["--min-idle", "1"]);
        ran.fails(code, "PutObject");
        let said = ran.stderr.matches("writing the minimum").count();
        assert!(said == 1 && !ran.stderr.contains("other runs"), "{ran:?}");
        assert_eq!(account.started(), 0);
    }
}
