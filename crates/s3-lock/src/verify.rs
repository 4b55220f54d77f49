//! Checks histories: takes in their lines, merges those of several files, and prints what is violated.

use std::path::PathBuf;

use emr_cli::Printer;
use emr_core::error::{Error, Outcome, Result};
use emr_core::history::{Finding, Item, Merge, Place, VerdictRecord, Verifier, ViolationRecord};

use crate::ahead::Ahead;
use crate::args::Verify;
use crate::lines::Lines;

/// Checks histories, and prints what is violated and the verdict.
pub(crate) fn verify(args: &Verify) -> Result<Outcome> {
    let verdict = check(args.histories()?, &mut args.output.printer())?;
    if verdict.lines == verdict.torn_lines {
        return Err(Error::new(Outcome::NoInput, "the histories have no whole line, so nothing is verified"));
    }
    let mut printer = args.output.printer();
    printer.print(&verdict)?;
    printer.finish()?;
    conclude(&verdict)
}

/// The verdict on `paths`. Prints what is violated, also if a later line is damaged.
pub(crate) fn check(paths: &[PathBuf], printer: &mut Printer<ViolationRecord>) -> Result<VerdictRecord> {
    let verdict = judge(paths, printer);
    printer.finish()?;
    verdict
}

fn judge(paths: &[PathBuf], printer: &mut Printer<ViolationRecord>) -> Result<VerdictRecord> {
    let histories = (0..).zip(paths).map(|(number, path)| Lines::open(path, number)).collect::<Result<Vec<_>>>()?;
    let names: Vec<_> = histories.iter().map(|history| history.name.clone()).collect();
    let histories = histories.into_iter().map(Ahead::start).collect::<Result<Vec<_>>>()?;
    let mut verifier = Verifier::default();
    let mut told = |found: &mut Vec<Finding>| print(found, &names, printer);
    match <[Ahead; 1]>::try_from(histories) {
        Ok([only]) => take_all(only, &mut verifier, &mut told)?,
        Err(several) => merge_all(several, &mut verifier, &mut told)?,
    }
    let mut found = Vec::new();
    let verdict = verifier.finish(&mut found);
    told(&mut found)?;
    Ok(verdict)
}

type Tell<'a> = dyn FnMut(&mut Vec<Finding>) -> Result<()> + 'a;

fn take_all(mut history: Ahead, verifier: &mut Verifier, tell: &mut Tell<'_>) -> Result<()> {
    let mut found = Vec::new();
    while let Some(item) = history.take()? {
        match item {
            Item::Line(line) => verifier.take(&line, &mut found),
            Item::Torn(place) => take_torn(&history.name, place, verifier),
        }
        tell(&mut found)?;
    }
    Ok(())
}

fn merge_all(mut histories: Vec<Ahead>, verifier: &mut Verifier, tell: &mut Tell<'_>) -> Result<()> {
    let (mut merge, mut found) = (Merge::default(), Vec::new());
    for history in &mut histories {
        offer(history, &mut merge, verifier)?;
    }
    while let Some(number) = merge.take(verifier, &mut found) {
        tell(&mut found)?;
        offer(&mut histories[number], &mut merge, verifier)?;
    }
    Ok(())
}

/// Offers the next line of `history`, if there is one.
fn offer(history: &mut Ahead, merge: &mut Merge, verifier: &mut Verifier) -> Result<()> {
    while let Some(item) = history.take()? {
        match item {
            Item::Line(line) => {
                merge.offer(&line);
                break;
            }
            Item::Torn(place) => take_torn(&history.name, place, verifier),
        }
    }
    Ok(())
}

fn take_torn(name: &str, Place { line, .. }: Place, verifier: &mut Verifier) {
    emr_cli::warn(&format!("{name}:{line}: the line breaks off, and its request counts as unanswered"));
    verifier.take_torn();
}

/// What the exit code and stderr say of `verdict`.
pub(crate) fn conclude(verdict: &VerdictRecord) -> Result<Outcome> {
    if verdict.late_acts > 0 {
        emr_cli::warn(&format!(
            "requests to EMR that may have come after their lease: {}; see emr-locks(7)",
            verdict.late_acts
        ));
    }
    if verdict.unproved_takeovers > 0 {
        emr_cli::warn(&format!(
            "takeovers of which nothing tells that the lease had ended: {}; see emr-locks(7)",
            verdict.unproved_takeovers
        ));
    }
    if verdict.undecided > 0 {
        emr_cli::warn(&format!(
            "lines of which nothing tells whether they fit: {}; see emr-locks(7)",
            verdict.undecided
        ));
    }
    if verdict.holds {
        let VerdictRecord { lines, locks, .. } = verdict;
        emr_cli::say(&format!("nothing is violated (lines: {lines}, locks: {locks})"));
        return Ok(Outcome::Done);
    }
    Err(Error::new(Outcome::No, format!("the histories are violated (violations: {})", verdict.violations)))
}

fn print(found: &mut Vec<Finding>, names: &[String], printer: &mut Printer<ViolationRecord>) -> Result<()> {
    for finding in found.drain(..) {
        printer.print(&ViolationRecord::of(&finding, names))?;
    }
    Ok(())
}
