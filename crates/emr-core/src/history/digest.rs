//! Digests of texts. Texts are compared by them, so that memory does not grow with their length.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};

use foldhash::quality::FixedState;

/// The digest of a text.
pub(super) type Id = u64;

/// The `ETag` of no object.
pub(super) const ABSENT: Id = 0;

/// A 64-bit digest of `text`, which is never that of no object. An object is compared with some hundred others of its
/// lock, so in a history of a million requests two share one by chance in one of about 10^10 histories.
pub(super) fn digest(text: &str) -> Id {
    FixedState::default().hash_one(text).max(1)
}

/// Digests are as good as random, so each is its own hash.
#[derive(Debug, Default)]
pub(super) struct Itself(u64);

impl Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, id: u64) {
        self.0 = id;
    }
}

/// A map by digests.
pub(super) type ById<T> = HashMap<Id, T, BuildHasherDefault<Itself>>;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn texts_that_differ_a_little_have_digests_that_share_no_half() {
        let texts = (0..200_000_u32).flat_map(|number| [format!("{number:016x}"), format!("\"{number:032x}\"")]);
        let digests: Vec<_> = texts.map(|text| digest(&text)).collect();
        assert_eq!(digests.iter().collect::<HashSet<_>>().len(), digests.len());
        // By chance 19 of these share a half with another.
        for shift in [0, 32] {
            let halves: HashSet<_> = digests.iter().map(|digest| digest >> shift & u64::from(u32::MAX)).collect();
            assert!(digests.len() - halves.len() < 40);
        }
        assert_ne!(digest(""), ABSENT);
    }
}
