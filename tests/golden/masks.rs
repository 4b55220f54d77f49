//! Placeholders for values that differ from run to run: ids, tokens, times, PIDs.
//!
//! A value is masked only if it has the expected form, so a run id of eleven characters or a time with fractions still
//! fails the test. `Properties` of configurations are sorted, because the SDK writes them in random order.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use serde_json::Value;

/// Keys whose values depend on when the test runs.
const SECONDS: [&str; 4] = ["age_s", "idle_s", "duration_s", "to_end_of_hour_s"];

const HEX: &str = "0123456789abcdef";

/// Digits of run ids: Crockford's base 32.
const BASE_32: &str = "0123456789abcdefghjkmnpqrstvwxyz";

/// Characters of the ids that the sandbox makes.
const IDS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Replaces values that differ from run to run with placeholders, and placeholders with the values.
#[derive(Debug)]
pub(crate) struct Masks {
    /// Each value met so far with its placeholder.
    known: Vec<(String, String)>,
    /// Times from here on are masked.
    begin: DateTime<Utc>,
}

impl Masks {
    /// Masks for a sandbox at `endpoint` and tools that run in `folder`.
    pub(crate) fn new(endpoint: &str, folder: &str) -> Self {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        let known = [
            (endpoint.to_owned(), "<endpoint>".to_owned()),
            (folder.to_owned(), "<folder>".to_owned()),
            (format!("tester@{} pid", host.trim_end()), "tester@<host> pid".to_owned()),
        ];
        let begin = DateTime::<Utc>::from(SystemTime::now() - Duration::from_mins(1));
        Self { known: known.to_vec(), begin }
    }

    /// `value` with placeholders.
    pub(crate) fn mask(&mut self, value: Value) -> Value {
        match value {
            Value::String(text) => self.mask_text(&text).into(),
            Value::Array(items) => items.into_iter().map(|item| self.mask(item)).collect(),
            Value::Object(items) => {
                items.into_iter().map(|(key, item)| (self.mask_text(&key), self.mask_item(&key, item))).collect()
            }
            other => other,
        }
    }

    fn mask_item(&mut self, key: &str, value: Value) -> Value {
        match &value {
            Value::Number(seconds) if SECONDS.contains(&key) && seconds.is_u64() => "<seconds>".into(),
            Value::Number(number) if key == "generation" => self.clock(&number.to_string()).map_or(value, Value::from),
            Value::String(text) if key == "nonce" && is_of(text, 16, HEX) => "<nonce>".into(),
            Value::Object(_) if key == "Properties" => {
                let mut properties = self.mask(value);
                properties.sort_all_objects();
                properties
            }
            _ => self.mask(value),
        }
    }

    /// `text` with placeholders.
    pub(crate) fn mask_text(&mut self, text: &str) -> String {
        let known = self.known.iter().fold(text.to_owned(), |text, (real, mask)| text.replace(real, mask));
        let is_in_word = |c: char| c.is_ascii_alphanumeric() || "-:".contains(c);
        let mut masked = String::new();
        let mut rest = known.as_str();
        while !rest.is_empty() {
            let length = rest.find(|c| !is_in_word(c)).unwrap_or(rest.len());
            let word = self.mask_word(&rest[..length], &masked, &rest[length..]);
            masked.push_str(&word);
            let gap = rest[length..].find(is_in_word).map_or(rest.len(), |gap| length + gap);
            masked.push_str(&rest[length..gap]);
            rest = &rest[gap..];
        }
        masked
    }

    fn mask_word(&mut self, word: &str, before: &str, after: &str) -> String {
        let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        let is_id = |prefix| word.strip_prefix(prefix).is_some_and(|id| is_of(id, 13, IDS));
        if word.strip_prefix("run:").is_some_and(|id| is_of(id, 12, BASE_32)) {
            "run:<run>".to_owned()
        } else if is_id("j-") {
            self.numbered("j", word)
        } else if is_id("s-") {
            self.numbered("s", word)
        } else if is_of(word, 32, HEX) {
            self.numbered("token", word)
        } else if is_number && before.ends_with("tester@<host> pid ") {
            "<pid>".to_owned()
        } else if is_number && after.starts_with(" s more") {
            "<seconds>".to_owned()
        } else if is_time_span(word) && (before.ends_with(" for ") || after.starts_with(" to end of hour")) {
            "<h:mm:ss>".to_owned()
        } else if self.is_now(word) {
            "<now>".to_owned()
        } else if let Some((core_dump, inode)) = word.rsplit_once('-')
            && is_of(inode, 8, HEX)
            && after.starts_with(".core")
        {
            format!("{core_dump}-<inode>")
        } else {
            self.clock(word).unwrap_or_else(|| word.to_owned())
        }
    }

    /// A new placeholder for the id or token `real`. Later occurrences are replaced before words are looked at.
    fn numbered(&mut self, kind: &str, real: &str) -> String {
        let number = 1 + self.known.iter().filter(|(_, mask)| mask.starts_with(&format!("<{kind}-"))).count();
        let mask = format!("<{kind}-{number}>");
        self.known.push((real.to_owned(), mask.clone()));
        mask
    }

    /// Whether `word` is a time since the test began, in whole seconds.
    fn is_now(&self, word: &str) -> bool {
        let time = DateTime::parse_from_rfc3339(word);
        let is_spelled_so = |time: &DateTime<Utc>| time.format("%FT%TZ").to_string() == word;
        time.is_ok_and(|time| is_spelled_so(&time.into()) && time >= self.begin)
    }

    /// A placeholder if `word` is the current Unix time: the first generation of a lock.
    fn clock(&self, word: &str) -> Option<String> {
        let begin = self.begin.timestamp();
        let seconds = word.parse().ok()?;
        (begin..begin + 3600).contains(&seconds).then(|| "<clock>".to_owned())
    }

    /// `text` with the values that its placeholders stand for.
    pub(crate) fn unmask(&self, text: &str) -> String {
        self.known.iter().fold(text.to_owned(), |text, (real, mask)| text.replace(mask, real))
    }
}

/// Whether `text` has so many characters, all of them from `alphabet`.
fn is_of(text: &str, length: usize, alphabet: &str) -> bool {
    text.len() == length && text.chars().all(|c| alphabet.contains(c))
}

/// Whether `word` is hours, minutes and seconds.
fn is_time_span(word: &str) -> bool {
    let parts: Vec<_> = word.split(':').collect();
    let are_digits = parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    are_digits && matches!(parts[..], [_, minutes, seconds] if minutes.len() == 2 && seconds.len() == 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_values_of_the_expected_form_are_masked() {
        let mut masks = Masks::new("http://127.0.0.1:1", "/tmp/x");
        let id = "j-0123456789ABC";
        for (text, masked) in [
            ("etl run:0123456789ab", "etl run:<run>"),
            ("etl run:0123456789a", "etl run:0123456789a"),
            ("etl run:0123456789al", "etl run:0123456789al"),
            ("s3://bucket/j-0123456789ABC/x", "s3://bucket/<j-1>/x"),
            ("j-0123456789ABD", "<j-2>"),
            (id, "<j-1>"),
            ("j-GOLDEN", "j-GOLDEN"),
            ("2999-01-01T00:00:00Z", "<now>"),
            ("2999-01-01T00:00:00.5Z", "2999-01-01T00:00:00.5Z"),
            ("2001-01-01T00:00:00Z", "2001-01-01T00:00:00Z"),
            ("idle for 1:02:03, /tmp/x/y", "idle for <h:mm:ss>, <folder>/y"),
            ("claimed for 59 s more, at 01:02:03", "claimed for <seconds> s more, at 01:02:03"),
            ("1767225600", "1767225600"),
        ] {
            assert_eq!(masks.mask_text(text), masked);
        }
        assert_eq!(masks.unmask("<j-1>"), id);
        let record = serde_json::json!({"idle_s": 3, "ttl_s": 3, "nonce": "0123456789abcdef"});
        assert_eq!(masks.mask(record), serde_json::json!({"idle_s": "<seconds>", "ttl_s": 3, "nonce": "<nonce>"}));
    }
}
