//! Compares fields as numbers, digit by digit, so that numbers may have any length. Source:
//! `KeyFieldBasedComparator.numericalCompare`, with its behaviour for fields that are no numbers.

/// Compares the numbers at the start of two fields. Negative, 0 or positive, as in Java.
///
/// A field has a key and a range of it. The byte at its start exists even if the range is empty.
pub(super) fn compare(a: Field<'_>, b: Field<'_>) -> i32 {
    let (first_a, first_b) = (a.byte(a.start), b.byte(b.start));
    match (first_a == b'-', first_b == b'-') {
        (true, false) => one_negative(a.from(a.start + 1), b),
        (false, true) => -one_negative(b.from(b.start + 1), a),
        (true, true) => -magnitudes(a, b, a.start + 1, b.start + 1),
        (false, false) => magnitudes(a, b, a.start, b.start),
    }
}

/// A part of a key.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    key: &'a [u8],
    start: usize,
    end: usize,
}

impl<'a> Field<'a> {
    pub(super) fn new(key: &'a [u8], range: std::ops::Range<usize>) -> Self {
        Self { key, start: range.start, end: range.end }
    }

    /// The byte of the key at `at`, which may be after the field.
    fn byte(self, at: usize) -> u8 {
        self.key.get(at).copied().unwrap_or(0)
    }

    fn from(self, start: usize) -> Self {
        Self { start, ..self }
    }

    /// The number of consecutive bytes from `at` for which `is` holds.
    fn count(self, at: usize, is: impl Fn(u8) -> bool) -> usize {
        (at..self.end).take_while(|&at| is(self.byte(at))).count()
    }

    /// Whether a digit other than 0 follows any zeros from `at`.
    fn is_more_than_zero(self, at: usize) -> bool {
        let at = at + self.count(at, |byte| byte == b'0');
        at < self.end && self.byte(at).is_ascii_digit()
    }
}

/// Compares numbers whose digits begin at `i` and `j`. Either both are negative or neither is.
fn magnitudes(a: Field<'_>, b: Field<'_>, mut i: usize, mut j: usize) -> i32 {
    let (mut byte_a, mut byte_b) = (a.byte(a.start), b.byte(b.start));
    i += a.count(i, |byte| byte == b'0');
    j += b.count(j, |byte| byte == b'0');
    while i < a.end && j < b.end && a.byte(i).is_ascii_digit() && a.byte(i) == b.byte(j) {
        (i, j) = (i + 1, j + 1);
    }
    if i < a.end {
        byte_a = a.byte(i);
    }
    if j < b.end {
        byte_b = b.byte(j);
    }
    if (byte_a == b'.' && (!byte_b.is_ascii_digit() || j >= b.end))
        || (byte_b == b'.' && (!byte_a.is_ascii_digit() || i >= a.end))
    {
        return fractions(a, b, i, j);
    }
    // The number with more digits before its point is larger.
    let digits =
        |field: Field<'_>, at| i32::try_from(field.count(at, |byte| byte.is_ascii_digit())).unwrap_or(i32::MAX);
    match digits(a, i) - digits(b, j) {
        0 => i32::from(byte_a.cast_signed()) - i32::from(byte_b.cast_signed()),
        more => more,
    }
}

/// Compares the rest after equal digits, if at least one number has a point.
fn fractions(a: Field<'_>, b: Field<'_>, mut i: usize, mut j: usize) -> i32 {
    let sign = i32::from;
    if i >= a.end {
        return -sign(b.is_more_than_zero(j + 1));
    }
    if j >= b.end {
        return sign(a.is_more_than_zero(i + 1));
    }
    match (a.byte(i) == b'.', b.byte(j) == b'.') {
        (true, true) => {}
        (true, false) => return sign(a.is_more_than_zero(i + 1)),
        (false, true) => return -sign(b.is_more_than_zero(j + 1)),
        (false, false) => return 0,
    }
    while i < a.end && j < b.end {
        let (byte_a, byte_b) = (a.byte(i), b.byte(j));
        if byte_a != byte_b {
            return match (byte_a.is_ascii_digit(), byte_b.is_ascii_digit()) {
                (true, true) => i32::from(byte_a) - i32::from(byte_b),
                (is_a, is_b) => sign(is_a) - sign(is_b),
            };
        }
        (i, j) = (i + 1, j + 1);
    }
    match (i >= a.end, j >= b.end) {
        (true, true) => 0,
        (true, false) => -sign(b.is_more_than_zero(j)),
        _ => sign(a.is_more_than_zero(i)),
    }
}

/// Compares a negative number, without its sign, with another number: equal if both are 0.
fn one_negative(negative: Field<'_>, other: Field<'_>) -> i32 {
    if is_zero(negative) && is_zero(other) { 0 } else { -1 }
}

/// Whether all digits are 0. Text that is no number counts as 0.
fn is_zero(field: Field<'_>) -> bool {
    let at = field.start + field.count(field.start, |byte| byte == b'0');
    if at < field.end && field.byte(at) == b'.' {
        return !field.is_more_than_zero(at + 1);
    }
    at >= field.end || !field.byte(at).is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(a: &str, b: &str) -> i32 {
        let field = |text: &'static str| Field::new(text.as_bytes(), 0..text.len());
        let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        compare(field(leak(a)), field(leak(b))).signum()
    }

    #[test]
    fn numbers_of_any_length_are_ordered() {
        let ordered =
            ["-100", "-9.5", "-9", "-0.1", "0", "0.5", "0.51", "1", "9", "10", "10.1", "123456789012345678901"];
        for (i, a) in ordered.iter().enumerate() {
            for (j, b) in ordered.iter().enumerate() {
                assert_eq!(sign(a, b).cmp(&0), i.cmp(&j), "{a} {b}");
            }
        }
    }

    #[test]
    fn different_spellings_of_a_number_are_equal() {
        for (a, b) in [("1", "1"), ("0.50", "0.5"), ("1.0", "1"), ("-0", "0.0"), ("-0.0", "0")] {
            assert_eq!((sign(a, b), sign(b, a)), (0, 0), "{a} {b}");
        }
    }
}
