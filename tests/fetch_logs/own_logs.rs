//! The logs of a step itself: alone, byte by byte, and as they grow.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use harness::{Hosts, Ran, Sandbox, Tools};
use serde_json::{Value, json};

use crate::TOOL;
use crate::account::{STEP, copy_logs, failed, log, put, sandbox};

const CONTROLLER: &str = "2021-01-01T00:00:00Z INFO Step failed with exitCode 3 and took 2 seconds\n";

/// A tool that runs, what it prints, and what it says.
struct Running {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
}

impl Running {
    fn start(tool: &mut Command) -> Self {
        let mut child = tool.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    /// Waits for the next line.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    /// Interrupts it, and returns what it said.
    fn interrupt(mut self) -> String {
        drop(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status());
        self.end(143)
    }

    /// Waits until it ends with this code, and returns what it said.
    fn end(&mut self, code: i32) -> String {
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(code), "{said}");
        said
    }
}

/// The step of the account, ended at this time of the year 1970, in seconds.
fn ended(seconds: u64) -> Value {
    let mut account = failed("j-A", &json!({}));
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
    let way = ["--no-ssh", "--region", "eu-west-1", "--conf-path", "/dev/null"];
    let ran = run(&[&["-F", "-n", "stdout", "--wait-minutes", "1s", "j-A", STEP], &way[..]].concat());
    let on = "--from 5 --emr-job-flow-id j-A s-RECORDED --no-ssh --region eu-west-1 --conf-path /dev/null";
    assert!(ran.code == Some(75) && ran.stderr.contains(on), "{ran:?}");
}

/// Hosts whose master has a log of a step in this state, and where that log is.
fn hosts(state: &str) -> Option<(Hosts, Sandbox, PathBuf)> {
    let hosts = Hosts::start(0)?;
    let mut account = hosts.cluster_json();
    let timeline = json!({"CreationDateTime": 2, "StartDateTime": 3});
    account["clusters"][0]["Steps"] =
        json!([{"Id": STEP, "Name": "count", "Status": {"State": state, "Timeline": timeline}}]);
    let file = hosts.folder(0).join("account.json");
    fs::write(&file, account.to_string()).unwrap();
    let sandbox = Sandbox::start(&hosts.client(&Tools::beside(TOOL)), &["--load", file.to_str().unwrap()]);
    let log = hosts.folder(0).join(format!("mnt/var/log/hadoop/steps/{STEP}/stdout"));
    fs::create_dir_all(log.parent().unwrap()).unwrap();
    fs::write(&log, "one\n").unwrap();
    Some((hosts, sandbox, log))
}

#[test]
fn on_its_node_a_log_is_followed_as_it_grows_across_the_hour() {
    let Some((hosts, sandbox, log)) = hosts("RUNNING") else { return };
    let tool = |args: &[&str]| {
        let mut tool = hosts.tool(&sandbox, "fetch-logs");
        tool.args(["--follow", "--name", "stdout", "--job-flow-id", Hosts::JOB_FLOW, STEP]).args(args);
        tool
    };
    let mut running = Running::start(&mut tool(&[]));
    assert_eq!(running.line(), "one\n");
    let append = |text: &str| {
        let mut file = fs::File::options().append(true).create(true).open(&log).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    };
    append("two\n");
    assert_eq!(running.line(), "two\n");
    fs::rename(&log, log.with_file_name("stdout.2015-12-11-09")).unwrap();
    append("three\n");
    assert_eq!(running.line(), "three\n");
    let said = running.interrupt();
    assert!(said.contains("--name stdout --from 14 --emr-job-flow-id j-HOSTS s-RECORDED --"), "{said}");
    append("four\n");
    let mut running = Running::start(&mut tool(&["--from", "14"]));
    assert_eq!(running.line(), "four\n");
    running.interrupt();
    assert_eq!(sandbox.requests("ListObjectsV2").len(), 0);
}

#[test]
fn the_log_of_a_step_that_has_ended_is_whole_on_its_node() {
    let Some((hosts, sandbox, _)) = hosts("COMPLETED") else { return };
    let mut tool = hosts.tool(&sandbox, "fetch-logs");
    let ran = Ran::of(tool.args(["-q", "-F", "-n", "stdout", "--job-flow-id", Hosts::JOB_FLOW, STEP])).ok();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("one\n", ""));
}
