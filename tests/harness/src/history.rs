//! The history of the locks of a test, which must hold whatever the test is about.

use std::fs;
use std::path::Path;

use emr_core::history::{FindingKind, Line, Parsed, Place, Verifier, ViolationRecord, parse};

/// Asserts that nothing is violated in the history at `path`, if there is one. What tests write into locks themselves is
/// in no history.
pub(crate) fn check(path: &Path) {
    let Ok(text) = fs::read_to_string(path) else { return };
    let (mut verifier, mut found) = (Verifier::of(1), Vec::new());
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.is_empty()) {
        match parse(line.as_bytes()) {
            Parsed::Entry(entry) => verifier.take(&Line::of(&entry, Place { file: 0, line: number }), &mut found),
            Parsed::Torn | Parsed::Damaged(_) => panic!("{}:{number}: {line}", path.display()),
        }
    }
    let _ = verifier.finish(&mut found);
    found.retain(|finding| finding.kind.is_violation() && finding.kind != FindingKind::Unrecorded);
    let names = [path.display().to_string()];
    let records: Vec<_> = found.iter().map(|finding| ViolationRecord::of(finding, &names)).collect();
    assert!(records.is_empty(), "the history of the locks is violated: {records:#?}\n{text}");
}
