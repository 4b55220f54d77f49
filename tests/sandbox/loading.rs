//! A recorded account comes back whole: every member that was loaded is answered, and lists have no others.

use std::fs;

use chrono::DateTime;
use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

use crate::{SANDBOX, recorded, sandbox};

/// Lists of a cluster: the member of the recording and of the answer, and the operation.
const LISTS: [(&str, &str); 5] = [
    ("BootstrapActions", "ListBootstrapActions"),
    ("InstanceFleets", "ListInstanceFleets"),
    ("InstanceGroups", "ListInstanceGroups"),
    ("Instances", "ListInstances"),
    ("Steps", "ListSteps"),
];

/// Where `got` lacks what `wanted` has, or says otherwise.
fn missing(wanted: &Value, got: &Value, path: &str, found: &mut Vec<String>) {
    match (wanted, got) {
        (Value::Null, _) => {}
        (Value::Object(wanted), Value::Object(got)) => {
            for (key, value) in wanted {
                missing(value, got.get(key).unwrap_or(&json!("(absent)")), &format!("{path}.{key}"), found);
            }
        }
        (Value::Array(wanted), Value::Array(got)) if wanted.len() == got.len() => {
            for (place, (wanted, got)) in wanted.iter().zip(got).enumerate() {
                missing(wanted, got, &format!("{path}[{place}]"), found);
            }
        }
        _ if number(wanted).is_some() && number(wanted) == number(got) => {}
        _ if wanted == got => {}
        _ => found.push(format!("{path}: {wanted} became {got}")),
    }
}

/// A number, or a time as seconds since the epoch.
fn number(value: &Value) -> Option<f64> {
    let time = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a date are exact")]
    value.as_f64().or(time.map(|time| time.timestamp_millis() as f64 / 1000.0))
}

/// In the order of their ids.
fn sorted(list: &Value) -> Value {
    let mut list = list.as_array().cloned().unwrap_or_default();
    list.sort_by_key(|value| value["Id"].to_string());
    Value::Array(list)
}

/// What of an entry of a recording does not come back.
fn lost(sandbox: &Sandbox, entry: &Value) -> Vec<String> {
    let mut description = entry["Cluster"].as_object().cloned().unwrap_or_default();
    let id = description["Id"].as_str().unwrap().to_owned();
    let arn = description.get("ClusterArn").and_then(Value::as_str);
    let region = arn.and_then(|arn| arn.split(':').nth(3)).unwrap_or("us-east-1").to_owned();
    let answer = |operation, request: &Value| sandbox.answer_in(&region, operation, request);
    let request = json!({"ClusterId": id});
    let mut found = Vec::new();
    for (member, operation) in LISTS {
        let inside = description.remove(member).unwrap_or(Value::Null);
        let wanted = if inside.is_null() { &entry[member] } else { &inside };
        if !wanted.is_null() {
            let (wanted, got) = (sorted(wanted), sorted(&answer(operation, &request)[member]));
            missing(&wanted, &got, &format!("{id} {member}"), &mut found);
            missing(&got, &wanted, &format!("{id} {member}, which was made up"), &mut found);
        }
    }
    let got = answer("DescribeCluster", &request);
    missing(&Value::Object(description), &got["Cluster"], &id, &mut found);
    let listed = answer("ListClusters", &json!({}));
    let summary = listed["Clusters"].as_array().unwrap().iter().find(|cluster| cluster["Id"] == id.as_str());
    missing(&entry["Cluster"]["Status"], &summary.unwrap()["Status"], &format!("{id} in the list"), &mut found);
    found
}

#[test]
fn every_member_of_a_recording_is_answered() {
    for name in ["recordings.json", "ended.json", "load_cli.json", "load_pool.json"] {
        let file = recorded(name);
        let recording: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let sandbox = sandbox(&["--load", &file]);
        let entries = recording["clusters"].as_array().unwrap();
        let lost: Vec<_> = entries.iter().flat_map(|entry| lost(&sandbox, entry)).collect();
        assert_eq!(lost, [""; 0], "{name}");
    }
}

/// What the sandbox says of a file that it refuses.
fn refused(text: &str) -> Ran {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    Ran::of(Tools::beside(SANDBOX).command("emr-sandbox").arg("--load").arg(file.path()))
}

#[test]
fn a_file_that_is_no_account_is_an_error_that_names_the_place() {
    refused(r#"{"Volumes": []}"#)
        .fails(74, "neither a cluster nor a list that belongs to one; its members are: Volumes");
    refused(r#"{"Steps": []}"#).fails(74, "no cluster comes before the list (Steps)");
    refused(r#"{"clusters": [{"Cluster": {"Id": "j-A", "Status": {"State": "TIRED"}}}]}"#)
        .fails(74, "clusters[0].Cluster.Status.State: unknown variant `TIRED`");
}

#[test]
fn the_nodes_of_a_cluster_that_the_cli_described_are_seen() {
    let sandbox = sandbox(&["--load", &recorded("load_cli.json"), "--load", &recorded("load_pool.json")]);
    // The CLI tells how many instances there are, and not which.
    let nodes = sandbox.run("ssh-nodes", &["j-2VGKO25FTPE15"]).ok().records();
    let roles: Vec<_> = nodes.iter().map(|node| node["role"].clone()).collect();
    assert_eq!(roles, ["master", "core", "core"], "{nodes:?}");
    let found = sandbox.run("find-pool", &["--pool-name", "etl", "--s3-scratch-uri", "s3://bucket/scratch/"]);
    assert_eq!(found.ok().record()["job_flow_id"], "j-07ZRBFCNCTE10");
}
