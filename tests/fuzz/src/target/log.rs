//! Logs, of which the probable cause of a failure is told. The first line is the path of the log.

use emr_core::diagnose::Scan;
use emr_core::model::log::Place;
use emr_core::text::is_unfit;

use crate::input::{head, text};

/// The longest message, in characters.
const LONGEST: usize = 2000;

/// Runs the target.
pub fn run(input: &[u8]) {
    let (path, log) = head(input);
    let place = Place::Node { node: "i-1".to_owned(), path: path.into_owned() };
    let mut scan = Scan::of(&place, true);
    let log = text(log);
    let lines = log.lines().count() as u64;
    for line in log.lines() {
        scan.line(line);
    }
    let evidence = scan.evidence();
    let Some(finding) = evidence.finding else { return };
    let cause = finding.cause;
    assert!(!cause.message.contains(is_unfit), "{:?}", cause.message);
    assert!(cause.message.chars().count() <= LONGEST, "{}", cause.message);
    assert!(cause.excerpt.len() <= 100);
    assert!(cause.quote.and_then(|quote| quote.line).is_none_or(|line| (1..=lines).contains(&line)));
}
