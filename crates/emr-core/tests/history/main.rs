//! Checks the check of histories: against generated histories with one flaw each, and against the linearizability
//! tester of stateright, which knows nothing of chains.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod agreement;
mod contest;
mod elsewhere;
mod forgotten;
mod handed;
mod lines;
mod machines;
mod plants;

use std::collections::VecDeque;

use emr_core::history::{Entry, Finding, FindingKind, Line, Merge, Parsed, Place, VerdictRecord, Verifier, parse};

/// The verdict on a history, and what was found.
fn verify(lines: &[String]) -> (VerdictRecord, Vec<Finding>) {
    verify_merged(1, lines)
}

/// The same for so many histories, whose lines are merged.
fn verify_merged(histories: usize, lines: &[String]) -> (VerdictRecord, Vec<Finding>) {
    let mut verifier = Verifier::of(histories);
    let mut found = Vec::new();
    for (line, text) in (1..).zip(lines) {
        verifier.take(&Line::of(&entry(text), Place { file: 0, line }), &mut found);
    }
    finish(verifier, found)
}

/// The same for histories of several files.
fn verify_files(files: &[Vec<String>]) -> (VerdictRecord, Vec<Finding>) {
    let (mut verifier, mut merge, mut found) = (Verifier::of(files.len()), Merge::default(), Vec::new());
    let mut left: Vec<VecDeque<_>> = files.iter().map(|lines| (1..).zip(lines).collect()).collect();
    let mut offer = |file: usize, merge: &mut Merge| {
        if let Some((line, text)) = left[file].pop_front() {
            merge.offer(&Line::of(&entry(text), Place { file: u32::try_from(file).unwrap(), line }));
        }
    };
    (0..files.len()).for_each(|file| offer(file, &mut merge));
    while let Some(file) = merge.take(&mut verifier, &mut found) {
        offer(file, &mut merge);
    }
    let lines: usize = files.iter().map(Vec::len).sum();
    let (verdict, found) = finish(verifier, found);
    assert_eq!(verdict.lines, lines as u64);
    (verdict, found)
}

fn entry(line: &str) -> Box<Entry<'_>> {
    match parse(line.as_bytes()) {
        Parsed::Entry(entry) => entry,
        other => panic!("{other:?}: {line}"),
    }
}

fn finish(verifier: Verifier, mut found: Vec<Finding>) -> (VerdictRecord, Vec<Finding>) {
    let verdict = verifier.finish(&mut found);
    assert_eq!(verdict.violations, found.iter().filter(|finding| finding.kind.is_violation()).count() as u64);
    (verdict, found)
}

/// The kinds of what is found in a history.
fn kinds(lines: &[String]) -> Vec<FindingKind> {
    verify(lines).1.into_iter().map(|finding| finding.kind).collect()
}
