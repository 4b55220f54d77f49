//! Digests of texts. Texts are compared by them, so that memory does not grow with their length.

/// The digest of a text.
pub(super) type Id = u128;

/// The `ETag` of no object.
pub(super) const ABSENT: Id = 0;

/// A 128-bit digest of `text`, which is never that of no object. Two texts of a history of a million requests share one
/// by chance in one of about 10^25 histories.
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
    (u128::from(high) << 64 | u128::from(low)).max(1)
}

/// Half of a digest, where fewer bits are enough.
pub(super) fn half(id: Id) -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "half of the bits are wanted")]
    let low = id as u64;
    low
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn texts_that_differ_a_little_have_digests_that_share_no_half() {
        let texts = (0..200_000_u32).flat_map(|number| [format!("{number:016x}"), format!("\"{number:032x}\"")]);
        let digests: Vec<_> = texts.map(|text| digest(&text)).collect();
        for shift in [0, 64] {
            let halves: HashSet<_> = digests.iter().map(|digest| half(digest >> shift)).collect();
            assert_eq!(halves.len(), digests.len());
        }
        assert_ne!(digest(""), ABSENT);
    }
}
