//! The names of fetched core dumps.

use sha2::{Digest, Sha256};

/// The most characters of the program's name that are used.
const LONGEST: usize = 32;

/// What distinguishes a core dump from every other one on its node, at any time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Its path on the node, in bytes.
    pub path: Vec<u8>,
    /// Its length in bytes, its modification time in nanoseconds since 1970, and its inode.
    pub numbers: [u64; 3],
}

/// The name of the file for a core dump: `<time>-<pid>-<program>-<hash of its identity>.core`.
///
/// The crashed program chose its own name, and any user may have chosen the path. So only letters, digits, `_`, `+` and
/// inner `.` and `-` are used.
#[must_use]
pub(crate) fn file_name(identity: &Identity, pid: Option<i32>, program: &str) -> String {
    let time = identity.numbers[1] / 1_000_000_000;
    let program = plain(program);
    let pid = pid.unwrap_or_default().max(0);
    format!("{time}-{pid}-{program}-{}.core", short_hash(identity))
}

/// `text` as part of a file name: other characters become `_`, and it begins with a letter or a digit.
#[must_use]
pub(crate) fn plain(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    let plain: String = text.chars().take(LONGEST).map(|c| if is_plain(c) { c } else { '_' }).collect();
    let plain = plain.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    if plain.is_empty() { "unknown".to_owned() } else { plain.to_owned() }
}

fn short_hash(identity: &Identity) -> String {
    let mut hash = Sha256::new();
    hash.update(&identity.path);
    for number in identity.numbers {
        hash.update([0]);
        hash.update(number.to_be_bytes());
    }
    hex::encode(&hash.finalize()[..4])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn identity(path: &[u8], inode: u64) -> Identity {
        Identity { path: path.to_vec(), numbers: [1 << 30, 1_795_326_684_123_456_789, inode] }
    }

    #[test]
    fn a_name_has_the_time_the_pid_and_the_program() {
        let name = file_name(&identity(b"/tmp/cores/core.python3.28", 7), Some(28), "python3");
        assert!(name.starts_with("1795326684-28-python3-") && name.split('.').next_back() == Some("core"), "{name}");
    }

    #[test]
    fn a_file_rewritten_at_the_same_path_has_another_name() {
        let name = |inode| file_name(&identity(b"/tmp/cores/core", inode), None, "x");
        assert_eq!(name(1), name(1));
        assert_ne!(name(1), name(2));
        assert_ne!(file_name(&identity(b"/tmp/cores/core2", 1), None, "x"), name(1));
    }

    proptest! {
        #[test]
        fn no_program_leaves_the_folder(program in "\\PC*|(\\.|/|\n|\u{1b}|-)*") {
            let name = file_name(&identity(b"x", 1), Some(1), &program);
            prop_assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte)));
            prop_assert!(!name.starts_with('.') && !plain(&program).starts_with(['.', '-']) && name.len() < 100);
        }
    }
}
