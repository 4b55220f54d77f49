//! Percent-encoding. Pure.

/// Decodes text; `None` if the result is not UTF-8. Malformed escapes stay unchanged.
pub(crate) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| *byte == b'%').and_then(|digits| hex::decode(digits).ok());
        if let Some(decoded) = escaped {
            bytes.extend(decoded);
            rest = &after[2..];
        } else {
            bytes.push(*byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

/// Escapes everything but letters, digits and `-_.~/`.
pub(crate) fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_text_keeps_its_slashes_and_decodes_to_the_original() {
        assert_eq!(encode("a/b +%é"), "a/b%20%2B%25%C3%A9");
        assert_eq!(decode(&encode("a/b +%é\0")).unwrap(), "a/b +%é\0");
    }

    #[test]
    fn malformed_escapes_stay_and_invalid_utf8_is_none() {
        assert_eq!(decode("100%, %zz %4").unwrap(), "100%, %zz %4");
        assert_eq!(decode("%ff"), None);
    }
}
