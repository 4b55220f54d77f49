//! What mappers read.
//!
//! - [`paths`] finds the files of `-input`
//! - [`splits`] cuts them, one split for each map task
//! - [`reader`] reads the records of a split, out of [`lines`] or, with [`xml`], out of what two marks enclose

mod lines;
mod paths;
mod reader;
mod splits;
mod xml;

pub(super) use self::lines::Lines;
pub(super) use self::paths::find;
pub(super) use self::reader::{RecordKey, SplitReader};
pub(super) use self::splits::{Cutting, Split, split};
use super::keys::KeyClass;

/// How records are read out of files: Hadoop's input formats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum InputFormat {
    /// A line is a record, and its offset the key. The delimiter stands in the place of the ends of lines.
    Text { delimiter: Option<Vec<u8>> },
    /// The key ends at the first of this byte.
    KeyValue { separator: u8 },
    /// A map task for so many lines.
    NLine { lines: i64 },
    /// From one mark to another.
    Xml { begin: Vec<u8>, end: Vec<u8> },
}

impl InputFormat {
    /// What the keys of its records are.
    pub(super) fn key_class(&self) -> KeyClass {
        match self {
            Self::Text { .. } | Self::NLine { .. } => KeyClass::Long,
            Self::KeyValue { .. } | Self::Xml { .. } => KeyClass::Text,
        }
    }
}
