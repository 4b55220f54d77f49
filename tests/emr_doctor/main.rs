//! The doctor against the sandbox, and against endpoints that are ill in one way each.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod failures;
mod permissions;
mod policy;
mod writing;

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use harness::{Ran, Sandbox, Tools};
use serde_json::Value;

const DOCTOR: &str = env!("CARGO_BIN_EXE_emr-doctor");

/// The scratch URI of a healthy account.
const SCRATCH: [&str; 2] = ["--s3-scratch-uri", "s3://bucket/scratch"];

fn tools() -> Tools {
    Tools::beside(DOCTOR)
}

/// The doctor on `sandbox`.
fn doctor(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run("emr-doctor", &[&["--no-conf"], &SCRATCH[..], args].concat())
}

/// The only record of `check`.
fn record(ran: &Ran, check: &str) -> Value {
    let mut records = ran.records();
    records.retain(|record| record["check"] == check);
    assert_eq!(records.len(), 1, "one record of {check}: {ran:?}");
    records.remove(0)
}

/// Asserts that `check` came to `state`, with `words` in what was found, and that there is advice where it is not ok.
fn finds(ran: &Ran, check: &str, state: &str, words: &str) {
    let record = record(ran, check);
    assert_eq!(record["state"], state, "{record}");
    assert!(record["found"].as_str().unwrap().contains(words), "{record}");
    assert_eq!(record["advice"].is_string(), state != "ok", "{record}");
}

#[test]
fn in_a_healthy_account_nothing_fails_and_each_check_has_a_line() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let ran = doctor(&sandbox, &[]).ok();
    finds(&ran, "version", "ok", "emr-tools 0.");
    finds(&ran, "configuration", "ok", "no file was read");
    finds(&ran, "region", "ok", "us-east-1 (environment AWS_REGION)");
    finds(&ran, "credentials", "ok", "arn:aws:iam::123456789012:user/sandbox");
    finds(&ran, "endpoint", "ok", "emr-sandbox, which runs steps on its machine");
    finds(&ran, "clock", "ok", "right");
    finds(&ran, "job flows", "ok", "can be listed");
    finds(&ran, "service role", "ok", "EMR_DefaultRole exists, and EMR may take it on");
    finds(&ran, "instance profile", "ok", "EMR_EC2_DefaultRole exists, and EC2 may take it on");
    finds(&ran, "scratch uri", "ok", "s3://bucket/scratch can be listed, and is in us-east-1");
    finds(&ran, "scratch write", "ok", "can be written and read");
    finds(&ran, "conditional writes", "ok", "locks are safe");
    finds(&ran, "encryption", "ok", "what the bucket has");
    assert_eq!(ran.stderr, "");
    assert_eq!(sandbox.keys(""), [""; 0], "nothing is left");
    let changing = ["RunJobFlow", "AddJobFlowSteps", "TerminateJobFlows", "CreateRole"];
    assert!(changing.iter().all(|operation| sandbox.requests(operation).is_empty()));
}

#[test]
fn a_table_has_the_advice_beside_what_was_found() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let ran = sandbox.run("emr-doctor", &["--no-conf", "--output", "table"]).ok();
    assert!(ran.stdout.starts_with("CHECK"), "{ran:?}");
    let line = ran.stdout.lines().find(|line| line.starts_with("scratch uri")).unwrap();
    assert!(line.contains("warning") && line.contains("; set s3_scratch_uri in mrjob.conf"), "{line}");
}

#[test]
fn the_files_that_were_read_are_named_and_each_warning_about_them() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let conf = sandbox.file("mrjob.conf", "runners: {emr: {s3_scratch_url: s3://b/x, owner: ann}}");
    let ran = sandbox.run("emr-doctor", &["--conf-path", conf.to_str().unwrap()]).ok();
    let mut records = ran.records();
    records.retain(|record| record["check"] == "configuration");
    let found: Vec<_> = records.iter().map(|record| record["found"].as_str().unwrap()).collect();
    assert_eq!(found[0], format!("read {}", conf.display()));
    assert!(found[1].contains("unknown option s3_scratch_url, did you mean s3_scratch_uri?"), "{found:?}");
    assert_eq!((&records[0]["state"], &records[1]["state"]), (&"ok".into(), &"warning".into()));
    assert_eq!(ran.stderr, "", "it is said once");
}

/// A private key of ssh-keygen's below the folder of `sandbox`.
fn key(sandbox: &Sandbox, name: &str, passphrase: &str) -> String {
    let path = sandbox.folder().join(name);
    let args = ["-q", "-t", "rsa", "-m", "PEM", "-N", passphrase, "-f"];
    assert!(Command::new("ssh-keygen").args(args).arg(&path).status().unwrap().success());
    path.to_str().unwrap().to_owned()
}

/// The doctor with a key file.
fn with_key(sandbox: &Sandbox, path: &str, pair: &str) -> Ran {
    doctor(sandbox, &["--no-write", "--ec2-key-pair-file", path, "--ec2-key-pair", pair])
}

fn set_mode(path: &str, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_key_must_be_one_that_ssh_takes() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let path = key(&sandbox, "etl.pem", "");
    finds(&with_key(&sandbox, &path, "etl").ok(), "key file", "ok", "etl.pem");
    finds(&with_key(&sandbox, &path, "research").ok(), "key file", "warning", "is named after another key pair");
    let pem = std::fs::read_to_string(&path).unwrap();
    let bag = sandbox.file("bag.pem", format!("Bag Attributes\n{pem}")).to_str().unwrap().to_owned();
    set_mode(&bag, 0o600);
    finds(&with_key(&sandbox, &bag, "bag").ok(), "key file", "ok", "bag.pem");
    let locked = key(&sandbox, "locked.pem", "secret");
    let ran = with_key(&sandbox, &locked, "locked").ok();
    finds(&ran, "key file", "warning", "has a passphrase");
    assert!(record(&ran, "key file")["advice"].as_str().unwrap().starts_with("ssh-add "));
}

#[test]
fn a_key_that_ssh_does_not_take_is_a_failure() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let path = key(&sandbox, "etl.pem", "");
    set_mode(&path, 0o644);
    let ran = with_key(&sandbox, &path, "etl");
    finds(&ran, "key file", "failure", "has the mode 0644");
    finds(&ran, "ssh agent", "warning", "there is no key file that is right");
    assert_eq!(ran.code, Some(1));
    assert!(record(&ran, "key file")["advice"].as_str().unwrap().starts_with("chmod 600 "));
    finds(&with_key(&sandbox, "/nowhere/etl.pem", "etl"), "key file", "failure", "cannot read /nowhere/etl.pem");
    let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n";
    for text in ["ssh-ed25519 AAAA", public, "-----BEGIN OPENSSH PRIVATE KEY-----\n"] {
        let file = sandbox.file("other", text).to_str().unwrap().to_owned();
        set_mode(&file, 0o600);
        finds(&with_key(&sandbox, &file, "etl"), "key file", "failure", "is no private key");
    }
    let pipe = sandbox.folder().join("pipe");
    assert!(Command::new("mkfifo").args(["-m", "600"]).arg(&pipe).status().unwrap().success());
    finds(&with_key(&sandbox, pipe.to_str().unwrap(), "etl"), "key file", "failure", "is no plain file");
}
