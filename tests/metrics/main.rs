//! `--output prometheus` and `--output-file` of the tools that have them, against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod auditing;
mod files;
mod listing;
#[cfg(feature = "clients")]
mod parsing;
mod sweeping;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

/// The tools that have gauges.
const TOOLS: [&str; 3] = ["audit-usage", "list-job-flows", "terminate-idle-job-flows"];

/// The name of a pool from which every reader of the format could make something else, the value of its label, and how
/// that is written.
const HOSTILE: &str = "a\"b}\\c\nd\u{1b}[2J,é";
#[cfg(feature = "clients")]
const SHOWN: &str = "a\"b}\\u{5c}c\nd\\u{1b}[2J,é";
const LABEL: &str = r#"pool="a\"b}\\u{5c}c\nd\\u{1b}[2J,é",region="us-east-1""#;

const HOUR: f64 = 3600.0;

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

/// A cluster that was created and, if it is up, ready two hours ago.
fn cluster(id: &str, name: &str, state: &str) -> Value {
    let mut timeline = json!({"CreationDateTime": now() - 3.0 * HOUR});
    if matches!(state, "WAITING" | "RUNNING") {
        timeline["ReadyDateTime"] = json!(now() - 2.0 * HOUR);
    }
    let status = json!({"State": state, "Timeline": timeline});
    json!({"Cluster": {"Id": id, "Name": name, "Status": status}, "Steps": []})
}

/// The Name of a job flow in `pool`.
fn pooled(pool: &str) -> String {
    format!("night pool:{pool},0123456789abcdef run:0123456789ab")
}

/// `cluster` with the tag that says where its claims are kept.
fn lockable(mut cluster: Value) -> Value {
    cluster["Cluster"]["Tags"] = json!([{"Key": "emr-tools:locks", "Value": "s3://bucket/scratch/locks/"}]);
    cluster
}

/// `cluster` in this region.
fn in_region(region: &str, mut cluster: Value) -> Value {
    cluster["Cluster"]["ClusterArn"] = json!(format!("arn:aws:elasticmapreduce:{region}:123456789012:cluster/x"));
    cluster
}

fn loaded(clusters: &[Value], args: &[&str]) -> Sandbox {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("account.json");
    std::fs::write(&file, json!({ "clusters": clusters }).to_string()).unwrap();
    Sandbox::start(&Tools::beside(SANDBOX), &[&["--load", file.to_str().unwrap()], args].concat())
}

/// The samples of a text: values by what stands before them. No sample stands twice, and no family in two places.
fn samples(text: &str) -> BTreeMap<String, f64> {
    assert!(text.ends_with('\n'), "it is whole: {text}");
    let lines: Vec<_> = text.lines().collect();
    let helps: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next()).collect();
    assert!(helps.is_sorted_by(|one, next| one < next), "{helps:?}");
    let mut samples = BTreeMap::new();
    for line in lines.into_iter().filter(|line| !line.starts_with('#')) {
        let (sample, value) = line.rsplit_once(' ').unwrap();
        assert!(samples.insert(sample.to_owned(), value.parse().unwrap()).is_none(), "{line} stands twice");
    }
    samples
}

/// The gauges that `tool` writes to its stdout, with any exit code.
fn gauges(sandbox: &Sandbox, tool: &str, args: &[&str]) -> (Ran, BTreeMap<String, f64>) {
    let ran = sandbox.run(tool, &[&["--output", "prometheus"], args].concat());
    let samples = samples(&ran.stdout);
    (ran, samples)
}

/// Asserts that `samples` has these.
fn has(samples: &BTreeMap<String, f64>, wanted: &[(&str, f64)]) {
    for (sample, value) in wanted {
        let found = samples.get(*sample);
        assert!(found.is_some_and(|found| (found - value).abs() < 1e-6), "{sample}: {found:?} in {samples:#?}");
    }
}

/// The names in `folder` that begin with a dot: what a run left there.
fn left(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with('.')).collect()
}
