//! Logs as each generation of Hadoop, YARN and Spark writes them, and the cause in them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::account::{STEP, copy_logs, failed, files, sandbox};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fetch_logs/recorded");
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

#[test]
fn the_cause_is_found_in_the_logs_of_every_generation() {
    let cases = cases();
    assert!(cases.len() > 5, "{cases:?}");
    let expected: Vec<Value> = cases
        .iter()
        .map(|case| serde_json::from_str(&fs::read_to_string(case.join("expected.json")).unwrap()).unwrap())
        .collect();
    let id = |number: usize| format!("j-RECORDED{number}");
    let cluster = |(number, case): (usize, &Value)| {
        failed(&id(number), &json!({"ReleaseLabel": case["release_label"], "RunningAmiVersion": case["ami_version"]}))
    };
    let sandbox = sandbox(&expected.iter().enumerate().map(cluster).collect::<Vec<_>>(), &[]);
    for (number, (case, expected)) in cases.iter().zip(&expected).enumerate() {
        let id = id(number);
        let logs: Vec<_> = files(case).into_iter().filter(|(path, _)| path != "expected.json").collect();
        copy_logs(&sandbox, &id, &logs);
        let record = sandbox.run("fetch-logs", &["--cause", "--job-flow-id", &id, STEP]).ok().record();
        for (key, value) in expected["cause"].as_object().unwrap() {
            assert_eq!(&record[key], value, "{key} of {}: {record}", case.display());
        }
        let uri = format!("s3://bucket/logs/{id}/{}", expected["path"].as_str().unwrap());
        assert_eq!(record["uri"], uri, "{record}");
        assert_eq!((&record["job_flow_id"], &record["step_id"]), (&json!(id), &json!(STEP)));
    }
}
