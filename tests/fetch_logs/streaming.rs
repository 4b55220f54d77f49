//! Streaming jobs that really fail, from the start of a job flow to the cause.

use harness::{Ran, Sandbox};
use serde_json::Value;

use crate::account::sandbox;

/// Runs a streaming step with `args` until it fails: what wait-step tells of it, and fetch-logs.
fn fails(sandbox: &Sandbox, flow: &str, args: &[&str]) -> (Value, Value) {
    let mut all = vec![flow, "--no-check-input-paths", "--streaming", "--input", "in.txt"];
    all.extend(args);
    let added = sandbox.run("add-step", &all).ok();
    let waited = Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout);
    assert_eq!(waited.code, Some(1), "{waited:?}");
    assert!(waited.stderr.contains("probable cause of the failure of s-"), "{waited:?}");
    let fetched = Ran::with_stdin(sandbox.tool("fetch-logs").arg("--cause"), &waited.stdout);
    (waited.record(), fetched.ok().record())
}

#[test]
fn the_cause_is_told_while_waiting_and_later() {
    let sandbox = sandbox(&[], &[]);
    let flow = sandbox.job_flow(&[]);
    sandbox.file("in.txt", "1\nx\n");
    sandbox.file("m.py", "import sys\nfor line in sys.stdin:\n    int(line)\n");
    let cases: [(&[&str], &str, &str); 6] = [
        (&["--mapper", "python3 m.py", "--file", "m.py"], "python-traceback", "ValueError: invalid literal for int()"),
        (&["--mapper", "cat", "--reducer", "python3 m.py", "--file", "m.py"], "python-traceback", "ValueError: "),
        (&["--mapper", "nosuch -x"], "command-not-found", "java.io.IOException: Cannot run program \"nosuch\""),
        (&["--mapper", "sh -c 'kill -9 $$'"], "killed-by-signal", "killed by signal 9 SIGKILL"),
        (&["--mapper", "sh -c 'echo no way >&2; exit 3'"], "program-error", "no way"),
        (&["--mapper", "cat", "--input", "s3://bucket/none"], "missing-input", "Input does not exist."),
    ];
    for (number, (args, kind, message)) in cases.into_iter().enumerate() {
        let output = format!("s3://bucket/out-{number}/");
        let (waited, fetched) = fails(&sandbox, &flow, &[args, &["--output", &output]].concat());
        assert_eq!(fetched["kind"], kind, "{fetched}");
        assert!(fetched["message"].as_str().unwrap().starts_with(message), "{fetched}");
        let in_both = ["kind", "message", "log_line", "uri", "line", "attempt", "input"];
        assert!(in_both.iter().all(|key| waited["cause"].get(key) == fetched.get(key)), "{waited} {fetched}");
        let is_of_task = fetched["uri"].as_str().unwrap().contains("/containers/");
        assert_eq!(is_of_task, kind != "missing-input", "{fetched}");
    }
    let done = ["--streaming", "--mapper", "cat", "--input", "in.txt", "--output", "s3://bucket/done/", &flow];
    let done = sandbox.run("add-step", &done).ok();
    Ran::with_stdin(&mut sandbox.tool("wait-step"), &done.stdout).ok();
    let (_, exists) = fails(&sandbox, &flow, &["--mapper", "cat", "--output", "s3://bucket/done/"]);
    assert_eq!(exists["kind"], "output-exists");
}

#[test]
fn the_input_that_a_mapper_was_reading_is_told() {
    let sandbox = sandbox(&[], &[]);
    let flow = sandbox.job_flow(&[]);
    sandbox.file("in.txt", "1\n2\n");
    let args = ["--mapper", "sh -c 'cat; exit 3'", "--output", "s3://bucket/out/"];
    let (_, cause) = fails(&sandbox, &flow, &args);
    assert!(cause["input"].as_str().unwrap().ends_with("/in.txt:0+4"), "{cause}");
    assert_eq!(cause["attempts"], 1);
}

#[test]
fn of_a_job_flow_the_newest_step_that_failed_is_told() {
    let sandbox = sandbox(&[], &[]);
    let flow = sandbox.job_flow(&[]);
    let none = sandbox.run("fetch-logs", &["--cause", &flow]);
    none.fails(1, "has failed");
    for command in ["echo first >&2; exit 3", "echo second >&2; exit 3", "echo fine >&2"] {
        let step = sandbox.shell_step(&flow, command);
        drop(sandbox.run("wait-step", &["--no-cause", "--emr-job-flow-id", &flow, &step]));
    }
    let cause = sandbox.run("fetch-logs", &["--cause", &flow]).ok().record();
    assert_eq!(cause["message"], "second");
}

#[test]
fn a_step_that_completed_has_no_cause_of_a_failure() {
    let sandbox = sandbox(&[], &[]);
    let flow = sandbox.job_flow(&[]);
    let step = sandbox.shell_step(&flow, "echo 'ValueError: never mind' >&2");
    sandbox.run("wait-step", &["--emr-job-flow-id", &flow, &step]).ok();
    let ran = sandbox.run("fetch-logs", &["--cause", "--job-flow-id", &flow, &step]);
    ran.fails(1, "has not failed: it is COMPLETED");
}
