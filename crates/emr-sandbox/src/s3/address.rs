//! The bucket and key of a request: moves virtual-hosted buckets to the path (`bucket.localhost/key` to
//! `localhost/bucket/key`), and refuses impossible names. Pure.

use hyper::header::HOST;
use hyper::http::request::Parts;
use hyper::http::uri::{PathAndQuery, Uri};
use s3s::S3ErrorCode;

use super::percent;
use super::refusal::Refusal;

/// S3's limit on the bytes of a key.
const MAX_KEY: usize = 1024;

/// Moves a bucket from the host of a request to its path.
pub(crate) fn into_path_style(parts: &mut Parts) {
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let Some(bucket) = host.and_then(bucket) else {
        return;
    };
    let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let path = format!("/{bucket}{}{query}", parts.uri.path());
    let mut uri = parts.uri.clone().into_parts();
    uri.path_and_query = PathAndQuery::try_from(path).ok();
    if let Ok(uri) = Uri::from_parts(uri) {
        parts.uri = uri;
    }
}

/// The bucket in a host: the part before `.localhost`, `.s3.localhost` or `.s3.REGION.localhost`.
fn bucket(host: &str) -> Option<String> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
    let labels = name.strip_suffix(".localhost")?;
    if labels == "s3" || labels.starts_with("s3.") && !labels[3..].contains('.') {
        return None;
    }
    let before_service = |end: &str| labels.strip_suffix(end).filter(|bucket| !bucket.is_empty());
    let region = labels.rsplit_once('.').map(|(_, region)| format!(".s3.{region}"));
    let bucket = before_service(".s3").or_else(|| before_service(&region?)).unwrap_or(labels);
    Some(bucket.to_owned())
}

/// The bucket in a path; empty if there is none.
pub(super) fn bucket_of(path: &str) -> String {
    let bucket = path.strip_prefix('/').unwrap_or(path).split('/').next();
    bucket.and_then(percent::decode).unwrap_or_default()
}

/// Fails for a path whose bucket or key no bucket or key can have.
pub(super) fn check_names(path: &str) -> Result<(), Refusal> {
    let Some(path) = percent::decode(path) else {
        return Err(Refusal::new(S3ErrorCode::InvalidURI, "Couldn't parse the specified URI.").with("URI", path));
    };
    let names = path.strip_prefix('/').unwrap_or(&path);
    let (bucket, key) = names.split_once('/').unwrap_or((names, ""));
    if !names.is_empty() && !s3s::path::check_bucket_name(bucket) {
        let refusal = Refusal::new(S3ErrorCode::InvalidBucketName, "The specified bucket is not valid.");
        return Err(refusal.with("BucketName", bucket));
    }
    if key.len() > MAX_KEY {
        let refusal = Refusal::new(S3ErrorCode::KeyTooLongError, "Your key is too long");
        return Err(refusal.with("Size", key.len().to_string()).with("MaxSizeAllowed", MAX_KEY.to_string()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    fn path(host: &str, uri: &str) -> String {
        let request = Request::get(uri).header("Host", host);
        let mut parts = request.body(()).unwrap().into_parts().0;
        into_path_style(&mut parts);
        parts.uri.to_string()
    }

    #[test]
    fn a_bucket_in_the_host_moves_to_the_path() {
        assert_eq!(path("b.localhost:80", "/k?x=1"), "/b/k?x=1");
        assert_eq!(path("b.localhost", "/"), "/b/");
        assert_eq!(path("my.bucket.localhost:4566", "/a%2Bb"), "/my.bucket/a%2Bb");
        assert_eq!(path("b.s3.localhost:80", "/k"), "/b/k");
        assert_eq!(path("b.s3.us-east-1.localhost", "/k"), "/b/k");
    }

    #[test]
    fn any_other_host_leaves_the_path_alone() {
        for host in ["localhost:80", "127.0.0.1:80", "[::1]:80", "s3.localhost", "s3.eu-west-1.localhost"] {
            assert_eq!(path(host, "/b/k"), "/b/k", "{host}");
        }
    }

    #[test]
    fn impossible_names_are_refused() {
        let code = |path: &str| check_names(path).map_or_else(|refusal| refusal.code().to_owned(), |()| String::new());
        let long = format!("/bucket/{}", "k".repeat(MAX_KEY));
        for path in ["/", "/bucket", "/bucket/", "/bucket//a%20b", &*long] {
            assert_eq!(code(path), "", "{path}");
        }
        assert_eq!(code(&format!("{long}k")), "KeyTooLongError");
        assert_eq!(code("/Bad_Name/key"), "InvalidBucketName");
        assert_eq!(code("/bucket/%ff"), "InvalidURI");
    }
}
