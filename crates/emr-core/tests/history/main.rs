//! Checks the check of histories: against generated histories with one flaw each, and against the linearizability
//! tester of stateright, which knows nothing of chains.

mod agreement;
mod contest;
mod lines;

use emr_core::history::{Finding, FindingKind, Parsed, Place, VerdictRecord, Verifier, parse};

/// The verdict on a history, and what was found.
fn verify(lines: &[String]) -> (VerdictRecord, Vec<Finding>) {
    verify_merged(1, lines)
}

/// The same for so many histories, whose lines are merged.
fn verify_merged(histories: usize, lines: &[String]) -> (VerdictRecord, Vec<Finding>) {
    let mut verifier = Verifier::of(histories);
    let mut found = Vec::new();
    for (number, line) in (1..).zip(lines) {
        match parse(line.as_bytes()) {
            Parsed::Entry(entry) => verifier.take(&entry, Place { file: 0, line: number }, &mut found),
            other => panic!("{other:?}: {line}"),
        }
    }
    let verdict = verifier.finish(&mut found);
    assert_eq!(verdict.violations, found.iter().filter(|finding| finding.kind.is_violation()).count() as u64);
    (verdict, found)
}

/// The kinds of what is found in a history.
fn kinds(lines: &[String]) -> Vec<FindingKind> {
    verify(lines).1.into_iter().map(|finding| finding.kind).collect()
}
