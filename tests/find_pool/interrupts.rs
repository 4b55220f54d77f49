//! Signals while find-pool works.

use std::io::{BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use harness::Ran;

use crate::account::{Account, Open};
use crate::claiming::until;

/// Starts find-pool with `more` for a job of `options`, ends it when it says `words`, and returns what came of it.
fn end_when(account: &Open, options: &str, more: &[&str], words: &str) -> (Ran, Duration) {
    let mut find = account.asked(options).command(more);
    let mut child = find.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut said = BufReader::new(child.stderr.take().expect("stderr is piped"));
    until(&mut said, words);
    let began = Instant::now();
    assert!(Command::new("kill").arg(child.id().to_string()).status().expect("kill runs").success());
    // Whatever it goes on to say has room in the pipe.
    let ran = Ran::from(child.wait_with_output().expect("it ends"));
    drop(said);
    (ran, began.elapsed())
}

#[test]
fn what_was_started_is_told_of_although_it_is_up_by_then() {
    let account = Account::new().open_with(&["--fault", "RunJobFlow:drop-response:1", "--latency-ms", "200"]);
    let (ran, _) = end_when(&account, "", &["--or-create"], "the answer to RunJobFlow was lost");
    assert_eq!(ran.code, Some(143), "{ran:?}");
    let record = ran.record();
    assert_eq!(record["state"], "WAITING");
    assert_eq!(account.sandbox.job_flows(), [record["job_flow_id"].as_str().expect("it has an id")]);
}

#[test]
fn a_search_through_many_job_flows_ends_at_once() {
    let mut account = Account::new().has("j-A", "--num-ec2-instances 2");
    for number in 0..30 {
        account = account.again(&format!("j-A{number}"));
    }
    let account = account.open();
    let (ran, took) = end_when(&account, "--num-ec2-instances 5", &["-v"], "EMR's quota of ListInstanceGroups");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(143), ""), "{ran:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn an_add_step_that_is_ended_before_it_asked_emr_gives_the_claim_back() {
    let account = Account::new().open_with(&["--fault", "AddJobFlowSteps:throttle:30"]);
    let job_flow = account.sandbox.job_flow(&["--pool-emr-job-flows", "--pool-name", "etl"]);
    let claimed = account.asked("").find(&[]).ok();
    let mut add = account.sandbox.tool("add-step");
    let mut child = add
        .args(["-vv", "--", "true"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdin.take().expect("stdin is piped").write_all(claimed.stdout.as_bytes()));
    let mut said = BufReader::new(child.stderr.take().expect("stderr is piped"));
    until(&mut said, "AddJobFlowSteps: Rate exceeded");
    assert!(Command::new("kill").arg(child.id().to_string()).status().expect("kill runs").success());
    until(&mut said, "AddJobFlowSteps was not sent");
    assert_eq!(child.wait().expect("it ends").code(), Some(143));
    assert!(!account.is_claimed(&job_flow));
}
