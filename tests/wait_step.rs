//! wait-step against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use harness::{Ran, Sandbox, Tools};
use serde_json::json;

const TOOL: &str = env!("CARGO_BIN_EXE_wait-step");

fn sandbox(args: &[&str]) -> Sandbox {
    Sandbox::start(&Tools::beside(TOOL), args)
}

fn wait(sandbox: &Sandbox, flow: &str, args: &[&str]) -> Ran {
    sandbox.run("wait-step", &[&["--emr-job-flow-id", flow], args].concat())
}

/// A step that runs until the file `go` appears in the sandbox's folder.
fn step_until_told(sandbox: &Sandbox, flow: &str) -> String {
    let go = sandbox.folder().join("go");
    sandbox.shell_step(flow, &format!("until [ -e {} ]; do sleep 0.05; done", go.display()))
}

/// Starts wait-step, waits until it has looked once, and sends it `signal`.
fn interrupted(sandbox: &Sandbox, args: &[&str], signal: &str) -> Ran {
    let mut child = sandbox
        .tool("wait-step")
        .args(args)
        .arg("-vv")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("ListSteps: answered") {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "it looks before it ends");
    }
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    let rest = said.lines().map(Result::unwrap).filter(|line| !line.contains(" answered in ")).collect::<Vec<_>>();
    let output = child.wait_with_output().unwrap();
    Ran { stderr: rest.join("\n"), ..output.into() }
}

#[test]
fn a_completed_step_is_exit_0_and_its_record() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    let step = sandbox.shell_step(&flow, "true");
    let ran = wait(&sandbox, &flow, &[&step]).ok();
    let record = ran.record();
    assert_eq!((record["step_id"].as_str(), record["state"].as_str()), (Some(step.as_str()), Some("COMPLETED")));
    assert!(record["ended_at"].is_string() && ran.stderr.is_empty(), "{ran:?}");
}

#[test]
fn a_failed_step_is_exit_1_with_the_reason_and_its_log() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    let step = sandbox.shell_step(&flow, "echo it broke >&2; exit 7");
    let ran = wait(&sandbox, &flow, &[&step]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let record = ran.record();
    assert_eq!((&record["state"], &record["exit_code"]), (&json!("FAILED"), &json!(7)));
    let lines: Vec<_> = ran.stderr.lines().collect();
    assert!(lines[0].contains("failed: ") && lines[0].contains("its log is "), "{ran:?}");
    assert!(lines[1].contains(": it broke (program-error; line 1 of s3://bucket/scratch/logs/"), "{ran:?}");
    assert_eq!(lines.len(), 2);
    assert_eq!((&record["cause"]["kind"], &record["cause"]["log_line"]), (&json!("program-error"), &json!("it broke")));
}

#[test]
fn the_cause_of_a_failure_can_be_left_out_and_is_no_failure_where_there_is_none() {
    let sandbox = sandbox(&["--fault", "GetObject:deny:99"]);
    let flow = sandbox.job_flow(&[]);
    let step = sandbox.shell_step(&flow, "echo it broke >&2; exit 7");
    let ran = wait(&sandbox, &flow, &["--no-cause", &step]);
    assert_eq!((ran.code, ran.stderr.lines().count()), (Some(1), 1), "{ran:?}");
    assert_eq!(sandbox.requests("GetObject").len() + sandbox.requests("ListObjectsV2").len(), 0);
    let ran = wait(&sandbox, &flow, &["-v", &step]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.record().get("cause").is_none() && ran.stderr.contains("no probable cause"), "{ran:?}");
    assert!(ran.stderr.contains("AWS denies GetObject") && ran.stderr.contains("fetch-logs --cause"), "{ran:?}");
}

#[test]
fn a_cancelled_and_an_interrupted_step_are_told_apart() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    let running = step_until_told(&sandbox, &flow);
    let pending = sandbox.shell_step(&flow, "true");
    let cancelled = interrupted(&sandbox, &["--emr-job-flow-id", &flow, "--cancel-on-interrupt", &pending], "-INT");
    assert_eq!(cancelled.code, Some(130), "{cancelled:?}");
    assert!(cancelled.stderr.contains("asked EMR to cancel"), "{cancelled:?}");
    let ran = wait(&sandbox, &flow, &[&pending]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains(" was cancelled"), "{ran:?}");
    sandbox.run("terminate-job-flow", &[&flow]).ok();
    let ran = wait(&sandbox, &flow, &[&running]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains(" was interrupted") || ran.stderr.contains(" was cancelled"), "{ran:?}");
}

#[test]
fn a_step_whose_job_flow_ended_first_is_exit_75() {
    let sandbox = sandbox(&["--provision-s", "3600"]);
    let flow = sandbox.job_flow(&[]);
    let step = sandbox.shell_step(&flow, "true");
    sandbox.run("terminate-job-flow", &[&flow]).ok();
    let ran = wait(&sandbox, &flow, &[&step]);
    assert_eq!(ran.code, Some(75), "{ran:?}");
    assert!(ran.stderr.contains("never began, because its job flow ended first"), "{ran:?}");
    assert!(ran.stderr.contains("the job flow is TERMINATED: Terminated by user request\n"), "{ran:?}");
}

#[test]
fn the_reason_of_a_job_flow_that_failed_is_said_of_its_steps() {
    let reason = "The subnet configuration was invalid: subnet-0a1b2c does not exist";
    let status = json!({
        "State": "TERMINATED_WITH_ERRORS",
        "StateChangeReason": {"Code": "VALIDATION_ERROR", "Message": reason},
        "Timeline": {"CreationDateTime": 1, "EndDateTime": 9},
    });
    let step = json!({"Id": "s-A", "Name": "x", "Status": {"State": "CANCELLED", "Timeline": {"CreationDateTime": 2}}});
    let cluster = json!({"Cluster": {"Id": "j-A", "Name": "night", "Status": status}, "Steps": [step]});
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("account.json");
    fs::write(&file, json!({"clusters": [cluster]}).to_string()).unwrap();
    let sandbox = sandbox(&["--load", file.to_str().unwrap()]);
    let ran = wait(&sandbox, "j-A", &["s-A"]);
    assert_eq!(ran.code, Some(75), "{ran:?}");
    assert!(ran.stderr.contains(reason) && !ran.stderr.contains("bootstrap"), "{ran:?}");
    assert_eq!(ran.record()["cause"], json!({"kind": "validation-error", "message": reason}));
    let ran = wait(&sandbox, "j-A", &["--no-cause", "s-A"]);
    assert!(ran.stderr.contains(reason) && ran.record().get("cause").is_none(), "{ran:?}");
    let ran = sandbox.run("wait-step", &["j-A"]);
    assert!(ran.stderr.contains(&format!("the job flow is TERMINATED_WITH_ERRORS: {reason}")), "{ran:?}");
}

#[test]
fn a_time_out_and_an_interrupt_leave_the_step_alone_and_say_how_to_wait_on() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    let step = step_until_told(&sandbox, &flow);
    let late = wait(&sandbox, &flow, &["--timeout", "0.2", &step]);
    assert_eq!(late.code, Some(124), "{late:?}");
    let again = format!("wait-step --emr-job-flow-id {flow} {step}");
    assert!(late.stderr.contains(&again), "{late:?}");
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let ran = interrupted(&sandbox, &["--emr-job-flow-id", &flow, &step], signal);
        assert_eq!(ran.code, Some(code), "{ran:?}");
        assert!(ran.stderr.contains(&again), "{ran:?}");
    }
    assert_eq!(sandbox.requests("CancelSteps").len(), 0);
    sandbox.file("go", "");
    wait(&sandbox, &flow, &[&step]).ok();
}

#[test]
fn a_signal_that_is_ignored_as_nohup_does_is_ignored() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    let step = step_until_told(&sandbox, &flow);
    let tool = Tools::beside(TOOL).folder().join("wait-step");
    let line = format!("trap '' HUP INT; exec {} -vv --emr-job-flow-id {flow} {step}", tool.display());
    let mut command = Command::new("sh");
    command.args(["-c", &line]).env_clear().env("HOME", "/nonexistent").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = sandbox.point(&mut command).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(said.any(|line| line.contains("ListSteps: answered")));
    for signal in ["-HUP", "-INT"] {
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    }
    assert!(said.any(|line| line.contains("ListSteps: answered")), "it looks again");
    sandbox.file("go", "");
    said.for_each(drop);
    assert_eq!(Ran::from(child.wait_with_output().unwrap()).ok().record()["state"], "COMPLETED");
}

#[test]
fn ten_steps_take_one_call_a_look_and_eleven_take_two() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&["--max-concurrent-steps", "20"]);
    let steps: Vec<_> = (0..11).map(|_| sandbox.shell_step(&flow, "true")).collect();
    let steps: Vec<_> = steps.iter().map(String::as_str).collect();
    // Once these have ended, one look is enough.
    wait(&sandbox, &flow, &steps).ok();
    let before = sandbox.requests("ListSteps").len();
    assert_eq!(wait(&sandbox, &flow, &steps[..10]).ok().records().len(), 10);
    assert_eq!(sandbox.requests("ListSteps").len() - before, 1);
    assert_eq!(wait(&sandbox, &flow, &steps).ok().records().len(), 11);
    assert_eq!(sandbox.requests("ListSteps").len() - before, 3);
}

#[test]
fn a_job_flow_stands_for_its_unfinished_steps() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    let done = sandbox.shell_step(&flow, "true");
    wait(&sandbox, &flow, &[&done]).ok();
    let running = step_until_told(&sandbox, &flow);
    let pending = sandbox.shell_step(&flow, "true");
    sandbox.file("go", "");
    let records = sandbox.run("wait-step", &[&flow]).ok().records();
    let ids: Vec<_> = records.iter().map(|record| record["step_id"].as_str().unwrap()).collect();
    // Either may have ended before wait-step asked which are unfinished.
    assert!(!ids.contains(&done.as_str()) && ids.iter().all(|id| *id == running || *id == pending), "{ids:?}");
}

#[test]
fn a_step_that_completed_just_before_its_job_flow_ended_is_no_step_that_never_began() {
    // While the look at the job flow is held up, the step begins and completes and the job flow ends.
    let sandbox = sandbox(&[
        "--provision-s",
        "1",
        "--fault",
        "DescribeCluster:delay:1:0",
        "--fault",
        "DescribeCluster:delay:9:2500",
    ]);
    let flow = sandbox.job_flow(&["--auto-terminate"]);
    let step = sandbox.shell_step(&flow, "true");
    assert_eq!(wait(&sandbox, &flow, &[&step]).ok().record()["state"], "COMPLETED");
}

#[test]
fn a_step_whose_job_flow_fails_between_the_looks_at_the_two_is_one_that_never_began() {
    // The second look finds the job flow starting. While its look at the step is held up, the job flow ends.
    let delays = ["--fault", "ListSteps:delay:1:0", "--fault", "ListSteps:delay:1:6000"];
    let start = ["--provision-s", "4", "--fault", "RunJobFlow:no-capacity:1"];
    let sandbox = sandbox(&[&start[..], &delays].concat());
    let flow = sandbox.job_flow(&[]);
    let step = sandbox.shell_step(&flow, "true");
    let ran = wait(&sandbox, &flow, &["--check-emr-status-every", "0.05", &step]);
    assert_eq!(ran.code, Some(75), "{ran:?}");
    assert!(ran.stderr.contains("never began, because its job flow ended first"), "{ran:?}");
}

#[test]
fn a_step_that_emr_calls_running_on_a_job_flow_that_is_gone_was_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clusters.json");
    let begun = json!({"CreationDateTime": 1_767_225_600, "StartDateTime": 1_767_225_600});
    let cluster = json!({
        "Cluster": {"Id": "j-A", "Name": "x", "Status": {"State": "TERMINATED", "Timeline": begun}},
        "Steps": [{"Id": "s-A", "Name": "y", "Status": {"State": "RUNNING", "Timeline": begun}}],
    });
    fs::write(&file, json!({"clusters": [cluster]}).to_string()).unwrap();
    let sandbox = sandbox(&["--load", file.to_str().unwrap()]);
    let ran = wait(&sandbox, "j-A", &["--check-emr-status-every", "0.01", "s-A"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains(" was interrupted"), "{ran:?}");
}

#[test]
fn the_time_out_counts_from_the_start_also_where_nobody_answers() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_REGION", "eu-west-1")];
    let mut command = Tools::beside(TOOL).command("wait-step");
    let ran = Ran::of(command.envs(keys).args(["--endpoint-url", &url, "--timeout", "0.3", "j-A"]));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(124), ""), "{ran:?}");
}

#[test]
fn a_network_that_fails_for_a_while_does_not_end_the_waiting() {
    // The first look succeeds; then more requests in a row are cut off than one call is tried again.
    let sandbox = sandbox(&["--fault", "ListSteps:delay:1:0", "--fault", "ListSteps:drop-request:6"]);
    let flow = sandbox.job_flow(&[]);
    let step = step_until_told(&sandbox, &flow);
    let ran = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| wait(&sandbox, &flow, &["--check-emr-status-every", "0.1", &step]));
        while sandbox.requests("ListSteps").len() < 8 {
            std::thread::yield_now();
        }
        sandbox.file("go", "");
        waiting.join().unwrap()
    });
    assert!(ran.stderr.contains("warning: ") && ran.stderr.contains("looking again"), "{ran:?}");
    assert_eq!(ran.ok().record()["state"], "COMPLETED");
}

#[test]
fn a_network_that_fails_from_the_start_is_exit_69() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_REGION", "eu-west-1")];
    let mut command = Tools::beside(TOOL).command("wait-step");
    let args = ["--endpoint-url", &format!("http://{nobody}"), "--emr-job-flow-id", "j-A", "s-A"];
    let ran = Ran::of(command.envs(keys).env("AWS_MAX_ATTEMPTS", "1").args(args));
    ran.fails(69, "cannot reach AWS for ListSteps");
    let on = format!("wait-step --emr-job-flow-id j-A s-A --endpoint-url http://{nobody}");
    let words = format!("the looks were given up, and the steps go on; wait on with '{on}'");
    assert!(ran.stderr.contains(&words), "{ran:?}");
}

#[test]
fn throttles_and_failures_of_emr_are_waited_out_also_at_the_first_look() {
    for fault in ["throttle:5", "error-500:5", "drop-response:5"] {
        let sandbox = sandbox(&["--fault", &format!("ListSteps:{fault}")]);
        let flow = sandbox.job_flow(&[]);
        let step = sandbox.shell_step(&flow, "true");
        let args = ["--check-emr-status-every", "0.05", "--emr-job-flow-id", &flow, &step];
        let ran = Ran::of(sandbox.tool("wait-step").env("AWS_MAX_ATTEMPTS", "1").args(args)).ok();
        assert_eq!(ran.record()["state"], "COMPLETED");
        assert_eq!(ran.stderr.matches("looking again").count(), 1, "{fault}: {ran:?}");
    }
}

#[test]
fn no_time_is_one_look() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    let done = sandbox.shell_step(&flow, "true");
    wait(&sandbox, &flow, &[&done]).ok();
    wait(&sandbox, &flow, &["--timeout", "0", &done]).ok();
    let step = step_until_told(&sandbox, &flow);
    let ran = wait(&sandbox, &flow, &["--timeout", "0", &done, &step]);
    assert_eq!((ran.code, ran.records().len()), (Some(124), 2), "{ran:?}");
    let words =
        format!("the time is over, and the steps go on; wait on with 'wait-step --emr-job-flow-id {flow} {step}'");
    assert!(ran.stderr.contains(&words), "{ran:?}");
    sandbox.file("go", "");
}

#[test]
fn bad_input_is_one_clear_line() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    sandbox.run("wait-step", &["s-1"]).fails(2, "the job flow of s-1 is not known");
    sandbox.run("wait-step", &[]).fails(66, "nothing came on stdin");
    sandbox.run("wait-step", &["x"]).fails(2, "'x' is not the id of a job flow");
    wait(&sandbox, &flow, &["s-UNKNOWN"]).fails(2, "s-UNKNOWN");
    wait(&sandbox, "j-UNKNOWN", &["s-UNKNOWN"]).fails(2, "j-UNKNOWN");
}

#[test]
fn progress_is_shown_on_a_terminal_and_nowhere_else() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    let step = step_until_told(&sandbox, &flow);
    let tool = Tools::beside(TOOL).folder().join("wait-step");
    let line = format!("{} --emr-job-flow-id {flow} {step} --timeout 3", tool.display());
    let mut on_terminal = Command::new("script");
    let ran = Ran::of(sandbox.point(on_terminal.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm")));
    assert!(ran.stdout.contains("RUNNING") && ran.stdout.contains(&step), "{ran:?}");
    let since = ran.stdout.split("00:0").nth(1);
    assert!(since.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())), "{ran:?}");
    let log = wait(&sandbox, &flow, &["--timeout", "3", "-v", &step]);
    assert!(log.stderr.contains(&format!("wait-step: 0 of 1 step is done; {step} has run for 0:0")), "{log:?}");
    assert_eq!(log.stderr.matches(" is done").count(), 1, "a line a minute: {log:?}");
    let piped = wait(&sandbox, &flow, &["--timeout", "0.5", "-q", &step]);
    assert!(!piped.stderr.contains("RUNNING"), "{piped:?}");
    sandbox.file("go", "");
}

#[test]
fn the_time_on_a_terminal_is_the_step_s_own_and_of_several_it_is_said_how_many_are_done() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let step = |id: &str, state: &str, ago: u64| {
        let timeline = json!({"CreationDateTime": now - ago, "StartDateTime": now - ago});
        json!({"Id": id, "Name": "count run:0123456789ab", "Status": {"State": state, "Timeline": timeline}})
    };
    let status = json!({"State": "RUNNING", "Timeline": {"CreationDateTime": 1, "ReadyDateTime": 2}});
    let steps = [step("s-2", "RUNNING", 7300), step("s-1", "COMPLETED", 9000)];
    let cluster = json!({"Cluster": {"Id": "j-A", "Name": "night", "Status": status}, "Steps": steps});
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("account.json");
    fs::write(&file, json!({"clusters": [cluster]}).to_string()).unwrap();
    let sandbox = sandbox(&["--load", file.to_str().unwrap()]);
    let tool = Tools::beside(TOOL).folder().join("wait-step");
    let line = format!("{} --emr-job-flow-id j-A s-1 s-2 --timeout 1", tool.display());
    let mut script = Command::new("script");
    let ran = Ran::of(sandbox.point(script.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm")));
    assert!(ran.stdout.contains("1 of 2 done") && ran.stdout.contains("02:01:4"), "{ran:?}");
}
