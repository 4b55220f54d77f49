//! What a scalar without quotes means in YAML 1.1, which mrjob reads with PyYAML.

use serde_json::Value as Json;

/// Whether `text` is one of YAML's words for nothing.
pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// The truth value that `text` is.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// The whole number that `text` is: decimal, `0x` hexadecimal, `0b` binary, `0` octal, or of base 60 with colons;
/// `_` may stand between digits.
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

/// The number that `text` is, whole or not, and finite.
pub(super) fn number(text: &str) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "nobody waits 2^52 minutes")]
    let whole = whole(text).map(|whole| whole as f64);
    whole.or_else(|| text.replace('_', "").parse().ok()).filter(|number| number.is_finite())
}

/// What `text` means, as JSON.
pub(super) fn resolve(text: &str) -> Json {
    let fraction = || text.contains('.').then(|| number(text)).flatten();
    let known = truth(text).map(Json::from).or_else(|| whole(text).map(Json::from));
    known.or_else(|| fraction().map(Json::from)).unwrap_or_else(|| text.into())
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
    fn what_is_no_number_stays_text() {
        for (text, meant) in [
            ("1.5", Json::from(1.5)),
            ("3.10.0", "3.10.0".into()),
            ("Yes", true.into()),
            ("off", false.into()),
            ("1e3", "1e3".into()),
            (".inf", ".inf".into()),
            ("12", 12.into()),
        ] {
            assert_eq!(resolve(text), meant, "{text}");
        }
    }
}
