//! The tags of objects and buckets, and S3's limits on them. Pure.

use hyper::StatusCode;
use s3s::S3ErrorCode;
use s3s::dto::Tag;

use crate::s3::refusal::Refusal;

/// S3's limits on the characters of a key and of a value.
const MAX_KEY: usize = 128;
const MAX_VALUE: usize = 256;

/// Keys and values, in the order in which they were put.
pub(crate) type Tags = Vec<(String, String)>;

/// What has the tags. S3 has different limits and messages for each.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tagged {
    Bucket,
    Object,
}

impl Tagged {
    /// The largest number of tags.
    fn most(self) -> usize {
        match self {
            Self::Bucket => 50,
            Self::Object => 10,
        }
    }

    /// S3's message about more tags.
    fn too_many(self) -> &'static str {
        match self {
            Self::Bucket => "Bucket tag count cannot be greater than 50",
            Self::Object => "Object tags cannot be greater than 10",
        }
    }

    /// S3's message about a tag with AWS's prefix.
    fn reserved(self) -> &'static str {
        match self {
            Self::Bucket => "System tags cannot be added/updated by requester",
            Self::Object => "Your TagKey cannot be prefixed with aws:",
        }
    }
}

/// The tags of the header `x-amz-tagging`, which has the form of a query.
pub(crate) fn parse_header(header: &str) -> Result<Tags, Refusal> {
    let malformed = || {
        let message = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.";
        Refusal::argument("x-amz-tagging", header, message)
    };
    let mut tags = Tags::new();
    for pair in header.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let tag = (decode(key).ok_or_else(malformed)?, decode(value).ok_or_else(malformed)?);
        if tags.iter().any(|(key, _)| *key == tag.0) || !is_key(&tag.0) || !is_value(&tag.1) {
            return Err(malformed());
        }
        tags.push(tag);
    }
    check_all(&tags, Tagged::Object)?;
    Ok(tags)
}

/// The tags of an XML tag set.
pub(crate) fn parse_set(set: Vec<Tag>, of: Tagged) -> Result<Tags, Refusal> {
    let mut tags = Tags::new();
    for tag in set {
        let (Some(key), Some(value)) = (tag.key, tag.value) else {
            return Err(Refusal::malformed_xml());
        };
        if tags.iter().any(|(other, _)| *other == key) {
            return Err(invalid("Cannot provide multiple Tags with the same key", &key));
        }
        if !is_key(&key) {
            return Err(invalid("The TagKey you have provided is invalid", &key));
        }
        if !is_value(&value) {
            return Err(invalid("The TagValue you have provided is invalid", &key).with("TagValue", value));
        }
        tags.push((key, value));
    }
    check_all(&tags, of)?;
    Ok(tags)
}

/// The tags as S3 lists them.
pub(crate) fn listed(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect()
}

fn check_all(tags: &Tags, of: Tagged) -> Result<(), Refusal> {
    if let Some((key, _)) = tags.iter().find(|(key, _)| key.starts_with("aws:")) {
        return Err(invalid(of.reserved(), key));
    }
    if tags.len() > of.most() {
        return Err(Refusal::custom("BadRequest", StatusCode::BAD_REQUEST, of.too_many()));
    }
    Ok(())
}

fn invalid(message: &'static str, key: &str) -> Refusal {
    Refusal::new(S3ErrorCode::InvalidTag, message).with("TagKey", key)
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.chars().count() <= MAX_KEY && key.chars().all(is_allowed)
}

fn is_value(value: &str) -> bool {
    value.chars().count() <= MAX_VALUE && value.chars().all(is_allowed)
}

/// Letters, numbers and spaces of any script, and `_ . : / = + - @`.
fn is_allowed(character: char) -> bool {
    character.is_alphanumeric() || character.is_whitespace() || "_.:/=+-@".contains(character)
}

/// Decodes text of a query; `None` if the result is not UTF-8.
fn decode(text: &str) -> Option<String> {
    crate::s3::percent::decode(&text.replace('+', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(tags: &[(&str, &str)]) -> Result<Tags, Refusal> {
        let tag = |(key, value): &(&str, &str)| Tag { key: Some((*key).to_owned()), value: Some((*value).to_owned()) };
        parse_set(tags.iter().map(tag).collect(), Tagged::Object)
    }

    #[test]
    fn the_header_is_a_query_with_unique_keys() {
        let tags = parse_header("a=1&b+c=%C3%BC&d").unwrap();
        assert_eq!(tags, [("a", "1"), ("b c", "ü"), ("d", "")].map(|(key, value)| (key.into(), value.into())));
        assert!(parse_header("").unwrap().is_empty());
        for header in ["a=1&a=2", "a=%ff", "a=<", "=x"] {
            assert_eq!(parse_header(header).unwrap_err().code(), "InvalidArgument", "{header}");
        }
    }

    #[test]
    fn a_set_has_at_most_ten_tags_with_allowed_characters_and_lengths() {
        let long = "k".repeat(MAX_KEY + 1);
        for tags in
            [&[("a", "1"), ("a", "2")][..], &[("aws:x", "1")], &[(&*long, "1")], &[("", "1")], &[("a", "\u{7}")]]
        {
            assert_eq!(set(tags).unwrap_err().code(), "InvalidTag", "{tags:?}");
        }
        let keys: Vec<String> = (0..11).map(|key| key.to_string()).collect();
        let tags: Vec<(&str, &str)> = keys.iter().map(|key| (&**key, "")).collect();
        assert_eq!(set(&tags[..10]).unwrap().len(), 10);
        assert_eq!(set(&tags).unwrap_err().code(), "BadRequest");
    }
}
