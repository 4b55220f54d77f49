//! Pairs on the command line: `KEY=VALUE`, and tests of tags.

use emr_core::error::{Error, Result};
use emr_core::idle::TagTest;

/// Reads `KEY=VALUE`; `KEY` alone has an empty value.
pub fn pair(text: &str) -> Result<(String, String)> {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    if key.is_empty() {
        return Err(Error::usage(format!("'{text}' has no key")).advise("write KEY=VALUE"));
    }
    Ok((key.to_owned(), value.to_owned()))
}

/// Reads a test of tags: `KEY=VALUE` wants this value, `KEY` alone any.
pub fn test(text: &str) -> Result<TagTest> {
    let (key, value) = emr_core::model::tag::pair(text)?;
    Ok(TagTest { key, value: text.contains('=').then_some(value) })
}
