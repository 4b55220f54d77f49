//! report-long-jobs against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::{SystemTime, UNIX_EPOCH};

use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

const TOOL: &str = env!("CARGO_BIN_EXE_report-long-jobs");

/// Seconds since the epoch, so many hours ago and a little more, because AWS's clock tells full seconds.
fn ago(hours: f64) -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64() - hours * 3600.0 - 5.0
}

/// A cluster of a week, ready an hour later.
fn cluster(id: &str, state: &str, steps: &[Value]) -> Value {
    let timeline = json!({"CreationDateTime": ago(168.0), "ReadyDateTime": ago(167.0)});
    let status = json!({"State": state, "Timeline": timeline});
    json!({"Cluster": {"Id": format!("j-{id}"), "Name": id, "Status": status}, "Steps": steps})
}

/// A step that was added, started and ended so many hours ago.
fn step(id: &str, state: &str, hours: [Option<f64>; 3]) -> Value {
    let mut timeline = json!({});
    for (key, hours) in ["CreationDateTime", "StartDateTime", "EndDateTime"].into_iter().zip(hours) {
        hours.inspect(|hours| timeline[key] = ago(*hours).into());
    }
    let config = json!({"Jar": "command-runner.jar", "Args": ["true"]});
    let status = json!({"State": state, "Timeline": timeline});
    json!({"Id": format!("s-{id}"), "Name": format!("step {id}"), "Config": config, "Status": status})
}

fn sandbox(clusters: &[Value]) -> Sandbox {
    with_faults(clusters, &[])
}

fn with_faults(clusters: &[Value], faults: &[&str]) -> Sandbox {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clusters.json");
    std::fs::write(&file, json!({ "clusters": clusters }).to_string()).unwrap();
    Sandbox::start(&Tools::beside(TOOL), &[&["--load", file.to_str().unwrap()], faults].concat())
}

/// What is reported: job flow, step, state, and full hours.
fn reported(ran: &Ran) -> Vec<(String, Option<String>, String, u64)> {
    let text = |record: &Value, key: &str| record[key].as_str().map(str::to_owned);
    let one = |record: &Value| {
        let hours = record["duration_s"].as_u64().unwrap() / 3600;
        (text(record, "name").unwrap(), text(record, "step_name"), text(record, "state").unwrap(), hours)
    };
    let mut all: Vec<_> = ran.records().iter().map(one).collect();
    all.sort();
    all
}

fn line(flow: &str, step: &str, state: &str, hours: u64) -> (String, Option<String>, String, u64) {
    (flow.to_owned(), Some(step.to_owned()).filter(|step| !step.is_empty()), state.to_owned(), hours)
}

#[test]
fn each_kind_of_long_job_is_a_record() {
    let done = step("0", "COMPLETED", [Some(166.0), Some(165.0), Some(70.0)]);
    let sandbox = sandbox(&[
        cluster("STARTS", "STARTING", &[]),
        cluster("BOOTS", "BOOTSTRAPPING", &[step("1", "PENDING", [Some(168.0), None, None])]),
        cluster(
            "RUNS",
            "RUNNING",
            &[
                done.clone(),
                step("2", "RUNNING", [Some(165.0), Some(30.0), None]),
                step("3", "PENDING", [Some(165.0), None, None]),
            ],
        ),
        cluster("QUICK", "RUNNING", &[done.clone(), step("4", "RUNNING", [Some(165.0), Some(2.0), None])]),
        cluster(
            "STUCK",
            "RUNNING",
            &[
                done.clone(),
                step("5", "PENDING", [Some(165.0), None, None]),
                step("6", "PENDING", [Some(164.0), None, None]),
            ],
        ),
        cluster("FRESH", "RUNNING", &[done.clone(), step("7", "PENDING", [Some(1.0), None, None])]),
        cluster("WAITS", "WAITING", std::slice::from_ref(&done)),
        cluster("GONE", "TERMINATED", &[done]),
    ]);
    let expected = [
        line("BOOTS", "", "BOOTSTRAPPING", 168),
        line("RUNS", "step 2", "RUNNING", 30),
        line("STARTS", "", "STARTING", 168),
        line("STUCK", "step 5", "PENDING", 70),
    ];
    assert_eq!(reported(&sandbox.run("report-long-jobs", &[]).ok()), expected);
    // The steps of four job flows that run, and those of one of them that have ended.
    assert_eq!((sandbox.requests("ListClusters").len(), sandbox.requests("ListSteps").len()), (1, 5));
    assert_eq!(sandbox.requests("DescribeCluster").len(), 0);
    let run = |args: &[&str]| reported(&sandbox.run("report-long-jobs", args).ok());
    assert_eq!(run(&["--min-hours", "29.99"]).len(), 4);
    assert_eq!(run(&["--min-hours", "31"]).len(), 3);
    assert_eq!(run(&["--min-hours", "0"]).len(), 6);
    assert_eq!(run(&["--min-hours", "1000"]), []);
    let long = sandbox.run("report-long-jobs", &["--min-hours", "29"]).ok().stdout;
    let ended = Ran::with_stdin(sandbox.tool("terminate-job-flow").arg("--dry-run"), &long).ok();
    assert_eq!(ended.records().len(), 4, "each can be ended, a step by its job flow");
    let table = sandbox.run("report-long-jobs", &["--output", "table", "--min-hours", "100"]).ok().stdout;
    assert!(table.starts_with("JOB FLOW  STATE") && table.contains("168:00:0"), "{table}");
    assert_eq!(
        sandbox.run("report-long-jobs", &["--output", "id", "--min-hours", "60"]).ok().stdout.lines().count(),
        3
    );
}

#[test]
fn for_cron_nothing_is_nothing_and_the_young_cost_nothing() {
    let sandbox = sandbox(&[cluster("WAITS", "WAITING", &[])]);
    let young = sandbox.job_flow(&[]);
    let _ = sandbox.shell_step(&young, "sleep 60");
    let ran = sandbox.run("report-long-jobs", &[]).ok();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    assert_eq!(sandbox.requests("ListSteps").len(), 0);
}

#[test]
fn who_carries_an_excluded_tag_is_left_out_and_only_what_takes_long_is_asked_for_tags() {
    let tagged = |id: &str, key: &str, value: &str| {
        let mut cluster = cluster(id, "STARTING", &[]);
        cluster["Cluster"]["Tags"] = json!([{"Key": key, "Value": value}]);
        cluster
    };
    let running = [step("1", "RUNNING", [Some(2.0), Some(1.0), None])];
    let sandbox = sandbox(&[
        tagged("ETL", "team", "etl"),
        tagged("ADHOC", "team", "ad hoc"),
        tagged("OLD", "keep", ""),
        cluster("QUICK", "RUNNING", &running),
    ]);
    let names = |args: &[&str]| {
        let ran = sandbox.run("report-long-jobs", args).ok();
        reported(&ran).into_iter().map(|(name, ..)| name).collect::<Vec<_>>()
    };
    assert_eq!(names(&["--exclude-tag", "team=etl"]), ["ADHOC", "OLD"]);
    assert_eq!(sandbox.requests("DescribeCluster").len(), 3);
    assert_eq!(names(&["-x", "team,ad hoc", "--exclude", "team,etl"]), ["OLD"]);
    assert_eq!(names(&["--exclude-tag", "team", "--exclude-tag", "keep"]), [""; 0]);
}

#[test]
fn one_that_cannot_be_looked_at_is_an_error_at_the_end_and_the_rest_is_reported() {
    let running = [step("1", "RUNNING", [Some(100.0), Some(90.0), None])];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clusters.json");
    let clusters =
        [cluster("A", "RUNNING", &running), cluster("B", "RUNNING", &running), cluster("C", "STARTING", &[])];
    std::fs::write(&file, json!({ "clusters": clusters }).to_string()).unwrap();
    let faulty = ["--load", file.to_str().unwrap(), "--fault", "ListSteps:deny:1"];
    let sandbox = Sandbox::start(&Tools::beside(TOOL), &faulty);
    let ran = sandbox.run("report-long-jobs", &[]);
    assert_eq!((ran.code, reported(&ran).len(), ran.stderr.lines().count()), (Some(77), 2, 1), "{ran:?}");
}

#[test]
fn what_is_no_number_of_hours_is_refused() {
    for wrong in ["-1", "x", "NaN", "1e300"] {
        let ran = Ran::of(Tools::beside(TOOL).command("report-long-jobs").arg(format!("--min-hours={wrong}")));
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("is not a duration"), "{}", ran.stderr);
    }
}

#[test]
fn several_regions_are_looked_at_and_one_that_fails_does_not_stop_the_others() {
    let in_region = |id: &str, region: &str| {
        let mut cluster = cluster(id, "RUNNING", &[step("1", "RUNNING", [Some(80.0), Some(79.0), None])]);
        cluster["Cluster"]["ClusterArn"] = json!(format!("arn:aws:elasticmapreduce:{region}:1:cluster/x"));
        cluster
    };
    let clusters = [in_region("HERE", "us-east-1"), in_region("THERE", "eu-west-1"), in_region("GONE", "sa-east-1")];
    let sandbox = with_faults(&clusters, &["--fault", "ListSteps@sa-east-1:deny:1"]);
    let ran = sandbox.run("report-long-jobs", &["--region", "all"]);
    let mut places: Vec<_> = ran.records().iter().map(|record| record["region"].to_string()).collect();
    places.sort();
    assert_eq!((ran.code, places), (Some(77), ["\"eu-west-1\"", "\"us-east-1\""].map(str::to_owned).to_vec()));
    assert!(ran.stderr.contains("sa-east-1: j-GONE: AWS denies ListSteps"), "{ran:?}");
    assert_eq!(sandbox.run("report-long-jobs", &["--region", "all"]).ok().records().len(), 3);
}
