//! The names of S3's operations, by the method, path, query and headers of a request: for the request
//! log and for faults, which need the name before the request is answered.

use hyper::Method;
use hyper::http::request::Parts;

/// What the path addresses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Service,
    Bucket,
    Object,
}
use Level::{Bucket, Object, Service};

/// Method, level, required query parameter (`""` for none), name. The first row that matches counts; with
/// a source to copy, [`COPIES`] has another name.
type Row = (Method, Level, &'static str, &'static str);

const ROWS: [Row; 44] = [
    (Method::GET, Service, "", "ListBuckets"),
    (Method::HEAD, Bucket, "", "HeadBucket"),
    (Method::HEAD, Object, "", "HeadObject"),
    (Method::GET, Bucket, "location", "GetBucketLocation"),
    (Method::GET, Bucket, "uploads", "ListMultipartUploads"),
    (Method::GET, Bucket, "versions", "ListObjectVersions"),
    (Method::GET, Bucket, "versioning", "GetBucketVersioning"),
    (Method::GET, Bucket, "acl", "GetBucketAcl"),
    (Method::GET, Bucket, "cors", "GetBucketCors"),
    (Method::GET, Bucket, "encryption", "GetBucketEncryption"),
    (Method::GET, Bucket, "lifecycle", "GetBucketLifecycleConfiguration"),
    (Method::GET, Bucket, "logging", "GetBucketLogging"),
    (Method::GET, Bucket, "notification", "GetBucketNotificationConfiguration"),
    (Method::GET, Bucket, "policy", "GetBucketPolicy"),
    (Method::GET, Bucket, "tagging", "GetBucketTagging"),
    (Method::GET, Bucket, "website", "GetBucketWebsite"),
    (Method::GET, Bucket, "object-lock", "GetObjectLockConfiguration"),
    (Method::GET, Bucket, "publicAccessBlock", "GetPublicAccessBlock"),
    (Method::GET, Bucket, "list-type", "ListObjectsV2"),
    (Method::GET, Bucket, "", "ListObjects"),
    (Method::GET, Object, "uploadId", "ListParts"),
    (Method::GET, Object, "acl", "GetObjectAcl"),
    (Method::GET, Object, "attributes", "GetObjectAttributes"),
    (Method::GET, Object, "tagging", "GetObjectTagging"),
    (Method::GET, Object, "", "GetObject"),
    (Method::POST, Bucket, "delete", "DeleteObjects"),
    (Method::POST, Object, "uploads", "CreateMultipartUpload"),
    (Method::POST, Object, "uploadId", "CompleteMultipartUpload"),
    (Method::PUT, Bucket, "acl", "PutBucketAcl"),
    (Method::PUT, Bucket, "encryption", "PutBucketEncryption"),
    (Method::PUT, Bucket, "lifecycle", "PutBucketLifecycleConfiguration"),
    (Method::PUT, Bucket, "policy", "PutBucketPolicy"),
    (Method::PUT, Bucket, "tagging", "PutBucketTagging"),
    (Method::PUT, Bucket, "versioning", "PutBucketVersioning"),
    (Method::PUT, Bucket, "publicAccessBlock", "PutPublicAccessBlock"),
    (Method::PUT, Bucket, "", "CreateBucket"),
    (Method::PUT, Object, "uploadId", "UploadPart"),
    (Method::PUT, Object, "acl", "PutObjectAcl"),
    (Method::PUT, Object, "tagging", "PutObjectTagging"),
    (Method::PUT, Object, "", "PutObject"),
    (Method::DELETE, Bucket, "", "DeleteBucket"),
    (Method::DELETE, Object, "uploadId", "AbortMultipartUpload"),
    (Method::DELETE, Object, "tagging", "DeleteObjectTagging"),
    (Method::DELETE, Object, "", "DeleteObject"),
];

/// The name of an operation whose request names a source to copy.
const COPIES: [(&str, &str); 2] = [("PutObject", "CopyObject"), ("UploadPart", "UploadPartCopy")];

/// The name of the request's operation in S3's API, `"Unknown"` if it has none.
pub(crate) fn operation(parts: &Parts) -> &'static str {
    let level = level(parts.uri.path());
    let has = |parameter: &str| {
        let query = parts.uri.query().unwrap_or_default();
        parameter.is_empty() || query.split('&').any(|pair| pair.split('=').next() == Some(parameter))
    };
    let name = ROWS
        .iter()
        .find(|(method, at, query, _)| *method == parts.method && *at == level && has(query))
        .map_or("Unknown", |row| row.3);
    COPIES
        .into_iter()
        .find(|(plain, _)| *plain == name && parts.headers.contains_key("x-amz-copy-source"))
        .map_or(name, |(_, copy)| copy)
}

fn level(path: &str) -> Level {
    match path.strip_prefix('/').unwrap_or(path).split_once('/') {
        None if path.len() <= 1 => Service,
        None | Some((_, "")) => Bucket,
        Some(_) => Object,
    }
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    fn name(method: &str, uri: &str, copy: bool) -> &'static str {
        let mut request = Request::builder().method(method).uri(uri);
        if copy {
            request = request.header("x-amz-copy-source", "/b/k");
        }
        operation(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn requests_have_the_names_that_s3_gives_them() {
        assert_eq!(name("GET", "/", false), "ListBuckets");
        assert_eq!(name("GET", "/b?list-type=2&prefix=a", false), "ListObjectsV2");
        assert_eq!(name("GET", "/b/", false), "ListObjects");
        assert_eq!(name("PUT", "/b", false), "CreateBucket");
        assert_eq!(name("PUT", "/b/k?x-id=PutObject", false), "PutObject");
        assert_eq!(name("PUT", "/b//k", true), "CopyObject");
        assert_eq!(name("PUT", "/b/k?partNumber=1&uploadId=u", false), "UploadPart");
        assert_eq!(name("PUT", "/b/k?partNumber=1&uploadId=u", true), "UploadPartCopy");
        assert_eq!(name("POST", "/b/k?uploads", false), "CreateMultipartUpload");
        assert_eq!(name("POST", "/b?delete", false), "DeleteObjects");
        assert_eq!(name("DELETE", "/b/a/b", false), "DeleteObject");
        assert_eq!(name("HEAD", "/b", false), "HeadBucket");
        assert_eq!(name("PATCH", "/b", false), "Unknown");
    }
}
