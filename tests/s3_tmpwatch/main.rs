//! s3-tmpwatch: old scratch files go, each kind by its own rule, and no job loses what it was told is there.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod at_once;
mod faults;
mod refresh;
mod rules;

use std::time::SystemTime;

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

const HASH: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const RUN: &str = "3fdq8w0k5n7a";
const MRJOB: &str = "mr_job.ann.20130515.180000.123456";

fn tools() -> Tools {
    Tools::beside(env!("CARGO_BIN_EXE_s3-tmpwatch"))
}

/// The time of this machine, which is the sandbox's, too.
fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

fn days_ago(days: i64) -> String {
    (now() - Duration::days(days)).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// An object in the bucket, which was written so many days ago.
fn object(key: impl Into<String>, days: i64) -> Value {
    json!({"Bucket": "bucket", "Key": key.into(), "LastModified": days_ago(days), "Body": "text"})
}

/// A sandbox that begins with `account`.
fn sandbox(account: &Value, args: &[&str]) -> Sandbox {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("account.json");
    std::fs::write(&file, account.to_string()).unwrap();
    Sandbox::start(&tools(), &[&["--load", file.to_str().unwrap()][..], args].concat())
}

/// A sandbox that begins with `objects`.
fn with_objects(objects: &[Value], args: &[&str]) -> Sandbox {
    sandbox(&json!({ "objects": objects }), args)
}

fn watch(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run("s3-tmpwatch", &[&["--no-conf"][..], args].concat())
}

/// The URIs that `ran` tells of, without the bucket.
fn told(ran: &Ran) -> Vec<String> {
    let uri = |record: &Value| record["uri"].as_str().unwrap().strip_prefix("s3://bucket/").unwrap().to_owned();
    let mut told: Vec<_> = ran.records().iter().map(uri).collect();
    told.sort();
    told
}

/// A key of each kind below `scratch/`, the folder of a job of mrjob's among them.
fn each_kind() -> [String; 5] {
    [
        format!("scratch/files/{HASH}/job.py"),
        format!("scratch/inputs/{HASH}/in.txt"),
        "scratch/logs/j-2AXXXXXXGAPLF/steps/s-1/stderr.gz".to_owned(),
        format!("scratch/{MRJOB}/files/mr_job.py"),
        format!("scratch/output/{RUN}/part-00000"),
    ]
}
