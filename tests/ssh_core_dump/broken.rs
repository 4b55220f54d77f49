//! What breaks on the way: nodes, disks, runs, and files that are not complete.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::crash::{crash, plant};
use crate::{Field, Hosts, MIB, Ran};

const LONG: u64 = 40 * MIB;

/// A core dump of node 1 that takes its time, because nothing of it can be packed.
fn long(field: &Field) -> PathBuf {
    let path = field.cores(1).join("core.long");
    plant(&path, LONG, &(0..39).map(|at| at * MIB + 4096).collect::<Vec<_>>());
    path
}

/// The run of the tool once some of the core dump is here, and its part.
fn midway(field: &Field) -> (Child, PathBuf) {
    let mut command = field.command(&["--backtrace", "none"]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let part = loop {
        let parts = fs::read_dir(field.here(1)).into_iter().flatten().map(|entry| entry.unwrap().path());
        let has_some = |part: &PathBuf| fs::metadata(part).is_ok_and(|part| part.len() > 5 * MIB);
        let mut parts = parts.filter(|path| path.extension().is_some_and(|end| end == "part"));
        if let Some(part) = parts.find(has_some) {
            break part;
        }
        std::thread::yield_now();
    };
    (child, part)
}

fn end(child: Child) -> Ran {
    child.wait_with_output().unwrap().into()
}

/// That the next run goes on with `part`, and what comes of it is `original`.
fn goes_on(field: &Field, part: &Path, original: &Path) {
    let begun = fs::metadata(part).unwrap();
    assert!((5 * MIB..LONG).contains(&begun.len()), "{begun:?}");
    let record = field.run(&["--backtrace", "none"]).ok().record();
    let file = field.file(&record);
    assert_eq!(fs::metadata(&file).unwrap().ino(), begun.ino(), "it is the file that was begun");
    assert!(fs::read(&file).unwrap() == fs::read(original).unwrap());
    assert!(!part.exists());
}

#[test]
fn a_node_that_dies_midway_and_comes_back_is_fetched_on() {
    let Some(field) = Field::new(2) else { return };
    let original = long(&field);
    plant(&field.cores(2).join("core.other"), MIB, &[]);
    let (child, part) = midway(&field);
    field.hosts.kill(1);
    let ran = end(child);
    assert_eq!(ran.code, Some(69), "{ran:?}");
    assert!(ran.stderr.contains("i-0slave1: "), "{ran:?}");
    assert_eq!(ran.record()["node"], Hosts::id(2), "the other is fetched all the same");
    fs::remove_file(field.cores(2).join("core.other")).unwrap();
    field.hosts.restart(1);
    // Its network card is another one now, which the master does not know for a while.
    assert_eq!(field.hosts.exec(0, &["ip", "neigh", "flush", "all"]).code, Some(0));
    goes_on(&field, &part, &original);
}

#[test]
fn a_run_that_is_interrupted_is_gone_on_with() {
    let Some(field) = Field::new(1) else { return };
    let original = long(&field);
    let (child, part) = midway(&field);
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(end(child).code, Some(130));
    goes_on(&field, &part, &original);
}

#[test]
fn what_is_written_to_while_it_is_read_is_not_taken_for_complete() {
    let Some(field) = Field::new(1) else { return };
    let original = long(&field);
    let (child, part) = midway(&field);
    File::options().append(true).open(&original).unwrap().write_all(b"more").unwrap();
    let ran = end(child);
    assert_eq!(ran.code, Some(75), "{ran:?}");
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("core.long: it "), "{ran:?}");
    assert!(!part.with_extension("core").exists());
    assert_eq!(field.run(&["--backtrace", "none"]).ok().record()["bytes"], LONG + 4);
}

#[test]
fn a_core_dump_that_lacks_its_end_is_told_to_be_partial() {
    let Some(field) = Field::with_crashes(1) else { return };
    let core = crash(&field.hosts, 1);
    let whole = fs::metadata(&core).unwrap().len();
    assert!(field.run(&["--list"]).ok().record().get("partial").is_none());
    File::options().write(true).open(&core).unwrap().set_len(whole / 2).unwrap();
    let record = field.run(&[]).ok().record();
    assert_eq!((&record["partial"], &record["bytes"]), (&true.into(), &(whole / 2).into()));
    assert_eq!(fs::metadata(field.file(&record)).unwrap().len(), whole / 2);
}

/// `command` with a disk of 8 MiB for what is fetched; says on stderr what is there in the end.
fn on_a_small_disk(command: &Command) -> Command {
    const SCRIPT: &str = "mkdir cores && mount -t tmpfs -o size=8m tmpfs cores && \"$@\"; code=$?; \
        find cores -type f >&2; exit $code";
    let mut small = Command::new("unshare");
    let words: Vec<OsString> =
        [command.get_program()].into_iter().chain(command.get_args()).map(OsString::from).collect();
    small
        .args(["-m", "sh", "-c", SCRIPT, "sh"])
        .args(words)
        .current_dir(command.get_current_dir().unwrap())
        .env_clear();
    for (key, value) in command.get_envs() {
        small.env(key, value.unwrap());
    }
    small
}

#[test]
fn what_the_disk_has_no_room_for_is_not_begun_and_does_not_keep_the_others() {
    let Some(field) = Field::new(2) else { return };
    long(&field);
    plant(&field.cores(1).join("core.short"), MIB, &[4096]);
    plant(&field.cores(2).join("core.x"), 900 * MIB, &[MIB]);
    let ran = Ran::of(&mut on_a_small_disk(&field.command(&["--backtrace", "none"])));
    assert_eq!(ran.code, Some(74), "{ran:?}");
    assert!(ran.stderr.contains("core.long: no space left for "), "{ran:?}");
    let mut paths: Vec<_> = ran.records().iter().map(|record| record["path"].as_str().unwrap().to_owned()).collect();
    paths.sort();
    assert_eq!(paths, ["/tmp/cores/core.short", "/tmp/cores/core.x"]);
}

#[test]
fn what_has_come_when_the_disk_is_full_is_kept() {
    let Some(field) = Field::new(2) else { return };
    for node in [1, 2] {
        plant(&field.cores(node).join("core.x"), 7 * MIB, &[4096, 2 * MIB, 3 * MIB, 4 * MIB, 5 * MIB, 6 * MIB]);
    }
    let ran = Ran::of(&mut on_a_small_disk(&field.command(&["--backtrace", "none"])));
    assert_eq!(ran.code, Some(74), "{ran:?}");
    assert!(ran.stderr.contains("no space left") && ran.stderr.contains(".part\n"), "{ran:?}");
    assert!(ran.records().len() < 2, "{ran:?}");
}

#[test]
fn nothing_is_left_of_binaries_that_the_disk_has_no_room_for() {
    let Some(field) = Field::with_crashes(0) else { return };
    crash(&field.hosts, 0);
    let ran = Ran::of(&mut on_a_small_disk(&field.command(&["--backtrace", "local"]))).ok();
    assert!(ran.stderr.contains("no backtrace of ") && ran.stderr.contains("no space left for "), "{ran:?}");
    assert!(ran.stderr.contains(".core\n") && !ran.stderr.contains("\ncores/binaries/"), "{ran:?}");
    assert!(ran.record().get("backtrace").is_none());
}
