//! Who runs a tool, in words for whoever wonders who has a lock.

use emr_core::text::one_line;

/// Longest name of a user or a host, in characters: a lock's object is small.
const LONGEST: usize = 64;

/// `user@host pid 123`.
#[must_use]
pub fn owner() -> String {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_else(|_| "somebody".to_owned());
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    format!("{}@{} pid {}", one_line(&user, LONGEST), one_line(&host, LONGEST), std::process::id())
}
