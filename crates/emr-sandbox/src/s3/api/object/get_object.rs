//! `GetObject`.

use std::io::SeekFrom;
use std::ops;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::stream::try_unfold;
use hyper::header::{EXPIRES, HeaderValue};
use s3s::dto::{GetObjectInput, GetObjectOutput, StreamingBlob};
use s3s::{S3Request, S3Response, S3Result};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::read::{self, Slice, describe};
use crate::s3::api::describe::stored_headers;
use crate::s3::store::body::CHUNK;
use crate::s3::store::error::StoreError;
use crate::s3::store::{Object, Store};
use crate::s3::withheld::Withheld;

pub(in crate::s3::api) async fn get_object(
    store: &Arc<Store>,
    request: S3Request<GetObjectInput>,
) -> S3Result<S3Response<GetObjectOutput>> {
    let input = request.input;
    let object = read::find(store, &input.bucket, &input.key, input.version_id.as_deref())?;
    let storage = &object.description.storage;
    storage.check_readable("The operation is not valid for the object's storage class")?;
    read::check(&object, &request.headers, &request.extensions)?;
    let slice = Slice::of(&object, Withheld::of(&request.extensions).get("range"), input.part_number)?;
    let mut headers = stored_headers(&object);
    slice.put_checksum(input.checksum_mode.as_ref(), &mut headers);
    let expires = object.description.headers.expires.as_deref().filter(|_| input.response_expires.is_none());
    if let Some(expires) = expires.and_then(|expires| HeaderValue::try_from(expires).ok()) {
        headers.insert(EXPIRES, expires);
    }
    let mut output = describe!(GetObjectOutput, object, slice);
    output.body = Some(body(object, slice.bytes).await.map_err(StoreError::Disk)?);
    Ok(S3Response::with_headers(output, headers))
}

/// The bytes of the body in pieces. Holds the object until the last piece has been read.
pub(crate) async fn body(object: Object, bytes: ops::Range<u64>) -> std::io::Result<StreamingBlob> {
    let mut file = File::open(object.path()).await?;
    file.seek(SeekFrom::Start(bytes.start)).await?;
    let rest = file.take(bytes.end - bytes.start);
    let pieces = try_unfold((rest, object), |(mut rest, object)| async move {
        let mut piece = BytesMut::with_capacity(CHUNK);
        let n = rest.read_buf(&mut piece).await?;
        Ok::<_, std::io::Error>((n > 0).then(|| (Bytes::from(piece), (rest, object))))
    });
    Ok(StreamingBlob::wrap(pieces))
}
