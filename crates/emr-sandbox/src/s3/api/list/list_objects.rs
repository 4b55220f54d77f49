//! `ListObjects`.

use s3s::dto::{ListObjectsInput, ListObjectsOutput};
use s3s::{S3Request, S3Response, S3Result};

use super::names::Names;
use super::page::{After, Query, page};
use super::{limit, region_header};
use crate::s3::store::Store;

pub(in crate::s3::api) fn list_objects(
    store: &Store,
    request: S3Request<ListObjectsInput>,
) -> S3Result<S3Response<ListObjectsOutput>> {
    let input = request.input;
    let (max, shown) = limit(input.max_keys);
    let names = Names::of(input.encoding_type.as_ref())?;
    let marker = input.marker.as_deref().unwrap_or_default();
    let query = Query::new(input.prefix.as_deref(), input.delimiter.as_deref(), After::Mark(marker), max);
    let (found, region) =
        store.with_bucket(&input.bucket, |bucket| Ok((page(&bucket.objects, &query), bucket.region.clone())))?;
    // Without a delimiter, clients continue after the last key.
    let next = found.next.as_deref().filter(|_| query.delimiter.is_some());
    let output = ListObjectsOutput {
        is_truncated: Some(found.next.is_some()),
        next_marker: next.map(|next| names.encode(next)),
        common_prefixes: Some(names.common_prefixes(&found)),
        contents: Some(names.contents(&found, true)),
        max_keys: Some(shown),
        prefix: Some(names.encode(query.prefix)),
        marker: Some(names.encode(marker)),
        delimiter: query.delimiter.map(|delimiter| names.encode(delimiter)),
        encoding_type: input.encoding_type.clone(),
        name: Some(input.bucket.clone()),
        ..ListObjectsOutput::default()
    };
    Ok(S3Response::with_headers(output, region_header(region)))
}
