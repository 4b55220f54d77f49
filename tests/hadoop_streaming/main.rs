//! Small jobs that ran on real Hadoop streaming 3.5, with what it gave for each: the sandbox gives the same, or fails
//! where Hadoop failed. No Java is needed: `cases.json` has what was recorded.
//!
//! A case has `files` and `local` files (text, `base64`, or many `lines`), `arguments` with places for them, and what
//! `hadoop` did: `ok` with `parts`, or `FAIL` with what it said. A case that is `refused` fails by the name of what the
//! sandbox lacks.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod case;

use std::collections::{BTreeMap, HashMap};

use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

use case::Case;

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

/// How many steps are added at once: EMR takes up to 256.
const AT_ONCE: usize = 100;

#[test]
fn jobs_end_as_on_hadoop() {
    let sandbox = Sandbox::start(&Tools::beside(SANDBOX), &[]);
    let cases: Vec<Case> = serde_json::from_str(include_str!("cases.json")).unwrap();
    let ended: HashMap<String, Value> = cases.chunks(AT_ONCE).flat_map(|cases| run(&sandbox, cases)).collect();
    let differences: Vec<_> = cases.iter().filter_map(|case| difference(&sandbox, case, &ended[&case.name])).collect();
    assert!(differences.is_empty(), "{} of {} differ:\n{}", differences.len(), cases.len(), differences.join("\n"));
}

/// Runs the cases on a job flow of their own. Returns the record of each step by the name of its case.
fn run(sandbox: &Sandbox, cases: &[Case]) -> Vec<(String, Value)> {
    let flow = sandbox.job_flow(&["--max-concurrent-steps", "4"]);
    let steps: Vec<_> = cases.iter().map(|case| step(sandbox, case)).collect();
    // add-step refuses much of what fails on Hadoop.
    let added = sandbox.answer("AddJobFlowSteps", &json!({"JobFlowId": flow, "Steps": steps}));
    let ids = added["StepIds"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned());
    let ids: HashMap<String, _> = ids.zip(cases.iter().map(|case| &case.name)).collect();
    let wait = ["--no-cause", "--emr-job-flow-id", &flow];
    let waited = Ran::with_stdin(sandbox.tool("wait-step").args(wait), &added.to_string());
    waited.records().into_iter().map(|step| (ids[&text(&step, "step_id")].clone(), step)).collect()
}

fn text(record: &Value, key: &str) -> String {
    record[key].as_str().unwrap().to_owned()
}

/// The step of a case, whose files it uploads.
fn step(sandbox: &Sandbox, case: &Case) -> Value {
    for (name, content) in case.files.iter().chain(&case.local) {
        let file = sandbox.file("upload", content.bytes());
        sandbox.put(&format!("{}/{name}", case.name), &file);
    }
    let mut args = vec!["hadoop-streaming".to_owned()];
    args.extend(case.words(&format!("s3://bucket/{}", case.name)));
    let jar = json!({"Jar": "command-runner.jar", "Args": args});
    json!({"Name": case.name, "ActionOnFailure": "CONTINUE", "HadoopJarStep": jar})
}

/// How the sandbox differs from Hadoop.
fn difference(sandbox: &Sandbox, case: &Case, step: &Value) -> Option<String> {
    let said = format!("{}: {} {}", case.name, step["state"], step["reason"]);
    match (step["state"].as_str()?, case.hadoop.as_str()) {
        ("FAILED", "FAIL") => None,
        ("COMPLETED", "ok") => {
            let names = sandbox.keys(&format!("{}/out/", case.name));
            let names = names.iter().filter_map(|key| key.split_once("/out/")).map(|(_, name)| name.to_owned());
            let got: BTreeMap<_, _> =
                names.map(|name| (name.clone(), sandbox.bytes(&format!("{}/out/{name}", case.name)))).collect();
            case.difference(&got).map(|difference| format!("{said}: {difference}"))
        }
        ("FAILED", _) if case.refused.as_ref().is_some_and(|word| said.contains(word)) => None,
        (_, "ok") => Some(format!("{said}, and Hadoop completes")),
        _ => Some(format!("{said}, and Hadoop says {}", case.hadoop_says.as_deref().unwrap_or_default())),
    }
}
