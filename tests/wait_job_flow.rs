//! wait-job-flow against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::{Command, Stdio};

use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

const TOOL: &str = env!("CARGO_BIN_EXE_wait-job-flow");
const SOON: [&str; 2] = ["--check-emr-status-every", "0.05"];

fn sandbox(args: &[&str]) -> Sandbox {
    Sandbox::start(&Tools::beside(TOOL), args)
}

/// A sandbox with the job flow j-A, which is in `state` because of `code`, and ends with its last step or not.
fn with(state: &str, code: &str, reason: &str, is_transient: bool) -> Sandbox {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clusters.json");
    let details = json!([{"ErrorCode": "X", "ErrorMessage": reason, "ErrorData": [{"instance-type": "m5.xlarge"}]}]);
    let status = json!({
        "State": state, "StateChangeReason": {"Code": code, "Message": reason}, "ErrorDetails": details,
        "Timeline": {"CreationDateTime": 1_767_225_600},
    });
    let cluster = json!({"Id": "j-A", "Name": "x", "AutoTerminate": is_transient, "Status": status});
    std::fs::write(&file, json!({"clusters": [{"Cluster": cluster}]}).to_string()).unwrap();
    sandbox(&["--load", file.to_str().unwrap()])
}

fn wait(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run("wait-job-flow", &[&SOON, args].concat())
}

#[test]
fn a_job_flow_that_comes_up_is_waited_for_and_its_record_goes_on() {
    let sandbox = sandbox(&["--provision-s", "3"]);
    let created = sandbox.run("create-job-flow", &["-q"]).ok();
    let mut command = sandbox.tool("wait-job-flow");
    let ran = Ran::with_stdin(command.args(SOON).arg("-v"), &created.stdout).ok();
    let record = ran.record();
    assert_eq!((&record["job_flow_id"], &record["state"]), (&created.record()["job_flow_id"], &json!("WAITING")));
    assert!(record["ready_at"].is_string(), "{record}");
    assert!(ran.stderr.contains("0 of 1 job flow is done; j-"), "a log is told how far it is: {}", ran.stderr);
    let added = Ran::with_stdin(sandbox.tool("add-step").args(["-q", "--", "true"]), &ran.stdout).ok();
    assert_eq!(added.record()["job_flow_id"], record["job_flow_id"]);
}

#[test]
fn a_job_flow_that_does_not_come_up_is_an_exit_code_that_tells_whether_to_try_again() {
    for (fault, code, reason_code, words) in [
        ("no-capacity", 75, "INTERNAL_ERROR", "try again later, or with another instance type or zone"),
        ("quota-exceeded", 75, "INTERNAL_ERROR", "exceeds the EC2 service quota"),
        ("validation-error", 2, "VALIDATION_ERROR", "is not supported in the requested availability zone"),
        ("bootstrap-failure", 1, "BOOTSTRAP_FAILURE", "application provisioning failed"),
    ] {
        let sandbox = sandbox(&["--fault", &format!("RunJobFlow:{fault}:1")]);
        let flow = sandbox.job_flow(&["-q"]);
        let ran = wait(&sandbox, &[&flow]);
        assert_eq!(ran.code, Some(code), "{fault}: {ran:?}");
        assert!(ran.stderr.contains(&format!("wait-job-flow: {flow} is TERMINAT")), "{fault}: {ran:?}");
        assert!(ran.stderr.contains(words), "{fault}: {ran:?}");
        let record = ran.record();
        assert_eq!((&record["job_flow_id"], &record["reason_code"]), (&json!(flow), &json!(reason_code)), "{fault}");
        assert!(record["reason"].is_string(), "{record}");
    }
}

#[test]
fn what_a_job_flow_ended_for_before_anybody_looked_counts() {
    let transient = true;
    for (state, code, reason, is_transient, ready, ended) in [
        ("TERMINATED", "USER_REQUEST", "Terminated by user request", !transient, 1, 0),
        ("TERMINATED", "USER_REQUEST", "Terminated by user request", transient, 1, 1),
        ("TERMINATED", "ALL_STEPS_COMPLETED", "Steps completed", transient, 1, 0),
        ("TERMINATED", "STEP_FAILURE", "Steps completed with errors", transient, 1, 1),
        ("TERMINATED_WITH_ERRORS", "STEP_FAILURE", "Shut down as step failed", !transient, 1, 1),
        ("TERMINATED_WITH_ERRORS", "INSTANCE_FAILURE", "The master node was terminated", !transient, 75, 75),
        ("TERMINATED_WITH_ERRORS", "INTERNAL_ERROR", "An internal error occurred.", !transient, 69, 69),
        ("TERMINATED_WITH_ERRORS", "VALIDATION_ERROR", "The role has insufficient EC2 permissions", !transient, 77, 77),
    ] {
        let sandbox = with(state, code, reason, is_transient);
        for (until, expected) in [("ready", ready), ("ended", ended)] {
            let ran = wait(&sandbox, &["--until", until, "j-A"]);
            assert_eq!(ran.code, Some(expected), "{code} {until}: {ran:?}");
            let record = ran.record();
            assert_eq!((&record["reason_code"], &record["reason"]), (&json!(code), &json!(reason)));
            assert_eq!(record["error_details"][0]["error_data"], json!([{"instance-type": "m5.xlarge"}]));
            assert_eq!(ran.stderr.is_empty(), expected == 0, "{ran:?}");
        }
    }
}

#[test]
fn the_end_of_a_job_flow_is_waited_for() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&["-q"]);
    let looks = || sandbox.requests("DescribeCluster").len();
    let ran = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| wait(&sandbox, &["--until", "ended", &flow]));
        while looks() == 0 {}
        sandbox.run("terminate-job-flow", &[&flow]).ok();
        waiting.join().unwrap()
    })
    .ok();
    assert_eq!((&ran.record()["state"], &ran.record()["reason_code"]), (&json!("TERMINATED"), &json!("USER_REQUEST")));
}

#[test]
fn of_several_each_is_told_and_what_is_to_be_mended_decides() {
    let sandbox = sandbox(&["--fault", "RunJobFlow:no-capacity:1"]);
    let (failed, ready) = (sandbox.job_flow(&["-q"]), sandbox.job_flow(&["-q"]));
    let ran = wait(&sandbox, &[&failed, &ready, &ready]);
    let states: Vec<_> = ran.records().iter().map(|record| record["job_flow_id"].clone()).collect();
    assert_eq!((ran.code, states.len()), (Some(75), 2), "{ran:?}");
    assert!(states.contains(&json!(failed)) && states.contains(&json!(ready)), "{states:?}");
}

#[test]
fn a_time_out_prints_what_is_known_and_says_how_to_go_on() {
    let slow = sandbox(&["--provision-s", "3600"]);
    let flow = slow.job_flow(&["-q"]);
    let ran = wait(&slow, &["--timeout", "3", &flow]);
    assert_eq!((ran.code, &ran.record()["state"]), (Some(124), &json!("STARTING")), "{ran:?}");
    assert!(ran.stderr.contains(&format!("wait on with 'wait-job-flow {flow}'")), "{ran:?}");
    let ran = wait(&slow, &["--until", "ended", "--timeout", "3", &flow]);
    assert!(ran.stderr.contains(&format!("wait on with 'wait-job-flow --until ended {flow}'")), "{ran:?}");
}

#[test]
fn an_interrupt_leaves_the_job_flow_alone() {
    let slow = sandbox(&["--provision-s", "3600"]);
    let flow = slow.job_flow(&["-q"]);
    let mut command = slow.tool("wait-job-flow");
    command.args(SOON).arg(&flow).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    while slow.requests("DescribeCluster").is_empty() {}
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(143), "{ran:?}");
    assert!(ran.stderr.contains("interrupted, and the job flows go on"), "{ran:?}");
    assert!(slow.requests("TerminateJobFlows").is_empty());
}

#[test]
fn a_claim_goes_on_with_the_record() {
    let sandbox = sandbox(&[]);
    let pool = ["-q", "--pool-name", "etl", "--s3-scratch-uri", "s3://bucket/scratch/"];
    let found = sandbox.run("find-pool", &[&pool, &["--or-create"][..]].concat()).ok();
    let ran = Ran::with_stdin(&mut sandbox.tool("wait-job-flow"), &found.stdout).ok();
    let claim: &Value = &found.record()["claim"];
    assert!(claim.is_object() && ran.record()["claim"] == *claim, "{ran:?}");
}

#[test]
fn what_is_wrong_is_said_before_or_at_the_first_look() {
    let sandbox = sandbox(&[]);
    wait(&sandbox, &[]).fails(66, "nothing came on stdin: there is no job flow to wait for");
    wait(&sandbox, &["s-1"]).fails(2, "a step without its job flow");
    wait(&sandbox, &["--until", "gone", "j-A"]).fails(2, "invalid value 'gone' for '--until");
    assert!(sandbox.requests("DescribeCluster").is_empty());
    wait(&sandbox, &["j-UNKNOWN"]).fails(2, "j-UNKNOWN: AWS refuses DescribeCluster");
}

#[test]
fn faults_that_pass_are_waited_out_and_others_are_told() {
    for (fault, code) in [
        ("throttle:1", 0),
        ("drop-response:1", 0),
        ("error-500:1", 0),
        ("deny:1", 77),
        ("throttle:3", 0),
        ("error-500:3", 0),
    ] {
        let sandbox = sandbox(&["--fault", &format!("DescribeCluster:{fault}")]);
        let flow = sandbox.job_flow(&["-q"]);
        let ran = Ran::of(sandbox.tool("wait-job-flow").env("AWS_MAX_ATTEMPTS", "1").args(SOON).arg(&flow));
        assert_eq!(ran.code, Some(code), "{fault}: {ran:?}");
        assert_eq!(ran.stdout.is_empty(), code != 0, "{fault}: {ran:?}");
        let again = format!("the job flows go on; wait on with 'wait-job-flow {flow}'");
        assert_eq!(ran.stderr.contains(&again), code != 0, "{fault}: {ran:?}");
        assert!(ran.stderr.matches("looking again").count() <= 1, "{fault}: {ran:?}");
    }
}

#[test]
fn one_that_cannot_be_looked_at_does_not_keep_the_others() {
    let sandbox = sandbox(&["--provision-s", "1"]);
    let flow = sandbox.job_flow(&["-q"]);
    let ran = wait(&sandbox, &["j-NOPE", &flow, "j-NEITHER"]);
    assert_eq!((ran.code, &ran.record()["state"]), (Some(2), &json!("WAITING")), "{ran:?}");
    assert!(ran.stderr.contains("j-NOPE: AWS refuses") && ran.stderr.contains("j-NEITHER: AWS refuses"), "{ran:?}");
    assert!(!ran.stderr.contains("go on"), "{ran:?}");
}

#[test]
fn no_time_is_one_look() {
    let slow = sandbox(&["--provision-s", "3600"]);
    let flow = slow.job_flow(&["-q"]);
    let ran = wait(&slow, &["--timeout", "0", &flow]);
    assert_eq!((ran.code, &ran.record()["state"]), (Some(124), &json!("STARTING")), "{ran:?}");
    let quick = sandbox(&[]);
    let ready = quick.job_flow(&["-q"]);
    wait(&quick, &[&ready]).ok();
    assert_eq!(wait(&quick, &["--timeout", "0", &ready]).ok().record()["state"], "WAITING");
}

/// The script among the examples, as the manual page has it.
fn script() -> String {
    let help = Ran::of(Tools::beside(TOOL).command("wait-job-flow").arg("--help")).ok().stdout;
    let lines: Vec<_> = help.lines().skip_while(|line| !line.contains("# Try other instance types")).collect();
    let end = lines.iter().position(|line| line.trim() == "exit 75").unwrap();
    lines[..=end].join("\n")
}

#[test]
fn the_script_of_the_manual_tries_other_instance_types() {
    for (fault, code, flows) in [
        ("RunJobFlow:no-capacity:2", 0, 3),
        ("RunJobFlow:no-capacity:9", 75, 3),
        ("RunJobFlow:validation-error:1", 1, 1),
        ("RunJobFlow:quota-exceeded:1", 0, 2),
        // A job flow that goes on is not left for another.
        ("DescribeCluster:throttle:3", 0, 1),
        ("DescribeCluster:error-500:3", 0, 1),
    ] {
        let sandbox = sandbox(&["--fault", fault]);
        let mut bash = Command::new("bash");
        let path = Tools::beside(TOOL).path(&[]);
        bash.args(["-c", &script()])
            .env_clear()
            .env("AWS_MAX_ATTEMPTS", "1")
            .env("HOME", "/nonexistent")
            .env("PATH", path);
        let ran = Ran::of(sandbox.point(&mut bash));
        assert_eq!((ran.code, sandbox.requests("RunJobFlow").len()), (Some(code), flows), "{fault}: {ran:?}");
        let ready = sandbox.run("list-job-flows", &["--no-idle", "--output", "id"]).ok().stdout;
        assert_eq!(ran.stdout, ready, "{fault}: {ran:?}");
    }
}
