//! list-job-flows against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::Stdio;

use harness::{Sandbox, Tools};
use serde_json::{Value, json};

const TOOL: &str = env!("CARGO_BIN_EXE_list-job-flows");

/// A file of `count` waiting clusters that were ready an hour after the epoch of 2026.
fn many(count: usize) -> String {
    let cluster = |number: usize| {
        let timeline = json!({"CreationDateTime": 1_767_225_600, "ReadyDateTime": 1_767_229_200});
        let status = json!({"State": "WAITING", "Timeline": timeline});
        json!({"Cluster": {"Id": format!("j-{number:013}"), "Name": format!("night {number}"), "Status": status}})
    };
    json!({"clusters": (0..count).map(cluster).collect::<Vec<_>>()}).to_string()
}

fn loaded(count: usize) -> Sandbox {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clusters.json");
    std::fs::write(&file, many(count)).unwrap();
    Sandbox::start(&Tools::beside(TOOL), &["--load", file.to_str().unwrap()])
}

#[test]
fn every_page_is_listed_and_a_page_costs_one_call() {
    let sandbox = loaded(120);
    let records = sandbox.run("list-job-flows", &[]).ok().records();
    assert_eq!(records.len(), 120);
    assert_eq!(sandbox.requests("ListClusters").len(), 3);
    assert_eq!(sandbox.requests("ListSteps").len(), 0);
}

#[test]
fn the_idle_time_of_waiting_job_flows_counts_from_what_happened_last() {
    let sandbox = loaded(1);
    let record = sandbox.run("list-job-flows", &["--idle"]).ok().record();
    let ready_at = 1_767_229_200;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let idle = record["idle_s"].as_u64().unwrap();
    assert!(idle.abs_diff(now - ready_at) < 60, "{record}");
    assert_eq!(record["ready_at"], "2026-01-01T01:00:00Z");
}

/// A waiting cluster whose `steps` are (state, started, ended) in seconds before now.
fn with_steps(id: &str, cluster: &Value, steps: &[(&str, u64, Option<u64>)]) -> Value {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let status =
        json!({"State": "WAITING", "Timeline": {"CreationDateTime": now - 40_000, "ReadyDateTime": now - 39_000}});
    let mut detail = json!({"Id": id, "Name": "night", "Status": status});
    detail.as_object_mut().unwrap().extend(cluster.as_object().unwrap().clone());
    let step = |(number, (state, started, ended)): (usize, &(&str, u64, Option<u64>))| {
        let mut timeline = json!({"CreationDateTime": now - 38_000, "StartDateTime": now - started});
        if let Some(ended) = ended {
            timeline["EndDateTime"] = json!(now - ended);
        }
        json!({"Id": format!("s-{number}"), "Name": "step", "Status": {"State": state, "Timeline": timeline}})
    };
    json!({"Cluster": detail, "Steps": steps.iter().enumerate().map(step).collect::<Vec<_>>()})
}

fn loaded_with(clusters: &[Value]) -> Sandbox {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clusters.json");
    std::fs::write(&file, json!({"clusters": clusters}).to_string()).unwrap();
    Sandbox::start(&Tools::beside(TOOL), &["--load", file.to_str().unwrap()])
}

#[test]
fn of_steps_side_by_side_the_list_and_every_sweep_tell_one_number() {
    // The newest 119 ended long ago; the oldest, which is on the last page, ended ten minutes ago.
    let steps: Vec<_> = (0..120_u64)
        .map(|number| ("COMPLETED", 38_000 - number, Some(if number == 119 { 600 } else { 20_000 })))
        .collect();
    let sandbox = loaded_with(&[with_steps("j-A", &json!({"StepConcurrencyLevel": 10}), &steps)]);
    let listed = sandbox.run("list-job-flows", &["--idle"]).ok().record()["idle_s"].as_u64().unwrap();
    assert!(listed.abs_diff(600) < 60, "{listed}");
    for hours in ["0.01", "1", "5", "9"] {
        let swept = ["--max-hours-idle", hours, "--explain"];
        let swept = sandbox.run("terminate-idle-job-flows", &swept).ok().record();
        assert!(swept["idle_s"].as_u64().unwrap().abs_diff(listed) < 60, "{hours}: {swept}");
    }
    let ended = sandbox.run("terminate-idle-job-flows", &["--max-hours-idle", "1", "--dry-run"]).ok();
    assert_eq!(ended.stdout, "");
}

#[test]
fn a_bound_that_is_enough_to_spare_one_is_not_told_as_its_idle_time() {
    let steps = vec![("COMPLETED", 10_000, Some(9_000)); 120];
    let sandbox = loaded_with(&[with_steps("j-A", &json!({"StepConcurrencyLevel": 10}), &steps)]);
    let swept = sandbox.run("terminate-idle-job-flows", &["-v", "--max-hours-idle", "5", "--dry-run"]).ok();
    assert!(swept.stderr.contains("j-A is left alone: it has been idle for no more than 2:30:0"), "{}", swept.stderr);
    assert_eq!(sandbox.requests("ListSteps").len(), 1, "a page is enough");
}

#[test]
fn what_keeps_a_job_flow_stands_beside_its_idle_time() {
    let protected = json!({"TerminationProtected": true});
    let steps = [("COMPLETED", 10_000, Some(9_000))];
    let runs = [("RUNNING", 10_000, None)];
    let sandbox = loaded_with(&[
        with_steps("j-FREE", &json!({}), &steps),
        with_steps("j-PROTECTED", &protected, &steps),
        with_steps("j-RUNS", &json!({}), &runs),
    ]);
    let pooled = sandbox.job_flow(&["--pool-emr-job-flows", "--pool-name", "etl"]);
    let found = ["--pool-name", "etl", "--s3-scratch-uri", "s3://bucket/scratch/"];
    let claimed = sandbox.run("find-pool", &found).ok().record();
    assert_eq!(claimed["job_flow_id"], pooled.as_str());
    let records = sandbox.run("list-job-flows", &["--idle"]).ok().records();
    let of = |id: &str| records.iter().find(|record| record["job_flow_id"] == id).unwrap();
    let told = |id: &str| (of(id)["idle_s"].is_u64(), of(id)["busy_because"].as_str());
    assert_eq!(told("j-FREE"), (true, None));
    assert_eq!(told("j-PROTECTED"), (true, Some("protected")));
    assert_eq!(told("j-RUNS"), (false, Some("running")));
    assert_eq!(told(&pooled), (true, Some("claimed")));
    let table = sandbox.run("list-job-flows", &["--idle", "--output", "table"]).ok().stdout;
    assert!(table.contains("2:30:0") && table.contains(" protected  "), "{table}");
}

#[test]
fn that_idle_times_are_left_out_is_a_detail() {
    let sandbox = loaded(1);
    let ran = sandbox.run("list-job-flows", &[]).ok();
    assert!(ran.record().get("idle_s").is_none());
    assert_eq!(ran.stderr, "", "a line of cron sends no mail on a healthy day");
    let told =
        |args: &[&str]| sandbox.run("list-job-flows", args).ok().stderr.contains("idle_s is left out; --idle adds it");
    assert!(told(&["-v"]));
    for quiet in [&["-v", "--no-idle"][..], &["-v", "--output", "id"], &["-v", "--state", "running"]] {
        assert!(!told(quiet), "{quiet:?}");
    }
    assert_eq!(sandbox.requests("ListSteps").len(), 0);
}

#[test]
fn states_names_and_times_select() {
    let sandbox = loaded(3);
    let running = sandbox.job_flow(&["--name", "daytime"]);
    sandbox.run("terminate-job-flow", &["j-0000000000002"]).ok();
    let ids = |args: &[&str]| {
        let ran = sandbox.run("list-job-flows", &[&["--output", "id"], args].concat()).ok();
        let mut ids: Vec<_> = ran.stdout.lines().map(str::to_owned).collect();
        ids.sort();
        ids
    };
    let mut alive = vec!["j-0000000000000", "j-0000000000001", &running];
    alive.sort_unstable();
    assert_eq!(ids(&[]), alive);
    assert_eq!(ids(&["--state", "terminated,terminated-with-errors"]), ["j-0000000000002"]);
    assert_eq!(ids(&["--all", "--name", "night"]).len(), 3);
    assert_eq!(ids(&["--created-after", "1h"]), [running]);
    assert_eq!(ids(&["--created-before", "2026-01-01"]), [""; 0]);
}

#[test]
fn times_between_which_there_is_none_are_refused() {
    let sandbox = loaded(1);
    let words = "--created-after is not before --created-before; let --created-after be the earlier time";
    sandbox.run("list-job-flows", &["--created-after", "1h", "--created-before", "2h"]).fails(2, words);
    assert_eq!(sandbox.requests("ListClusters").len(), 0);
}

#[test]
fn of_many_failures_the_first_few_are_told_and_the_others_with_v() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clusters.json");
    std::fs::write(&file, many(30)).unwrap();
    let args = ["--load", file.to_str().unwrap(), "--fault", "ListSteps:deny:99"];
    let sandbox = Sandbox::start(&Tools::beside(TOOL), &args);
    let run = |options: &[&str]| sandbox.run("list-job-flows", &[&["--idle"], options].concat());
    let ran = run(&["-q"]);
    assert_eq!((ran.code, ran.records().len(), ran.stderr.lines().count()), (Some(77), 30, 11), "{ran:?}");
    assert!(ran.stderr.ends_with("list-job-flows: 20 more failures; -v tells each\n"), "{ran:?}");
    let told = run(&["-v"]).stderr;
    assert_eq!((told.matches("AWS denies ListSteps").count(), told.matches("more failure").count()), (30, 0), "{told}");
}

#[test]
fn pools_are_shown_and_select_at_no_more_calls() {
    let sandbox = Sandbox::start(&Tools::beside(TOOL), &[]);
    let plain = sandbox.job_flow(&["--name", "plain pool:etl"]);
    let etl = sandbox.job_flow(&["--pool-emr-job-flows", "--pool-name", "etl"]);
    let adhoc = sandbox.job_flow(&["--pool-emr-job-flows", "--pool-name", "ad hoc"]);
    let ids = |args: &[&str]| {
        let ran = sandbox.run("list-job-flows", &[&["--output", "id"], args].concat()).ok();
        ran.stdout.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(ids(&[]), [plain, etl.clone(), adhoc.clone()].into());
    assert_eq!(ids(&["--pooled-only"]), [etl.clone(), adhoc.clone()].into());
    assert_eq!(ids(&["--pool-name", "etl"]), [etl].into());
    assert_eq!(ids(&["--pool-name", "ad hoc", "--pooled-only"]), [adhoc].into());
    assert_eq!(sandbox.requests("ListClusters").len(), 4);
    assert_eq!(sandbox.requests("DescribeCluster").len(), 0);
    let table = sandbox.run("list-job-flows", &["--output", "table", "--pool-name", "ad hoc"]).ok().stdout;
    assert!(table.contains("  POOL  ") && table.contains("  ad hoc  "), "{table}");
}

#[test]
fn a_reader_that_goes_away_ends_the_listing_quietly_and_early() {
    let sandbox = loaded(500);
    let mut child = sandbox
        .tool("list-job-flows")
        .args(["-q", "--idle"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
    assert!(sandbox.requests("ListSteps").len() < 20, "no more than were under way");
}

#[test]
fn a_full_disk_is_exit_74() {
    let sandbox = loaded(1);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = sandbox.tool("list-job-flows").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(74));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write to stdout"));
}

#[test]
fn a_name_cannot_move_the_cursor() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clusters.json");
    let status = json!({"State": "WAITING", "Timeline": {"CreationDateTime": 1_767_225_600}});
    let cluster = json!({"Cluster": {"Id": "j-A", "Name": "a\u{1b}[2Jb\nc", "Status": status}});
    std::fs::write(&file, json!({"clusters": [cluster]}).to_string()).unwrap();
    let sandbox = Sandbox::start(&Tools::beside(TOOL), &["--load", file.to_str().unwrap()]);
    let table = sandbox.run("list-job-flows", &["--output", "table"]).ok();
    assert!(table.stdout.contains("a?[2Jb?c"), "{table:?}");
    assert_eq!(sandbox.run("list-job-flows", &[]).ok().record()["name"], "a\u{1b}[2Jb\nc");
}

#[test]
fn aws_itself_is_reached_through_the_proxy_of_the_environment() {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        let mut line = String::new();
        BufReader::new(proxy.accept().unwrap().0).read_line(&mut line).unwrap();
        line
    });
    let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_MAX_ATTEMPTS", "1")];
    let mut command = Tools::beside(TOOL).command("list-job-flows");
    let ran = harness::Ran::of(command.envs(keys).env("HTTPS_PROXY", url).args(["--region", "eu-west-1"]));
    assert_eq!(ran.code, Some(69), "{ran:?}");
    assert_eq!(asked.join().unwrap().trim_end(), "CONNECT elasticmapreduce.eu-west-1.amazonaws.com:443 HTTP/1.1");
}

#[test]
fn an_unknown_state_is_told_with_the_known_ones() {
    let ran = harness::Ran::of(Tools::beside(TOOL).command("list-job-flows").args(["--state", "idle"]));
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("'idle' is not a state") && ran.stderr.contains("WAITING"), "{}", ran.stderr);
}

#[test]
fn a_table_fits_the_terminal_and_off_a_terminal_nothing_is_cut() {
    let sandbox = Sandbox::start(&Tools::beside(TOOL), &[]);
    let pooled = ["--pool-emr-job-flows", "--pool-name", "warehouse of the north", "--num-ec2-instances", "12"];
    let ids = [&[][..], &["--name", "a job flow with a rather long name that says what it does"]]
        .map(|name| sandbox.job_flow(&[&pooled[..], name].concat()));
    let tool = Tools::beside(TOOL).folder().join("list-job-flows");
    let shown = |columns: u32| {
        let line = format!("stty cols {columns}; exec {}", tool.display());
        let mut script = std::process::Command::new("script");
        let ran = harness::Ran::of(sandbox.point(script.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm")));
        ran.ok().stdout.replace('\r', "")
    };
    for columns in [80, 120] {
        let table = shown(columns);
        assert!(table.lines().all(|line| line.chars().count() <= columns as usize), "{table}");
        assert!(ids.iter().all(|id| table.contains(&format!("{id}  WAITING  "))), "{table}");
        assert!(table.contains("  12/48  ") && table.contains("  tester  "), "{table}");
        assert!(!table.contains("pool:"), "the marker is no business of people: {table}");
    }
    let piped = sandbox.run("list-job-flows", &["--output", "table"]).ok().stdout;
    assert!(piped.contains("a job flow with a rather long name that says what it does run:"), "{piped}");
    assert!(piped.contains("  warehouse of the north  "), "{piped}");
    let record = &sandbox.run("list-job-flows", &[]).ok().records()[0];
    assert_eq!((&record["instances"], &record["vcpus"]), (&json!(12), &json!(48)), "{record}");
}

#[test]
fn the_size_of_one_that_its_name_does_not_tell_is_asked_for_on_request() {
    let sandbox = Sandbox::start(&Tools::beside(TOOL), &[]);
    let plain = sandbox.job_flow(&["--num-ec2-instances", "3"]);
    let _ = sandbox.job_flow(&["--pool-emr-job-flows", "--pool-name", "etl", "--num-ec2-instances", "2"]);
    let of = |args: &[&str]| {
        let records = sandbox.run("list-job-flows", args).ok().records();
        records.into_iter().find(|record| record["job_flow_id"] == plain.as_str()).unwrap()
    };
    assert!(of(&["--no-idle"]).get("instances").is_none());
    assert_eq!(sandbox.requests("DescribeCluster").len(), 0);
    let sized = of(&["--no-idle", "--size"]);
    assert_eq!((&sized["instances"], &sized["vcpus"]), (&json!(3), &json!(12)), "{sized}");
    assert_eq!(sandbox.requests("ListInstanceGroups").len(), 1, "the Name of the pooled one tells it");
    assert_eq!(of(&["--idle", "--size"])["instances"], 3);
}
