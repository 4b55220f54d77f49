//! What stdin may bring, and what each tool makes of an empty one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Stdio;

use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

fn sandbox() -> Sandbox {
    Sandbox::start(&Tools::beside(SANDBOX), &[])
}

fn pipe(sandbox: &Sandbox, tool: &str, args: &[&str], stdin: &str) -> Ran {
    Ran::with_stdin(sandbox.tool(tool).args(args), stdin)
}

fn ids(ran: &Ran, key: &str) -> Vec<String> {
    ran.records().iter().map(|record| record[key].as_str().unwrap().to_owned()).collect()
}

/// What the AWS CLI prints, at an indent and over many lines.
fn cli(answer: &Value) -> String {
    format!("{answer:#}\n")
}

#[test]
fn every_id_on_stdin_is_acted_on_in_whatever_shape_it_comes() {
    let sandbox = sandbox();
    let flows: Vec<_> = (0..3).map(|_| sandbox.job_flow(&["-q"])).collect();
    let summaries: Vec<_> =
        flows.iter().map(|id| json!({"Id": id, "Name": "x", "Status": {"State": "WAITING"}})).collect();
    let shapes = [
        flows.join("\t"),
        flows.join("\n"),
        format!(" {}  {}\r\n{}", flows[0], flows[1], flows[2]),
        cli(&json!({"Clusters": summaries})),
        cli(&json!(flows)),
        summaries.iter().map(cli).collect(),
        format!(
            "{}{}{}",
            json!({"ClusterId": flows[0]}),
            json!({"JobFlowId": flows[1]}),
            cli(&json!({"Cluster": summaries[2]}))
        ),
        format!("{}\n{{\"job_flow_id\":\n\"{}\"}}\n{}", flows[0], flows[1], flows[2]),
    ];
    for stdin in shapes {
        let ran = pipe(&sandbox, "terminate-job-flow", &["--dry-run"], &stdin).ok();
        assert_eq!(ids(&ran, "job_flow_id"), flows, "{stdin}");
    }
    let ran = sandbox.run("terminate-job-flow", &["--dry-run", &flows.join(" ")]).ok();
    assert_eq!(ids(&ran, "job_flow_id"), flows, "an argument may have what stdin may have");
}

#[test]
fn the_answers_of_aws_to_steps_are_waited_for() {
    let sandbox = sandbox();
    let flow = sandbox.job_flow(&["-q"]);
    let steps: Vec<_> = (0..2).map(|_| sandbox.shell_step(&flow, "true")).collect();
    let listed: Vec<_> = steps.iter().map(|id| json!({"Id": id, "Config": {"Args": ["s-x"]}})).collect();
    let shapes = [cli(&json!({"StepIds": steps})), cli(&json!({"Steps": listed, "Marker": "s-M"})), steps.join("\t")];
    for stdin in shapes {
        let mut waited = ids(&pipe(&sandbox, "wait-step", &["-q", "--emr-job-flow-id", &flow], &stdin).ok(), "step_id");
        waited.sort_by_key(|id| steps.iter().position(|step| step == id));
        assert_eq!(waited, steps, "{stdin}");
        pipe(&sandbox, "wait-step", &[], &stdin).fails(2, "the job flow of s-");
    }
}

#[test]
fn a_word_that_is_no_id_stops_a_tool_before_it_acts_and_is_named_with_its_line() {
    let sandbox = sandbox();
    let flow = sandbox.job_flow(&["-q"]);
    for (stdin, words) in [
        (format!("{flow}\n{flow} WAITING\n"), "line 2 of stdin: 'WAITING' is not the id"),
        (format!("{flow}\nCLUSTERS\tarn\tnightly\n"), "line 2 of stdin: 'CLUSTERS' is not the id"),
        ("None\n".to_owned(), "line 1 of stdin: 'None' is not the id"),
        (
            format!("{{\"Clusters\": [\n{{\"Id\": \"{flow}\"}},\n{{\"Name\": \"x\"}}]}}"),
            "line 3 of stdin: not a record",
        ),
        (format!("{{\"job_flow_id\": \"{flow}\""), "line 1 of stdin: not a record"),
    ] {
        pipe(&sandbox, "terminate-job-flow", &[], &stdin).fails(2, words);
    }
    assert_eq!(sandbox.requests("TerminateJobFlows").len(), 0);
}

#[test]
fn an_empty_stdin_is_a_failure_for_one_job_and_nothing_to_do_for_a_list() {
    let sandbox = sandbox();
    let one_job: [(&str, &[&str]); 5] = [
        ("add-step", &["--", "true"]),
        ("wait-job-flow", &[]),
        ("wait-step", &[]),
        ("s3-lock", &["renew"]),
        ("s3-lock", &["release"]),
    ];
    let list: [(&str, &[&str]); 7] = [
        ("describe-job-flow", &["--as", "conf"]),
        ("cancel-step", &[]),
        ("list-steps", &["--failed"]),
        ("terminate-job-flow", &[]),
        ("fetch-logs", &["--cause"]),
        ("ssh-nodes", &["--", "true"]),
        ("ssh-core-dump", &[]),
    ];
    for stdin in ["", "\n", "[]", "{\"Clusters\": []}"] {
        for (tool, args) in one_job.iter().filter(|(tool, _)| stdin.trim().is_empty() || *tool != "s3-lock") {
            pipe(&sandbox, tool, args, stdin).fails(66, "nothing came on stdin");
        }
        for (tool, args) in list {
            let ran = pipe(&sandbox, tool, args, stdin).ok();
            assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""), "{tool}");
        }
    }
    let null = sandbox.tool("wait-step").stdin(Stdio::null()).output().unwrap();
    Ran::from(null).fails(66, "nothing came on stdin: there is no step to wait for");
}

#[test]
fn a_lock_record_may_stand_on_several_lines_and_a_second_lock_is_not_forgotten() {
    let sandbox = sandbox();
    let lock = |name: &str| sandbox.run("s3-lock", &["acquire", &format!("s3://bucket/{name}")]).ok().record();
    let (one, other) = (lock("one"), lock("other"));
    pipe(&sandbox, "s3-lock", &["release"], &format!("{one}\n{other}\n")).fails(2, "it names 2 locks");
    assert_eq!(pipe(&sandbox, "s3-lock", &["release"], &cli(&one)).ok().record()["state"], "free");
}

#[test]
fn a_claim_comes_through_an_argument_as_through_stdin() {
    let sandbox = sandbox();
    let pool = ["--pool-name", "etl", "--s3-scratch-uri", "s3://bucket/scratch/"];
    let _ = sandbox.job_flow(&["-q", "--pool-emr-job-flows", "--pool-name", "etl"]);
    let claimed = sandbox.run("find-pool", &pool).ok();
    let record = cli(&claimed.record());
    sandbox.run("add-step", &["-q", &record, "--", "true"]).ok();
    let lock =
        sandbox.object(claimed.record()["claim"]["lock_uri"].as_str().unwrap().strip_prefix("s3://bucket/").unwrap());
    assert!(!lock.unwrap().contains("token"), "it is given back");
}
