//! Headers that `s3s` would parse more strictly than S3. They are withheld from it, and the operations read them.
//!
//! S3 ignores a malformed `Range` and dates in the future, accepts an `ETag` without quotes and `+` for a space in a
//! copy source, and returns an `Expires` that is not a date, and metadata and other descriptions with any text.

use hyper::HeaderMap;
use hyper::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE, EXPIRES, HeaderName,
    HeaderValue, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE, RANGE,
};
use hyper::http::Extensions;
use hyper::http::request::Parts;

use super::metadata;

const NAMES: [HeaderName; 10] = [
    RANGE,
    IF_MATCH,
    IF_NONE_MATCH,
    IF_MODIFIED_SINCE,
    IF_UNMODIFIED_SINCE,
    EXPIRES,
    HeaderName::from_static("x-amz-copy-source-if-match"),
    HeaderName::from_static("x-amz-copy-source-if-none-match"),
    HeaderName::from_static("x-amz-copy-source-if-modified-since"),
    HeaderName::from_static("x-amz-copy-source-if-unmodified-since"),
];

/// Descriptions of an object. They are withheld only if they are not ASCII, which `s3s` would refuse.
const DESCRIPTIONS: [HeaderName; 5] =
    [CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE];

/// The withheld headers of a request. An extension of the request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Withheld(HeaderMap);

impl Withheld {
    /// Moves the headers out of a request.
    pub(super) fn take_from(parts: &mut Parts) {
        let mut withheld = HeaderMap::new();
        for (name, value) in &std::mem::take(&mut parts.headers) {
            let is_withheld = NAMES.contains(name)
                || name.as_str().starts_with(metadata::PREFIX)
                || DESCRIPTIONS.contains(name) && value.to_str().is_err();
            let to = if is_withheld { &mut withheld } else { &mut parts.headers };
            to.append(name, value.clone());
        }
        parts.extensions.insert(Withheld(withheld));
    }

    /// The withheld headers of the request with these extensions.
    pub(crate) fn of(extensions: &Extensions) -> Withheld {
        extensions.get().cloned().unwrap_or_default()
    }

    /// The value of a header; `None` if it is not ASCII.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().ok().map(str::trim)
    }

    /// The value of a header with any text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|value| metadata::text(value.as_bytes()).trim().to_owned())
    }

    /// The headers whose names start with `prefix`, by the rest of their names.
    pub(super) fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a HeaderValue)> {
        self.0.iter().filter_map(move |(name, value)| Some((name.as_str().strip_prefix(prefix)?, value)))
    }
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    #[test]
    fn withheld_headers_leave_the_request_and_stay_readable() {
        let request = Request::get("/").header("Range", " 0-1 ").header("Accept", "x").header("Cache-Control", "é");
        let mut parts = request.body(()).unwrap().into_parts().0;
        Withheld::take_from(&mut parts);
        assert_eq!(parts.headers.len(), 1);
        let withheld = Withheld::of(&parts.extensions);
        assert_eq!(withheld.get("range"), Some("0-1"));
        assert_eq!(withheld.get("if-match"), None);
        assert_eq!(withheld.text("cache-control").as_deref(), Some("é"));
    }
}
