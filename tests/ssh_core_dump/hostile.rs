//! What others have put beside the core dumps, and what they have called them.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::crash::{crash, plant};
use crate::{Field, Hosts, MIB};

/// A stand-in for sudo that lets everybody do everything, as EMR's lets hadoop.
const SUDO: &str = "
#include <string.h>
#include <unistd.h>
int main(int count, char **words) {
    if (count < 3 || strcmp(words[1], \"-n\") || setgid(0) || setuid(0)) return 1;
    execvp(words[2], words + 2);
    return 1;
}
";

#[test]
fn no_name_leaves_the_folder_reaches_a_shell_or_moves_the_cursor() {
    let Some(field) = Field::new(1) else { return };
    let names = [
        &b"core.x\n$(touch pwned).1"[..],
        b"core.`touch pwned`;touch pwned",
        b"core.'\"; touch pwned #",
        b"..core.\x1b[31m\x07",
        b"-rf",
        b"core.\xff\xfe",
    ];
    for name in names {
        plant(&field.cores(1).join(std::ffi::OsStr::from_bytes(name)), MIB, &[4096]);
    }
    symlink("/etc/shadow", field.cores(1).join("core.shadow")).unwrap();
    symlink("core.\u{1}", field.cores(1).join("core.loop")).unwrap();
    assert!(Command::new("mkfifo").arg(field.cores(1).join("core.fifo")).status().unwrap().success());
    fs::write(field.cores(1).join("core.text"), "not a core dump").unwrap();

    let ran = field.run(&["--output", "table"]).ok();
    assert_eq!(ran.stdout.lines().count(), 1 + names.len(), "{ran:?}");
    let raw = |text: &str| text.chars().any(|c| c.is_control() && c != '\n');
    assert!(!raw(&ran.stdout) && !raw(&ran.stderr), "{ran:?}");
    let records = field.run(&["--delete-after"]).ok().records();
    assert_eq!(records.len(), names.len());
    for record in &records {
        let file = field.file(record).canonicalize().unwrap();
        assert!(file.starts_with(field.here(1).canonicalize().unwrap()), "{file:?}");
    }
    let left = fs::read_dir(field.cores(1)).unwrap().count();
    assert_eq!(left, 4, "what is no core dump is left alone");
    let touched = field.hosts.exec(1, &["find", "/", "-xdev", "-name", "pwned"]).stdout;
    assert!(touched.is_empty() && !field.sandbox.folder().join("pwned").exists(), "{touched}");
}

#[test]
fn another_user_s_core_dumps_are_read_by_sudo_and_said_where_there_is_none() {
    let Some(field) = Field::new(2) else { return };
    for node in [1, 2] {
        let secret = field.cores(node).join("core.yarn");
        plant(&secret, MIB, &[4096]);
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        chown(&secret, Some(0), Some(0)).unwrap();
        plant(&field.cores(node).join("core.own"), MIB, &[]);
    }
    let bin = field.hosts.folder(1).join("tmp/bin");
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("sudo.c"), SUDO).unwrap();
    assert!(Command::new("cc").args(["-o", "sudo", "sudo.c"]).current_dir(&bin).status().unwrap().success());
    fs::set_permissions(bin.join("sudo"), fs::Permissions::from_mode(0o4755)).unwrap();
    fs::write(field.hosts.folder(1).join("home/.bashrc"), "PATH=/tmp/bin:$PATH\n").unwrap();

    let ran = field.run(&["--backtrace", "none"]);
    assert_eq!(ran.code, Some(77), "{ran:?}");
    assert!(ran.stderr.contains("i-0slave2: /tmp/cores/core.yarn belongs to another user; let sudo run"), "{ran:?}");
    let of = |node| ran.records().iter().filter(|record| record["node"] == Hosts::id(node)).count();
    assert_eq!([of(1), of(2)], [2, 1]);

    let ran = field.run(&["--backtrace", "none", "--delete-after", "--node", "i-0slave1"]).ok();
    assert_eq!(ran.records().len(), 2);
    assert_eq!(fs::read_dir(field.cores(1)).unwrap().count(), 0);
}

/// Changes bytes of a core dump that is planted.
fn spoil(path: &Path, changes: &[(u64, &[u8])]) {
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    for (at, bytes) in changes {
        file.write_all_at(bytes, *at).unwrap();
    }
}

#[test]
fn a_file_that_is_not_what_it_pretends_hides_none_of_the_others() {
    let Some(field) = Field::new(1) else { return };
    let core = |name: &str| field.cores(1).join(name);
    for name in ["core.a", "core.late", "core.many", "core.narrow", "core.old", "core.z"] {
        plant(&core(name), MIB, &[4096]);
    }
    // Where the program headers are, how long each is and how many, and where the section headers are.
    for (place, wild) in [(1 << 40, "core.w1"), (1 << 62, "core.w2"), (1 << 63, "core.w3"), (u64::MAX, "core.w4")] {
        plant(&core(wild), 64, &[]);
        spoil(&core(wild), &[(32, &place.to_le_bytes()), (54, &[56, 0, 1, 0])]);
    }
    spoil(&core("core.late"), &[(32, &u64::MAX.to_le_bytes())]);
    spoil(&core("core.many"), &[(32, &64_u64.to_le_bytes()), (40, &[0xff; 8]), (54, &[56, 0, 0xff, 0xff])]);
    spoil(&core("core.narrow"), &[(4, &[1])]);
    // A note of 2^63 bytes at the end of all files.
    let note = [4_u64, u64::MAX - 1, 0, 0, 1 << 63, 0, 0].map(u64::to_le_bytes).concat();
    spoil(&core("core.z"), &[(32, &64_u64.to_le_bytes()), (54, &[56, 0, 1, 0]), (64, &note)]);
    fs::write(core("core.stump"), b"\x7fELF\x02").unwrap();
    let old = Command::new("touch").args(["-d", "1960-01-01"]).arg(core("core.old")).status();
    assert!(old.unwrap().success());
    plant(&core("core.endless"), 2 << 40, &[]);
    let names = ["a", "late", "many", "narrow", "old", "stump", "w1", "w2", "w3", "w4", "z"];
    let partial = ["late", "many", "stump", "w1", "w2", "w3", "w4", "z"];
    for args in [&["--list"][..], &[]] {
        let ran = field.run(args).ok();
        let mut records = ran.records();
        records.sort_by_key(|record| record["path"].to_string());
        let name = |record: &Value| record["path"].as_str().unwrap().replace("/tmp/cores/core.", "");
        assert_eq!(records.iter().map(name).collect::<Vec<_>>(), names);
        records.retain(|record| record.get("partial").is_some());
        assert_eq!(records.iter().map(name).collect::<Vec<_>>(), partial);
        assert!(ran.stderr.contains("/tmp/cores/core.endless is too long"), "{ran:?}");
    }
}

#[test]
fn empty_and_packed_core_dumps_are_said() {
    let Some(field) = Field::new(1) else { return };
    let core = |name: &str| field.cores(1).join(name);
    fs::write(core("core.python3.9.h.1"), "").unwrap();
    let ran = field.run(&["--list"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    let said = "i-0slave1: 1 file is empty: a crash whose core dump did not fit";
    assert!(ran.stderr.contains(said) && !ran.stderr.contains("there is no core dump"), "{ran:?}");

    fs::write(core("core.other"), "").unwrap();
    for (name, magic) in
        [("zst", &b"\x28\xb5\x2f\xfd.."[..]), ("lz4", b"\x04\x22\x4d\x18"), ("xz", b"\xfd7zXZ\0"), ("gz", b"\x1f\x8b")]
    {
        fs::write(core(&format!("core.1.{name}")), magic).unwrap();
    }
    plant(&core("core.x"), MIB, &[4096]);
    let ran = field.run(&[]).ok();
    assert_eq!(ran.record()["path"], "/tmp/cores/core.x");
    assert!(ran.stderr.contains("2 files are empty: ") && ran.stderr.contains("4 files are compressed, "), "{ran:?}");
    let ran = field.run(&["--newer-than", "0s"]);
    assert_eq!((ran.code, ran.stderr.contains("files are")), (Some(1), false), "{ran:?}");
}

#[test]
fn no_link_in_the_place_of_a_folder_is_followed() {
    let Some(field) = Field::new(0) else { return };
    plant(&field.cores(0).join("core.x"), MIB, &[4096]);
    let theirs = field.sandbox.folder().join("theirs");
    fs::create_dir(&theirs).unwrap();
    fs::create_dir(field.sandbox.folder().join("cores")).unwrap();
    symlink(&theirs, field.here(0).parent().unwrap()).unwrap();
    let ran = field.run(&[]);
    assert!(ran.code == Some(74) && ran.stderr.contains("cores/j-HOSTS is a link, and is not followed"), "{ran:?}");
    assert_eq!(fs::read_dir(theirs).unwrap().count(), 0);
}

#[test]
fn no_link_in_the_place_of_the_folder_of_binaries_is_followed() {
    let Some(field) = Field::with_crashes(0) else { return };
    crash(&field.hosts, 0);
    let theirs = field.sandbox.folder().join("theirs");
    fs::create_dir_all(theirs.join("0123.part7")).unwrap();
    fs::create_dir(field.sandbox.folder().join("cores")).unwrap();
    symlink(&theirs, field.sandbox.folder().join("cores/binaries")).unwrap();
    let ran = field.run(&["--backtrace", "local"]).ok();
    assert!(ran.stderr.contains("cores/binaries is a link, and is not followed"), "{ran:?}");
    assert_eq!(fs::read_dir(&theirs).unwrap().count(), 1);
    assert!(theirs.join("0123.part7").exists());
}

#[test]
fn no_link_in_the_place_of_a_note_is_followed() {
    let Some(field) = Field::new(1) else { return };
    plant(&field.cores(1).join("core.x"), MIB, &[4096]);
    let fetched = field.run(&[]).ok().records();
    let file = field.file(&fetched[0]);
    let theirs = field.sandbox.file("theirs", r#"{"sha256": "planted"}"#);
    fs::remove_file(file.with_extension("json")).unwrap();
    symlink(&theirs, file.with_extension("json")).unwrap();
    symlink(&theirs, file.with_extension("json.part")).unwrap();
    assert_eq!(field.run(&[]).ok().records()[0]["sha256"], fetched[0]["sha256"]);
    fs::remove_file(&file).unwrap();
    assert_eq!(field.run(&[]).ok().records(), fetched);
    assert_eq!(fs::read_to_string(theirs).unwrap(), r#"{"sha256": "planted"}"#);
}
