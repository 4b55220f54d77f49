//! The tools together, in real pipes, and what a broken network does to them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Command;

use harness::{Ran, Sandbox, Tools};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

fn tools() -> Tools {
    Tools::beside(SANDBOX)
}

/// Runs `line` in a shell that finds the tools, against `sandbox`.
fn shell(sandbox: &Sandbox, line: &str) -> Ran {
    let mut command = Command::new("bash");
    command.args(["-c", line]).env_clear().env("HOME", "/nonexistent").env("PATH", tools().path(&[]));
    Ran::of(sandbox.point(&mut command))
}

#[test]
fn create_add_wait_terminate_in_one_line() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let ran = shell(
        &sandbox,
        "set -o pipefail
         create-job-flow --num-ec2-instances=12 | add-step -- sh -c 'echo hello' | wait-step | terminate-job-flow",
    )
    .ok();
    assert_eq!(ran.record()["state"], "WAITING");
    assert!(ran.stderr.starts_with("Job flow created with ID: j-"), "{ran:?}");
}

#[test]
fn a_pipeline_whose_head_failed_fails() {
    let sandbox = Sandbox::start(&tools(), &["--fault", "RunJobFlow:deny:1"]);
    let ran = shell(&sandbox, "create-job-flow | add-step -- true | wait-step");
    assert_eq!(ran.code, Some(66), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 3, "{ran:?}");
    assert_eq!(sandbox.requests("AddJobFlowSteps").len(), 0);
}

#[test]
fn a_streaming_word_count_counts_as_another_program_does() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let lines: Vec<_> = (0..40_000_u32).map(|n| format!("w{} the w{}\n", n % 977, n * n % 31)).collect();
    sandbox.file("in.txt", lines.concat());
    sandbox.file(
        "m.py",
        "import sys\nfor line in sys.stdin:\n    for word in line.split():\n        print(f'{word}\\t1')\n",
    );
    sandbox.file(
        "r.py",
        "import sys\nfrom itertools import groupby\npairs = (line.rstrip('\\n').split('\\t') for line in sys.stdin)\n\
         for word, group in groupby(pairs, key=lambda pair: pair[0]):\n    \
         print(f'{word}\\t{sum(int(pair[1]) for pair in group)}')\n",
    );
    let ran = shell(
        &sandbox,
        "set -o pipefail
         create-job-flow --num-ec2-instances=3 | add-step --streaming --mapper 'python3 m.py' --reducer 'python3 r.py' \
            --combiner 'python3 r.py' --file m.py --file r.py --input in.txt --output s3://bucket/out/ \
            --s3-scratch-uri s3://bucket/scratch | wait-step",
    )
    .ok();
    assert_eq!(ran.record()["state"], "COMPLETED");
    let counted = sandbox.object("out/part-00000").unwrap();
    let peer = Command::new("sh")
        .args(["-c", "tr ' ' '\\n' < in.txt | LC_ALL=C sort | uniq -c | awk '{print $2 \"\\t\" $1}'"])
        .current_dir(sandbox.folder())
        .output()
        .unwrap();
    assert_eq!(counted, String::from_utf8(peer.stdout).unwrap());
}

#[test]
fn a_lost_answer_to_run_job_flow_makes_one_job_flow_and_prints_its_record() {
    let sandbox = Sandbox::start(&tools(), &["--fault", "RunJobFlow:drop-response:1"]);
    let ran = sandbox.run("create-job-flow", &[]).ok();
    assert!(ran.stderr.contains("the answer to RunJobFlow was lost"), "{ran:?}");
    assert_eq!(sandbox.job_flows(), [ran.record()["job_flow_id"].as_str().unwrap()]);
    assert_eq!(sandbox.requests("RunJobFlow").len(), 1);
}

#[test]
fn a_lost_answer_to_add_job_flow_steps_adds_each_step_once_and_in_order() {
    let sandbox = Sandbox::start(&tools(), &["--fault", "AddJobFlowSteps:drop-response:1"]);
    let flow = sandbox.job_flow(&[]);
    let step = |name: String| serde_json::json!({"Name": name, "Jar": "command-runner.jar", "Args": ["true"]});
    let steps: Vec<_> = (0..60).map(|number| step(format!("step {number}"))).collect();
    sandbox.file("steps.json", serde_json::to_string(&steps).unwrap());
    let records = sandbox.run("add-step", &[&flow, "--steps", "steps.json", "-q"]).ok().records();
    let waited =
        sandbox.run("wait-step", &[&["-q", "--emr-job-flow-id", &flow], ids(&records).as_slice()].concat()).ok();
    let mut names: Vec<_> = waited.records().iter().map(|record| record["name"].clone()).collect();
    names.sort_by_key(|name| name.as_str().unwrap()[5..].split(' ').next().unwrap().parse::<u32>().unwrap());
    assert_eq!(names, records.iter().map(|record| record["name"].clone()).collect::<Vec<_>>());
    assert_eq!(sandbox.requests("AddJobFlowSteps").len(), 1);
    let stands_for = sandbox.run("wait-step", &[&flow]).ok();
    assert!(stands_for.stderr.contains("the 60 steps of its newest run"), "{stands_for:?}");
    assert_eq!(stands_for.records().len(), 60, "no step but the sixty");
}

fn ids(records: &[serde_json::Value]) -> Vec<&str> {
    records.iter().map(|record| record["step_id"].as_str().unwrap()).collect()
}

#[test]
fn a_request_that_never_arrived_is_told_and_not_made_again() {
    let sandbox = Sandbox::start(&tools(), &["--fault", "RunJobFlow:drop-request:1"]);
    sandbox.run("create-job-flow", &[]).fails(69, "nothing named 'run:");
    assert_eq!(sandbox.job_flows(), [""; 0]);
    assert_eq!(sandbox.requests("RunJobFlow").len(), 1);
}

#[test]
fn throttles_are_waited_out_and_failures_of_reads_are_tried_again() {
    let faults = [
        "RunJobFlow:throttle:2",
        "AddJobFlowSteps:throttle:2",
        "DescribeCluster:error-500:2",
        "ListSteps:drop-response:1",
    ];
    let args: Vec<_> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
    let sandbox = Sandbox::start(&tools(), &args);
    let ran = shell(&sandbox, "set -o pipefail; create-job-flow -q | add-step -q -- true | wait-step -q").ok();
    assert_eq!((ran.record()["state"].as_str(), ran.stderr.as_str()), (Some("COMPLETED"), ""));
    assert_eq!(sandbox.job_flows().len(), 1);
}

#[test]
fn throttles_without_end_and_failures_without_end_are_75_and_69() {
    let sandbox =
        Sandbox::start(&tools(), &["--fault", "RunJobFlow:throttle:99", "--fault", "ListClusters:error-500:99"]);
    let few = |tool: &str| Ran::of(sandbox.tool(tool).env("AWS_MAX_ATTEMPTS", "2"));
    few("create-job-flow").fails(75, "AWS throttles RunJobFlow");
    few("list-job-flows").fails(69, "AWS failed on ListClusters");
}
