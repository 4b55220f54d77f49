//! `CopyObject`. A copy shares the body of its source, because bodies never change.

use std::sync::Arc;

use hyper::HeaderMap;
use s3s::dto::{CopyObjectInput, CopyObjectOutput, CopyObjectResult, MetadataDirective, TaggingDirective};
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result};

use super::source;
use crate::s3::api::describe;
use crate::s3::refusal::Refusal;
use crate::s3::store::Store;
use crate::s3::store::checksum::{Algorithm, set_checksum};
use crate::s3::store::condition::Condition;
use crate::s3::store::object::{Description, Object, headers_of};
use crate::s3::store::storage::Storage;
use crate::s3::store::tags::{self, Tags};
use crate::s3::withheld::Withheld;

/// Headers that make a copy of an object onto itself a change.
const CHANGES: [&str; 4] = [
    "x-amz-storage-class",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-website-redirect-location",
];

pub(in crate::s3::api) async fn copy_object(
    store: &Arc<Store>,
    request: S3Request<CopyObjectInput>,
) -> S3Result<S3Response<CopyObjectOutput>> {
    let mut input = request.input;
    let withheld = Withheld::of(&request.extensions);
    let expectation = store.expect(&input.bucket, &input.key, Condition::of_write(&withheld)?)?;
    let (from, source) = source::find(store, &input.copy_source, (&request.headers, &request.extensions))?;
    let replaces = replaces("metadata", input.metadata_directive.as_ref().map(MetadataDirective::as_str))?;
    let storage = Storage::of_write(&request.headers)?;
    let is_changed = replaces || CHANGES.iter().any(|name| request.headers.contains_key(*name));
    if from == input.bucket && source.key == input.key && !is_changed {
        return Err(Refusal::request(
            "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
        )
        .into());
    }
    let tags = tags_of(&input, &source)?;
    let headers = if replaces { headers_of!(input, &withheld) } else { source.description.headers.clone() };
    let algorithm = input.checksum_algorithm.as_ref().and_then(|named| Algorithm::named(named.as_str()));
    let described = (Arc::new(Description { headers, storage }), tags);
    let object = duplicate(store, source, &input.key, described, algorithm).await?;
    let object = store.commit(&input.bucket, object, &expectation)?;
    Ok(answer(&object))
}

fn answer(object: &Object) -> S3Response<CopyObjectOutput> {
    let mut result = CopyObjectResult {
        e_tag: Some(describe::etag(object)),
        last_modified: Some(object.last_modified.into()),
        checksum_type: Some(object.checksum.checksum_type.into()),
        ..CopyObjectResult::default()
    };
    set_checksum!(result, object.checksum);
    let mut headers = HeaderMap::new();
    object.description.storage.encryption.put_into(&mut headers);
    let output = CopyObjectOutput { copy_object_result: Some(result), ..CopyObjectOutput::default() };
    S3Response::with_headers(output, headers)
}

/// Whether a directive is `REPLACE` rather than the default, `COPY`.
fn replaces(what: &str, directive: Option<&str>) -> Result<bool, Refusal> {
    match directive {
        None | Some("COPY") => Ok(false),
        Some("REPLACE") => Ok(true),
        Some(other) => {
            let refusal = Refusal::new(S3ErrorCode::InvalidArgument, format!("Unknown {what} directive."));
            let name = format!("x-amz-{what}-directive");
            Err(refusal.with("ArgumentName", name).with("ArgumentValue", other))
        }
    }
}

fn tags_of(input: &CopyObjectInput, source: &Object) -> Result<Arc<Tags>, Refusal> {
    let replaces = replaces("tagging", input.tagging_directive.as_ref().map(TaggingDirective::as_str))?;
    if !replaces {
        return Ok(Arc::clone(&source.tags));
    }
    tags::parse_header(input.tagging.as_deref().unwrap_or_default()).map(Arc::new)
}

/// The source under its new key. Its body is read again only if the copy's digests differ: the copy of a multipart
/// object has no parts.
async fn duplicate(
    store: &Arc<Store>,
    source: Object,
    key: &str,
    (description, tags): (Arc<Description>, Arc<Tags>),
    algorithm: Option<Algorithm>,
) -> S3Result<Object> {
    let algorithm = algorithm.unwrap_or(source.checksum.algorithm);
    if source.parts().is_empty() && algorithm == source.checksum.algorithm {
        return Ok(source.renamed(key, description, tags));
    }
    let size = source.size;
    let written = source::slice(store, source, 0..size, algorithm).await?;
    Ok(Object::new(key, written, description, tags))
}
