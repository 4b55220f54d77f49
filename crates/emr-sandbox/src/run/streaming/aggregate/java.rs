//! Numbers and strings as Java parses, prints and compares them.

use std::cmp::Ordering;

/// Parses a `long`.
pub(super) fn parse_long(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| format!("aggregate: `{text}` is not a whole number"))
}

/// Parses a `double`, which may have blanks around it and a type letter at its end.
pub(super) fn parse_double(text: &str) -> Result<f64, String> {
    let number = text.trim_matches(|char: char| char <= ' ');
    let special = match number.trim_start_matches(['+', '-']) {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(if number.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }),
        _ => None,
    };
    let number = number.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(number);
    let is_plain = number.chars().all(|char| char.is_ascii_digit() || "+-.eE".contains(char));
    let parsed = special.or_else(|| number.parse().ok().filter(|_| is_plain));
    parsed.ok_or_else(|| format!("aggregate: `{text}` is not a number"))
}

/// Writes a `double` as `Double.toString` does.
pub(super) fn format_double(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    let sign = if number.is_sign_negative() { "-" } else { "" };
    let size = number.abs();
    if size.is_infinite() {
        return format!("{sign}Infinity");
    }
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        return format!("{sign}{size:?}");
    }
    let scientific = format!("{size:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let point = if digits.contains('.') { "" } else { ".0" };
    format!("{sign}{digits}{point}E{exponent}")
}

/// Compares by UTF-16 code units.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_look_as_in_java() {
        for (number, text) in [
            (0.0, "0.0"),
            (3.0, "3.0"),
            (-1.5, "-1.5"),
            (1e7, "1.0E7"),
            (9_999_999.0, "9999999.0"),
            (1.25e10, "1.25E10"),
            (1e-5, "1.0E-5"),
            (0.001, "0.001"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(format_double(number), text);
        }
    }

    #[test]
    fn numbers_are_read_as_in_java() {
        assert_eq!(parse_double(" 1.5e3d "), Ok(1500.0));
        assert_eq!(parse_double("-Infinity"), Ok(f64::NEG_INFINITY));
        assert!(parse_double("inf").is_err() && parse_double("").is_err());
        assert_eq!(parse_long("+5"), Ok(5));
        assert!(parse_long(" 5").is_err());
    }

    #[test]
    fn strings_are_compared_by_utf_16_code_units() {
        assert_eq!(compare("😀", "ｱ"), Ordering::Less);
    }
}
