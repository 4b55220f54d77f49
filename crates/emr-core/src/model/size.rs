//! Sizes as people write them.

use crate::error::{Error, Result};

/// The units of a size, each 1024 times the one before it.
const UNITS: [&str; 5] = ["", "K", "M", "G", "T"];

/// Reads a number of bytes: `1048576`, `64K`, `1.5G` or `20GiB`. As with du(1) and dd(1), K is 1024 bytes.
pub fn bytes(text: &str) -> Result<u64> {
    read(text).ok_or_else(|| Error::usage(format!("'{text}' is no size")).advise("write 1048576, 64K, 20M or 1.5G"))
}

fn read(text: &str) -> Option<u64> {
    let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.to_ascii_uppercase();
    let unit = unit.strip_suffix("IB").or(unit.strip_suffix('B')).unwrap_or(&unit);
    let power = UNITS.iter().position(|known| *known == unit)?;
    let factor = 1_u64 << (10 * power);
    match number.trim_end().parse::<u64>() {
        Ok(whole) => whole.checked_mul(factor),
        Err(_) => fraction(number.trim_end(), factor),
    }
}

/// A number with a decimal point, times `factor`; the rest of a byte is dropped.
fn fraction(number: &str, factor: u64) -> Option<u64> {
    let (whole, part) = number.split_once('.')?;
    let digits: u32 = part.len().try_into().ok().filter(|digits| (1..=6).contains(digits))?;
    let part: u64 = part.bytes().all(|digit| digit.is_ascii_digit()).then(|| part.parse().ok())??;
    let whole = whole.parse::<u64>().ok()?.checked_mul(factor)?;
    whole.checked_add(part * factor / 10_u64.pow(digits))
}

/// A number of bytes for people: `512 bytes`, `20 MiB`, `1.5 GiB`.
#[must_use]
pub fn words(bytes: u64) -> String {
    let power = (1..UNITS.len()).take_while(|power| bytes >> (10 * power) > 0).last();
    let Some(power) = power else { return format!("{bytes} bytes") };
    let tenths = (u128::from(bytes) * 10) >> (10 * power);
    let tenth = if tenths.is_multiple_of(10) { String::new() } else { format!(".{}", tenths % 10) };
    format!("{}{tenth} {}iB", tenths / 10, UNITS[power])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_and_without_units() {
        let read = |text| bytes(text).unwrap();
        assert_eq!([read("0"), read("1048576"), read("1M"), read("1MiB")], [0, 1 << 20, 1 << 20, 1 << 20]);
        assert_eq!([read("64k"), read("1.5G"), read("2 TiB"), read("7B")], [1 << 16, 3 << 29, 2 << 40, 7]);
        for bad in ["", "G", "-1", "1e3", "1.G", "1,5G", "1X", "99999999999T", "1.5.5G", "NaN"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_are_written_in_the_largest_unit_that_they_fill() {
        assert_eq!([words(0), words(1023), words(1024)], ["0 bytes", "1023 bytes", "1 KiB"]);
        assert_eq!([words(3 << 29), words(20 << 20), words(1 << 40)], ["1.5 GiB", "20 MiB", "1 TiB"]);
    }
}
