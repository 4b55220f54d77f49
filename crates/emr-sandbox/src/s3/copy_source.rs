//! The source of a copy as S3 reads it: percent-encoded, with `+` for a space, and with or without a slash at the
//! start. Pure.

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};

use super::percent;
use super::refusal::Refusal;

const HEADER: HeaderName = HeaderName::from_static("x-amz-copy-source");

/// Rewrites the header so that `s3s` reads the same bucket and key as S3.
pub(super) fn normalize(headers: &mut HeaderMap) -> Result<(), Refusal> {
    let Some(source) = headers.get(HEADER) else {
        return Ok(());
    };
    let source = source.to_str().unwrap_or_default();
    if source.starts_with("arn:") {
        return Ok(());
    }
    let source = without_host(source);
    let (path, version) = source.split_once("?versionId=").unwrap_or((source, ""));
    let refusal = || Refusal::argument("x-amz-copy-source", "x-amz-copy-source", "Invalid copy source object key");
    let path = percent::decode(&path.replace('+', " ")).ok_or_else(refusal)?;
    let path = path.strip_prefix('/').unwrap_or(&path);
    if path.split_once('/').is_none_or(|(bucket, key)| bucket.is_empty() || key.is_empty()) {
        return Err(refusal());
    }
    let version = if version.is_empty() { String::new() } else { format!("?versionId={version}") };
    let normal = HeaderValue::try_from(format!("{}{version}", percent::encode(path)));
    headers.insert(HEADER, normal.map_err(|_| refusal())?);
    Ok(())
}

/// The path of a source that is a URL.
fn without_host(source: &str) -> &str {
    let url = source.strip_prefix("http://").or_else(|| source.strip_prefix("https://"));
    url.and_then(|url| url.split_once('/')).map_or(source, |(_, path)| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalized(source: &'static str) -> Result<String, Refusal> {
        let mut headers = HeaderMap::from_iter([(HEADER, HeaderValue::from_static(source))]);
        normalize(&mut headers).map(|()| headers[HEADER].to_str().unwrap().to_owned())
    }

    #[test]
    fn a_plus_is_a_space_and_an_escaped_one_is_a_plus() {
        assert_eq!(normalized("bucket/a+b").unwrap(), "bucket/a%20b");
        assert_eq!(normalized("/bucket/a%2Bb/c%20d").unwrap(), "bucket/a%2Bb/c%20d");
        assert_eq!(normalized("http://localhost:80/bucket/key").unwrap(), "bucket/key");
        assert_eq!(normalized("bucket%2Fkey?versionId=null").unwrap(), "bucket/key?versionId=null");
    }

    #[test]
    fn a_source_without_a_key_is_refused() {
        for source in ["bucket", "bucket/", "/", "bucket/%ff"] {
            assert_eq!(normalized(source).unwrap_err().code(), "InvalidArgument", "{source}");
        }
    }
}
