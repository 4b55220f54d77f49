//! Records and ids on stdin.

use std::io::BufReader;

use emr_core::error::Result;
use emr_core::stdin::{Target, read, read_argument};

use crate::input::text;

/// Runs the target.
pub fn run(input: &[u8]) {
    let whole = read(input);
    let in_pieces = read(BufReader::with_capacity(1, input));
    assert_eq!(shown(&whole), shown(&in_pieces), "pieces do not matter");
    match &whole {
        Ok(targets) => assert!(targets.iter().all(|target| target.job_flow.is_some() || target.step.is_some())),
        Err(error) => assert_line(&error.to_string(), input),
    }
    let text = text(input);
    if let Ok(targets) = &whole
        && !text.contains(['{', '[', '"', '\u{feff}'])
    {
        let id = |target: &Target| {
            target.step.as_ref().map(ToString::to_string).or(target.job_flow.as_ref().map(ToString::to_string))
        };
        let words = text.split([' ', '\t', '\n', '\x0b', '\x0c', '\r']).filter(|word| !word.is_empty());
        assert!(words.map(|word| Some(word.to_owned())).eq(targets.iter().map(id)), "each word is an id");
    }
    let _ = read_argument(&text);
}

/// Asserts that `message` names a line of `input`.
pub(crate) fn assert_line(message: &str, input: &[u8]) {
    let lines = input.split(|byte| *byte == b'\n').count();
    let Some(rest) = message.strip_prefix("line ") else { panic!("no line is named: {message}") };
    let number: usize = rest.split_once(" of stdin").unwrap().0.parse().unwrap();
    assert!((1..=lines).contains(&number), "{message}: there are {lines} lines");
}

/// What was read, or why it was not.
pub(crate) fn shown<T: std::fmt::Debug>(read: &Result<T>) -> String {
    match read {
        Ok(read) => format!("{read:?}"),
        Err(error) => error.to_string(),
    }
}
