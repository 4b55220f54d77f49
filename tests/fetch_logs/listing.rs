//! Which logs are listed and printed, and how.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use harness::{Sandbox, Tools};
use serde_json::{Value, json};

use crate::TOOL;
use crate::account::{STEP, copy_logs, failed, log, put, sandbox};

const JOB: &str = "1701449857544_0001";

/// A job flow with the logs of two steps, one of which ran a job.
fn loaded() -> Sandbox {
    let sandbox = sandbox(&[failed("j-A", &json!({}))], &[]);
    let started = format!("23/12/01 07:10:02 INFO mapreduce.Job: Running job: job_{JOB}\n");
    let logs = [
        log(&format!("steps/{STEP}/syslog"), &started),
        log(&format!("steps/{STEP}/stdout"), ""),
        log("steps/s-OTHER/stderr", "other step\n"),
        log(&format!("containers/application_{JOB}/container_{JOB}_01_000002/stderr"), "task\n"),
        log("containers/application_1701449857544_0002/container_1701449857544_0002_01_000002/stderr", "other task\n"),
        log("node/i-1/applications/hadoop-yarn/rm.log", "node\n"),
    ];
    copy_logs(&sandbox, "j-A", &logs);
    sandbox
}

fn uris(records: &[Value]) -> Vec<&str> {
    let prefix = "s3://bucket/logs/j-A/";
    records.iter().map(|record| record["uri"].as_str().unwrap().strip_prefix(prefix).unwrap()).collect()
}

#[test]
fn a_step_stands_for_its_logs_and_those_of_its_tasks_and_a_job_flow_for_all() {
    let sandbox = loaded();
    let records = sandbox.run("fetch-logs", &["--list", "--job-flow-id", "j-A", STEP]).ok().records();
    let task = format!("containers/application_{JOB}/container_{JOB}_01_000002/stderr.gz");
    let mut found = uris(&records);
    found.sort_unstable();
    assert_eq!(found, [task.as_str(), "steps/s-RECORDED/stdout.gz", "steps/s-RECORDED/syslog.gz"]);
    let first = &records[0];
    assert_eq!((&first["job_flow_id"], &first["step_id"]), (&json!("j-A"), &json!(STEP)));
    assert!(first["bytes"].as_u64().unwrap() > 0 && first["time"].as_str().unwrap().ends_with('Z'), "{first}");
    assert_eq!(sandbox.run("fetch-logs", &["--list", "j-A"]).ok().records().len(), 6);
    let ids = sandbox.run("fetch-logs", &["--list", "--output", "id", "j-A"]).ok().stdout;
    assert!(ids.lines().all(|id| id.starts_with("s3://bucket/logs/j-A/")), "{ids}");
    let table = sandbox.run("fetch-logs", &["--list", "--output", "table", "j-A"]).ok().stdout;
    assert!(table.starts_with("JOB FLOW") && table.contains("rm.log.gz"), "{table}");
}

#[test]
fn logs_are_printed_unpacked_with_headings_on_stderr_and_empty_ones_not_at_all() {
    let sandbox = loaded();
    let ran = sandbox.run("fetch-logs", &["--job-flow-id", "j-A", STEP]).ok();
    assert!(ran.stdout.contains("Running job") && ran.stdout.contains("task\n"), "{ran:?}");
    assert!(!ran.stdout.contains("other"), "{ran:?}");
    let headings: Vec<_> = ran.stderr.lines().collect();
    assert!(headings.len() == 2 && headings.iter().all(|line| line.starts_with("fetch-logs: ==> s3://")), "{ran:?}");
    assert_eq!(sandbox.run("fetch-logs", &["-q", "--cat", "j-A"]).ok().stderr, "");
}

#[test]
fn what_is_no_text_arrives_as_it_is_in_a_pipe_and_harmless_on_a_terminal() {
    let sandbox = sandbox(&[failed("j-A", &json!({}))], &[]);
    let hostile = b"\xff\xfe\x00 \x1b]0;title\x07 \x1b[2J\n";
    copy_logs(&sandbox, "j-A", &[(format!("steps/{STEP}/stderr"), hostile.to_vec())]);
    let output = sandbox.tool("fetch-logs").args(["-q", "--job-flow-id", "j-A", STEP]).output().unwrap();
    assert_eq!(output.stdout, hostile);
    let tool = Tools::beside(TOOL).folder().join("fetch-logs");
    let line = format!("{} -q --job-flow-id j-A {STEP}", tool.display());
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).env("HOME", "/nonexistent");
    let seen = sandbox.point(&mut script).output().unwrap().stdout;
    assert!(!seen.contains(&0x1b) && !seen.contains(&0), "{}", String::from_utf8_lossy(&seen));
    assert!(String::from_utf8(seen).unwrap().contains("\\u{1b}[2J"));
    let table = sandbox.run("fetch-logs", &["--cause", "--output", "table", "--job-flow-id", "j-A", STEP]).ok();
    assert!(!table.stdout.contains('\u{1b}'), "{table:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_error_and_no_more_is_read() {
    let sandbox = sandbox(&[failed("j-A", &json!({}))], &[]);
    let line = "x".repeat(99) + "\n";
    let many: Vec<_> = (0..20).map(|hour| log(&format!("steps/{STEP}/stderr.{hour}"), &line.repeat(10_000))).collect();
    copy_logs(&sandbox, "j-A", &many);
    let mut tool = sandbox.tool("fetch-logs");
    let mut child = tool.args(["-q", "j-A"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first, line);
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
    assert!(sandbox.requests("GetObject").len() < 10);
}

#[test]
fn records_on_stdin_name_steps() {
    let sandbox = loaded();
    let record = json!({"job_flow_id": "j-A", "step_id": STEP}).to_string();
    let ran = harness::Ran::with_stdin(sandbox.tool("fetch-logs").arg("--list"), &record).ok();
    assert_eq!(ran.records().len(), 3);
    assert_eq!(sandbox.run("fetch-logs", &["--list"]).ok().stdout, "", "nothing is to be done");
}

#[test]
fn the_step_s_own_place_for_logs_goes_before_that_of_its_job_flow() {
    let mut cluster = failed("j-A", &json!({"LogUri": null}));
    cluster["Steps"][0]["LogUri"] = json!("s3://bucket/elsewhere");
    let sandbox = sandbox(&[cluster], &[]);
    put(&sandbox, &[(format!("elsewhere/j-A/steps/{STEP}/stderr"), b"it broke\n".to_vec())]);
    let record = sandbox.run("fetch-logs", &["--cause", "--job-flow-id", "j-A", STEP]).ok().record();
    assert_eq!(record["uri"], format!("s3://bucket/elsewhere/j-A/steps/{STEP}/stderr"));
}
