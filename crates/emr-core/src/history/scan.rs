//! Reads a line as the tools write it: one flat object without blanks, whose texts have no escapes but those of quotation
//! marks. That is several times faster than a parser of JSON, which reads any other line.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::value::BorrowedStrDeserializer;

use super::entry::{Entry, Micros, Reply, Request, Text};
use crate::model::lock::LockState;

/// The record of `line`; `None` if that is anything else than what is read here.
pub(super) fn scan(line: &[u8]) -> Option<Entry<'_>> {
    let mut rest = Rest(std::str::from_utf8(line).ok()?);
    let mut keys = Keys::default();
    rest.skip(b'{')?;
    loop {
        let key = rest.text()?;
        rest.skip(b':')?;
        keys.take(key, &mut rest)?;
        match rest.next()? {
            b',' => {}
            b'}' if rest.0.is_empty() => return keys.entry(),
            _ => return None,
        }
    }
}

/// What was read so far.
#[derive(Default)]
struct Keys<'a> {
    time: Option<Text<'a>>,
    process: Option<Text<'a>>,
    call: Option<u64>,
    boot: Option<Text<'a>>,
    uptime_s: Option<Micros>,
    lock_uri: Option<Text<'a>>,
    request: Option<Request>,
    if_match: Option<Text<'a>>,
    nonce: Option<Text<'a>>,
    state: Option<LockState>,
    generation: Option<u64>,
    token: Option<Text<'a>>,
    releaser: Option<Text<'a>>,
    ttl_s: Option<u64>,
    answer: Option<Reply>,
    etag: Option<Text<'a>>,
    age_s: Option<u64>,
    held_until: Option<Text<'a>>,
    held_until_s: Option<Micros>,
}

impl<'a> Keys<'a> {
    /// Reads the value of `key`. `None` if it was read before.
    fn take(&mut self, key: &str, rest: &mut Rest<'a>) -> Option<()> {
        match key {
            "time" => set(&mut self.time, rest.owned()?),
            "process" => set(&mut self.process, rest.owned()?),
            "call" => set(&mut self.call, rest.number()?),
            "boot" => set(&mut self.boot, rest.owned()?),
            "uptime_s" => set(&mut self.uptime_s, rest.seconds()?),
            "lock_uri" => set(&mut self.lock_uri, rest.owned()?),
            "request" => set(&mut self.request, word(rest.text()?)?),
            "if_match" => set(&mut self.if_match, rest.owned()?),
            "nonce" => set(&mut self.nonce, rest.owned()?),
            "state" => set(&mut self.state, word(rest.text()?)?),
            "generation" => set(&mut self.generation, rest.number()?),
            "token" => set(&mut self.token, rest.owned()?),
            "releaser" => set(&mut self.releaser, rest.owned()?),
            "ttl_s" => set(&mut self.ttl_s, rest.number()?),
            "answer" => set(&mut self.answer, word(rest.text()?)?),
            "etag" => set(&mut self.etag, rest.owned()?),
            "age_s" => set(&mut self.age_s, rest.number()?),
            "held_until" => set(&mut self.held_until, rest.owned()?),
            "held_until_s" => set(&mut self.held_until_s, rest.seconds()?),
            _ => rest.text().map(drop),
        }
    }

    fn entry(self) -> Option<Entry<'a>> {
        Some(Entry {
            time: self.time?,
            process: self.process?,
            call: self.call,
            boot: self.boot,
            uptime_s: self.uptime_s,
            lock_uri: self.lock_uri?,
            request: self.request?,
            if_match: self.if_match,
            nonce: self.nonce,
            state: self.state,
            generation: self.generation,
            token: self.token,
            releaser: self.releaser,
            ttl_s: self.ttl_s,
            answer: self.answer,
            etag: self.etag,
            age_s: self.age_s,
            held_until: self.held_until,
            held_until_s: self.held_until_s,
        })
    }
}

fn set<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    if slot.is_some() {
        return None;
    }
    *slot = Some(value);
    Some(())
}

/// A text that is one of a few words.
fn word<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    T::deserialize(BorrowedStrDeserializer::<serde::de::value::Error>::new(text)).ok()
}

/// What was not read yet.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn next(&mut self) -> Option<u8> {
        let first = *self.0.as_bytes().first()?;
        self.0 = self.0.get(1..)?;
        Some(first)
    }

    fn skip(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    /// A text without escapes, with its quotation marks.
    fn text(&mut self) -> Option<&'a str> {
        self.skip(b'"')?;
        let end = special(self.0.as_bytes())?;
        let text = self.0.get(..end)?;
        self.0 = self.0.get(end..)?;
        self.skip(b'"')?;
        Some(text)
    }

    /// A text whose only escapes are those of quotation marks, which an `ETag` has.
    fn owned(&mut self) -> Option<Text<'a>> {
        self.skip(b'"')?;
        let mut text = Cow::Borrowed("");
        loop {
            let end = special(self.0.as_bytes())?;
            text += self.0.get(..end)?;
            self.0 = self.0.get(end..)?;
            match self.next()? {
                b'"' => return Some(Text(text)),
                b'\\' => {
                    self.skip(b'"')?;
                    text += "\"";
                }
                _ => return None,
            }
        }
    }

    /// An integer, and how many digits it has.
    fn digits(&mut self) -> Option<(u64, u32)> {
        let (mut value, mut count) = (0_u64, 0);
        for digit in self.0.bytes().take_while(u8::is_ascii_digit).take(19) {
            (value, count) = (value * 10 + u64::from(digit - b'0'), count + 1);
        }
        self.0 = self.0.get(count..)?;
        (count > 0).then_some((value, u32::try_from(count).ok()?))
    }

    fn number(&mut self) -> Option<u64> {
        let is_zero = self.0.starts_with('0');
        let (value, count) = self.digits()?;
        // What follows must be a comma or the end: anything else, as a fraction, is no integer.
        (!is_zero || count == 1).then_some(value)
    }

    fn seconds(&mut self) -> Option<Micros> {
        let seconds = self.number()?.checked_mul(1_000_000)?;
        let mut micros = 0;
        if self.0.starts_with('.') {
            self.0 = self.0.get(1..)?;
            let (fraction, count) = self.digits()?;
            micros = fraction.checked_mul(10_u64.pow(6_u32.checked_sub(count)?))?;
        }
        i64::try_from(seconds.checked_add(micros)?).ok().map(Micros)
    }
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
