//! What a job flow stands for to wait-step, and that a failure before it looked is a failure.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

const TOOL: &str = env!("CARGO_BIN_EXE_wait-step");
const A: &str = "etl run:aaaaaaaaaaaa";
const B: &str = "etl run:bbbbbbbbbbbb";

fn sandbox(args: &[&str]) -> Sandbox {
    Sandbox::start(&Tools::beside(TOOL), args)
}

/// A recorded step that was added `minute` minutes into its job flow.
fn step(id: &str, name: &str, state: &str, minute: u64) -> Value {
    let at = 1_767_225_600 + minute * 60;
    let mut timeline = json!({"CreationDateTime": at});
    if !matches!(state, "PENDING" | "CANCELLED") {
        timeline["StartDateTime"] = json!(at);
    }
    json!({"Id": id, "Name": name, "Status": {"State": state, "Timeline": timeline}})
}

/// What wait-step makes of the job flow j-A in `state`, which has `steps`; `is_ready` if it came up.
fn waited(state: &str, is_ready: bool, steps: &[Value]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clusters.json");
    let mut timeline = json!({"CreationDateTime": 1_767_225_600});
    if is_ready {
        timeline["ReadyDateTime"] = json!(1_767_225_600);
    }
    let reason = json!({"Code": "BOOTSTRAP_FAILURE", "Message": "it did not come up"});
    let status = json!({"State": state, "StateChangeReason": reason, "Timeline": timeline});
    let cluster = json!({"Cluster": {"Id": "j-A", "Name": "x", "Status": status}, "Steps": steps});
    std::fs::write(&file, json!({"clusters": [cluster]}).to_string()).unwrap();
    let sandbox = sandbox(&["--load", file.to_str().unwrap()]);
    sandbox.run("wait-step", &["--no-cause", "--check-emr-status-every", "0.01", "--timeout", "20", "j-A"])
}

fn ids(ran: &Ran) -> Vec<String> {
    let mut ids: Vec<_> = ran.records().iter().map(|record| record["step_id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[test]
fn steps_that_failed_before_anybody_looked_are_a_failure() {
    for (state, code) in [("COMPLETED", 0), ("FAILED", 1), ("CANCELLED", 1), ("INTERRUPTED", 1)] {
        let ran = waited("WAITING", true, &[step("s-1", A, "COMPLETED", 1), step("s-2", A, state, 1)]);
        assert_eq!((ran.code, ids(&ran)), (Some(code), vec!["s-1".to_owned(), "s-2".to_owned()]), "{state}: {ran:?}");
        assert!(ran.stderr.contains("j-A stands for the 2 steps of its newest run (run:aaaaaaaaaaaa)"), "{ran:?}");
    }
}

#[test]
fn an_older_run_counts_only_as_far_as_it_has_not_ended() {
    let old = |state| [step("s-1", A, "FAILED", 1), step("s-2", A, state, 1), step("s-3", B, "COMPLETED", 2)];
    let ran = waited("WAITING", true, &old("FAILED"));
    assert_eq!((ran.code, ids(&ran)), (Some(0), vec!["s-3".to_owned()]), "{ran:?}");
    let ran = waited("TERMINATED", true, &old("PENDING"));
    assert_eq!((ran.code, ids(&ran)), (Some(75), vec!["s-2".to_owned(), "s-3".to_owned()]), "{ran:?}");
    assert!(ran.stderr.contains("and 1 step that has not ended"), "{ran:?}");
}

#[test]
fn without_run_ids_the_newest_step_counts() {
    let ran = waited("WAITING", true, &[step("s-1", "a", "COMPLETED", 1), step("s-2", "b", "FAILED", 2)]);
    assert_eq!((ran.code, ids(&ran)), (Some(1), vec!["s-2".to_owned()]), "{ran:?}");
    assert!(ran.stderr.contains("j-A stands for its newest step, as no Name has a run id"), "{ran:?}");
    let ran = waited("WAITING", true, &[step("s-1", "a", "FAILED", 1), step("s-2", "b", "COMPLETED", 2)]);
    assert_eq!((ran.code, ids(&ran)), (Some(0), vec!["s-2".to_owned()]), "{ran:?}");
}

#[test]
fn a_step_that_never_began_is_exit_75_and_a_failure_goes_before_it() {
    for state in ["PENDING", "CANCELLED"] {
        let never_began = step("s-2", A, state, 1);
        let ran = waited("TERMINATED_WITH_ERRORS", false, std::slice::from_ref(&never_began));
        assert_eq!(ran.code, Some(75), "{ran:?}");
        assert!(ran.stderr.contains("never began, because its job flow ended first"), "{ran:?}");
        let ran = waited("TERMINATED_WITH_ERRORS", true, &[step("s-1", A, "FAILED", 1), never_began]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
    }
}

#[test]
fn a_job_flow_without_steps_that_never_came_up_is_a_failure() {
    for (state, is_ready, code) in [
        ("TERMINATED_WITH_ERRORS", false, 1),
        ("TERMINATED_WITH_ERRORS", true, 1),
        ("TERMINATED", false, 1),
        ("TERMINATED", true, 0),
        ("WAITING", true, 0),
    ] {
        let ran = waited(state, is_ready, &[]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{state} {is_ready}: {ran:?}");
        assert!(ran.stderr.contains(&format!("{state} ")) || ran.stderr.contains(&format!("{state}: ")), "{ran:?}");
        assert_eq!(ran.stderr.contains("it did not come up"), code == 1, "{ran:?}");
    }
}

#[test]
fn a_job_flow_without_steps_that_starts_is_waited_for() {
    let slow = sandbox(&["--provision-s", "3600"]);
    let flow = slow.job_flow(&["-q"]);
    let ran = slow.run("wait-step", &["--timeout", "0.3", &flow]);
    assert_eq!(ran.code, Some(124), "{ran:?}");
    assert!(ran.stderr.contains(&format!("wait on with 'wait-step {flow}'")), "{ran:?}");
    let looks = || slow.requests("DescribeCluster").len();
    let before = looks();
    let ran = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| slow.run("wait-step", &["--check-emr-status-every", "0.1", &flow]));
        while looks() == before {}
        slow.run("terminate-job-flow", &[&flow]).ok();
        waiting.join().unwrap()
    });
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains(&format!("{flow} has no step and is TERMINAT")), "{ran:?}");
    let starting = sandbox(&["--provision-s", "1"]);
    let flow = starting.job_flow(&["-q"]);
    let ran = starting.run("wait-step", &["--check-emr-status-every", "0.1", &flow]).ok();
    assert!(ran.stderr.contains(&format!("{flow} is WAITING and has no step")), "{ran:?}");
}

#[test]
fn the_same_command_after_a_time_out_still_tells_the_failure() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&["-q", "--max-concurrent-steps", "2"]);
    let go = sandbox.folder().join("go");
    let until = format!("until [ -e {} ]; do sleep 0.05; done", go.display());
    let steps = json!([
        {"Name": "fails", "Jar": "command-runner.jar", "Args": ["false"]},
        {"Name": "runs", "Jar": "command-runner.jar", "Args": ["sh", "-c", until]},
    ]);
    sandbox.file("steps.json", steps.to_string());
    let added = sandbox.run("add-step", &["-q", &flow, "--steps", "steps.json"]).ok();
    let failed = added.records()[0]["step_id"].as_str().unwrap().to_owned();
    let late = sandbox.run("wait-step", &["--no-cause", "--timeout", "2", &flow]);
    assert_eq!(late.code, Some(124), "{late:?}");
    assert!(late.stderr.contains(&format!("--emr-job-flow-id {flow} {failed} ")), "it is named too: {late:?}");
    sandbox.file("go", "");
    for _ in 0..2 {
        let again = sandbox.run("wait-step", &["--no-cause", &flow]);
        assert_eq!((again.code, again.records().len()), (Some(1), 2), "{again:?}");
    }
}

#[test]
fn a_run_of_many_steps_is_found_behind_the_first_page() {
    let mut steps: Vec<_> = (0..120).map(|number| step(&format!("s-{number:03}"), A, "COMPLETED", number)).collect();
    steps[3] = step("s-003", A, "FAILED", 3);
    let ran = waited("WAITING", true, &steps);
    assert_eq!((ran.code, ran.records().len()), (Some(1), 120), "{}", ran.stderr);
}
