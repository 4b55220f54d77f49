//! Locks on buckets with rules of their own, and on stores that are busy, slow or elsewhere.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use harness::{Ran, Store, StoreAnswer, StoreRequest, Tools};

use crate::{LOCK, TOOL};

fn lock(store: &Store, args: &[&str]) -> Ran {
    let mut command = Tools::beside(TOOL).command("s3-lock");
    Ran::of(store.point(&mut command).args(args).args(["--no-conf"]))
}

/// Runs a command under the lock, with these options.
fn run(store: &Store, args: &[&str], command: &[&str]) -> Ran {
    let mut tool = Tools::beside(TOOL).command("s3-lock");
    Ran::of(store.point(&mut tool).args(["run", LOCK, "--no-conf"]).args(args).arg("--").args(command))
}

fn denied() -> StoreAnswer {
    StoreAnswer::error(403, "AccessDenied", "with an explicit deny in a resource-based policy")
}

#[test]
fn a_bucket_with_object_lock_gets_the_checksum_that_it_wants() {
    let store = Store::start(|request, _| {
        let has_checksum = !request.header("x-amz-checksum-sha256").is_empty();
        let refused =
            StoreAnswer::error(400, "InvalidRequest", "Content-MD5 OR x-amz-checksum- HTTP header is required");
        (request.method == "PUT" && !has_checksum).then_some(refused)
    });
    let _ = run(&store, &[], &["true"]).ok();
    let _ = lock(&store, &["probe", "s3://bucket/locks/"]).ok();
}

#[test]
fn a_bucket_that_demands_encryption_gets_it_where_the_options_say_so() {
    const SSE: &str = "x-amz-server-side-encryption";
    let wants = |algorithm: &'static str| {
        move |request: &StoreRequest, _| (request.method == "PUT" && request.header(SSE) != algorithm).then(denied)
    };
    let store = Store::start(wants("aws:kms"));
    run(&store, &[], &["true"]).fails(77, "AWS denies PutObject");
    let _ = run(&store, &["--s3-sse", "aws:kms", "--s3-sse-kms-key-id", "alias/etl"], &["true"]).ok();
    let _ = run(&store, &["--s3-sse-kms-key-id", "alias/etl"], &["true"]).ok();
    let written = store.requests("PUT");
    let last = written.last().unwrap();
    assert_eq!(last.header("x-amz-server-side-encryption-aws-kms-key-id"), "alias/etl");
    run(&store, &["--s3-sse", "AES256", "--s3-sse-kms-key-id", "k"], &["true"]).fails(78, "AES256 uses none");

    let store = Store::start(wants("AES256"));
    let folder = tempfile::tempdir().unwrap();
    let conf = folder.path().join("mrjob.conf");
    std::fs::write(&conf, "runners: {emr: {s3_sse: AES256}}").unwrap();
    let mut command = Tools::beside(TOOL).command("s3-lock");
    let command = store.point(&mut command).args(["acquire", LOCK, "--conf-path"]).arg(conf);
    assert_eq!(Ran::of(command).ok().record()["state"], "held");
}

#[test]
fn a_bucket_in_another_region_is_followed_there() {
    let is_misplaced = |request: &StoreRequest| !request.header("authorization").contains("/eu-west-1/");
    let store = Store::start(move |request, _| is_misplaced(request).then(|| StoreAnswer::redirect("eu-west-1")));
    let _ = run(&store, &[], &["true"]).ok();
    let requests = [store.requests("GET"), store.requests("PUT")].concat();
    assert_eq!(requests.iter().filter(|request| is_misplaced(request)).count(), 1);
    let probed = lock(&store, &["probe", "s3://bucket/locks/"]).ok();
    assert!(probed.records().iter().all(|finding| finding["honoured"] == true), "{probed:?}");
}

#[test]
fn the_region_of_a_bucket_that_cannot_be_followed_is_named_at_once() {
    let malformed = "The authorization header is malformed; the region is wrong; expecting 'eu-west-1'";
    let malformed = StoreAnswer::error(400, "AuthorizationHeaderMalformed", malformed);
    for answer in [StoreAnswer::redirect("eu-west-1"), malformed] {
        let store = Store::start(move |_, _| Some(answer.clone()));
        run(&store, &[], &["true"]).fails(2, "eu-west-1");
        assert!(store.requests("GET").len() <= 2);
    }
}

#[test]
fn throttling_without_end_is_worth_another_try_later() {
    let store = Store::start(|_, _| Some(StoreAnswer::error(503, "SlowDown", "Please reduce your request rate.")));
    run(&store, &[], &["true"]).fails(75, "AWS throttles GetObject again and again");
    lock(&store, &["show", LOCK]).fails(75, "Please reduce your request rate.");
}

#[test]
fn an_expired_token_is_named_and_nobody_is_told_of_permissions() {
    let store = Store::start(|_, _| Some(StoreAnswer::error(400, "ExpiredToken", "The provided token has expired.")));
    let ran = run(&store, &[], &["true"]);
    ran.fails(77, "The provided token has expired. (ExpiredToken)");
    assert!(!ran.stderr.contains("ListBucket"), "{ran:?}");
}

#[test]
fn a_token_that_expires_while_the_command_runs_is_said_before_and_when_the_command_is_ended() {
    let store = Store::start(|_, before| {
        (before >= 4).then(|| StoreAnswer::error(400, "ExpiredToken", "The provided token has expired."))
    });
    let ran = run(&store, &["--ttl", "3s"], &["sleep", "60"]);
    assert_eq!(ran.code, Some(77), "{ran:?}");
    let said: Vec<_> = ran.stderr.lines().collect();
    assert!(said[0].contains("warning: the lock is not renewed yet"), "{ran:?}");
    assert!(said[1].contains("the lock could not be renewed"), "{ran:?}");
    assert!(said.iter().all(|line| line.contains("The provided token has expired. (ExpiredToken)")), "{ran:?}");
}

/// A store that takes so long for each answer.
fn slow_store(takes: Duration) -> Store {
    Store::start(move |_, _| {
        let (_keep, never) = std::sync::mpsc::channel::<()>();
        let _ = never.recv_timeout(takes);
        None
    })
}

#[test]
fn a_time_to_live_that_is_too_short_for_the_store_is_said() {
    let ran = run(&slow_store(Duration::from_millis(700)), &["--ttl", "1s"], &["true"]);
    ran.fails(69, "too long for a lock that is held for 1 s at a time; give it a longer time to live");
    let ran = run(&slow_store(Duration::from_millis(600)), &["--ttl", "2s"], &["sleep", "1"]);
    assert!(ran.stderr.contains("a longer time to live is safer"), "{ran:?}");
    let ran = run(&slow_store(Duration::from_millis(50)), &["--ttl", "2s"], &["true"]).ok();
    assert_eq!(ran.stderr, "");
}

#[test]
fn what_is_not_answered_for_ten_seconds_is_said() {
    let began = Instant::now();
    let is_first = AtomicBool::new(true);
    let store = Store::start(move |_, _| {
        if is_first.swap(false, Ordering::Relaxed) {
            let (_keep, never) = std::sync::mpsc::channel::<()>();
            let _ = never.recv_timeout(Duration::from_secs(12));
        }
        None
    });
    let ran = lock(&store, &["show", LOCK]).ok();
    assert!(ran.stderr.contains("no answer for 10 s to GET /bucket/locks/nightly"), "{ran:?}");
    assert!(began.elapsed() < Duration::from_secs(30));
}
