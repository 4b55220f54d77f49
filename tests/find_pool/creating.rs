//! Starting a job flow where none is free.

use std::thread;

use harness::Ran;

use crate::account::{Account, Open};

/// Runs `line` in so many shells at once.
fn herd(account: &Open, size: usize, line: &str) -> Vec<Ran> {
    thread::scope(|scope| {
        let shells: Vec<_> = (0..size).map(|_| scope.spawn(|| account.shell(line))).collect();
        shells.into_iter().map(|shell| shell.join().expect("it ends")).collect()
    })
}

#[test]
fn where_none_is_free_one_is_started_and_claimed() {
    let account = Account::new().has("j-BUSY", "").in_state("RUNNING").open();
    let ran = account.asked("--num-ec2-instances 3").find(&["--or-create"]).ok();
    let id = ran.record()["job_flow_id"].as_str().expect("it has an id").to_owned();
    assert!(ran.stderr.contains(&format!("Job flow created with ID: {id}")), "{ran:?}");
    assert_eq!((&ran.record()["state"], &ran.record()["pool_name"]), (&"STARTING".into(), &"etl".into()));
    assert!(account.is_claimed(&id) && !account.is_held("pools/etl"));
    account.give_back(&ran.record());
    account.asked("--num-ec2-instances 2").joins(&id);
}

#[test]
fn where_one_is_free_none_is_started() {
    let account = Account::new().has("j-A", "").open();
    assert_eq!(account.asked("").find(&["--or-create"]).ok().record()["job_flow_id"], "j-A");
    assert_eq!(account.sandbox.requests("RunJobFlow").len(), 0);
}

#[test]
fn a_pool_that_is_full_is_exit_75() {
    let account = Account::new().has("j-A", "").in_state("RUNNING").has("j-B", "--application Spark").open();
    let full = account.asked("").find(&["--or-create", "--max-job-flows-in-pool", "2"]);
    full.fails(75, "the pool 'etl' is full");
    assert_eq!(account.sandbox.requests("RunJobFlow").len(), 0);
    let _ = account.asked("").find(&["--or-create", "--max-clusters-in-pool", "3"]).ok();
    assert_eq!(account.sandbox.requests("RunJobFlow").len(), 1);
}

#[test]
fn none_is_started_that_would_have_no_room_for_the_steps() {
    let account = Account::new().open();
    account.asked("--num-steps 257").find(&["--or-create"]).fails(2, "no job flow has room for 257 steps");
    assert_eq!(account.sandbox.requests("RunJobFlow").len(), 0);
}

#[test]
fn a_herd_that_can_wait_starts_one_and_all_get_through() {
    let account = Account::new().open();
    let line = "find-pool --or-create --pool-wait-minutes 1 OPTIONS | add-step -q -- true | wait-step -q";
    let ran = herd(&account, 8, &line.replace("OPTIONS", crate::OPTIONS));
    assert!(ran.iter().all(|ran| ran.code == Some(0)), "{ran:?}");
    assert_eq!(account.sandbox.requests("AddJobFlowSteps").len(), 8);
    let started = account.sandbox.requests("RunJobFlow").len();
    assert_eq!(started, 1, "one job flow does for all");
}

#[test]
fn a_herd_never_starts_more_than_the_pool_may_have() {
    let account = Account::new().open();
    let line = format!("find-pool --or-create --max-job-flows-in-pool 2 {}", crate::OPTIONS);
    let ran = herd(&account, 8, &line);
    let codes = |code| ran.iter().filter(|ran| ran.code == Some(code)).count();
    assert_eq!((codes(0), codes(75)), (2, 6), "{ran:?}");
    assert_eq!(account.sandbox.job_flows().len(), 2);
}

#[test]
fn a_herd_that_cannot_wait_gets_one_each() {
    let account = Account::new().open();
    let ran = herd(&account, 4, &format!("find-pool --or-create -q {}", crate::OPTIONS));
    let mut ids: Vec<_> = ran.into_iter().map(|ran| ran.ok().record()["job_flow_id"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), account.sandbox.job_flows().len()), (4, 4));
}

#[test]
fn a_job_waits_for_the_job_flow_that_another_just_started() {
    let account = Account::new().open_with(&["--provision-s", "600"]);
    let _ = account.asked("").find(&["--or-create"]).ok();
    let ran = account.asked("").find(&["--pool-wait-minutes", "0.02", "-v"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("1 busy or not up yet; looking again"), "{ran:?}");
}

#[test]
fn without_a_place_for_locks_nothing_is_started() {
    let account = Account::new().open();
    account.asked_for(&["--pool-name", "etl"]).find(&["--or-create"]).fails(78, "scratch URI");
    account.asked("--s3-scratch-uri s3://no-such-bucket/x").find(&["--or-create"]).fails(2, "no-such-bucket");
    assert_eq!(account.sandbox.requests("RunJobFlow").len(), 0);
}
