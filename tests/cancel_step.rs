//! cancel-step against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Stdio};

use harness::{Ran, Sandbox, Tools};
use serde_json::json;

const TOOL: &str = env!("CARGO_BIN_EXE_cancel-step");

fn sandbox(args: &[&str]) -> Sandbox {
    Sandbox::start(&Tools::beside(TOOL), args)
}

fn cancel(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run("cancel-step", &[&["--check-emr-status-every", "0.05"], args].concat())
}

/// A step that runs until it gets a signal, and notes `term` if that is SIGTERM, which it heeds or not.
fn running(sandbox: &Sandbox, flow: &str, heeds: bool) -> String {
    let (begun, term) = (sandbox.folder().join("begun"), sandbox.folder().join("term"));
    let then = if heeds { "; exit 1" } else { "" };
    let trap = format!("trap 'echo > {}{then}' TERM", term.display());
    let step = sandbox.shell_step(flow, &format!("{trap}; echo > {}; while :; do sleep 0.02; done", begun.display()));
    wait_for(&begun);
    step
}

fn wait_for(file: &Path) {
    while !file.exists() {}
}

fn pending(sandbox: &Sandbox, flow: &str) -> String {
    sandbox.shell_step(flow, "true")
}

fn states(ran: &Ran) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    ran.records().iter().map(|record| (text(&record["step_id"]), text(&record["state"]))).collect()
}

fn state(sandbox: &Sandbox, flow: &str, step: &str) -> String {
    let listed = sandbox.run("list-steps", &["--emr-job-flow-id", flow, step]).ok();
    listed.record()["state"].as_str().unwrap().to_owned()
}

#[test]
fn what_runs_is_interrupted_and_what_waits_never_begins() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&["-q"]);
    let (first, second) = (running(&sandbox, &flow, true), pending(&sandbox, &flow));
    let ran = cancel(&sandbox, &[&flow, &first, &second]).ok();
    let mut found = states(&ran);
    found.sort();
    let mut expected = [(first.clone(), "CANCELLED".to_owned()), (second, "CANCELLED".to_owned())];
    expected.sort();
    assert_eq!(found, expected);
    assert!(
        ran.records().iter().all(|record| record["job_flow_id"] == json!(flow) && record["dry_run"] == json!(false))
    );
    assert!(sandbox.folder().join("term").exists(), "it got SIGTERM");
    let calls = sandbox.requests("CancelSteps").len();
    let again = cancel(&sandbox, &[&flow, &first]).ok();
    assert_eq!((states(&again).len(), sandbox.requests("CancelSteps").len()), (1, calls), "it is cancelled already");
}

#[test]
fn a_step_that_heeds_no_interrupt_is_waited_for_and_killed_by_force() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&["-q"]);
    let step = running(&sandbox, &flow, false);
    let ran = cancel(&sandbox, &["--timeout", "3", &flow, &step]);
    assert_eq!((ran.code, states(&ran)), (Some(124), vec![(step.clone(), "CANCEL_PENDING".to_owned())]), "{ran:?}");
    assert!(ran.stderr.contains("EMR goes on with what it was asked; see 'list-steps --emr-job-flow-id"), "{ran:?}");
    assert_eq!(states(&cancel(&sandbox, &["--force", &flow, &step]).ok()), [(step, "CANCELLED".to_owned())]);
}

#[test]
fn by_force_no_handler_runs() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&["-q"]);
    let step = running(&sandbox, &flow, true);
    assert_eq!(states(&cancel(&sandbox, &["--force", &flow, &step]).ok()), [(step, "CANCELLED".to_owned())]);
    assert!(!sandbox.folder().join("term").exists(), "it got SIGKILL");
}

#[test]
fn a_step_that_ended_before_is_told_truly_and_does_not_keep_the_others() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&["-q"]);
    let done = sandbox.shell_step(&flow, "true");
    sandbox.run("wait-step", &["-q", "--emr-job-flow-id", &flow, &done]).ok();
    let (runs, waits) = (running(&sandbox, &flow, true), pending(&sandbox, &flow));
    let ran = cancel(&sandbox, &[&flow, &done, "s-UNKNOWN", &waits]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let found = states(&ran);
    assert!(found.contains(&(done.clone(), "COMPLETED".to_owned())), "{found:?}");
    assert!(found.contains(&(waits, "CANCELLED".to_owned())) && found.len() == 2, "{found:?}");
    assert!(ran.stderr.contains(&format!("{done} on {flow} is not cancelled: it is COMPLETED")), "{ran:?}");
    assert!(ran.stderr.contains("s-UNKNOWN"), "{ran:?}");
    assert_eq!(cancel(&sandbox, &[&flow, &done]).code, Some(1));
    assert_eq!(state(&sandbox, &flow, &runs), "RUNNING");
}

#[test]
fn a_dry_run_asks_nothing_of_emr() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&["-q"]);
    let (first, second) = (running(&sandbox, &flow, true), pending(&sandbox, &flow));
    let ran = cancel(&sandbox, &["--dry-run", &flow, &first, &second]).ok();
    assert_eq!(states(&ran), [(first, "RUNNING".to_owned()), (second, "PENDING".to_owned())]);
    assert!(ran.records().iter().all(|record| record["dry_run"] == json!(true)));
    assert!(sandbox.requests("CancelSteps").is_empty());
    let other = sandbox.job_flow(&["-q"]);
    let done = sandbox.shell_step(&other, "true");
    sandbox.run("wait-step", &["-q", "--emr-job-flow-id", &other, &done]).ok();
    cancel(&sandbox, &["--dry-run", &other, &done]).fails(1, "is not cancelled: it is COMPLETED");
}

#[test]
fn releases_that_cannot_say_so_and_a_dry_run_knows_it() {
    let sandbox = sandbox(&[]);
    let old = sandbox.job_flow(&["-q", "--release-label", "emr-5.20.0"]);
    let (first, second) = (running(&sandbox, &old, true), pending(&sandbox, &old));
    let foretold = cancel(&sandbox, &["--dry-run", &old, &first, &second]);
    assert_eq!(
        (foretold.code, states(&foretold)),
        (Some(1), vec![(second.clone(), "PENDING".to_owned())]),
        "{foretold:?}"
    );
    let words = format!("{first} on {old} is not cancelled: EMR cancels running steps from release 5.28 on");
    assert!(foretold.stderr.contains(&words), "{foretold:?}");
    let ran = cancel(&sandbox, &[&old, &first, &second]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("is not cancelled: Cannot cancel the step. It is already RUNNING"), "{ran:?}");
    assert_eq!((state(&sandbox, &old, &first), state(&sandbox, &old, &second)), ("RUNNING".into(), "CANCELLED".into()));
}

#[test]
fn without_waiting_it_is_enough_to_have_asked() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&["-q"]);
    let step = running(&sandbox, &flow, false);
    let ran = cancel(&sandbox, &["--no-wait", &flow, &step]).ok();
    assert_eq!(states(&ran), [(step, "CANCEL_PENDING".to_owned())]);
    cancel(&sandbox, &["--no-wait", "--dry-run", &flow, "s-1"]).fails(2, "cannot be used with");
}

#[test]
fn steps_are_named_by_pairs_records_and_answers_of_aws() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&["-q"]);
    let _blocks = running(&sandbox, &flow, true);
    let steps: Vec<_> = (0..3).map(|_| pending(&sandbox, &flow)).collect();
    let record = json!({"job_flow_id": flow, "step_id": steps[0]});
    let ran = Ran::with_stdin(&mut sandbox.tool("cancel-step"), &format!("{record}\n{flow}\t{}\n", steps[1])).ok();
    assert_eq!(ran.records().len(), 2);
    let mut command = sandbox.tool("cancel-step");
    let ids = json!({"StepIds": [steps[2]]}).to_string();
    let ran = Ran::with_stdin(command.args(["--emr-job-flow-id", &flow]), &ids).ok();
    assert_eq!(ran.record()["step_id"], json!(steps[2]));
    assert_eq!(sandbox.run("cancel-step", &[]).ok().stdout, "");
    let before = sandbox.all_requests().len();
    cancel(&sandbox, &[&flow]).fails(2, "is a job flow, and no step of it is named");
    cancel(&sandbox, &["s-1"]).fails(2, "the job flow of s-1 is not known");
    assert_eq!(sandbox.all_requests().len(), before);
}

#[test]
fn no_time_is_to_ask_and_look_once() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&["-q"]);
    let step = running(&sandbox, &flow, false);
    let ran = cancel(&sandbox, &["--timeout", "0", &flow, &step]);
    assert_eq!((ran.code, states(&ran)), (Some(124), vec![(step.clone(), "CANCEL_PENDING".to_owned())]), "{ran:?}");
    let words = format!(
        "the time is over, and EMR goes on with what it was asked; see 'list-steps --emr-job-flow-id {flow} {step}'"
    );
    assert!(ran.stderr.contains(&words), "{ran:?}");
}

#[test]
fn an_interrupt_tells_what_was_asked() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&["-q"]);
    let step = running(&sandbox, &flow, false);
    let mut command = sandbox.tool("cancel-step");
    command.args([&flow, &step]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    wait_for(&sandbox.folder().join("term"));
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(143), "{ran:?}");
    assert!(ran.stderr.contains("interrupted, and EMR goes on with what it was asked"), "{ran:?}");
}

#[test]
fn faults_that_pass_are_waited_out_and_others_are_told() {
    for (fault, code) in [
        ("CancelSteps:throttle:1", 0),
        ("CancelSteps:drop-response:1", 0),
        ("ListSteps:drop-response:1", 0),
        ("CancelSteps:deny:1", 77),
        ("ListSteps:deny:1", 77),
        ("CancelSteps:throttle:99", 75),
        ("CancelSteps:drop-response:99", 69),
    ] {
        let sandbox = sandbox(&["--fault", fault]);
        let flow = sandbox.job_flow(&["-q"]);
        let _blocks = running(&sandbox, &flow, true);
        let step = pending(&sandbox, &flow);
        let mut command = sandbox.tool("cancel-step");
        let ran = Ran::of(command.env("AWS_MAX_ATTEMPTS", "2").args([&flow, &step]));
        assert_eq!((ran.code, ran.stdout.is_empty()), (Some(code), code != 0), "{fault}: {ran:?}");
    }
}
