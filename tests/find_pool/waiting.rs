//! Waiting for a job flow to become free.

use std::io::BufReader;
use std::process::Stdio;

use harness::Ran;

use crate::account::{Account, Open};
use crate::claiming::{end, until};

/// Starts find-pool that waits for a while, lets `happen` happen when it has found none, and returns what came of it.
fn wait_while(account: &Open, happen: impl FnOnce()) -> Ran {
    let mut find = account.asked("").command(&["-v", "--pool-wait-minutes", "0.05"]);
    let mut child = find.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut said = BufReader::new(child.stderr.take().expect("stderr is piped"));
    until(&mut said, "looking again");
    happen();
    child.stderr = Some(said.into_inner());
    Ran::from(child.wait_with_output().expect("it ends"))
}

#[test]
fn a_job_flow_that_becomes_free_meanwhile_is_joined() {
    let account = Account::new().open();
    let job_flow = account.sandbox.job_flow(&["--pool-emr-job-flows", "--pool-name", "etl"]);
    let done = account.sandbox.folder().join("done");
    let _ = account.sandbox.shell_step(&job_flow, &format!("until [ -e {} ]; do sleep 0.05; done", done.display()));
    let ran = wait_while(&account, || drop(account.sandbox.file("done", ""))).ok();
    assert_eq!(ran.record()["job_flow_id"], job_flow.as_str());
}

#[test]
fn one_that_starts_is_worth_waiting_for() {
    let account = Account::new().open_with(&["--provision-s", "2"]);
    let job_flow = account.sandbox.job_flow(&["--pool-emr-job-flows", "--pool-name", "etl"]);
    let ran = wait_while(&account, || ()).ok();
    assert_eq!(ran.record()["job_flow_id"], job_flow.as_str());
}

#[test]
fn a_claim_that_is_given_back_meanwhile_is_taken() {
    let account = Account::new().has("j-A", "").open();
    let record = account.asked("").find(&[]).ok().record();
    let ran = wait_while(&account, || account.give_back(&record)).ok();
    assert_eq!(ran.record()["job_flow_id"], "j-A");
}

#[test]
fn nobody_waits_where_there_is_nothing_to_wait_for() {
    let account = Account::new()
        .has("j-SMALL", "--num-ec2-instances 2")
        .has("j-BUSY", "--num-ec2-instances 2")
        .in_state("RUNNING")
        .has("j-OTHER", "--num-ec2-instances 9 --application Spark")
        .in_state("RUNNING")
        .open();
    let ran = account.asked("--num-ec2-instances 5").find(&["--pool-wait-minutes", "60"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    assert_eq!(account.sandbox.requests("ListClusters").len(), 1);
    let empty = account.asked("--pool-name none").find(&["--pool-wait-minutes", "60"]);
    assert_eq!(empty.code, Some(1));
}

#[test]
fn instances_that_are_still_to_come_are_worth_waiting_for() {
    let account = Account::new()
        .has("j-A", "--num-ec2-instances 9")
        .running(&[1, 4])
        .has("j-B", "--num-ec2-instances 5")
        .but(|cluster| cluster["InstanceGroups"][1]["RequestedInstanceCount"] = 2.into());
    let account = account.running(&[1, 2]).open();
    let wait = ["--pool-wait-minutes", "0.01", "-v"];
    let ran = account.asked("--num-ec2-instances 9").find(&wait);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("1 busy or not up yet, 1 with too small"), "{ran:?}");
    assert!(ran.stderr.contains("looking again"), "{ran:?}");
    account.asked("--num-ec2-instances 5").joins("j-A");
}

#[test]
fn the_last_wait_is_followed_by_a_look() {
    let account = Account::new().has("j-A", "").in_state("RUNNING").open();
    let ran = account.asked("").find(&["-v", "--pool-wait-minutes", "0.02"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    let waits = ran.stderr.matches("looking again").count();
    assert!(waits > 0, "{ran:?}");
    assert_eq!(account.sandbox.requests("ListClusters").len(), waits + 1);
}

#[test]
fn whoever_is_ended_while_it_waits_leaves_nothing_behind() {
    let account = Account::new().has("j-A", "").in_state("RUNNING").open();
    let mut find = account.asked("").command(&["-v", "--pool-wait-minutes", "60", "--or-create"]);
    let mut child = find.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut said = BufReader::new(child.stderr.take().expect("stderr is piped"));
    until(&mut said, "looking again");
    end(&child);
    let ran = Ran::from(child.wait_with_output().expect("it ends"));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(143), ""));
    assert_eq!(account.sandbox.requests("RunJobFlow").len(), 0);
    assert!(!account.is_claimed("j-A") && !account.is_held("pools/etl"));
}

#[test]
fn nobody_can_wait_for_ever_nor_backwards() {
    let account = Account::new().open();
    for bad in ["-1", "NaN", "inf", "1e300"] {
        let wait = format!("--pool-wait-minutes={bad}");
        account.asked("").find(&[&wait]).fails(2, "--pool-wait-minutes");
    }
}
