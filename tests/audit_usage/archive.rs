//! The archive: what has ended is asked for once, and neither lost nor written twice.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Stdio};

use harness::Sandbox;
use serde_json::Value;

use crate::account::{HOUR, JobFlow, audit, sandbox, some_day};

fn job_flows() -> Vec<JobFlow> {
    let steps = vec![("nightly", "COMPLETED", 700, Some(800)); 45];
    (0..5).map(|number| JobFlow::new(&format!("A{number}"), some_day(), 600, HOUR, &steps)).collect()
}

fn ids(archive: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(archive).unwrap_or_default();
    let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["job_flow_id"].as_str().unwrap().to_owned();
    lines.map(id).collect()
}

#[test]
fn what_has_ended_is_asked_for_once_and_outlives_emr_s_memory() {
    let mut all = job_flows();
    all[4].ended = None;
    let before = sandbox(&all, &[]);
    let archive = before.folder().join("usage.jsonl");
    let args = ["--archive", archive.to_str().unwrap(), "--group-by", "job_flow"];
    let first = audit(&before, &args).records();
    assert_eq!((first.len(), ids(&archive).len(), before.requests("ListSteps").len()), (5, 4, 5));
    let second = audit(&before, &args).records();
    assert_eq!((second.len(), ids(&archive).len(), before.requests("ListSteps").len()), (5, 4, 6));
    let after = sandbox(&all[4..], &[]);
    let ended = |records: Vec<Value>| -> BTreeSet<String> {
        records.iter().filter(|record| record["group"] != "j-A4").map(ToString::to_string).collect()
    };
    let third = ended(audit(&after, &args).records());
    assert_eq!((ended(first), ended(second)), (third.clone(), third));
}

#[test]
fn what_ends_while_it_is_looked_at_is_archived_with_its_steps() {
    let sandbox = sandbox(&job_flows()[..1], &["--fault", "DescribeCluster:delay:1:1s"]);
    let archive = sandbox.folder().join("usage.jsonl");
    audit(&sandbox, &["--archive", archive.to_str().unwrap()]);
    let asked = sandbox.all_requests();
    let place = |operation: &str| asked.iter().position(|request| request["operation"] == operation).unwrap();
    assert!(place("DescribeCluster") < place("ListSteps"), "the steps are those of the end that EMR tells: {asked:?}");
}

#[test]
fn an_archive_behind_a_link_is_no_place_for_the_page_before_either_is_there() {
    let sandbox = sandbox(&job_flows(), &[]);
    std::os::unix::fs::symlink("usage.jsonl", sandbox.folder().join("link")).unwrap();
    let ran = sandbox.run("audit-usage", &["-q", "--archive", "link", "--html", "usage.jsonl"]);
    ran.fails(2, "--archive and --html name one file, usage.jsonl; name a file for each");
    assert!(!sandbox.folder().join("usage.jsonl").exists() && sandbox.all_requests().is_empty());
}

fn start(sandbox: &Sandbox, archive: &Path) -> Child {
    let mut command = sandbox.tool("audit-usage");
    command.args(["-q", "--archive", archive.to_str().unwrap()]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn an_archive_that_cannot_be_written_costs_no_report() {
    let sandbox = sandbox(&job_flows(), &["--fault", "ListClusters:delay:1:2s"]);
    let archive = sandbox.folder().join("usage.jsonl");
    let mut command = sandbox.tool("audit-usage");
    command.args(["--archive", archive.to_str().unwrap(), "--group-by", "job_flow"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let run = command.spawn().unwrap();
    while !archive.exists() {
        std::thread::yield_now();
    }
    std::fs::remove_file(&archive).unwrap();
    std::fs::create_dir(&archive).unwrap();
    let output = run.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        (output.status.code(), String::from_utf8_lossy(&output.stdout).lines().count()),
        (Some(74), 5),
        "{told}"
    );
    assert_eq!(told.matches("cannot open").count(), 1, "{told}");
    assert!(told.ends_with("; not all of it is in the archive\n") && !told.contains("incomplete"), "{told}");
}

/// Kills two runs after each has written some lines, or none.
fn kill_two(sandbox: &Sandbox, archive: &Path, lines: usize) {
    let mut runs = [start(sandbox, archive), start(sandbox, archive)];
    while ids_or_torn(archive) < lines && runs[0].try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    for run in &mut runs {
        run.kill().unwrap();
        run.wait().unwrap();
    }
}

/// The lines of the archive, a torn one too.
fn ids_or_torn(archive: &Path) -> usize {
    std::fs::read_to_string(archive).unwrap_or_default().lines().count()
}

#[test]
fn of_runs_that_are_killed_at_any_moment_nothing_is_lost_and_nothing_stands_twice() {
    let sandbox = sandbox(&job_flows(), &[]);
    let archive = sandbox.folder().join("usage.jsonl");
    for round in 0..12 {
        let _ = std::fs::remove_file(&archive);
        kill_two(&sandbox, &archive, round % 6);
        let before = ids(&archive);
        if round % 3 == 0 {
            // A kill within the write leaves the beginning of a line.
            let mut text = std::fs::read_to_string(&archive).unwrap_or_default();
            text.push_str("{\"audit_usage\":1,\"job_flow_id\":\"j-A3\",\"name\":\"A");
            std::fs::write(&archive, text).unwrap();
        }
        audit(&sandbox, &["--archive", archive.to_str().unwrap()]);
        let after = ids(&archive);
        assert!(after.starts_with(&before), "nothing is lost: {before:?} {after:?}");
        assert_eq!(after.iter().collect::<BTreeSet<_>>().len(), 5, "{after:?}");
        assert_eq!(after.len(), 5, "nothing stands twice: {after:?}");
    }
}
