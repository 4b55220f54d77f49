//! Locks a mutex, also after a panic: every change under a lock is a single step, which a panic
//! leaves whole.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Waits for `mutex`.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
