//! Leaving out a test that this machine cannot run.

use std::io::Write;

/// Says why a test does nothing here. Where `CI` is set it fails the test: one that does nothing would pass for one that
/// holds.
pub fn skip(reason: &str) {
    assert!(std::env::var_os("CI").is_none(), "this test cannot run here: {reason}");
    drop(writeln!(std::io::stderr(), "skipped: {reason}"));
}

/// Whether a process that crashes here leaves its core dump in its own folder, named `core…`. Where the kernel hands
/// core dumps to another program, as it does on Ubuntu and Fedora, the test is left out.
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
