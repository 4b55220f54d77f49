//! The value that one source has for one option.

use super::setting::{InFile, Origin, Source};
use super::value::Value;

/// The value that one source has for an option.
#[derive(Debug, Clone)]
pub struct Said {
    /// The option's name.
    pub(super) option: &'static str,
    /// The value.
    pub(super) value: Value,
    /// The source.
    pub(super) origin: Origin,
}

impl Said {
    /// Whether it is empty text in a file, which mrjob treats as unset. Empty text on the command line is kept: it is
    /// more likely a mistake, such as an unset shell variable.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self.origin, Origin::File(_)) && self.value.text() == Some("")
    }

    /// The source of `value`, which is this value or a part of it.
    pub(super) fn source(&self, value: &Value) -> Source {
        let origin = match &self.origin {
            Origin::File(file) => Origin::File(InFile { place: value.place, ..file.clone() }),
            origin => origin.clone(),
        };
        Source { option: self.option, origin }
    }
}
