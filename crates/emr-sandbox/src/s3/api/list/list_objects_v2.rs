//! `ListObjectsV2`.

use s3s::dto::{ListObjectsV2Input, ListObjectsV2Output};
use s3s::{S3Request, S3Response, S3Result};

use super::names::Names;
use super::page::{After, Query, page};
use super::{limit, region_header, token};
use crate::s3::store::Store;

pub(in crate::s3::api) fn list_objects_v2(
    store: &Store,
    request: S3Request<ListObjectsV2Input>,
) -> S3Result<S3Response<ListObjectsV2Output>> {
    let input = request.input;
    let (max, shown) = limit(input.max_keys);
    let names = Names::of(input.encoding_type.as_ref())?;
    let from = input.continuation_token.as_deref().map(token::decode).transpose()?;
    let start_after = input.start_after.as_deref().filter(|_| from.is_none());
    let after = match &from {
        Some(last) => After::Mark(last),
        None => After::Name(start_after.unwrap_or_default()),
    };
    let query = Query::new(input.prefix.as_deref(), input.delimiter.as_deref(), after, max);
    let (found, region) =
        store.with_bucket(&input.bucket, |bucket| Ok((page(&bucket.objects, &query), bucket.region.clone())))?;
    let output = ListObjectsV2Output {
        is_truncated: Some(found.next.is_some()),
        next_continuation_token: found.next.as_deref().map(token::encode),
        key_count: i32::try_from(found.len()).ok(),
        common_prefixes: Some(names.common_prefixes(&found)),
        contents: Some(names.contents(&found, input.fetch_owner == Some(true))),
        max_keys: Some(shown),
        prefix: Some(names.encode(query.prefix)),
        delimiter: query.delimiter.map(|delimiter| names.encode(delimiter)),
        start_after: start_after.map(|after| names.encode(after)),
        continuation_token: input.continuation_token.clone(),
        encoding_type: input.encoding_type.clone(),
        name: Some(input.bucket.clone()),
        ..ListObjectsV2Output::default()
    };
    Ok(S3Response::with_headers(output, region_header(region)))
}
