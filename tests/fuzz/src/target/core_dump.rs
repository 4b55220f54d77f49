//! Core dumps: the head, and the memory of a Python in it. The input is the dump, and each file that it had mapped.

use std::cell::Cell;

use ssh_core_dump::untrusted::{announced, traceback};

/// The most parts that are read of the files of one core dump.
const MOST: u32 = 1000;

/// Runs the target.
pub fn run(input: &[u8]) {
    let asked = Cell::new(0);
    let part = |start: u64, length: usize| {
        asked.set(asked.get() + 1);
        let rest = usize::try_from(start).ok().and_then(|start| input.get(start..)).unwrap_or_default();
        rest[..rest.len().min(length)].to_vec()
    };
    let functions = traceback(input, part);
    assert!(asked.get() <= MOST, "{} parts were read", asked.get());
    assert!(functions.is_none_or(|functions| !functions.is_empty() && functions.len() <= 200));
    if !b"\x7fELF\x02\x01".starts_with(&input[..input.len().min(6)]) {
        assert_eq!(announced(input), 0, "it is no core dump");
    }
}
