//! Locks a mutex even after another holder panicked: a bug in one request must not end the sandbox.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Waits for `mutex`, and locks it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
