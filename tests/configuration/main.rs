//! Where create-job-flow takes its options from, what it says of them, and what it makes of files of every kind.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod mrjob;
mod refusals;
mod sources;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use harness::{Ran, Tools};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const TOOL: &str = env!("CARGO_BIN_EXE_create-job-flow");

/// A folder that is the home of whoever runs the tool, with files of these names and contents.
pub(crate) fn home(files: &[(&str, &str)]) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(home.path().join(name), text).unwrap();
    }
    home
}

pub(crate) fn print_config(home: &Path) -> Command {
    let mut command = Tools::beside(TOOL).command("create-job-flow");
    command.current_dir(home).env("HOME", home).arg("--print-config");
    command
}

/// Each option's value and source.
pub(crate) fn options(ran: &Ran) -> BTreeMap<String, (Value, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let option = |record: Value| (text(&record["option"]), (record["value"].clone(), text(&record["source"])));
    ran.records().into_iter().map(option).collect()
}

/// What the tool makes of a single file with `text`.
pub(crate) fn of_text(text: &str) -> Ran {
    let home = home(&[("conf", text)]);
    Ran::of(print_config(home.path()).args(["-c", "conf"]))
}
