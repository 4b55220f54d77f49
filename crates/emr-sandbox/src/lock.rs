//! Locks that a panic elsewhere leaves usable: no state here is left half changed.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Waits for `mutex` and holds it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
