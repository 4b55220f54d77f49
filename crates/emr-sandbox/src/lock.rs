//! Locks a mutex, also after a panic of another holder: a bug that one request meets must not end
//! the sandbox.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Waits for `mutex`.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
