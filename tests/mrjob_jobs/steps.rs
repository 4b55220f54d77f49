//! Jobs of several steps: added at once, each once, and failing together.

use std::fs;
use std::process::Command;

use harness::{Ran, Sandbox};
use serde_json::Value;

use crate::job::{Cluster, own};
use crate::tools;

fn states(sandbox: &Sandbox, flow: &str) -> Vec<(String, String)> {
    let listed = sandbox.answer("ListSteps", &serde_json::json!({"ClusterId": flow}));
    let steps = listed["Steps"].as_array().unwrap().iter().rev();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    steps.map(|step| (text(&step["Name"]), text(&step["Status"]["State"]))).collect()
}

#[test]
fn the_steps_of_a_job_are_added_in_one_call_and_hand_on_their_output() {
    let cluster = Cluster::start(&[]);
    let script = own("mr_three_steps.py");
    assert_eq!(cluster.lines(&script, &["--input", "in.txt"]), cluster.peer("inline", &script, &["in.txt"]));
    assert_eq!(cluster.sandbox.requests("AddJobFlowSteps").len(), 1);
    let names: Vec<_> = states(&cluster.sandbox, &cluster.flow).into_iter().map(|(name, _)| name).collect();
    for (number, name) in names.iter().enumerate() {
        assert!(name.starts_with(&format!("mr_three_steps: Step {} of 3 run:", number + 1)), "{names:?}");
    }
}

#[test]
fn a_lost_answer_adds_the_three_steps_of_a_job_once() {
    let cluster = Cluster::start(&["--fault", "AddJobFlowSteps:drop-response:1"]);
    let script = own("mr_three_steps.py");
    assert_eq!(cluster.lines(&script, &["--input", "in.txt"]), cluster.peer("inline", &script, &["in.txt"]));
    assert_eq!(states(&cluster.sandbox, &cluster.flow).len(), 3);
}

#[test]
fn a_step_that_fails_cancels_those_behind_it() {
    let cluster = Cluster::start(&[]);
    let (waited, added) = cluster.run(&own("mr_fails.py"), &["--input", "in.txt", "--output", "s3://bucket/failed/"]);
    assert_eq!(waited.code, Some(1), "{waited:?}");
    let ended: Vec<_> = waited.records().iter().map(|record| record["state"].clone()).collect();
    assert_eq!(ended, ["FAILED", "CANCELLED"], "{waited:?}");
    assert!(waited.stderr.contains("ValueError: no such line"), "{waited:?}");
    assert_eq!((&added[0]["output"], &added[1]["output"]), (&Value::Null, &"s3://bucket/failed/".into()));
    assert!(cluster.sandbox.keys("failed").is_empty());
}

#[test]
fn a_process_that_a_script_leaves_behind_holds_nothing_up() {
    let cluster = Cluster::start(&[]);
    let fifo = cluster.sandbox.folder().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let left = format!("import subprocess\nsubprocess.Popen(['cat', {:?}])\n", fifo.to_str().unwrap());
    let text = fs::read_to_string(own("mr_sorted.py")).unwrap();
    let script = cluster.sandbox.file("mr_left.py", &(left + &text));
    cluster.add(&script, &["--input", "in.txt", "--dry-run"]).ok();
    // It waits for this.
    fs::write(fifo, "").unwrap();
}

#[test]
fn the_claim_of_a_pool_holds_while_a_job_is_asked_and_added() {
    let sandbox = Sandbox::start(&tools(), &[]);
    sandbox.file("in.txt", "b a\n");
    let pool = ["--pool-name", "etl", "--s3-scratch-uri", "s3://bucket/scratch/"];
    sandbox.run("create-job-flow", &[&["--pool-emr-job-flows"], &pool[..2]].concat()).ok();
    let found = sandbox.run("find-pool", &pool).ok();
    let python = harness::clients().join("python");
    let script = own("mr_sorted.py");
    let args =
        ["--mrjob", script.to_str().unwrap(), "--steps-python-bin", python.to_str().unwrap(), "--input", "in.txt"];
    let added = Ran::with_stdin(sandbox.tool("add-step").args(args), &found.stdout).ok();
    Ran::with_stdin(sandbox.tool("wait-step").args(["--check-emr-status-every", "100ms"]), &added.stdout).ok();
    // The claim was given back: another job finds the job flow at once.
    sandbox.run("find-pool", &pool).ok();
}
