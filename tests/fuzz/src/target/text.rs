//! Names and messages on their way to a terminal.

use emr_core::text::{escaped, escaped_json, is_unfit, one_line, plain};

use crate::input::text;

/// Runs the target.
pub fn run(input: &[u8]) {
    let text = &*text(input);
    let json = serde_json::to_string(text).unwrap();
    let safe_json = escaped_json(&json);
    assert_eq!(serde_json::from_str::<String>(&safe_json).unwrap(), text, "its meaning stays");
    for limit in [0, 1, 40] {
        assert!(one_line(text, limit).chars().count() <= limit + 1);
    }
    assert_eq!(plain(text).chars().count(), text.chars().count());
    for safe in [one_line(text, 80), plain(text), escaped(text), safe_json] {
        assert!(!safe.contains(is_unfit), "{safe:?}");
    }
}
