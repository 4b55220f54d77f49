//! Parses the bytes of a configuration file.

use std::path::Path;

use super::document::Document;
use super::yaml;
use crate::error::{Error, Result};

impl Document {
    /// Parses `bytes`, the content of the file `path`: YAML, which includes JSON, in UTF-8.
    pub fn read(path: &Path, bytes: Vec<u8>) -> Result<Self> {
        let wrong = |what: &str| Error::config(format!("{}: {what}", path.display()));
        let text = String::from_utf8(bytes).map_err(|error| {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = before.split(|byte| *byte == b'\n').count();
            wrong(&format!("line {line}: is not text in UTF-8"))
        })?;
        yaml::parse(&text).map_err(|what| wrong(&what))
    }
}
