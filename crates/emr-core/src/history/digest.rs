//! Digests of texts. Texts are compared by them, so that memory does not grow with their length.

/// The digest of a text.
pub(super) type Id = u64;

/// The `ETag` of no object.
pub(super) const ABSENT: Id = 0;

/// A 64-bit digest of `text`, which is never that of no object. An object is compared with some hundred others of its
/// lock, so in a history of a million requests two share one by chance in one of about 10^10 histories.
pub(super) fn digest(text: &str) -> Id {
    const LOW: u64 = 0x9e37_79b9_7f4a_7c15;
    const HIGH: u64 = 0xd6e8_feb8_6659_fd93;
    let length = text.len() as u64;
    let (mut low, mut high) = (length ^ LOW, length ^ HIGH);
    for chunk in text.as_bytes().chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        let word = u64::from_le_bytes(word);
        low = (low ^ word).wrapping_mul(LOW);
        low ^= low >> 29;
        high = (high.rotate_left(23) ^ word).wrapping_mul(HIGH);
        high ^= high >> 32;
    }
    (low ^ high.rotate_left(32)).max(1)
}

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
