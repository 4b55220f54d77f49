//! The input of mappers.
//!
//! - [`paths`] finds the files of `-input`
//! - [`splits`] cuts them into splits, one for each map task
//! - [`reader`] reads the records of a split: [`lines`], or with [`xml`] the text between two marks

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

/// How records are read from files: Hadoop's input formats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum InputFormat {
    /// Each line is a record, with its offset as key. `delimiter` replaces the usual line ends.
    Text { delimiter: Option<Vec<u8>> },
    /// The key of a line ends at the first separator.
    KeyValue { separator: u8 },
    /// Each map task gets this many lines.
    NLine { lines: i64 },
    /// Each record is the text from one mark to another.
    Xml { begin: Vec<u8>, end: Vec<u8> },
}

impl InputFormat {
    /// The class of the records' keys.
    pub(super) fn key_class(&self) -> KeyClass {
        match self {
            Self::Text { .. } | Self::NLine { .. } => KeyClass::Long,
            Self::KeyValue { .. } | Self::Xml { .. } => KeyClass::Text,
        }
    }
}
