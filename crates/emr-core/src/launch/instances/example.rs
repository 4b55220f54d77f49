//! Instance options for tests, by source.

use crate::config::{Setting, options as keys};

/// `value` as if typed.
#[expect(clippy::unnecessary_wraps, reason = "options are optional")]
pub(super) fn typed<T>(value: T) -> Option<Setting<T>> {
    Some(keys::NUM_EC2_INSTANCES.typed(value))
}

/// `value` as if from a file.
#[expect(clippy::unnecessary_wraps, reason = "options are optional")]
pub(super) fn from_file<T>(value: T) -> Option<Setting<T>> {
    Some(keys::NUM_EC2_INSTANCES.in_file(value))
}
