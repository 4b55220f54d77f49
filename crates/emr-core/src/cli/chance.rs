//! Chance, from the operating system.

use crate::model::run_id::RunId;

/// A run id that no other run has.
#[must_use]
pub fn run_id() -> RunId {
    // The low 62 bits of a version 4 UUID are random.
    RunId::from_random(uuid::Uuid::new_v4().as_u64_pair().1)
}
