//! Trials: `s3-lock probe --minutes`, which lets processes fight over a store.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use harness::{Ran, Store, Tools};
use serde_json::Value;

use crate::{TOOL, lock, sandbox};

const SHORT: [&str; 4] = ["probe", "s3://bucket/locks/", "--minutes", "0.1"];

fn with_key<'a>(records: &'a [Value], key: &str) -> &'a Value {
    records.iter().find(|record| !record[key].is_null()).unwrap_or_else(|| panic!("no record has {key}: {records:?}"))
}

#[test]
fn a_trial_of_a_sound_store_holds_and_leaves_nothing_behind() {
    let sandbox = sandbox(&[]);
    let ran = lock(&sandbox, &SHORT).ok();
    let records = ran.records();
    assert_eq!(with_key(&records, "holds")["holds"], true);
    let trial = with_key(&records, "seed");
    assert!(trial["commands"].as_u64() > Some(8) && trial["acquired"].as_u64() > Some(0), "{trial}");
    assert!(["assumed: ", "tried: ", "found: "].iter().all(|part| ran.stderr.contains(part)), "{ran:?}");
    assert_eq!(sandbox.keys("locks/"), [""; 0]);
}

#[test]
fn a_trial_of_a_store_that_ignores_conditions_now_and_then_says_which_lines_show_it() {
    let store = Store::ignoring_one_condition_in(5);
    let folder = tempfile::tempdir().unwrap();
    let history = folder.path().join("history");
    let mut command = Tools::beside(TOOL).command("s3-lock");
    store.point(&mut command).args(SHORT).args(["--no-conf", "--history"]).arg(&history);
    let ran = Ran::of(&mut command);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let records = ran.records();
    let fork = records.iter().find(|record| record["kind"] == "fork").unwrap_or_else(|| panic!("{ran:?}"));
    assert!(fork["lines"][0].as_str().unwrap().starts_with(&format!("{}:", history.display())), "{fork}");
    assert_eq!(with_key(&records, "seed")["history"], history.to_str().unwrap());
}

#[test]
fn a_trial_that_is_interrupted_ends_its_processes_and_removes_its_objects() {
    let sandbox = sandbox(&[]);
    let mut command = sandbox.tool("s3-lock");
    command.args(["probe", "s3://bucket/locks/", "--minutes", "10"]).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut trial = command.spawn().unwrap();
    let mut said = BufReader::new(trial.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("processes fight") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "it ended early");
    }
    assert!(Command::new("kill").arg(trial.id().to_string()).status().unwrap().success());
    let rest: Vec<_> = said.lines().map_while(Result::ok).collect();
    assert_eq!(trial.wait().unwrap().code(), Some(128 + 15), "{rest:?}");
    assert_eq!(sandbox.keys("locks/"), [""; 0]);
}
