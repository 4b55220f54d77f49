//! `HeadObject`.

use hyper::header::{EXPIRES, HeaderValue};
use s3s::dto::{HeadObjectInput, HeadObjectOutput};
use s3s::{S3Request, S3Response, S3Result};

use super::read::{self, Slice, describe};
use crate::s3::api::describe::stored_headers;
use crate::s3::store::Store;
use crate::s3::withheld::Withheld;

pub(in crate::s3::api) fn head_object(
    store: &Store,
    request: S3Request<HeadObjectInput>,
) -> S3Result<S3Response<HeadObjectOutput>> {
    let input = request.input;
    let object = read::find(store, &input.bucket, &input.key, input.version_id.as_deref())?;
    read::check(&object, &request.headers, &request.extensions)?;
    let slice = Slice::of(&object, Withheld::of(&request.extensions).get("range"), input.part_number)?;
    let mut headers = stored_headers(&object);
    slice.put_checksum(input.checksum_mode.as_ref(), &mut headers);
    let expires = object.description.headers.expires.as_deref();
    if let Some(expires) = expires.and_then(|expires| HeaderValue::try_from(expires).ok()) {
        headers.insert(EXPIRES, expires);
    }
    let output = describe!(HeadObjectOutput, object, slice);
    Ok(S3Response::with_headers(output, headers))
}
