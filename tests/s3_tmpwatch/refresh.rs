//! An upload that finds an old file makes it new.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use harness::{Ran, Sandbox};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{object, watch, with_objects};

const SCRIPT: &str = "#!/bin/sh\nexit 0\n";

fn key() -> String {
    format!("scratch/files/{}/job.sh", hex::encode(Sha256::digest(SCRIPT)))
}

/// A sandbox with a job flow, the local file `job.sh`, and the same on S3 for so many days.
fn uploaded(days: i64, args: &[&str]) -> (Sandbox, String) {
    let mut old = object(key(), days);
    old["Body"] = json!(SCRIPT);
    let sandbox = with_objects(&[old], args);
    sandbox.file("job.sh", SCRIPT);
    let flow = sandbox.job_flow(&["--no-conf"]);
    (sandbox, flow)
}

fn add(sandbox: &Sandbox, flow: &str) -> Ran {
    sandbox.run("add-step", &["--no-conf", flow, "--script", "job.sh"])
}

/// Whether the next sweep would delete the upload.
fn is_doomed(sandbox: &Sandbox) -> bool {
    let ran = watch(sandbox, &["--dry-run", "2d", "s3://bucket/scratch/"]).ok();
    !ran.stdout.is_empty()
}

#[test]
fn a_young_file_is_neither_copied_nor_uploaded() {
    let (sandbox, flow) = uploaded(0, &[]);
    let _ = add(&sandbox, &flow).ok();
    assert!(sandbox.requests("CopyObject").is_empty() && sandbox.requests("PutObject").is_empty());
}

#[test]
fn an_old_file_is_copied_onto_itself_and_survives_the_next_sweep() {
    let (sandbox, flow) = uploaded(40, &[]);
    let _ = add(&sandbox, &flow).ok();
    assert_eq!(sandbox.requests("CopyObject").len(), 1);
    assert!(sandbox.requests("PutObject").is_empty(), "it is not sent again");
    assert!(!is_doomed(&sandbox));
    assert_eq!(sandbox.object(&key()).unwrap(), SCRIPT);
    let _ = add(&sandbox, &flow).ok();
    assert_eq!(sandbox.requests("CopyObject").len(), 1, "it is new for a day");
}

#[test]
fn where_it_cannot_be_copied_it_is_uploaded_again() {
    for fault in ["CopyObject:deny:1", "CopyObject:error-500:9"] {
        let (sandbox, flow) = uploaded(40, &["--fault", fault]);
        let _ = add(&sandbox, &flow).ok();
        assert_eq!(sandbox.requests("PutObject").len(), 1, "{fault}");
        assert!(!is_doomed(&sandbox), "{fault}");
    }
}

#[test]
fn a_copy_whose_answer_is_lost_is_made_again_or_the_file_is_uploaded() {
    for fault in ["CopyObject:drop-response:1", "CopyObject:drop-response:99"] {
        let (sandbox, flow) = uploaded(40, &["--fault", fault]);
        let _ = add(&sandbox, &flow).ok();
        assert!(!is_doomed(&sandbox), "{fault}");
    }
}

#[test]
fn where_the_lock_of_sweeps_may_not_be_read_the_file_is_uploaded_again() {
    let (sandbox, flow) = uploaded(40, &["--fault", "GetObject:deny:99"]);
    let _ = add(&sandbox, &flow).ok();
    assert!(sandbox.requests("CopyObject").is_empty());
    assert_eq!(sandbox.requests("PutObject").len(), 1);
    assert!(!is_doomed(&sandbox));
}

#[test]
fn an_upload_waits_for_a_sweep_that_is_under_way() {
    let (sandbox, flow) = uploaded(40, &[]);
    let lock = "s3://bucket/scratch/locks/s3-tmpwatch";
    let _ = sandbox.run("s3-lock", &["acquire", "--token", "sweep", "--ttl", "1h", lock]).ok();
    let mut command = sandbox.tool("add-step");
    command.args(["--no-conf", "-vv", &flow, "--script", "job.sh"]).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("GetObject: answered") {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "it looks at the lock");
    }
    assert!(sandbox.requests("CopyObject").is_empty());
    let _ = sandbox.run("s3-lock", &["release", "--token", "sweep", lock]).ok();
    while said.read_line(&mut line).unwrap() > 0 {}
    assert!(child.wait().unwrap().success(), "{line}");
    assert_eq!(sandbox.requests("CopyObject").len(), 1);
}
