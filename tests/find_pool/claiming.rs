//! The claim: what its record says, who has it, and how it ends.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use harness::Ran;

use crate::account::{Account, Open};

fn one() -> Open {
    Account::new().has("j-A", "--num-ec2-instances 2").open()
}

/// A sandbox that runs steps, with one job flow in the pool.
fn at_work() -> (Open, String) {
    let account = Account::new().open();
    let job_flow = account.sandbox.job_flow(&["--pool-emr-job-flows", "--pool-name", "etl"]);
    (account, job_flow)
}

/// A step that runs until the file `done` is there.
const STEP: &str = "until [ -e \"$0\" ]; do sleep 0.05; done";

fn busy(account: &Open, job_flow: &str) -> String {
    let done = account.sandbox.folder().join("done");
    let step = [job_flow, "-q", "--", "sh", "-c", STEP, done.to_str().expect("it is text")];
    let record = account.sandbox.run("add-step", &step).ok().record();
    record["step_id"].as_str().expect("a record has an id").to_owned()
}

#[test]
fn the_record_says_what_was_found_and_how_it_is_claimed() {
    let account = one();
    let record = account.asked("").find(&["--ttl", "90"]).ok().record();
    let keys = ["job_flow_id", "name", "state", "pool_name", "pool_hash", "created_at", "claim"];
    assert!(keys.iter().all(|key| !record[key].is_null()), "{record}");
    assert_eq!((&record["state"], &record["pool_name"]), (&"WAITING".into(), &"etl".into()));
    assert_eq!(record["claim"]["lock_uri"], "s3://bucket/scratch/locks/job-flows/j-A");
    assert_eq!(record["claim"]["ttl_s"], 90);
    assert!(account.is_claimed("j-A"));
    account.give_back(&record);
    assert!(!account.is_claimed("j-A"));
}

#[test]
fn an_id_alone_is_printed_where_that_is_asked_for() {
    let ran = one().asked("").find(&["--output", "id"]).ok();
    assert_eq!(ran.stdout, "j-A\n");
}

#[test]
fn where_there_is_none_nothing_is_printed_and_people_are_told_why() {
    let account = Account::new().has("j-A", "").in_state("RUNNING").has("j-B", "--application Spark").open();
    let ran = account.asked("--num-ec2-instances 1").find(&[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.contains("1 busy or not up yet, 1 with other software or settings"), "{ran:?}");
    let quiet = account.asked("").find(&["-q"]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(1), ""));
}

#[test]
fn a_dry_run_tells_the_truth_about_claims_and_changes_nothing() {
    let account = Account::new().has("j-A", "").has("j-B", "").open();
    let best = account.asked("").find(&["--dry-run"]).ok().record();
    assert_eq!((&best["job_flow_id"], best.get("claim")), (&"j-A".into(), None));
    assert!(best["instances"].is_u64() && best["vcpus"].is_u64(), "{best}");
    assert_eq!(account.sandbox.requests("PutObject").len(), 0);
    let _ = account.asked("").find(&[]).ok();
    let puts = account.sandbox.requests("PutObject").len();
    assert_eq!(account.asked("").find(&["--dry-run"]).ok().record()["job_flow_id"], "j-B");
    let _ = account.asked("").find(&[]).ok();
    let none = account.asked("").find(&["--dry-run"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(1), ""));
    let would_start = account.asked("").find(&["--dry-run", "--or-create"]).ok();
    assert!(would_start.stderr.contains("the job flow would stay, and cost money"), "{would_start:?}");
    let would_start = would_start.record();
    assert!(would_start["Name"].as_str().is_some_and(|name| name.contains(" pool:etl,")), "{would_start}");
    assert_eq!(account.sandbox.requests("PutObject").len(), 2 * puts);
    assert_eq!(account.sandbox.requests("RunJobFlow").len(), 0);
}

#[test]
fn a_claim_that_nobody_takes_over_runs_out() {
    let account = one();
    let first = account.asked("").find(&["--ttl", "2"]).ok().record();
    let mut taken = account.asked("").find(&["-q"]);
    while taken.code == Some(1) {
        taken = account.asked("").find(&["-q"]);
    }
    let second = taken.ok().record();
    assert!(second["claim"]["generation"].as_u64() > first["claim"]["generation"].as_u64());
    let mut add = account.sandbox.tool("add-step");
    Ran::with_stdin(add.args(["--", "true"]), &format!("{first}\n")).fails(75, "the claim has run out");
    assert!(account.is_claimed("j-A"), "by the second");
}

#[test]
fn add_step_adds_under_the_claim_and_gives_it_back() {
    let (account, job_flow) = at_work();
    let ran = account.shell(&format!("find-pool {} | add-step -- true | wait-step", crate::OPTIONS)).ok();
    assert_eq!((&ran.record()["state"], &ran.record()["job_flow_id"]), (&"COMPLETED".into(), &job_flow.clone().into()));
    assert!(!account.is_claimed(&job_flow));
    account.asked("").joins(&job_flow);
}

#[test]
fn add_step_gives_the_claim_back_where_it_adds_nothing() {
    let (account, job_flow) = at_work();
    let ran = account
        .shell(&format!("find-pool {} | add-step --script none.sh --s3-scratch-uri s3://bucket/x", crate::OPTIONS));
    assert_eq!(ran.code, Some(74), "{ran:?}");
    assert!(!account.is_claimed(&job_flow));
    assert_eq!(account.sandbox.requests("AddJobFlowSteps").len(), 0);
}

#[test]
fn add_step_gives_the_claim_back_where_the_job_flow_has_ended_meanwhile() {
    let (account, job_flow) = at_work();
    let claimed = account.asked("").find(&[]).ok();
    let _ = account.sandbox.run("terminate-job-flow", &[&job_flow]).ok();
    let mut add = account.sandbox.tool("add-step");
    Ran::with_stdin(add.args(["--", "true"]), &claimed.stdout).fails(75, "add the step to another job flow");
    assert!(!account.is_claimed(&job_flow));
}

#[test]
fn add_step_that_is_ended_tells_of_its_step_and_gives_the_claim_back() {
    let account = Account::new().open_with(&["--fault", "AddJobFlowSteps:delay:1:1000"]);
    let job_flow = account.sandbox.job_flow(&["--pool-emr-job-flows", "--pool-name", "etl"]);
    let claimed = account.asked("").find(&[]).ok();
    let mut add = account.sandbox.tool("add-step");
    add.args(["--", "true"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = add.spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    stdin.write_all(claimed.stdout.as_bytes()).expect("it reads the claim");
    drop(stdin);
    let mut said = BufReader::new(child.stderr.take().expect("stderr is piped"));
    until(&mut said, "Adding our job to job flow");
    end(&child);
    until(&mut said, "signal 15");
    let ran = Ran::from(child.wait_with_output().expect("it ends"));
    assert_eq!((ran.code, &ran.record()["job_flow_id"]), (Some(143), &job_flow.as_str().into()));
    assert!(!account.is_claimed(&job_flow));
}

#[test]
fn a_step_that_another_s_came_before_is_cancelled() {
    let (account, job_flow) = at_work();
    let claimed = account.asked("").find(&[]).ok();
    let theirs = busy(&account, &job_flow);
    let mut add = account.sandbox.tool("add-step");
    Ran::with_stdin(add.args(["--", "true"]), &claimed.stdout).fails(75, "another job's step came first");
    assert!(!account.is_claimed(&job_flow));
    account.sandbox.file("done", "");
    let waited = account.sandbox.run("wait-step", &["-q", "--emr-job-flow-id", &job_flow, &theirs]).ok();
    assert_eq!(waited.record()["state"], "COMPLETED");
}

#[test]
fn who_runs_steps_side_by_side_takes_one_job_after_the_other() {
    let account = Account::new().open();
    let options = ["--pool-emr-job-flows", "--pool-name", "etl", "--max-concurrent-steps", "2"];
    let job_flow = account.sandbox.job_flow(&options);
    let line = format!("find-pool {} | add-step -- sh -c 'until [ -e done ]; do sleep 0.05; done'", crate::OPTIONS);
    let line = line.replace("done ]", &format!("{}/done ]", account.sandbox.folder().display()));
    let _ = account.shell(&line).ok();
    let _ = account.shell(&line).ok();
    account.asked("").joins_none(&[(&job_flow, &["steps"])]);
    account.sandbox.file("done", "");
    let _ = account.sandbox.run("wait-step", &["-q", &job_flow]).ok();
    account.asked("").joins(&job_flow);
}

#[test]
fn where_nobody_reads_the_record_the_claim_is_given_back() {
    let account = one();
    let mut child =
        account.asked("").command(&[]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    drop(child.stdout.take());
    let _ = child.wait().expect("it ends");
    assert!(account.sandbox.requests("PutObject").len() > 1, "it was claimed");
    assert!(!account.is_claimed("j-A"));
}

#[test]
fn whoever_is_ended_while_it_claims_gives_the_claim_back() {
    let account = Account::new().has("j-A", "").open_with(&["--fault", "DescribeCluster:delay:1:1500"]);
    let mut find = account.asked("").command(&["-vv"]);
    let mut child = find.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut said = BufReader::new(child.stderr.take().expect("stderr is piped"));
    until(&mut said, "PutObject");
    while account.sandbox.requests("PutObject").is_empty() {
        std::thread::yield_now();
    }
    end(&child);
    until(&mut said, "signal 15");
    let ran = Ran::from(child.wait_with_output().expect("it ends"));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(143), ""));
    assert!(!account.is_claimed("j-A"));
}

/// Asks a tool to end.
pub(crate) fn end(child: &Child) {
    assert!(Command::new("kill").arg(child.id().to_string()).status().expect("kill runs").success());
}

/// Reads what a tool says until it says `words`.
pub(crate) fn until(said: &mut impl BufRead, words: &str) {
    let mut line = String::new();
    while !line.contains(words) {
        line.clear();
        assert_ne!(said.read_line(&mut line).expect("it says text"), 0, "it says '{words}'");
    }
}
