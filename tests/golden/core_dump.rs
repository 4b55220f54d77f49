//! A core dump that is the same on every machine, as none of a real crash is.

use std::fs;
use std::os::unix::fs::chown;
use std::process::Command;

use harness::Hosts;

/// The user that the tools log in as.
const HADOOP: u32 = 1999;

const CORE: u16 = 4;
const LOAD: u32 = 1;
const NOTE: u32 = 4;
/// `NT_FILE`: the note with the mapped files.
const FILES: u32 = 0x4649_4c45;
/// Offset of the notes, after the header and two program headers.
const NOTES: u64 = 64 + 2 * 56;

/// Writes a core dump of PID 49, a Python that died of signal 11, on the first slave of `hosts`.
pub(crate) fn leave(hosts: &Hosts) {
    let path = hosts.folder(1).join("tmp/cores/core.python3.49");
    fs::write(&path, core()).unwrap();
    chown(&path, Some(HADOOP), Some(HADOOP)).unwrap();
    let touched = Command::new("touch").args(["-d", "2026-01-01T02:00:00Z"]).arg(&path).status().unwrap();
    assert!(touched.success());
}

/// The file: headers, notes and 100 bytes of memory (`elf(5)`).
fn core() -> Vec<u8> {
    let mut status = vec![0; 336];
    (status[12], status[32]) = (11, 49);
    let mut info = vec![0; 136];
    info[24] = 49;
    info[40..47].copy_from_slice(b"python3");
    let mut files = [1_u64, 4096, 0x40_0000, 0x40_1000, 0].map(u64::to_le_bytes).concat();
    files.extend(b"/usr/bin/python3.11\0");
    let notes = [note(1, &status), note(3, &info), note(FILES, &files)].concat();
    let length = u64::try_from(notes.len()).unwrap();
    let mut core = b"\x7fELF\x02\x01\x01".to_vec();
    core.resize(64, 0);
    core[16..18].copy_from_slice(&CORE.to_le_bytes());
    (core[32], core[54], core[56]) = (64, 56, 2);
    core.extend(program(NOTE, NOTES, length));
    core.extend(program(LOAD, NOTES + length, 100));
    core.extend(notes);
    core.extend([7; 100]);
    core
}

fn note(kind: u32, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap();
    let mut note = [5, length, kind].map(u32::to_le_bytes).concat();
    note.extend(b"CORE\0\0\0\0");
    note.extend(content);
    note.resize(note.len().next_multiple_of(4), 0);
    note
}

fn program(kind: u32, offset: u64, length: u64) -> Vec<u8> {
    let mut header = [kind, 4].map(u32::to_le_bytes).concat();
    header.extend([offset, 0x7000, 0, length, length, 4096].map(u64::to_le_bytes).concat());
    header
}
