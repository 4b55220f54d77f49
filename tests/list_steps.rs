//! list-steps against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use harness::{Ran, Sandbox, Terminal, Tools};
use serde_json::{Value, json};

const TOOL: &str = env!("CARGO_BIN_EXE_list-steps");

fn sandbox(args: &[&str]) -> Sandbox {
    Sandbox::start(&Tools::beside(TOOL), args)
}

/// So many seconds ago.
fn ago(seconds: u64) -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() - seconds
}

/// A recorded step that was added `added` seconds ago, ran at once and ended `ended` seconds ago.
fn step(id: &str, state: &str, added: u64, ended: u64) -> Value {
    let timeline = json!({
        "CreationDateTime": ago(added), "StartDateTime": ago(added), "EndDateTime": ago(ended),
    });
    json!({"Id": id, "Name": format!("job {id}"), "Status": {"State": state, "Timeline": timeline}})
}

/// A sandbox with a job flow of each of these, which runs so many steps at once and has had these, the oldest first.
fn with(flows: &[(&str, u32, Vec<Value>)], args: &[&str]) -> Sandbox {
    with_release("emr-7.0.0", flows, args)
}

/// The same of this release.
fn with_release(release: &str, flows: &[(&str, u32, Vec<Value>)], args: &[&str]) -> Sandbox {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clusters.json");
    let cluster = |(id, level, steps): &(&str, u32, Vec<Value>)| {
        let status = json!({"State": "WAITING", "Timeline": {"CreationDateTime": ago(900_000)}});
        let cluster = json!({
            "Id": id, "Name": "x", "ReleaseLabel": release, "StepConcurrencyLevel": level, "Status": status,
        });
        json!({"Cluster": cluster, "Steps": steps})
    };
    let clusters: Vec<_> = flows.iter().map(cluster).collect();
    std::fs::write(&file, json!({"clusters": clusters}).to_string()).unwrap();
    sandbox(&[&["--load", file.to_str().unwrap()], args].concat())
}

fn ids(ran: &Ran) -> Vec<String> {
    ran.records().iter().map(|record| record["step_id"].as_str().unwrap().to_owned()).collect()
}

fn listed(sandbox: &Sandbox, args: &[&str]) -> Vec<String> {
    ids(&sandbox.run("list-steps", args).ok())
}

/// One of each state, the newest last.
fn one_of_each() -> Vec<Value> {
    let states = ["COMPLETED", "FAILED", "CANCELLED", "INTERRUPTED", "COMPLETED"];
    let mut steps: Vec<_> =
        (1..).zip(states).map(|(n, state)| step(&format!("s-{n}"), state, 1000 - n, 990 - n)).collect();
    steps.push(json!({"Id": "s-6", "Name": "now", "Status": {"State": "RUNNING", "Timeline": {
        "CreationDateTime": ago(800), "StartDateTime": ago(800)}}}));
    steps.push(json!({"Id": "s-7", "Name": "next", "Status": {"State": "PENDING", "Timeline": {
        "CreationDateTime": ago(700)}}}));
    steps
}

#[test]
fn the_newest_steps_come_first_and_each_is_a_record() {
    let sandbox = with(&[("j-A", 1, one_of_each())], &[]);
    let ran = sandbox.run("list-steps", &["j-A"]).ok();
    assert_eq!(ids(&ran), ["s-7", "s-6", "s-5", "s-4", "s-3", "s-2", "s-1"]);
    let record = &ran.records()[1];
    assert_eq!(
        (&record["job_flow_id"], &record["name"], &record["state"]),
        (&json!("j-A"), &json!("now"), &json!("RUNNING"))
    );
    assert!(record["created_at"].is_string() && record.get("ended_at").is_none(), "{record}");
    let table = sandbox.run("list-steps", &["--output", "table", "j-A"]).ok().stdout;
    assert!(table.starts_with("JOB FLOW  STEP  STATE        CREATED"), "{table}");
    assert_eq!(table.lines().count(), 8);
    assert_eq!(sandbox.run("list-steps", &["--output", "id", "--name", "next", "j-A"]).ok().stdout, "s-7\n");
}

#[test]
fn states_and_what_ended_badly_are_chosen() {
    let sandbox = with(&[("j-A", 1, one_of_each())], &[]);
    assert_eq!(listed(&sandbox, &["--failed", "j-A"]), ["s-4", "s-2"]);
    assert_eq!(listed(&sandbox, &["--state", "pending,running", "--state", "FAILED", "j-A"]), ["s-7", "s-6", "s-2"]);
    assert_eq!(listed(&sandbox, &["--name", "job", "--state", "COMPLETED", "j-A"]), ["s-5", "s-1"]);
    sandbox.run("list-steps", &["--state", "DONE", "j-A"]).fails(2, "'DONE' is not a state of a step");
    sandbox.run("list-steps", &["--failed", "--state", "FAILED", "j-A"]).fails(2, "cannot be used with");
    sandbox.run("list-steps", &["--since", "yesterday", "j-A"]).fails(2, "'yesterday' is not a time");
    sandbox.run("list-steps", &["--since", "24", "j-A"]).fails(2, "'24' is not a time");
}

#[test]
fn steps_that_ended_before_are_left_out_and_the_list_ends_with_their_page() {
    let old = |count: u64| (0..count).map(|n| step(&format!("s-{n}"), "COMPLETED", 90_000 - n * 20, 89_990 - n * 20));
    let mut steps: Vec<_> = old(400).collect();
    // It was added two days ago, and has failed an hour ago.
    steps.push(step("s-LONG", "FAILED", 80_000, 3600));
    steps.push(step("s-NEW", "COMPLETED", 1000, 900));
    let one = with_release("emr-5.27.0", &[("j-A", 1, steps.clone())], &[]);
    assert_eq!(listed(&one, &["--since", "2h", "j-A"]), ["s-NEW", "s-LONG"]);
    assert_eq!(one.requests("ListSteps").len(), 1, "the first page has all");
    assert_eq!(listed(&one, &["--since", "2h", "--failed", "j-A"]), ["s-LONG"]);
    // Where steps ran side by side, one may have outlasted any number of later ones, however many run today.
    steps.insert(0, step("s-SLOW", "COMPLETED", 100_000, 60));
    for level in [1, 2] {
        let later = with(&[("j-A", level, steps.clone())], &[]);
        assert_eq!(listed(&later, &["--since", "2h", "j-A"]), ["s-NEW", "s-LONG", "s-SLOW"], "{level}");
        assert_eq!(later.requests("ListSteps").len(), 9);
    }
}

#[test]
fn a_step_stands_for_itself_and_many_job_flows_keep_their_order() {
    let flows: Vec<_> = (0..12).map(|n| (format!("j-{n}"), vec![step(&format!("s-{n}"), "FAILED", 100, 50)])).collect();
    let flows: Vec<_> = flows.iter().map(|(id, steps)| (id.as_str(), 1, steps.clone())).collect();
    let sandbox = with(&flows, &[]);
    let names: Vec<_> = flows.iter().map(|(id, ..)| *id).collect();
    let expected: Vec<_> = (0..12).map(|n| format!("s-{n}")).collect();
    let all = sandbox.run("list-steps", &names).ok();
    assert_eq!(ids(&all), expected);
    assert_eq!(all.stderr, "", "a line of cron sends no mail on a healthy day");
    let time = "list-steps: asking for the steps of 12 job flows, for 4 s or more";
    let told = sandbox.run("list-steps", &[&["-v"], names.as_slice()].concat()).ok();
    assert!(told.stderr.contains(time), "{}", told.stderr);
    let mut command = sandbox.tool("list-steps");
    let shown = Terminal::start(command.args(&names)).rest();
    assert!(shown.contains(time), "on a terminal somebody waits: {shown}");
    let records = "{\"job_flow_id\":\"j-3\",\"step_id\":\"s-3\"} {\"Id\":\"j-4\"}";
    let ran = Ran::with_stdin(&mut sandbox.tool("list-steps"), records).ok();
    assert_eq!(ids(&ran), ["s-3", "s-4"]);
    assert_eq!(listed(&sandbox, &["--emr-job-flow-id", "j-5", "s-5"]), ["s-5"]);
    sandbox.run("list-steps", &["s-5"]).fails(2, "the job flow of s-5 is not known");
    assert_eq!(sandbox.run("list-steps", &[]).ok().stdout, "");
}

#[test]
fn what_cannot_be_listed_does_not_keep_the_others() {
    let sandbox = with(&[("j-A", 1, one_of_each())], &[]);
    let ran = sandbox.run("list-steps", &["j-UNKNOWN", "j-A"]);
    assert_eq!((ran.code, ran.records().len()), (Some(2), 7), "{ran:?}");
    assert!(ran.stderr.contains("j-UNKNOWN: AWS refuses ListSteps"), "{ran:?}");
    sandbox.run("list-steps", &["--emr-job-flow-id", "j-A", "s-UNKNOWN"]).fails(2, "s-UNKNOWN");
    let ran = sandbox.run("list-steps", &["--emr-job-flow-id", "j-A", "s-4", "s-UNKNOWN", "s-2"]);
    assert_eq!((ran.code, ids(&ran)), (Some(2), vec!["s-4".to_owned(), "s-2".to_owned()]), "{ran:?}");
    assert!(ran.stderr.contains("s-UNKNOWN") && !ran.stderr.contains("s-4"), "{ran:?}");
}

#[test]
fn what_was_listed_before_a_failure_is_printed_also_of_several() {
    let many: Vec<_> = (0..60).map(|n| step(&format!("s-{n}"), "COMPLETED", 1000 - n, 990 - n)).collect();
    let flows = [("j-A", 1, many), ("j-B", 1, one_of_each())];
    // The first pages of both, and then the second of the one that has two.
    let sandbox = with(&flows, &["--fault", "ListSteps:delay:2:0", "--fault", "ListSteps:deny:1"]);
    let ran = sandbox.run("list-steps", &["j-A", "j-B"]);
    assert_eq!((ran.code, ran.records().len()), (Some(77), 57), "{ran:?}");
    assert!(ran.stderr.contains("j-A: AWS denies ListSteps"), "{ran:?}");
}

#[test]
fn faults_that_pass_are_waited_out_and_others_are_told() {
    for (fault, code) in
        [("throttle:1", 0), ("drop-response:1", 0), ("deny:1", 77), ("throttle:99", 75), ("drop-response:99", 69)]
    {
        let sandbox = with(&[("j-A", 1, one_of_each())], &["--fault", &format!("ListSteps:{fault}")]);
        let ran = Ran::of(sandbox.tool("list-steps").env("AWS_MAX_ATTEMPTS", "2").arg("j-A"));
        assert_eq!((ran.code, ran.records().len()), (Some(code), if code == 0 { 7 } else { 0 }), "{fault}: {ran:?}");
    }
}

#[test]
fn the_failures_of_a_pool_go_on_to_their_causes() {
    let sandbox = sandbox(&[]);
    let pool = ["-q", "--pool-emr-job-flows", "--pool-name", "etl", "--s3-log-uri", "s3://bucket/logs/"];
    let flow = sandbox.job_flow(&pool);
    let _ = sandbox.shell_step(&flow, "true");
    let until = format!("until [ -e {} ]; do sleep 0.02; done", sandbox.folder().join("go").display());
    let failed = sandbox.shell_step(&flow, &format!("{until}; echo 'ValueError: no rows' >&2; exit 3"));
    // What is cancelled because of it has no cause of its own, and nobody is told that there is none.
    let cancelled = sandbox.shell_step(&flow, "true");
    sandbox.file("go", "");
    assert_eq!(sandbox.run("wait-step", &["-q", "--no-cause", &flow]).code, Some(1));
    assert_eq!(listed(&sandbox, &["--state", "CANCELLED", &flow]), [cancelled]);
    let line = "list-job-flows --pool-name etl | list-steps --failed --since 24h | fetch-logs --cause --no-ssh";
    let mut bash = Command::new("bash");
    let path = Tools::beside(TOOL).path(&[]);
    bash.args(["-o", "pipefail", "-c", line]).env_clear().env("HOME", "/nonexistent").env("PATH", path);
    let ran = Ran::of(sandbox.point(&mut bash)).ok();
    assert_eq!((&ran.record()["step_id"], ran.stderr.as_str()), (&json!(failed), ""), "{ran:?}");
}
