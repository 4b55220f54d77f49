//! Crockford's base 32 in lower case. It has no `i`, `l`, `o` and `u`, so people can read it aloud and type it.

const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The low `5 * length` bits of `bits` as `length` digits, lowest bits first.
#[must_use]
pub fn encode(bits: u128, length: u32) -> String {
    let digit = |place: u32| char::from(DIGITS[(bits >> (5 * place) & 31) as usize]);
    (0..length).map(digit).collect()
}

/// Whether `text` consists of `length` digits.
#[must_use]
pub fn is_encoded(text: &str, length: u32) -> bool {
    text.len() == length as usize && text.bytes().all(|digit| DIGITS.contains(&digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_has_five_bits() {
        assert_eq!(encode(1 + (31 << 5), 3), "1z0");
        assert!(is_encoded("1z0", 3) && !is_encoded("1z0", 4) && !is_encoded("1l0", 3) && !is_encoded("1Z0", 3));
    }
}
