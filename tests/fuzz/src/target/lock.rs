//! The content of a lock's object.

use emr_core::model::lock::{LONGEST_TTL, Lock, SMALLEST_HELD};

/// Runs the target.
pub fn run(input: &[u8]) {
    let Ok(lock) = Lock::read(input) else { return };
    let written = lock.write();
    assert_eq!(Lock::read(&written).as_ref().ok(), Some(&lock), "what is written is read");
    if let Some(holder) = &lock.holder {
        assert!(holder.ttl <= LONGEST_TTL && !holder.ttl.is_zero());
    } else if lock.nonce.len() <= 16 && lock.nonce.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        assert!(written.len() as u64 <= SMALLEST_HELD, "a free lock is small");
    }
}
