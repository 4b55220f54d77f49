//! The logs of a step itself: alone, byte by byte, and as they grow.

use std::fs;
use std::io::Write;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use harness::{Ran, Sandbox};
use serde_json::{Value, json};

use crate::account::{STEP, copy_logs, failed, log, put, sandbox};
use crate::following::Running;

const CONTROLLER: &str = "2021-01-01T00:00:00Z INFO Step failed with exitCode 3 and took 2 seconds\n";

/// The step of the account, ended at this time, in seconds since 1970. Its job flow lives.
fn ended(seconds: u64) -> Value {
    let status = json!({"State": "WAITING", "Timeline": {"CreationDateTime": 1, "ReadyDateTime": 2}});
    let mut account = failed("j-A", &json!({"Status": status}));
    account["Steps"][0]["Status"]["Timeline"]["EndDateTime"] = json!(seconds);
    account
}

/// Long after any object of a test was written.
const LATER: u64 = 32_503_680_000;

#[test]
fn the_output_of_a_step_is_its_stdout_and_nothing_else() {
    let sandbox = sandbox(&[], &[]);
    let flow = sandbox.job_flow(&[]);
    let printed = "one\ntwo\\n\n";
    let command = "printf 'one\\ntwo\\\\n\\n'; echo 'to stderr' >&2";
    let added = sandbox.run("add-step", &[&flow, "--", "sh", "-c", command]).ok();
    let waited = Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout).ok();
    let own = |args: &[&str]| Ran::with_stdin(sandbox.tool("fetch-logs").args(args), &waited.stdout).ok();
    let ran = own(&["--name", "stdout"]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), (printed, ""));
    assert_eq!(own(&["-n", "stderr"]).stdout, "to stderr\n");
    assert_eq!(own(&["-n", "stderr", "-n", "stdout"]).stdout, format!("to stderr\n{printed}"));
    assert_eq!(own(&["-n", "stdout", "--from", "4"]).stdout, "two\\n\n");
    assert_eq!(own(&["-n", "stdout", "--from", "10"]).stdout, "");
    for args in [&["-n", "stdout", "--from", "1000"][..], &["-F", "-n", "stdout", "--from", "1000"]] {
        let ran = Ran::with_stdin(sandbox.tool("fetch-logs").args(args), &waited.stdout);
        ran.fails(1, "has only 10 bytes, and no byte 1000");
    }
    assert!(own(&["-n", "controller"]).stdout.contains("INFO"));
    let ran = own(&["--follow"]);
    assert!(ran.stderr.contains("fetch-logs: ==> stdout <==\n") && ran.stdout.contains("to stderr\n"), "{ran:?}");
}

#[test]
fn a_program_that_is_not_there_is_the_cause() {
    let sandbox = sandbox(&[], &[]);
    let flow = sandbox.job_flow(&[]);
    for (command, kind, message) in [
        (&["nosuch"][..], "command-not-found", "Cannot run program \"nosuch\""),
        (&["python3", "/nowhere/job.py"], "missing-input", "can't open file '/nowhere/job.py'"),
    ] {
        let added = sandbox.run("add-step", &[&[flow.as_str(), "--"], command].concat()).ok();
        let waited = Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout);
        let cause = &waited.record()["cause"];
        assert_eq!(cause["kind"], kind, "{waited:?}");
        assert!(cause["message"].as_str().unwrap().contains(message), "{cause}");
    }
}

#[test]
fn bytes_arrive_as_they_are_and_the_hours_of_a_log_are_one() {
    let sandbox = sandbox(&[ended(9)], &[]);
    let hostile = b"\xff\xfe\x00 \x1b]0;title\x07\n";
    let stdout = (format!("steps/{STEP}/stdout"), hostile.to_vec());
    let hours = [".2015-12-11-10", "", ".2015-12-11-09"]
        .map(|hour| log(&format!("steps/{STEP}/syslog{hour}"), &format!("hour{hour}\n")));
    copy_logs(&sandbox, "j-A", &[&[stdout, log(&format!("steps/{STEP}/controller"), "x\n")][..], &hours].concat());
    let output = sandbox.tool("fetch-logs").args(["-n", "stdout", "--job-flow-id", "j-A", STEP]).output().unwrap();
    assert!(output.status.success() && output.stdout == hostile && output.stderr.is_empty(), "{output:?}");
    let run =
        |args: &[&str]| sandbox.run("fetch-logs", &[&["-n", "syslog", "--job-flow-id", "j-A", STEP], args].concat());
    assert_eq!(run(&[]).ok().stdout, "hour.2015-12-11-09\nhour.2015-12-11-10\nhour\n");
    assert_eq!(run(&["--from", "20"]).ok().stdout, "our.2015-12-11-10\nhour\n");
    put(&sandbox, &[(format!("logs/j-A/steps/{STEP}/syslog.gz"), b"not packed\n".to_vec())]);
    assert!(run(&[]).ok().stdout.ends_with("-10\nnot packed\n"));
}

#[test]
fn a_log_that_s3_may_not_have_whole_is_not_printed_at_all() {
    let sandbox = sandbox(&[ended(LATER)], &[]);
    let args = ["-n", "stdout", "--job-flow-id", "j-A", STEP];
    sandbox.run("fetch-logs", &args).fails(1, "there is no log of s-RECORDED");
    copy_logs(&sandbox, "j-A", &[log(&format!("steps/{STEP}/stdout"), "half\n")]);
    let words =
        "S3 does not have all that s-RECORDED has logged yet; EMR copies logs every five minutes: try --wait-minutes";
    sandbox.run("fetch-logs", &args).fails(75, words);
    copy_logs(&sandbox, "j-A", &[log(&format!("steps/{STEP}/controller"), "2021-01-01T00:00:00Z INFO begun\n")]);
    sandbox.run("fetch-logs", &args).fails(75, words);
    copy_logs(&sandbox, "j-A", &[log(&format!("steps/{STEP}/controller"), CONTROLLER)]);
    assert_eq!(sandbox.run("fetch-logs", &args).ok().stdout, "half\n");
    let none = sandbox.run("fetch-logs", &["-n", "syslog", "--job-flow-id", "j-A", STEP]);
    none.fails(1, "s-RECORDED has no log syslog");
}

#[test]
fn of_a_step_that_ended_with_its_job_flow_s3_has_all_once_emr_has_had_its_time() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    for (minutes, code) in [(9, 75), (11, 0)] {
        let timeline = json!({"CreationDateTime": 1, "EndDateTime": now - minutes * 60});
        let mut account = failed("j-A", &json!({"Status": {"State": "TERMINATED", "Timeline": timeline}}));
        // EMR may say nothing of its end, and its controller was stopped before it wrote.
        account["Steps"][0]["Status"]["State"] = json!("CANCELLED");
        account["Steps"][0]["Status"]["Timeline"] = json!({"CreationDateTime": 2, "StartDateTime": 3});
        let sandbox = sandbox(&[account], &[]);
        copy_logs(&sandbox, "j-A", &[log(&format!("steps/{STEP}/stdout"), "half\n")]);
        let ran = sandbox.run("fetch-logs", &["-n", "stdout", "--job-flow-id", "j-A", STEP]);
        assert_eq!(ran.code, Some(code), "{ran:?}");
        assert_eq!(ran.stdout, if code == 0 { "half\n" } else { "" });
    }
}

#[test]
fn on_s3_what_is_new_is_printed_and_the_end_of_the_step_ends_it() {
    let sandbox = sandbox(&[], &[]);
    let flow = sandbox.job_flow(&[]);
    let fifo = sandbox.folder().join("go");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let command = format!("echo one; read line < {}; echo $line", fifo.display());
    let step = sandbox.shell_step(&flow, &command);
    let tool = |args: &[&str]| {
        let mut tool = sandbox.tool("fetch-logs");
        tool.args(["--follow", "-n", "stdout", "--emr-job-flow-id", &flow, &step]).args(args);
        tool
    };
    // EMR copies what there is while a step runs.
    let mut running = Running::start(&mut tool(&[]));
    put(&sandbox, &[(key(&sandbox, &flow, &step, "stdout"), crate::account::packed(b"one\n"))]);
    assert_eq!(running.line(), "one\n");
    let said = running.interrupt();
    let on =
        format!("interrupted; go on with 'fetch-logs --follow --name stdout --from 4 --emr-job-flow-id {flow} {step}'");
    assert!(said.contains(&on), "{said}");
    let mut running = Running::start(&mut tool(&["--from", "4"]));
    fs::File::options().write(true).open(&fifo).unwrap().write_all(b"two\n").unwrap();
    assert_eq!(running.line(), "two\n");
    assert_eq!((running.end(0).as_str(), running.line().as_str()), ("", ""));
}

/// The key of a log that EMR copies of a job flow of the sandbox.
fn key(sandbox: &Sandbox, flow: &str, step: &str, name: &str) -> String {
    let found = sandbox.answer("DescribeCluster", &json!({"ClusterId": flow}));
    let uri = found["Cluster"]["LogUri"].as_str().unwrap();
    let folder = uri.split_once("://bucket/").unwrap().1.trim_end_matches('/');
    format!("{folder}/{flow}/steps/{step}/{name}.gz")
}

#[test]
fn what_cannot_be_followed_is_said() {
    let sandbox = sandbox(&[ended(LATER)], &[]);
    copy_logs(&sandbox, "j-A", &[log(&format!("steps/{STEP}/stdout"), "half\n")]);
    let run = |args: &[&str]| sandbox.run("fetch-logs", args);
    run(&["--follow", "j-A"]).fails(2, "j-A is a job flow, and --name and --follow are of steps");
    run(&["--follow", "--list", "j-A"]).fails(2, "cannot be used with");
    run(&["-n", "stdout", "-n", "stderr", "--from", "1", "j-A"]).fails(2, "--from is a byte of one log");
    let ran = run(&["--follow", "-n", "stdout", "--wait-minutes", "1s", "--job-flow-id", "j-A", STEP]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(75), "half\n"), "{ran:?}");
    assert!(
        ran.stderr.contains("fetch-logs --follow --name stdout --from 5 --emr-job-flow-id j-A s-RECORDED"),
        "{ran:?}"
    );
    // What was typed of the way to the log is part of the way to the rest of it.
    let way = ["--no-ssh", "--region", "us-east-1", "--conf-path", "/dev/null"];
    let ran = run(&[&["-F", "-n", "stdout", "--wait-minutes", "1s", "j-A", STEP], &way[..]].concat());
    let on = "--from 5 --emr-job-flow-id j-A s-RECORDED --no-ssh --region us-east-1 --conf-path /dev/null";
    assert!(ran.code == Some(75) && ran.stderr.contains(on), "{ran:?}");
}
