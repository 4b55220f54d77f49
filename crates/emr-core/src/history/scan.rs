//! Reads a line as the tools write it: one flat object without blanks, whose texts have no escapes but those of quotation
//! marks. That is several times faster than a parser of JSON, which reads any other line.

use serde::de::value::{BorrowedStrDeserializer, Error};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};

use super::entry::Entry;

/// How long most `ETags` are, with their quotation marks.
const ETAG: usize = 34;

/// Below so many microseconds, seconds as a float are exact to the microsecond.
const EXACT: u64 = 1 << 50;

/// The record of `line`; `None` if that is anything else than what is read here.
pub(super) fn scan(line: &[u8]) -> Option<Entry<'_>> {
    let line = std::str::from_utf8(line).ok()?;
    Entry::deserialize(&mut Scanner { line, at: 0, before_key: b'{', unescaped: String::new() }).ok()
}

/// A line of which a part was read.
struct Scanner<'a> {
    line: &'a str,
    /// Where the rest begins.
    at: usize,
    /// What comes before the next key.
    before_key: u8,
    /// The last text that has escapes.
    unescaped: String,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.line.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let next = self.peek()?;
        self.at += 1;
        Some(next)
    }

    fn skip(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    /// What comes before the next quotation mark, backslash or control character.
    fn plain(&mut self) -> Option<&'a str> {
        let begin = self.at;
        self.at += special(self.line.as_bytes().get(begin..)?)?;
        self.line.get(begin..self.at)
    }

    /// A text without escapes.
    fn word(&mut self) -> Option<&'a str> {
        self.skip(b'"')?;
        let word = self.plain()?;
        self.skip(b'"')?;
        Some(word)
    }

    /// The rest of a text that begins with `plain`. Its only escapes are those of quotation marks, which an `ETag` has.
    fn unescape(&mut self, plain: &str) -> Option<&str> {
        self.unescaped.clear();
        self.unescaped.reserve(ETAG);
        self.unescaped.push_str(plain);
        loop {
            match self.next()? {
                b'"' => return Some(&self.unescaped),
                b'\\' => self.skip(b'"')?,
                _ => return None,
            }
            let plain = self.plain()?;
            self.unescaped.push('"');
            self.unescaped.push_str(plain);
        }
    }

    /// An integer, and how many digits it has.
    fn digits(&mut self) -> Option<(u64, u32)> {
        let (mut value, mut count) = (0_u64, 0);
        while let Some(digit @ b'0'..=b'9') = self.peek().filter(|_| count < 19) {
            (value, count) = (value * 10 + u64::from(digit - b'0'), count + 1);
            self.at += 1;
        }
        (count > 0).then_some((value, count))
    }

    fn integer(&mut self) -> Option<u64> {
        let is_zero = self.peek() == Some(b'0');
        let (value, count) = self.digits()?;
        (!is_zero || count == 1).then_some(value)
    }

    /// What follows `seconds`, to the microsecond.
    fn fraction(&mut self, seconds: u64) -> Option<f64> {
        self.skip(b'.')?;
        let (fraction, count) = self.digits()?;
        let micros = fraction.checked_mul(10_u64.pow(6_u32.checked_sub(count)?))?;
        let micros = seconds.checked_mul(1_000_000)?.checked_add(micros).filter(|micros| *micros < EXACT)?;
        #[expect(clippy::cast_precision_loss, reason = "it is below 2^50")]
        Some(micros as f64 / 1e6)
    }
}

/// A value, or the object as a whole.
impl<'de> Deserializer<'de> for &mut Scanner<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.peek() == Some(b'"') {
            self.at += 1;
            let plain = self.plain().ok_or_else(other)?;
            if self.peek() == Some(b'"') {
                self.at += 1;
                return visitor.visit_borrowed_str(plain);
            }
            return visitor.visit_str(self.unescape(plain).ok_or_else(other)?);
        }
        let integer = self.integer().ok_or_else(other)?;
        if self.peek() == Some(b'.') {
            return visitor.visit_f64(self.fraction(integer).ok_or_else(other)?);
        }
        visitor.visit_u64(integer)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _name: &str, _variants: &[&str], visitor: V) -> Result<V::Value, Error> {
        visitor.visit_enum(BorrowedStrDeserializer::new(self.word().ok_or_else(other)?))
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _name: &str, _fields: &[&str], visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for &mut Scanner<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        match self.next() {
            Some(byte) if byte == self.before_key => self.before_key = b',',
            Some(b'}') if self.at == self.line.len() => return Ok(None),
            _ => return Err(other()),
        }
        let key = self.word().ok_or_else(other)?;
        self.skip(b':').ok_or_else(other)?;
        seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(&mut **self)
    }
}

/// The line is none as the tools write it.
fn other() -> Error {
    Error::custom("")
}

/// Where the first quotation mark, backslash or control character is. Looks at eight bytes at once.
fn special(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The lowest of the bits that are set is that of a byte below `limit`, which is at most 128.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & HIGH;
    let mut at = 0;
    while let Some(Ok(eight)) = bytes.get(at..at + 8).map(<[u8; 8]>::try_from) {
        let word = u64::from_le_bytes(eight);
        let is = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
        let found = below(word, 0x20) | is(b'"') | is(b'\\');
        if found != 0 {
            return Some(at + usize::try_from(found.trailing_zeros() / 8).ok()?);
        }
        at += 8;
    }
    let rest = bytes.get(at..)?.iter().position(|byte| *byte < 0x20 || matches!(byte, b'"' | b'\\'))?;
    Some(at + rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = String> {
        prop_oneof![
            8 => r#""[a-z0-9:/]{0,20}""#,
            4 => r#""(\\"|[a-z\\]){0,9}""#,
            2 => "[0-9]{1,21}",
            2 => r"[0-9]{1,10}\.[0-9]{1,8}",
            2 => r#""(read|create|replace|act|held|free|absent|written|found|refused|conflict|unclear|failed|done)""#,
            1 => r#""[ -~äß\\\n\x7f]{0,12}""#,
            1 => r"null|true|-1|1e3|\{\}|\[\]|0?",
        ]
    }

    fn key() -> impl Strategy<Value = String> {
        let keys = "time process call boot uptime_s lock_uri request if_match nonce state generation token releaser \
                    ttl_s answer etag age_s held_until held_until_s act of more";
        prop::sample::select(keys.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

        #[test]
        fn what_is_read_is_what_a_parser_of_json_reads(
            pairs in prop::collection::vec((key(), value()), 0..8),
            call in "[0-9]{1,19}",
            uptime in r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?",
            cut in any::<prop::sample::Index>(),
            is_cut in prop::bool::weighted(0.1),
        ) {
            let more: String = pairs.iter().flat_map(|(key, value)| [",\"", key, "\":", value]).collect();
            let mut line = format!(
                r#"{{"time":"t","process":"p","lock_uri":"l","request":"read","call":{call},"uptime_s":{uptime}{more}}}"#
            );
            if is_cut {
                line = line.chars().take(cut.index(line.len())).collect();
            }
            let read: Result<Entry<'_>, _> = serde_json::from_str(&line);
            match scan(line.as_bytes()) {
                Some(entry) => prop_assert_eq!(Some(entry), read.ok(), "{}", line),
                None => prop_assert!(!pairs.is_empty() || is_cut || call.starts_with('0') && call.len() > 1, "{}", line),
            }
        }
    }

    #[test]
    fn the_first_special_character_is_found_wherever_it_is() {
        for length in 0..40 {
            for special_one in ["\"", "\\", "\n", "\u{1f}"] {
                let text = format!("{}{special_one}\"\"x", "é~".repeat(length));
                assert_eq!(special(text.as_bytes()), Some(3 * length));
            }
        }
        assert_eq!(special("é".repeat(30).as_bytes()), None);
    }
}
