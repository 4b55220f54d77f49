//! Who runs a tool, as locks show it.

use emr_core::text::one_line;
use nix::unistd::{Uid, User};

/// Longest name of a user or a host, in characters: a lock's object is small.
const LONGEST: usize = 64;

/// The user's name in the password database, or `uid` and the number if it has none.
pub(crate) fn in_system() -> String {
    let number = Uid::current();
    let known = User::from_uid(number).ok().flatten();
    known.map_or_else(|| format!("uid{number}"), |user| user.name)
}

/// `user@host pid 123`.
#[must_use]
pub fn owner() -> String {
    let set = |name: &&str| std::env::var(name).ok().filter(|user| !user.is_empty());
    let user = ["USER", "LOGNAME"].iter().find_map(set).unwrap_or_else(in_system);
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    format!("{}@{} pid {}", one_line(&user, LONGEST), one_line(&host, LONGEST), std::process::id())
}
