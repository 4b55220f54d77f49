//! Backtraces of gdb.

use ssh_core_dump::untrusted::backtrace;

use crate::input::text;

/// Runs the target.
pub fn run(input: &[u8]) {
    let text = text(input);
    let functions = backtrace(&text);
    assert!(functions.len() <= text.lines().count());
    assert!(functions.iter().all(|function| !function.contains('\n')));
}
