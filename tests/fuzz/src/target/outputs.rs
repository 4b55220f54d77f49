//! Outputs on stdin of `fetch-output`: records of steps, and URIs.

use std::io::BufReader;

use emr_core::stdin::{read_output_argument, read_outputs};

use super::records::{assert_line, shown};
use crate::input::text;

/// Runs the target.
pub fn run(input: &[u8]) {
    let whole = read_outputs(input);
    assert_eq!(shown(&whole), shown(&read_outputs(BufReader::with_capacity(1, input))), "pieces do not matter");
    if let Err(error) = &whole {
        assert_line(&error.to_string(), input);
    }
    let _ = read_output_argument(&text(input));
}
