//! What a core dump is called where it is kept.

use sha2::{Digest, Sha256};

/// The length of the part of a name that comes from the crashed program.
const LONGEST: usize = 32;

/// What tells a core dump from every other one that its node had or will have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Its path on the node, in bytes.
    pub path: Vec<u8>,
    /// Its length in bytes, when it was last written in nanoseconds since 1970, and its inode.
    pub numbers: [u64; 3],
}

/// A file name of our own making for a core dump: `<time>-<pid>-<program>-<hash of its identity>.core`.
///
/// Whoever crashed chose the program's name, and anybody may have chosen the path. Neither gets further than letters,
/// digits, `_`, `+` and inner `.` and `-`.
#[must_use]
pub(crate) fn file_name(identity: &Identity, pid: Option<i32>, program: &str) -> String {
    let time = identity.numbers[1] / 1_000_000_000;
    let program = plain(program);
    let pid = pid.unwrap_or_default().max(0);
    format!("{time}-{pid}-{program}-{}.core", short_hash(identity))
}

/// `text` as part of a file name: what is not plain becomes `_`, and it begins with a letter or a digit.
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
    fn a_name_says_when_and_who() {
        let name = file_name(&identity(b"/tmp/cores/core.python3.28", 7), Some(28), "python3");
        assert!(name.starts_with("1795326684-28-python3-") && name.split('.').next_back() == Some("core"), "{name}");
    }

    #[test]
    fn what_is_written_anew_at_the_same_place_is_another_one() {
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
