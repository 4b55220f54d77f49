//! Options of instances for tests, by where they come from.

use crate::config::{Setting, options as keys};

/// `value` as if it had been typed.
#[expect(clippy::unnecessary_wraps, reason = "options are optional")]
pub(super) fn typed<T>(value: T) -> Option<Setting<T>> {
    Some(keys::NUM_EC2_INSTANCES.typed(value))
}

/// `value` as if a file had it.
#[expect(clippy::unnecessary_wraps, reason = "options are optional")]
pub(super) fn from_file<T>(value: T) -> Option<Setting<T>> {
    Some(keys::NUM_EC2_INSTANCES.in_file(value))
}
