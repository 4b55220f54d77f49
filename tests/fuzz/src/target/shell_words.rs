//! Words of a shell.

use emr_core::config::shorthand;
use emr_core::shell::{join, split};

use crate::input::text;

/// Runs the target.
pub fn run(input: &[u8]) {
    let text = &*text(input);
    if let Ok(words) = split(text) {
        assert_eq!(split(&join(&words)).unwrap(), words);
        let letters: usize = words.iter().map(String::len).sum();
        assert!(letters <= text.len());
    }
    if !text.contains(['\'', '"', '\\']) {
        let words: Vec<_> = text.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect();
        assert_eq!(split(text).unwrap(), words);
    }
    if let Ok(object) = shorthand::object(text)
        && object != text
    {
        assert!(serde_json::from_str::<serde_json::Value>(&object).unwrap().is_object());
    }
}
