//! terminate-idle-job-flows against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod account;
mod pools;
mod regions;

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

use account::{HOUR, MINUTE, cluster, idle, now, step, with};

const TOOL: &str = env!("CARGO_BIN_EXE_terminate-idle-job-flows");
const SWEEP: &str = "terminate-idle-job-flows";

fn loaded(clusters: &[Value], args: &[&str]) -> Sandbox {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clusters.json");
    std::fs::write(&file, json!({"clusters": clusters}).to_string()).unwrap();
    Sandbox::start(&Tools::beside(TOOL), &[&["--load", file.to_str().unwrap()], args].concat())
}

fn ids(ran: &Ran) -> BTreeSet<String> {
    ran.records().iter().map(|record| record["job_flow_id"].as_str().unwrap().to_owned()).collect()
}

/// What a dry run would end.
fn doomed(sandbox: &Sandbox, args: &[&str]) -> BTreeSet<String> {
    let ran = sandbox.run(SWEEP, &[&["--dry-run"], args].concat()).ok();
    assert_eq!(ran.stderr, "");
    ids(&ran)
}

fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn state(sandbox: &Sandbox, id: &str) -> String {
    let all = sandbox.run("list-job-flows", &["--all", "--no-idle"]).ok().records();
    all.iter().find(|record| record["job_flow_id"] == id).unwrap()["state"].as_str().unwrap().to_owned()
}

/// The cases that mrjob's own tests have, and some more.
fn table() -> Vec<Value> {
    let ready = Some(5.0 * HOUR + 5.0 * MINUTE);
    let waiting = |id: &str, steps: &[Value]| cluster(id, "WAITING", 6.5 * HOUR, ready, steps);
    let ran = [step("s-1", "COMPLETED", [Some(4.0), Some(4.0), Some(2.0)])];
    let unended = [step("s-1", "COMPLETED", [Some(4.0), Some(4.0), None])];
    let cancelled = [step("s-2", "CANCELLED", [None; 3]), step("s-1", "FAILED", [Some(4.0), Some(4.0), Some(3.0)])];
    let pending = [step("s-1", "PENDING", [Some(2.9), None, None])];
    vec![
        cluster("j-EMPTY", "STARTING", 10.5 * HOUR, None, &[]),
        cluster("j-BOOTSTRAPPING", "BOOTSTRAPPING", 10.5 * HOUR, None, &pending),
        cluster(
            "j-RUNNING",
            "RUNNING",
            4.5 * HOUR,
            Some(4.4 * HOUR),
            &[step("s-1", "RUNNING", [Some(4.0), Some(4.0), None])],
        ),
        cluster("j-DONE", "TERMINATED", 10.5 * HOUR, Some(8.0 * HOUR), &ran),
        waiting("j-IDLE", &ran),
        waiting("j-UNENDED", &unended),
        waiting("j-FAILED", &cancelled),
        cluster("j-PENDING", "RUNNING", 3.5 * HOUR, Some(3.0 * HOUR), &pending),
        cluster("j-ENDOFHOUR", "WAITING", 56.0 * MINUTE, Some(50.0 * MINUTE), &[]),
    ]
}

#[test]
fn idle_and_pending_ones_are_ended_as_mrjob_s_own_cases_have_it() {
    let sandbox = loaded(&table(), &[]);
    assert_eq!(doomed(&sandbox, &[]), set(&["j-IDLE", "j-FAILED", "j-PENDING"]));
    assert_eq!(doomed(&sandbox, &["--max-hours-idle", "2.5"]), set(&["j-FAILED", "j-PENDING"]));
    assert_eq!(doomed(&sandbox, &["--max-hours-idle", "3.01"]), set(&[]));
    assert_eq!(doomed(&sandbox, &["--mins-to-end-of-hour", "5"]), set(&["j-ENDOFHOUR"]));
    assert_eq!(doomed(&sandbox, &["--mins-to-end-of-hour", "3"]), set(&[]));
    assert_eq!(doomed(&sandbox, &["--mins-to-end-of-hour", "31"]), set(&["j-IDLE", "j-FAILED", "j-ENDOFHOUR"]));
    let both = ["--max-hours-idle", "1", "--mins-to-end-of-hour", "31"];
    assert_eq!(doomed(&sandbox, &both), set(&["j-IDLE", "j-FAILED"]));
    assert_eq!(doomed(&sandbox, &["--max-hours-idle", "0.5"]).len(), 4);
    assert!(sandbox.requests("TerminateJobFlows").is_empty() && sandbox.requests("PutObject").is_empty());
}

#[test]
fn a_record_says_what_was_ended_and_a_second_sweep_says_nothing_at_all() {
    let sandbox = loaded(&table(), &[]);
    let ran = sandbox.run(SWEEP, &[]).ok();
    assert_eq!(ran.stderr, "");
    let records = ran.records();
    let record = |id: &str| records.iter().find(|record| record["job_flow_id"] == id).unwrap();
    let pending = record("j-PENDING");
    assert_eq!(
        (&pending["state"], &pending["pending"], &pending["dry_run"]),
        (&json!("RUNNING"), &json!(true), &json!(false))
    );
    assert!(pending.get("pool_name").is_none());
    let idle = record("j-IDLE");
    assert!(idle["idle_s"].as_u64().unwrap().abs_diff(7200) < 60 && idle["pending"] == false, "{idle}");
    for id in ["j-IDLE", "j-FAILED", "j-PENDING"] {
        assert!(state(&sandbox, id).starts_with("TERMINAT"), "{id}");
    }
    let again = sandbox.run(SWEEP, &[]).ok();
    assert_eq!((again.stdout.as_str(), again.stderr.as_str()), ("", ""));
    assert!(sandbox.run(SWEEP, &["-v"]).ok().stderr.contains("j-UNENDED is left alone: it is running"));
}

#[test]
fn each_job_flow_is_explained_and_none_ended() {
    let sandbox = loaded(&table(), &[]);
    let records = sandbox.run(SWEEP, &["--explain"]).ok().records();
    let told = |id: &str| {
        let record = records.iter().find(|record| record["job_flow_id"] == id).unwrap();
        (record["class"].as_str().unwrap(), record["terminates"].as_bool().unwrap())
    };
    assert_eq!(records.len(), 8, "all but the one that is done");
    for (id, class, terminates) in [
        ("j-EMPTY", "starting", false),
        ("j-BOOTSTRAPPING", "bootstrapping", false),
        ("j-RUNNING", "running", false),
        ("j-UNENDED", "running", false),
        ("j-PENDING", "pending", true),
        ("j-IDLE", "idle", true),
        ("j-ENDOFHOUR", "idle", false),
    ] {
        assert_eq!(told(id), (class, terminates), "{id}");
    }
    assert!(records.iter().all(|record| !record["reason"].as_str().unwrap().is_empty()));
    assert!(sandbox.requests("TerminateJobFlows").is_empty());
}

#[test]
fn an_active_session_is_work() {
    let session = |id: &str, enabled: bool, state: &str| {
        let mut cluster = with(idle(id), "SessionEnabled", json!(enabled));
        cluster["Sessions"] = json!([{"Id": "1", "State": "TERMINATED"}, {"Id": "2", "State": state}]);
        cluster
    };
    let clusters =
        [session("j-BUSY", true, "BUSY"), session("j-IDLE", true, "IDLE"), session("j-OVER", true, "FAILED")];
    let sandbox = loaded(&[&clusters[..], &[idle("j-PLAIN")]].concat(), &[]);
    assert_eq!(doomed(&sandbox, &[]), set(&["j-OVER", "j-PLAIN"]));
    assert_eq!(sandbox.requests("ListSessions").len(), 3, "only those that can have sessions are asked for them");
    let explained = sandbox.run(SWEEP, &["--explain"]).ok().records();
    let busy = explained.iter().find(|record| record["job_flow_id"] == "j-BUSY").unwrap();
    assert_eq!(busy["reason"], "it has an active session");
}

#[test]
fn of_twenty_a_protected_a_denied_and_a_throttled_one_do_not_keep_the_others() {
    let clusters: Vec<_> = (0..20).map(|number| idle(&format!("j-{number:02}"))).collect();
    let mut protected = clusters.clone();
    protected[7] = with(idle("j-07"), "TerminationProtected", json!(true));
    let faults = ["--fault", "TerminateJobFlows:deny:1", "--fault", "TerminateJobFlows:throttle:1"];
    let sandbox = loaded(&protected, &faults);
    let ran = Ran::of(sandbox.tool(SWEEP).env("AWS_MAX_ATTEMPTS", "1"));
    assert_eq!((ran.code, ids(&ran).len()), (Some(77), 17), "{ran:?}");
    let said: Vec<_> = ran.stderr.lines().collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("AWS denies TerminateJobFlows"), "{said:?}");
    assert!(said[1].contains("AWS throttles TerminateJobFlows"), "{said:?}");
    assert_eq!(state(&sandbox, "j-07"), "WAITING");
    let again = sandbox.run(SWEEP, &["-v"]).ok();
    assert_eq!(ids(&again).len(), 2, "those that failed before");
    assert!(again.stderr.contains("j-07 is left alone: it is protected against termination"), "{again:?}");
}

#[test]
fn no_more_are_ended_than_the_limit_says() {
    let clusters: Vec<_> = (0..12).map(|number| idle(&format!("j-{number:02}"))).collect();
    let sandbox = loaded(&clusters, &["--fault", "TerminateJobFlows:deny:1"]);
    let ran = sandbox.run(SWEEP, &["--limit", "3"]);
    assert_eq!((ran.code, ids(&ran).len()), (Some(77), 3));
    assert_eq!(sandbox.requests("TerminateJobFlows").len(), 4);
    assert_eq!(doomed(&sandbox, &["--limit", "0"]), set(&[]));
}

#[test]
fn nothing_more_is_looked_at_for_somebody_who_no_longer_listens() {
    let clusters: Vec<_> =
        (0..60).map(|number| cluster(&format!("j-{number:02}"), "WAITING", HOUR, Some(2.0 * HOUR), &[])).collect();
    let sandbox = loaded(&clusters, &[]);
    for args in ["--dry-run --max-hours-idle 0", "--explain --max-hours-idle 0"] {
        let before = sandbox.requests("ListSteps").len();
        let piped = format!("exec 3>&1; {{ {TOOL} {args} 3>&-; echo $? >&3; }} | head -1 >/dev/null");
        let ran = Ran::of(sandbox.point(&mut Command::new("/bin/sh")).args(["-c", &piped]));
        assert_eq!(ran.stdout, "0\n", "{ran:?}");
        assert!(sandbox.requests("ListSteps").len() - before < 30, "{args}");
    }
}

#[test]
fn one_page_of_steps_is_enough_unless_they_run_side_by_side() {
    let steps = |last: f64| {
        // The oldest, at the end of the list, was the last to end.
        let mut steps: Vec<_> = (0..119)
            .map(|number| step(&format!("s-{number:03}"), "COMPLETED", [Some(5.0), Some(5.0), Some(4.0)]))
            .collect();
        steps.push(step("s-999", "COMPLETED", [Some(6.0), Some(6.0), Some(last)]));
        steps
    };
    let one = |id: &str, last: f64| cluster(id, "WAITING", 7.5 * HOUR, Some(7.0 * HOUR), &steps(last));
    let sandbox = loaded(&[one("j-ONE", 5.0)], &[]);
    assert_eq!(doomed(&sandbox, &[]), set(&["j-ONE"]));
    assert_eq!((sandbox.requests("ListSteps").len(), sandbox.requests("DescribeCluster").len()), (1, 1));
    let wide = with(one("j-WIDE", 0.1), "StepConcurrencyLevel", json!(4));
    let sandbox = loaded(&[wide], &[]);
    assert_eq!(doomed(&sandbox, &[]), set(&[]));
    assert_eq!(sandbox.requests("ListSteps").len(), 3);
}

#[test]
fn wrong_times_and_contradictions_are_refused() {
    let sandbox = Sandbox::start(&Tools::beside(TOOL), &[]);
    for args in [
        &["--max-hours-idle", "-1"][..],
        &["--max-hours-idle", "soon"],
        &["--pooled-only", "--unpooled-only"],
        &["--exclude-tag", "=x"],
        &["j-A"],
    ] {
        assert_eq!(sandbox.run(SWEEP, args).code, Some(2), "{args:?}");
    }
    assert!(sandbox.requests("ListClusters").is_empty());
}

/// An account of 10,000 of which 500 are alive: most too young, ten idle, ten that run.
fn big_account() -> Vec<Value> {
    let alive = (0..500).map(|number| {
        let id = format!("j-{number:013}");
        match number {
            0..10 => idle(&id),
            10..20 => cluster(&id, "RUNNING", 0.9 * HOUR, Some(0.8 * HOUR), &[]),
            _ => cluster(&id, "WAITING", 0.9 * HOUR, Some(0.8 * HOUR), &[]),
        }
    });
    let ended = (500..10_000).map(|number| {
        let mut cluster = cluster(&format!("j-{number:013}"), "TERMINATED", 90.0 * HOUR, Some(89.0 * HOUR), &[]);
        cluster["Cluster"]["Status"]["Timeline"]["EndDateTime"] = json!(now() - 80.0 * HOUR);
        cluster
    });
    alive.chain(ended).collect()
}

#[test]
fn a_big_account_costs_a_call_a_page_and_two_for_each_that_is_idle() {
    let sandbox = loaded(&big_account(), &["--quotas", "emr"]);
    let report = sandbox.folder().join("memory");
    let mut sweep = Command::new("/usr/bin/time");
    sweep.args(["-f", "%M", "-o"]).arg(&report).arg(Tools::beside(TOOL).folder().join(SWEEP));
    let ran = Ran::of(sandbox.point(&mut sweep).args(["--dry-run", "--no-conf"])).ok();
    assert_eq!(ids(&ran).len(), 10);
    // What the account's quota refuses is asked again.
    let calls = |operation: &str| sandbox.requests(operation).iter().filter(|request| request["status"] == 200).count();
    assert_eq!([calls("ListClusters"), calls("ListSteps"), calls("DescribeCluster")], [11, 10, 10]);
    assert_eq!(calls("ListBootstrapActions"), 10, "nothing else tells whether early mrjob pooled it");
    let kilobytes: u64 = std::fs::read_to_string(report).unwrap().trim().parse().unwrap();
    assert!(kilobytes < 64 << 10, "{kilobytes} KB");
}

#[test]
fn a_signal_ends_the_sweep_between_two_job_flows() {
    let clusters: Vec<_> = (0..12).map(|number| idle(&format!("j-{number:02}"))).collect();
    let sandbox = loaded(&clusters, &["--fault", "TerminateJobFlows:delay:12:400"]);
    let sweep = sandbox.tool(SWEEP).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while sandbox.requests("TerminateJobFlows").is_empty() {}
    let killed = Command::new("kill").arg(sweep.id().to_string()).status().unwrap();
    assert!(killed.success());
    let ran = Ran::from(sweep.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(128 + 15), "{ran:?}");
    assert_eq!(ids(&ran).len(), sandbox.requests("TerminateJobFlows").len(), "what was ended is told");
    assert!(ids(&ran).len() < 12);
}
