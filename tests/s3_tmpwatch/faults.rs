//! What fails is told, and the rest is done.

use std::fs::File;
use std::process::Stdio;

use harness::Ran;
use serde_json::Value;

use crate::{days_ago, each_kind, now, object, told, tools, watch, with_objects};

fn logs(number: usize) -> Vec<Value> {
    (0..number).map(|number| object(format!("scratch/logs/j-2AXXXXXXGAPLF/{number:04}.gz"), 31)).collect()
}

#[test]
fn a_lost_answer_and_a_throttle_are_tried_again() {
    for fault in [
        "DeleteObjects:drop-response:1",
        "DeleteObjects:throttle:2",
        "DeleteObjects:error-500:1",
        "ListObjectsV2:throttle:2",
    ] {
        let sandbox = with_objects(&logs(3), &["--fault", fault]);
        assert_eq!(watch(&sandbox, &["30d", "s3://bucket/scratch/"]).ok().records().len(), 3, "{fault}");
        assert_eq!(sandbox.keys("scratch/"), [""; 0], "{fault}");
    }
}

#[test]
fn a_denied_sweep_says_so_once_and_what_is_left() {
    let sandbox = with_objects(&logs(30), &["--fault", "DeleteObjects:deny:1"]);
    let ran = watch(&sandbox, &["30d", "s3://bucket/scratch/"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(77), ""), "{ran:?}");
    assert!(ran.stderr.lines().count() < 20 && ran.stderr.contains("20 more failures"), "{ran:?}");
    assert_eq!(sandbox.keys("scratch/").len(), 30);
    let denied = with_objects(&logs(1), &["--fault", "ListObjectsV2:deny:1"]);
    watch(&denied, &["30d", "s3://bucket/scratch/"]).fails(77, "s3://bucket/scratch/");
}

#[test]
fn what_lives_must_be_known_before_an_upload_is_deleted() {
    let sandbox = with_objects(&each_kind().map(|key| object(key, 31)), &["--fault", "ListClusters:deny:9"]);
    let ran = watch(&sandbox, &["30d", "s3://bucket/scratch/"]);
    assert_eq!(ran.code, Some(77), "{ran:?}");
    assert_eq!(told(&ran), ["scratch/logs/j-2AXXXXXXGAPLF/steps/s-1/stderr.gz"], "logs go by their age alone");
    assert!(ran.stderr.contains("kept 4 because it is not known which job flows and steps live"), "{ran:?}");
    assert_eq!(sandbox.keys("scratch/").len(), 4);
}

#[test]
fn what_lives_is_asked_for_once_where_it_is_not_told() {
    let objects: Vec<_> = (0..2100).map(|number| object(format!("scratch/files/{number:064x}/x"), 31)).collect();
    let sandbox = with_objects(&objects, &["--fault", "ListClusters:deny:9"]);
    let ran = watch(&sandbox, &["30d", "s3://bucket/scratch/"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(77), ""), "{ran:?}");
    assert_eq!(sandbox.requests("ListClusters").len(), 1);
    assert_eq!(ran.stderr.matches("denies ListClusters").count(), 1, "{ran:?}");
    assert!(ran.stderr.contains("kept 2100 because it is not known"), "{ran:?}");
}

#[test]
fn a_full_disk_ends_the_sweep_and_the_sum_is_said_nevertheless() {
    let sandbox = with_objects(&logs(3), &[]);
    let mut command = sandbox.tool("s3-tmpwatch");
    command.args(["--no-conf", "-q", "30d", "s3://bucket/scratch/"]).stdin(Stdio::null()).stderr(Stdio::piped());
    let full = File::options().write(true).open("/dev/full").unwrap();
    let ran = Ran::from(command.stdout(full).spawn().unwrap().wait_with_output().unwrap());
    assert_eq!(ran.code, Some(74), "{ran:?}");
    assert!(ran.stderr.contains("deleted 3 files (12 bytes)"), "{ran:?}");
}

#[test]
fn a_delete_of_uploads_is_sent_once() {
    let objects = each_kind().map(|key| object(key, 31));
    let sandbox = with_objects(&objects[..1], &["--fault", "DeleteObjects:drop-response:1"]);
    let ran = watch(&sandbox, &["30d", "s3://bucket/scratch/"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(69), ""), "{ran:?}");
    assert!(ran.stderr.contains("deleted 0 files (0 bytes); 1 more may be deleted: S3 did not answer"), "{ran:?}");
    assert!(ran.stderr.contains("may be deleted, or not: s3://bucket/scratch/files/"), "{ran:?}");
    assert_eq!(sandbox.requests("DeleteObjects").len(), 1);
    let lock = sandbox.object("scratch/locks/s3-tmpwatch").unwrap();
    assert!(lock.contains("held"), "until the delete can no longer happen: {lock}");
}

#[test]
fn an_answer_that_says_nothing_of_a_key_deletes_nothing() {
    let modified = days_ago(31);
    let endpoint = harness::Endpoint::answering(move |request, _| {
        let today = now().format("%a, %d %b %Y %H:%M:%S GMT");
        let dated = |body: &str| format!("Date: {today}\r\nContent-Type: application/xml\r\n\r\n{body}");
        if request.starts_with("POST") {
            return dated("<DeleteResult></DeleteResult>");
        }
        dated(&format!(
            "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>scratch/logs/j-2AXXXXXXGAPLF/x</Key>\
             <LastModified>{modified}</LastModified><Size>1</Size></Contents></ListBucketResult>"
        ))
    });
    let ran = endpoint.run(&tools(), "s3-tmpwatch", &["--no-conf", "--all-kinds", "2d", "s3://bucket/scratch/"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(69), ""), "{ran:?}");
}

#[test]
fn a_dry_run_that_nobody_reads_to_its_end_stops_and_says_how_far_it_came() {
    let sandbox = with_objects(&logs(20_000), &["--latency-ms", "20"]);
    let line = "s3-tmpwatch --no-conf --dry-run 30d s3://bucket/scratch/ | head -n 3";
    let mut shell = std::process::Command::new("sh");
    let ran = Ran::of(sandbox.point(shell.args(["-c", line]).env("PATH", tools().path(&[])))).ok();
    assert_eq!(ran.records().len(), 3, "{ran:?}");
    assert!(ran.stderr.contains("would delete at least ") && sandbox.requests("ListObjectsV2").len() < 15, "{ran:?}");
}
