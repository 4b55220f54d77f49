//! Parses unquoted scalars as YAML 1.1, like `PyYAML` in mrjob.

use serde_json::Value as Json;

/// Whether `text` is one of YAML's words for null.
pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// Parses a boolean.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// Parses a whole number: decimal, `0x` hexadecimal, `0b` binary, `0` octal, or base 60 with colons (`1:30` is 90). `_`
/// may separate digits.
pub(super) fn whole(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let digits = digits.replace('_', "");
    let radix = |digits: &str, radix| i64::from_str_radix(digits, radix).ok();
    let number = match digits.split_at_checked(2).unwrap_or_default() {
        ("0x", rest) => radix(rest, 16),
        ("0b", rest) => radix(rest, 2),
        _ if digits.contains(':') => sixties(&digits),
        _ if digits.len() > 1 && digits.starts_with('0') => radix(&digits, 8),
        _ => digits.parse().ok(),
    }?;
    number.checked_mul(sign)
}

fn sixties(digits: &str) -> Option<i64> {
    let mut number = 0_i64;
    for (place, part) in digits.split(':').enumerate() {
        let part: i64 = part.parse().ok().filter(|part| place == 0 || (0..60).contains(part))?;
        number = number.checked_mul(60)?.checked_add(part)?;
    }
    Some(number)
}

/// Parses a finite number, whole or not.
pub(super) fn number(text: &str) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53, more than any duration")]
    let whole = whole(text).map(|whole| whole as f64);
    whole.or_else(|| text.replace('_', "").parse().ok()).filter(|number| number.is_finite())
}

/// Parses `text` to JSON.
pub(super) fn resolve(text: &str) -> Json {
    let known = truth(text).map(Json::from).or_else(|| whole(text).map(Json::from));
    known.or_else(|| fraction(text).map(Json::from)).unwrap_or_else(|| text.into())
}

/// Parses a number with a decimal point. YAML 1.1 requires a sign in an exponent.
fn fraction(text: &str) -> Option<f64> {
    let digits = text.trim_start_matches(['+', '-']);
    let (before, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "+"));
    let is_fraction = before.contains('.') && !before.starts_with('_') && exponent.starts_with(['+', '-']);
    is_fraction.then(|| number(text)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_those_of_yaml_1_1() {
        let cases = [("12", 12), ("+3", 3), ("-0x1F", -31), ("0b101", 5), ("010", 8), ("1_000", 1000), ("1:30", 90)];
        for (text, number) in cases {
            assert_eq!(whole(text), Some(number), "{text}");
        }
        for text in ["", "-", "_1", "1.0", "1e3", "09", "0x", "1:60", "99999999999999999999", "x", "é1", "0é"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn text_that_is_neither_a_number_nor_a_boolean_stays_text() {
        for (text, meant) in [
            ("1.5", Json::from(1.5)),
            ("3.10.0", "3.10.0".into()),
            ("Yes", true.into()),
            ("off", false.into()),
            ("1e3", "1e3".into()),
            ("1.5e3", "1.5e3".into()),
            ("1.5e+3", 1500.0.into()),
            ("_1.5", "_1.5".into()),
            (".5", 0.5.into()),
            (".inf", ".inf".into()),
            ("12", 12.into()),
        ] {
            assert_eq!(resolve(text), meant, "{text}");
        }
    }
}
