//! terminate-job-flow against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use harness::{Ran, Sandbox, Tools};

const TOOL: &str = env!("CARGO_BIN_EXE_terminate-job-flow");

fn sandbox(args: &[&str]) -> Sandbox {
    Sandbox::start(&Tools::beside(TOOL), args)
}

fn state(sandbox: &Sandbox, id: &str) -> String {
    let all = sandbox.run("list-job-flows", &["--all", "--no-idle"]).ok().records();
    all.iter().find(|record| record["job_flow_id"] == id).unwrap()["state"].as_str().unwrap().to_owned()
}

#[test]
fn ids_records_of_ours_and_of_aws_are_all_terminated_in_one_call() {
    let sandbox = sandbox(&[]);
    let ids: Vec<_> = (0..3).map(|_| sandbox.job_flow(&[])).collect();
    let lines = format!("{}\n{{\"job_flow_id\":\"{}\"}}\n{{\"Id\":\"{}\",\"Name\":\"x\"}}\n", ids[0], ids[1], ids[2]);
    let records = Ran::with_stdin(&mut sandbox.tool("terminate-job-flow"), &lines).ok().records();
    assert_eq!(records.iter().map(|r| r["job_flow_id"].as_str().unwrap()).collect::<Vec<_>>(), ids);
    assert!(records.iter().all(|record| record["dry_run"] == false));
    assert_eq!(sandbox.requests("TerminateJobFlows").len(), 1);
    for id in &ids {
        assert!(state(&sandbox, id).starts_with("TERMINAT"), "{id}");
    }
}

#[test]
fn a_dry_run_says_what_would_end_and_ends_nothing() {
    let sandbox = sandbox(&[]);
    let id = sandbox.job_flow(&[]);
    let record = sandbox.run("terminate-job-flow", &["--dry-run", &id]).ok().record();
    assert_eq!((record["job_flow_id"].as_str(), record["dry_run"].as_bool()), (Some(id.as_str()), Some(true)));
    assert_eq!(sandbox.requests("TerminateJobFlows").len(), 0);
}

#[test]
fn a_protected_or_unknown_one_does_not_keep_the_others() {
    let sandbox = sandbox(&[]);
    let protected = sandbox.job_flow(&["--termination-protected"]);
    let other = sandbox.job_flow(&[]);
    let ran = sandbox.run("terminate-job-flow", &[&protected, "j-UNKNOWN", &other]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.record()["job_flow_id"], other.as_str());
    let said: Vec<_> = ran.stderr.lines().collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("protected against termination"), "{said:?}");
    assert!(said[1].contains("j-UNKNOWN: ") && said[1].contains("not valid"), "{said:?}");
    assert_eq!(state(&sandbox, &protected), "WAITING");
}

#[test]
fn what_has_ended_is_passed_over_and_nothing_to_do_is_fine() {
    let sandbox = sandbox(&[]);
    let id = sandbox.job_flow(&[]);
    sandbox.run("terminate-job-flow", &[&id, &id]).ok();
    assert_eq!(sandbox.run("terminate-job-flow", &[&id]).ok().stdout, "");
    assert_eq!(sandbox.run("terminate-job-flow", &[]).ok().stdout, "");
    assert_eq!(sandbox.requests("TerminateJobFlows").len(), 1);
}

#[test]
fn a_malformed_line_stops_it_before_it_terminates_anything() {
    let sandbox = sandbox(&[]);
    let id = sandbox.job_flow(&[]);
    let lines = format!("{id}\n{{\"job_flow_id\": j-\n");
    Ran::with_stdin(&mut sandbox.tool("terminate-job-flow"), &lines).fails(2, "line 2 of stdin: not a record");
    sandbox.run("terminate-job-flow", &["--", "$(reboot)"]).fails(2, "'$(reboot)' is not the id of a job flow");
    Ran::with_stdin(&mut sandbox.tool("terminate-job-flow"), "s-1\n").fails(2, "a step without its job flow");
    assert_eq!(sandbox.requests("TerminateJobFlows").len(), 0);
}

#[test]
fn a_throttle_that_goes_on_is_exit_75_and_one_that_ends_is_not_seen() {
    let sandbox = sandbox(&["--fault", "TerminateJobFlows:throttle:1", "--fault", "DescribeCluster:error-500:1"]);
    let id = sandbox.job_flow(&[]);
    assert_eq!(sandbox.run("terminate-job-flow", &[&id]).ok().record()["job_flow_id"], id.as_str());
    let throttled = self::sandbox(&["--fault", "TerminateJobFlows:throttle:99"]);
    let id = throttled.job_flow(&[]);
    let ran = Ran::of(throttled.tool("terminate-job-flow").env("AWS_MAX_ATTEMPTS", "2").arg(&id));
    ran.fails(75, "AWS throttles TerminateJobFlows");
}
