//! Answers that are lost, refused or late.

use crate::account::{Account, empty, ids};

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
    assert_eq!(ids(&account.fill(&["--min-idle", "1"]).ok()).len(), 1);
    assert_eq!(account.fill(&["--min-idle", "1"]).ok().stdout, "");
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
