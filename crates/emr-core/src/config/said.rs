//! What one source says of one option.

use super::setting::{InFile, Origin, Source};
use super::value::Value;

/// What one source says of an option.
#[derive(Debug, Clone)]
pub struct Said {
    /// The option's name.
    pub(super) option: &'static str,
    /// Its value here.
    pub(super) value: Value,
    /// The source.
    pub(super) origin: Origin,
}

impl Said {
    /// Whether a file has an empty text here, which to mrjob is no value. On the command line it is more likely a
    /// variable of a shell that is not set.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self.origin, Origin::File(_)) && self.value.text() == Some("")
    }

    /// The source of `value`, which is this value or stands in it.
    pub(super) fn source(&self, value: &Value) -> Source {
        let origin = match &self.origin {
            Origin::File(file) => Origin::File(InFile { place: value.place, ..file.clone() }),
            origin => origin.clone(),
        };
        Source { option: self.option, origin }
    }
}
