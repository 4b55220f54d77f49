//! Backtraces of real crashes.

use std::fs;

use serde_json::Value;

use crate::{Field, crash};

fn frames(record: &Value) -> Vec<&str> {
    record["backtrace"].as_array().unwrap().iter().map(|frame| frame.as_str().unwrap()).collect()
}

fn assert_told(record: &Value) {
    let frames = frames(record);
    let python: Vec<_> = frames.iter().skip_while(|frame| !frame.starts_with("string_at")).collect();
    assert!(python[0].starts_with("string_at (ctypes/__init__.py:"), "{frames:?}");
    assert_eq!(python[1..], [&"reducer (crash.py:9)", &"mapper (crash.py:6)", &"<module> (crash.py:11)"]);
    assert!(frames[0].starts_with("__strlen"), "gdb tells the native ones: {frames:?}");
}

#[test]
fn a_backtrace_is_made_on_the_node_and_equal_ones_are_one_line() {
    let Some(field) = Field::with_crashes(2) else { return };
    (0..=2).for_each(|node| drop(crash(&field.hosts, node)));
    let ran = field.run(&[]).ok();
    assert_eq!(ran.records().len(), 3);
    ran.records().iter().for_each(assert_told);
    let line = ran.stderr.lines().find(|line| line.contains(" × ")).unwrap();
    assert!(line.starts_with("ssh-core-dump: 3 × /usr/bin/python3"), "{line}");
    assert!(line.contains("SIGSEGV in __strlen") && line.contains("(on i-0"), "{line}");
}

#[test]
fn a_backtrace_is_made_here_of_binaries_that_are_fetched_once() {
    let Some(field) = Field::with_crashes(2) else { return };
    (1..=2).for_each(|node| drop(crash(&field.hosts, node)));
    let builds = field.sandbox.folder().join("cores/binaries");
    // What a run that was interrupted has left.
    fs::create_dir_all(builds.join("0123456789abcdef.part")).unwrap();
    fs::write(builds.join("0123456789abcdef.part/libc.so.6"), "\x7fELF").unwrap();
    let records = field.run(&["--backtrace", "local"]).ok().records();
    assert_eq!(records.len(), 2);
    records.iter().for_each(assert_told);
    let builds: Vec<_> = fs::read_dir(builds).unwrap().map(|build| build.unwrap().path()).collect();
    assert_eq!(builds.len(), 1, "one build, of two nodes");
    assert!(builds[0].join("libc.so.6").exists());
}

#[test]
fn no_backtrace_is_made_where_none_is_wanted_and_it_is_made_up_for_later() {
    let Some(field) = Field::with_crashes(0) else { return };
    crash(&field.hosts, 0);
    assert!(field.run(&["--backtrace", "none"]).ok().record().get("backtrace").is_none());
    assert_told(&field.run(&[]).ok().record());
}
