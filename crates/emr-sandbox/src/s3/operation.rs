//! The names of S3's operations, from the method, path, query and headers of a request. The request log and faults need
//! the name before the request is answered; and `s3s` would mistake some operations for others, which are refused here.

use hyper::Method;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use s3s::S3ErrorCode;

use super::percent;
use super::refusal::Refusal;

/// What the path names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Service,
    Bucket,
    Object,
}

/// The query parameter of an operation (`""` for none), and its name. The first matching row counts. With a copy
/// source, [`COPIES`] has the name.
type Row = (&'static str, &'static str);

/// GET on a bucket.
const GET_BUCKET: &[Row] = &[
    ("location", "GetBucketLocation"),
    ("uploads", "ListMultipartUploads"),
    ("versions", "ListObjectVersions"),
    ("versioning", "GetBucketVersioning"),
    ("abac", "GetBucketAbac"),
    ("accelerate", "GetBucketAccelerateConfiguration"),
    ("acl", "GetBucketAcl"),
    ("analytics", "GetBucketAnalyticsConfiguration"),
    ("cors", "GetBucketCors"),
    ("encryption", "GetBucketEncryption"),
    ("intelligent-tiering", "GetBucketIntelligentTieringConfiguration"),
    ("inventory", "GetBucketInventoryConfiguration"),
    ("lifecycle", "GetBucketLifecycleConfiguration"),
    ("logging", "GetBucketLogging"),
    ("metadataConfiguration", "GetBucketMetadataConfiguration"),
    ("metadataTable", "GetBucketMetadataTableConfiguration"),
    ("metrics", "GetBucketMetricsConfiguration"),
    ("notification", "GetBucketNotificationConfiguration"),
    ("object-lock", "GetObjectLockConfiguration"),
    ("ownershipControls", "GetBucketOwnershipControls"),
    ("policy", "GetBucketPolicy"),
    ("policyStatus", "GetBucketPolicyStatus"),
    ("publicAccessBlock", "GetPublicAccessBlock"),
    ("replication", "GetBucketReplication"),
    ("requestPayment", "GetBucketRequestPayment"),
    ("session", "CreateSession"),
    ("tagging", "GetBucketTagging"),
    ("website", "GetBucketWebsite"),
    ("list-type", "ListObjectsV2"),
    ("", "ListObjects"),
];

/// GET on an object.
const GET_OBJECT: &[Row] = &[
    ("uploadId", "ListParts"),
    ("acl", "GetObjectAcl"),
    ("attributes", "GetObjectAttributes"),
    ("legal-hold", "GetObjectLegalHold"),
    ("retention", "GetObjectRetention"),
    ("tagging", "GetObjectTagging"),
    ("torrent", "GetObjectTorrent"),
    ("", "GetObject"),
];

/// POST on a bucket.
const POST_BUCKET: &[Row] = &[
    ("delete", "DeleteObjects"),
    ("metadataConfiguration", "CreateBucketMetadataConfiguration"),
    ("metadataTable", "CreateBucketMetadataTableConfiguration"),
];

/// POST on an object.
const POST_OBJECT: &[Row] = &[
    ("uploads", "CreateMultipartUpload"),
    ("uploadId", "CompleteMultipartUpload"),
    ("restore", "RestoreObject"),
    ("select", "SelectObjectContent"),
];

/// PUT on a bucket.
const PUT_BUCKET: &[Row] = &[
    ("abac", "PutBucketAbac"),
    ("accelerate", "PutBucketAccelerateConfiguration"),
    ("acl", "PutBucketAcl"),
    ("analytics", "PutBucketAnalyticsConfiguration"),
    ("cors", "PutBucketCors"),
    ("encryption", "PutBucketEncryption"),
    ("intelligent-tiering", "PutBucketIntelligentTieringConfiguration"),
    ("inventory", "PutBucketInventoryConfiguration"),
    ("lifecycle", "PutBucketLifecycleConfiguration"),
    ("logging", "PutBucketLogging"),
    ("metadataInventoryTable", "UpdateBucketMetadataInventoryTableConfiguration"),
    ("metadataJournalTable", "UpdateBucketMetadataJournalTableConfiguration"),
    ("metrics", "PutBucketMetricsConfiguration"),
    ("notification", "PutBucketNotificationConfiguration"),
    ("object-lock", "PutObjectLockConfiguration"),
    ("ownershipControls", "PutBucketOwnershipControls"),
    ("policy", "PutBucketPolicy"),
    ("publicAccessBlock", "PutPublicAccessBlock"),
    ("replication", "PutBucketReplication"),
    ("requestPayment", "PutBucketRequestPayment"),
    ("tagging", "PutBucketTagging"),
    ("versioning", "PutBucketVersioning"),
    ("website", "PutBucketWebsite"),
    ("", "CreateBucket"),
];

/// PUT on an object.
const PUT_OBJECT: &[Row] = &[
    ("uploadId", "UploadPart"),
    ("acl", "PutObjectAcl"),
    ("encryption", "UpdateObjectEncryption"),
    ("legal-hold", "PutObjectLegalHold"),
    ("renameObject", "RenameObject"),
    ("retention", "PutObjectRetention"),
    ("tagging", "PutObjectTagging"),
    ("", "PutObject"),
];

/// DELETE on a bucket.
const DELETE_BUCKET: &[Row] = &[
    ("analytics", "DeleteBucketAnalyticsConfiguration"),
    ("cors", "DeleteBucketCors"),
    ("encryption", "DeleteBucketEncryption"),
    ("intelligent-tiering", "DeleteBucketIntelligentTieringConfiguration"),
    ("inventory", "DeleteBucketInventoryConfiguration"),
    ("lifecycle", "DeleteBucketLifecycle"),
    ("metadataConfiguration", "DeleteBucketMetadataConfiguration"),
    ("metadataTable", "DeleteBucketMetadataTableConfiguration"),
    ("metrics", "DeleteBucketMetricsConfiguration"),
    ("ownershipControls", "DeleteBucketOwnershipControls"),
    ("policy", "DeleteBucketPolicy"),
    ("publicAccessBlock", "DeletePublicAccessBlock"),
    ("replication", "DeleteBucketReplication"),
    ("tagging", "DeleteBucketTagging"),
    ("website", "DeleteBucketWebsite"),
    ("", "DeleteBucket"),
];

/// DELETE on an object.
const DELETE_OBJECT: &[Row] =
    &[("uploadId", "AbortMultipartUpload"), ("tagging", "DeleteObjectTagging"), ("", "DeleteObject")];

/// Operations that `s3s` does not know and would mistake for others.
const NEWER: [&str; 9] = [
    "CreateBucketMetadataConfiguration",
    "DeleteBucketMetadataConfiguration",
    "GetBucketAbac",
    "GetBucketMetadataConfiguration",
    "PutBucketAbac",
    "RenameObject",
    "UpdateBucketMetadataInventoryTableConfiguration",
    "UpdateBucketMetadataJournalTableConfiguration",
    "UpdateObjectEncryption",
];

/// Parameters of several operations, which identify none of them.
const SHARED: [&str; 2] = ["uploadId", "list-type"];

/// The names of operations whose request has a copy source.
const COPIES: [(&str, &str); 2] = [("PutObject", "CopyObject"), ("UploadPart", "UploadPartCopy")];

/// The name of the request's operation in S3's API; `"Unknown"` if it has none.
pub(crate) fn operation(parts: &Parts) -> &'static str {
    row(parts).map_or("Unknown", |(_, name)| name)
}

fn row(parts: &Parts) -> Option<Row> {
    let rows = rows(&parts.method, level(parts.uri.path()));
    let (query, name) = *rows.iter().find(|(query, _)| query.is_empty() || has(parts, query))?;
    let copy = COPIES.into_iter().find(|(plain, _)| *plain == name);
    let copy = copy.filter(|_| parts.headers.contains_key("x-amz-copy-source"));
    Some((query, copy.map_or(name, |(_, copy)| copy)))
}

fn rows(method: &Method, level: Level) -> &'static [Row] {
    match (method, level) {
        (&Method::GET, Level::Service) => &[("", "ListBuckets")],
        (&Method::GET, Level::Bucket) => GET_BUCKET,
        (&Method::GET, Level::Object) => GET_OBJECT,
        (&Method::HEAD, Level::Bucket) => &[("", "HeadBucket")],
        (&Method::HEAD, Level::Object) => &[("", "HeadObject")],
        (&Method::POST, Level::Bucket) => POST_BUCKET,
        (&Method::POST, Level::Object) => POST_OBJECT,
        (&Method::PUT, Level::Bucket) => PUT_BUCKET,
        (&Method::PUT, Level::Object) => PUT_OBJECT,
        (&Method::DELETE, Level::Bucket) => DELETE_BUCKET,
        (&Method::DELETE, Level::Object) => DELETE_OBJECT,
        _ => &[],
    }
}

fn has(parts: &Parts, parameter: &str) -> bool {
    let query = parts.uri.query().unwrap_or_default();
    let names = query.split('&').filter_map(|pair| percent::decode(pair.split('=').next()?));
    names.into_iter().any(|name| name == parameter)
}

/// Refuses requests that `s3s` would mistake for another operation: one that it does not know, or a method that a
/// subresource does not have.
pub(super) fn check(parts: &Parts) -> Result<(), Refusal> {
    let form = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if parts.method == Method::POST && form.is_some_and(|form| form.starts_with("multipart/form-data")) {
        return Err(not_implemented("PostObject"));
    }
    if parts.method == Method::PUT && has(parts, "uploadId") != has(parts, "partNumber") {
        let message = "A part is uploaded with an uploadId and a partNumber.";
        return Err(Refusal::argument("partNumber", "", message));
    }
    match row(parts) {
        Some((_, name)) if NEWER.contains(&name) => Err(not_implemented(name)),
        Some(("", name)) if !matches!(parts.method, Method::GET | Method::HEAD) => check_whole(parts, name),
        Some(_) => Ok(()),
        None => Err(not_allowed(&parts.method, "SERVICE")),
    }
}

/// Fails if the query names a subresource, because this operation would change the whole bucket or object.
fn check_whole(parts: &Parts, name: &str) -> Result<(), Refusal> {
    let named = [GET_BUCKET, GET_OBJECT, POST_OBJECT, PUT_BUCKET, PUT_OBJECT, POST_BUCKET].into_iter().flatten();
    let mut named = named.map(|(query, _)| *query).filter(|query| !query.is_empty() && !SHARED.contains(query));
    match named.find(|query| has(parts, query)) {
        None => Ok(()),
        Some(_) => Err(not_allowed(&parts.method, if name.ends_with("Bucket") { "BUCKET" } else { "OBJECT" })),
    }
}

fn not_implemented(name: &str) -> Refusal {
    Refusal::new(S3ErrorCode::NotImplemented, format!("{name} is not implemented yet"))
}

fn not_allowed(method: &Method, resource: &str) -> Refusal {
    let message = "The specified method is not allowed against this resource.";
    let refusal = Refusal::new(S3ErrorCode::MethodNotAllowed, message);
    refusal.with("Method", method.as_str()).with("ResourceType", resource)
}

fn level(path: &str) -> Level {
    match path.strip_prefix('/').unwrap_or(path).split_once('/') {
        None if path.len() <= 1 => Level::Service,
        None | Some((_, "")) => Level::Bucket,
        Some(_) => Level::Object,
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

    #[test]
    fn a_request_for_a_subresource_never_changes_the_whole() {
        let code = |method: &str, uri: &str| {
            let parts = Request::builder().method(method).uri(uri).body(()).unwrap().into_parts().0;
            check(&parts).map_or_else(|refusal| refusal.code().to_owned(), |()| String::new())
        };
        for (method, uri) in [("DELETE", "/b"), ("DELETE", "/b/k?versionId=null"), ("PUT", "/b/k?x-id=PutObject")] {
            assert_eq!(code(method, uri), "", "{method} {uri}");
        }
        for (method, uri) in
            [("DELETE", "/b?versioning"), ("DELETE", "/b/k?%61cl"), ("PUT", "/b?location"), ("PATCH", "/b")]
        {
            assert_eq!(code(method, uri), "MethodNotAllowed", "{method} {uri}");
        }
        for uri in ["/b/k?uploadId=x", "/b/k?partNumber=1"] {
            assert_eq!(code("PUT", uri), "InvalidArgument", "{uri}");
        }
        for (method, uri) in [("PUT", "/b/k?renameObject"), ("DELETE", "/b?metadataConfiguration")] {
            assert_eq!(code(method, uri), "NotImplemented", "{method} {uri}");
        }
    }
}
