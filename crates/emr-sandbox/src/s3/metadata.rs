//! User metadata: headers `x-amz-meta-…` with any text. Answers encode non-ASCII text as in RFC 2047. Pure.

use std::collections::BTreeMap;

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use s3s::S3ErrorCode;

use super::refusal::Refusal;
use super::withheld::Withheld;

/// The prefix of the headers.
pub(super) const PREFIX: &str = "x-amz-meta-";

/// S3's limit on the bytes of all names and values.
const MAX_SIZE: usize = 2048;

/// Values by name. Names are in lower case, without the prefix.
pub(crate) type Metadata = BTreeMap<String, String>;

/// The metadata of a write.
pub(crate) fn of_write(headers: &Withheld) -> Result<Metadata, Refusal> {
    let mut metadata = Metadata::new();
    for (name, value) in headers.with_prefix(PREFIX) {
        let value = decode(&text(value.as_bytes()));
        let joined = metadata.remove(name).map_or_else(|| value.clone(), |first| format!("{first},{value}"));
        metadata.insert(name.to_owned(), joined);
    }
    let size: usize = metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size <= MAX_SIZE {
        return Ok(metadata);
    }
    let message = "Your metadata headers exceed the maximum allowed metadata size";
    Err(Refusal::new(S3ErrorCode::MetadataTooLarge, message)
        .with("Size", size.to_string())
        .with("MaxSizeAllowed", MAX_SIZE.to_string()))
}

/// Adds the metadata headers to an answer.
pub(crate) fn put_into(metadata: &Metadata, headers: &mut HeaderMap) {
    for (name, value) in metadata {
        let name = HeaderName::try_from(format!("{PREFIX}{name}"));
        if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(encode(value))) {
            headers.insert(name, value);
        }
    }
}

/// The text of a header: UTF-8, or else Latin-1, HTTP's former encoding.
pub(super) fn text(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).map(str::to_owned);
    text.unwrap_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect())
}

/// The text of an encoded word, `=?UTF-8?B?…?=`. Other text is returned unchanged.
fn decode(value: &str) -> String {
    let word = || {
        let (charset, word) = value.strip_prefix("=?")?.strip_suffix("?=")?.split_once('?')?;
        let (encoding, word) = word.split_once('?').filter(|_| charset.eq_ignore_ascii_case("utf-8"))?;
        let bytes = match encoding {
            "B" | "b" => base64_simd::STANDARD.decode_to_vec(word).ok()?,
            "Q" | "q" => unquoted(word)?,
            _ => return None,
        };
        String::from_utf8(bytes).ok()
    };
    word().unwrap_or_else(|| value.to_owned())
}

/// The bytes of a word in encoding `Q`.
fn unquoted(word: &str) -> Option<Vec<u8>> {
    let mut pieces = word.split('=');
    let mut bytes = pieces.next()?.replace('_', " ").into_bytes();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2)?;
        bytes.extend(hex::decode(digits).ok()?);
        bytes.extend(rest.replace('_', " ").bytes());
    }
    Some(bytes)
}

/// The text as a header value. S3 encodes text with any printable ASCII as `Q`, other text as `B`.
fn encode(value: &str) -> String {
    if value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return value.to_owned();
    }
    if !value.bytes().any(|byte| (b'!'..=b'~').contains(&byte)) {
        return format!("=?UTF-8?B?{}?=", base64_simd::STANDARD.encode_to_string(value));
    }
    let quoted = value.bytes().map(|byte| match byte {
        b' ' => "_".to_owned(),
        b'=' | b'?' | b'_' => format!("={byte:02X}"),
        b'!'..=b'~' => char::from(byte).to_string(),
        _ => format!("={byte:02X}"),
    });
    format!("=?UTF-8?Q?{}?=", quoted.collect::<String>())
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    fn written(values: &[&[u8]]) -> Result<Metadata, Refusal> {
        let request = values.iter().fold(Request::put("/b/k"), |request, value| {
            request.header("x-amz-meta-Name", HeaderValue::from_bytes(value).unwrap())
        });
        let mut parts = request.body(()).unwrap().into_parts().0;
        Withheld::take_from(&mut parts);
        of_write(&Withheld::of(&parts.extensions))
    }

    fn answered(value: &[u8]) -> String {
        let mut headers = HeaderMap::new();
        put_into(&written(&[value]).unwrap(), &mut headers);
        headers["x-amz-meta-name"].to_str().unwrap().to_owned()
    }

    #[test]
    fn ascii_is_returned_unchanged_and_other_text_encoded() {
        assert_eq!(answered(b"plain = text?"), "plain = text?");
        assert_eq!(answered("Ä_é 2?".as_bytes()), "=?UTF-8?Q?=C3=84=5F=C3=A9_2=3F?=");
        assert_eq!(answered(b"=?UTF-8?B?w4RN?="), "=?UTF-8?Q?=C3=84M?=");
        assert_eq!(answered(b"=?UTF-8?Q?=C3=84_M?="), "=?UTF-8?Q?=C3=84_M?=");
        assert_eq!(answered(b"=?UTF-8?B?=GGG?="), "=?UTF-8?B?=GGG?=");
        assert_eq!(answered(b"=?UTF-8?Q?=00=01?="), "=?UTF-8?B?AAE=?=");
        assert_eq!(answered(b"Hello \xe9"), "=?UTF-8?Q?Hello_=C3=A9?=");
    }

    #[test]
    fn values_of_one_name_are_joined_and_all_fit_in_two_kilobytes() {
        assert_eq!(written(&[b"a", b"b"]).unwrap()["name"], "a,b");
        assert!(written(&["v".repeat(2044).as_bytes()]).is_ok());
        assert_eq!(written(&["v".repeat(2045).as_bytes()]).unwrap_err().code(), "MetadataTooLarge");
    }
}
