//! The sandbox beside the real EMR: what it answers, what it loads, and how its job flows fail.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answering;
mod loading;
mod starting;

use std::path::Path;
use std::process::Command;

use harness::{Sandbox, Tools};
use serde_json::Value;

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

fn sandbox(args: &[&str]) -> Sandbox {
    Sandbox::start(&Tools::beside(SANDBOX), args)
}

/// A recording that is kept here.
fn recorded(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sandbox/recorded");
    folder.join(name).to_str().unwrap().to_owned()
}

/// The status and the body of the answer to `request` for `operation`.
fn ask(sandbox: &Sandbox, operation: &str, request: &Value) -> (String, String) {
    let target = format!("X-Amz-Target: ElasticMapReduce.{operation}");
    let mut curl = Command::new("curl");
    curl.args(["-sS", "-w", "\n%{http_code}", "-H", &target, "--data-binary", &request.to_string()]);
    let output = curl.arg(sandbox.endpoint()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (body, status) = text.rsplit_once('\n').unwrap();
    (status.to_owned(), body.to_owned())
}

/// The answer to `request`, which is not refused.
fn answer(sandbox: &Sandbox, operation: &str, request: &Value) -> Value {
    let (status, body) = ask(sandbox, operation, request);
    assert_eq!(status, "200", "{operation}: {body}");
    if body.is_empty() { Value::Null } else { serde_json::from_str(&body).unwrap() }
}
