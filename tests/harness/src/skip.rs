//! Skips a test that this machine cannot run.

use std::io::Write;

/// Reports why a test is skipped. If `CI` is set, fails instead, because a skipped test looks like one that passed.
pub fn skip(reason: &str) {
    assert!(std::env::var_os("CI").is_none(), "this test cannot run here: {reason}");
    drop(writeln!(std::io::stderr(), "skipped: {reason}"));
}

/// Whether a process that crashes here leaves its core dump in its own folder, as `core…`. If the kernel gives core
/// dumps to another program, as on Ubuntu and Fedora, reports that the test is skipped.
#[must_use]
pub fn leaves_core_dumps() -> bool {
    let pattern = std::fs::read_to_string("/proc/sys/kernel/core_pattern").expect("Linux tells");
    let is_own = !pattern.starts_with(['/', '|']);
    if !is_own {
        skip(&format!(
            "a crash leaves no core dump beside it: kernel.core_pattern is {}; scripts/test sets it as root",
            pattern.trim()
        ));
    }
    is_own
}
