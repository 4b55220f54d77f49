//! The name of a pool: any text, with an encoding that fits into Names and tags.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::error::Error;

/// The name of a pool, as the user wrote it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct PoolName(String);

/// The longest encoded name, in characters: a Name has 256, and the rest of the marker, the run id and a label need
/// room.
const LIMIT: usize = 100;

/// The punctuation that tags allow, except the space, which ends a word, and `=`, which begins an escape.
const PLAIN_SIGNS: &str = "_.:/+-@";

impl PoolName {
    /// The name as the user wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as in Names and tags; see [`encode`].
    #[must_use]
    pub fn encoded(&self) -> String {
        encode(&self.0)
    }

    /// Decodes `text`; `None` unless [`PoolName::encoded`] writes exactly this.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let name: Self = decode(text)?.parse().ok()?;
        (name.encoded() == text).then_some(name)
    }
}

impl Default for PoolName {
    /// The pool if none is named.
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl FromStr for PoolName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let name = Self(text.to_owned());
        if text.is_empty() {
            return Err(Error::usage("the name of the pool is empty").advise("leave it out, and the pool is 'default'"));
        }
        let length = name.encoded().chars().count();
        if length > LIMIT {
            return Err(Error::usage(format!("the name of the pool takes {length} characters of {LIMIT}"))
                .advise("shorten it; signs other than _ . : / + - @ take three characters or more"));
        }
        Ok(name)
    }
}

impl fmt::Display for PoolName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Encodes `text` in characters that Names and tags allow, without spaces and commas: each byte of another character
/// becomes `=` and two hexadecimal digits. (Tags do not allow `%`.)
#[must_use]
pub fn encode(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || PLAIN_SIGNS.contains(c);
    text.chars().map(|c| if is_plain(c) { c.to_string() } else { escape(c) }).collect()
}

fn escape(c: char) -> String {
    c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("={byte:02X}")).collect::<Vec<_>>().concat()
}

/// The inverse of [`encode`]; `None` for invalid text.
#[must_use]
pub fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('=');
    bytes.extend_from_slice(parts.next()?.as_bytes());
    for part in parts {
        let (digits, plain) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(plain.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn encoding_and_decoding_return_the_same(text in any::<String>()) {
            prop_assume!(!text.is_empty());
            let name = PoolName(text);
            let encoded = name.encoded();
            prop_assert!(!encoded.contains(|c: char| c.is_whitespace() || ",<>$|`".contains(c)));
            prop_assert_eq!(decode(&encoded), Some(name.0));
        }

        #[test]
        fn a_name_has_one_encoding(text in "[=0-9A-Fa-fé ]{1,12}") {
            if let Some(name) = PoolName::decode(&text) {
                prop_assert_eq!(name.encoded(), text);
            }
        }
    }

    #[test]
    fn letters_of_every_script_are_kept() {
        assert_eq!(encode("etl/täglich 50%,今日"), "etl/täglich=2050=25=2C今日");
    }

    #[test]
    fn other_encodings_are_none() {
        for bad in ["", "=", "=2", "=2c", "=41", "=FF", "=+1", "a b", "=é", &"x".repeat(101)] {
            assert_eq!(PoolName::decode(bad), None, "{bad}");
        }
    }

    #[test]
    fn empty_and_overlong_names_are_refused() {
        assert!("".parse::<PoolName>().is_err());
        assert!("x".repeat(100).parse::<PoolName>().is_ok());
        let error = " ".repeat(34).parse::<PoolName>().unwrap_err().to_string();
        assert!(error.starts_with("the name of the pool takes 102 characters of 100"), "{error}");
    }
}
