//! A sandbox that has job flows of others, and what EMR copied of their logs.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

use crate::TOOL;

/// The step that every loaded job flow has.
pub(crate) const STEP: &str = "s-RECORDED";

/// A job flow with one step that failed. `cluster` has what else is to be known of it.
pub(crate) fn failed(id: &str, cluster: &Value) -> Value {
    let mut all = json!({
        "Id": id,
        "Name": "night",
        "LogUri": "s3n://bucket/logs/",
        "Status": {"State": "TERMINATED", "Timeline": {"CreationDateTime": 1, "EndDateTime": 9}},
    });
    for (key, value) in cluster.as_object().unwrap() {
        all[key] = value.clone();
    }
    all.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let status = json!({"State": "FAILED", "Timeline": {"CreationDateTime": 2, "StartDateTime": 3, "EndDateTime": 4}});
    json!({"Cluster": all, "Steps": [{"Id": STEP, "Name": "count", "Status": status}]})
}

/// A sandbox that is loaded with `clusters`.
pub(crate) fn sandbox(clusters: &[Value], args: &[&str]) -> Sandbox {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("account.json");
    fs::write(&file, json!({"clusters": clusters}).to_string()).unwrap();
    let load = ["--load", file.to_str().unwrap()];
    Sandbox::start(&Tools::beside(TOOL), &[&load, args].concat())
}

/// What EMR makes of a log when it copies it.
pub(crate) fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// Puts objects into the bucket.
pub(crate) fn put(sandbox: &Sandbox, objects: &[(String, Vec<u8>)]) {
    put_by(Command::new("curl"), sandbox, objects);
}

/// Puts objects into the bucket, all in one run of `curl`.
pub(crate) fn put_by(mut curl: Command, sandbox: &Sandbox, objects: &[(String, Vec<u8>)]) {
    let mut config = String::new();
    for (number, (key, content)) in objects.iter().enumerate() {
        let file = sandbox.file(&format!("object-{number}"), content);
        let url = format!("{}/bucket/{key}", sandbox.endpoint());
        config += &format!("upload-file = \"{}\"\nurl = \"{url}\"\n", file.display());
    }
    let ran = Ran::with_stdin(curl.args(["-fsS", "-K", "-", "-o", "/dev/null"]), &config);
    ran.ok();
}

/// Every file below `folder`, with its path there.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    found
}

/// Copies logs, by their paths, to where EMR copies those of the job flow `id`.
pub(crate) fn copy_logs(sandbox: &Sandbox, id: &str, logs: &[(String, Vec<u8>)]) {
    let object = |(path, text): &(String, Vec<u8>)| (format!("logs/{id}/{path}.gz"), packed(text));
    put(sandbox, &logs.iter().map(object).collect::<Vec<_>>());
}

/// A log by its path and text.
pub(crate) fn log(path: &str, text: &str) -> (String, Vec<u8>) {
    (path.to_owned(), text.as_bytes().to_vec())
}
