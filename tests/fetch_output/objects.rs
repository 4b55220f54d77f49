//! A sandbox with objects, and what the tool prints of them.

use std::process::{Command, Output, Stdio};

use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

use crate::TOOL;

/// A sandbox with these objects in its bucket.
pub(crate) fn sandbox(args: &[&str], objects: &[(&str, &[u8])]) -> Sandbox {
    let sandbox = Sandbox::start(&Tools::beside(TOOL), args);
    if !objects.is_empty() {
        put(&sandbox, objects);
    }
    sandbox
}

/// Puts objects into the bucket, all in one run of `curl`.
pub(crate) fn put(sandbox: &Sandbox, objects: &[(&str, &[u8])]) {
    let upload = |(number, (key, content)): (usize, &(&str, &[u8]))| {
        let file = sandbox.file(&format!("object-{number}"), content);
        format!("upload-file = \"{}\"\nurl = \"{}/bucket/{key}\"\n", file.display(), sandbox.endpoint())
    };
    let config = objects.iter().enumerate().map(upload).collect::<Vec<_>>().concat();
    let mut curl = Command::new("curl");
    Ran::with_stdin(curl.args(["-fgsS", "-K", "-", "-o", "/dev/null"]), &config).ok();
}

/// Deletes the object at `key` of the bucket.
pub(crate) fn delete(sandbox: &Sandbox, key: &str) {
    let url = format!("{}/bucket/{key}", sandbox.endpoint());
    Ran::of(Command::new("curl").args(["-fgsS", "-X", "DELETE", &url])).ok();
}

/// Runs the tool with nothing on stdin. What it prints may be no text.
pub(crate) fn fetch(sandbox: &Sandbox, args: &[&str]) -> Output {
    let mut tool = sandbox.tool("fetch-output");
    tool.args(args).stdin(Stdio::null()).output().unwrap()
}

/// What it prints, and that it is fine with it.
pub(crate) fn printed(sandbox: &Sandbox, args: &[&str]) -> Vec<u8> {
    let output = fetch(sandbox, args);
    assert!(output.status.success(), "{}", said(&output));
    output.stdout
}

/// What it said.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The record of a step in this state, with this output.
pub(crate) fn record(state: &str, output: Option<&str>) -> String {
    let mut record = json!({"job_flow_id": "j-A", "step_id": "s-A", "name": "count", "state": state});
    if let Some(output) = output {
        record["output"] = Value::from(output);
        record["started_at"] = Value::from("2026-11-22T06:00:00Z");
    }
    record.to_string()
}

/// Runs the tool with `records` on stdin.
pub(crate) fn piped(sandbox: &Sandbox, args: &[&str], records: &[String]) -> Ran {
    Ran::with_stdin(sandbox.tool("fetch-output").args(args), &records.join("\n"))
}

/// So many bytes that look random, the same each time.
pub(crate) fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(next).flatten().take(bytes).collect()
}
