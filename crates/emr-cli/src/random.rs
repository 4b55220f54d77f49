//! Random values, from the operating system.

use emr_core::model::lock::Token;
use emr_core::model::run_id::RunId;

/// A run id that no other run has.
#[must_use]
pub fn run_id() -> RunId {
    // The low 62 bits of a version 4 UUID are random.
    RunId::from_random(uuid::Uuid::new_v4().as_u64_pair().1)
}

/// A token that nobody else has or can guess.
#[must_use]
pub fn token() -> Token {
    Token(uuid::Uuid::new_v4().simple().to_string())
}

/// A number between a half and one, for jitter: runs that wait for one thing must not all look at once.
#[must_use]
pub fn share() -> f64 {
    0.5 + fastrand::f64() / 2.0
}
