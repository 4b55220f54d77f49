//! Histories of locks: a line of one, and a record with texts of others.

use chrono::DateTime;
use emr_core::history::{HistoryRecord, LONGEST, Parsed, Reply, Request, parse};
use emr_core::model::lock::LockState;
use emr_core::model::s3_uri::S3Uri;
use emr_core::text::is_unfit;

use crate::input::text;

/// The longest line that is cut at each place.
const SHORT: usize = 600;

/// Runs the target.
pub fn run(input: &[u8]) {
    line(input);
    let text = &*text(input);
    if let Some(line) = record(text).line() {
        assert!(line.len() <= LONGEST);
        let line = line.strip_suffix('\n').unwrap();
        assert!(!line.contains(is_unfit), "{line}");
        let Parsed::Entry(entry) = parse(line.as_bytes()) else { panic!("what is written is read: {line}") };
        assert_eq!(entry.time(), "2027-01-15T08:00:00.000000Z");
    } else {
        assert!(text.len() > LONGEST / 32, "a record of short texts is not too long");
    }
}

/// A record that breaks off is torn, wherever it does, except within a number that is not known here.
fn line(line: &[u8]) {
    let line = line.trim_ascii();
    let Parsed::Entry(entry) = parse(line) else { return };
    assert!(String::from_utf8_lossy(line).contains(entry.time()) || line.contains(&b'\\'));
    let cuts = if line.len() <= SHORT { 0..line.len() } else { line.len() - 1..line.len() };
    for cut in cuts {
        let is_in_number = line[..cut].last().is_some_and(|byte| b".eE+-".contains(byte));
        match parse(&line[..cut]) {
            Parsed::Torn => {}
            Parsed::Damaged(_) if is_in_number => {}
            other => panic!("it is cut at {cut}: {other:?}"),
        }
    }
}

fn record(text: &str) -> HistoryRecord {
    let lock_uri = S3Uri { bucket: "bucket".to_owned(), key: text.to_owned() };
    let time = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    HistoryRecord {
        boot: Some("b".to_owned()),
        uptime_s: 0.5,
        if_match: Some(text.to_owned()),
        nonce: Some("n".to_owned()),
        state: Some(LockState::Free),
        generation: Some(1),
        answer: Some(Reply::Written),
        etag: Some("e".to_owned()),
        ..HistoryRecord::new(text.to_owned(), 1, Request::Replace, lock_uri, time)
    }
}
