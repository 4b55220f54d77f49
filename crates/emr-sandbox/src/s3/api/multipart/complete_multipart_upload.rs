//! `CompleteMultipartUpload`.

use std::sync::Arc;

use hyper::HeaderMap;
use hyper::header::HOST;
use s3s::dto::{CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedMultipartUpload, CompletedPart};
use s3s::{S3Request, S3Response, S3Result};

use crate::s3::api::blocking::blocking;
use crate::s3::api::describe;
use crate::s3::percent;
use crate::s3::refusal::Refusal;
use crate::s3::store::Store;
use crate::s3::store::checksum::{Algorithm, set_checksum};
use crate::s3::store::condition::Condition;
use crate::s3::store::upload::{Completion, NamedPart, Stated};
use crate::s3::withheld::Withheld;

/// The checksums in a shape.
macro_rules! stated {
    ($shape:expr) => {
        [
            (Algorithm::Crc32, $shape.checksum_crc32.take()),
            (Algorithm::Crc32c, $shape.checksum_crc32c.take()),
            (Algorithm::Crc64Nvme, $shape.checksum_crc64nvme.take()),
            (Algorithm::Sha1, $shape.checksum_sha1.take()),
            (Algorithm::Sha256, $shape.checksum_sha256.take()),
        ]
        .into_iter()
        .filter_map(|(algorithm, value)| Some((algorithm, value?)))
        .collect::<Stated>()
    };
}

pub(in crate::s3::api) async fn complete_multipart_upload(
    store: &Arc<Store>,
    request: S3Request<CompleteMultipartUploadInput>,
) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
    let mut input = request.input;
    let condition = Condition::of_write(&Withheld::of(&request.extensions))?;
    let completion = Completion {
        parts: parts(input.multipart_upload.take())?,
        checksum_type: input.checksum_type.take().map(|checksum_type| checksum_type.as_str().to_owned()),
        size: input.mpu_object_size,
        checksums: stated!(input),
    };
    let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id);
    let complete = move |store: &Store| store.complete_upload(&bucket, (&key, &id), &completion, &condition);
    let object = blocking(store, complete).await??;
    let mut output = CompleteMultipartUploadOutput {
        location: Some(location(&request.headers, &input.bucket, &input.key)),
        bucket: Some(input.bucket),
        key: Some(input.key),
        checksum_type: Some(object.checksum.checksum_type.into()),
        e_tag: Some(describe::etag(&object)),
        ..CompleteMultipartUploadOutput::default()
    };
    set_checksum!(output, object.checksum);
    let mut headers = HeaderMap::new();
    object.description.storage.encryption.put_into(&mut headers);
    Ok(S3Response::with_headers(output, headers))
}

fn parts(upload: Option<CompletedMultipartUpload>) -> Result<Vec<NamedPart>, Refusal> {
    let parts = upload.and_then(|upload| upload.parts).unwrap_or_default();
    let named: Option<Vec<NamedPart>> = parts.into_iter().map(named).collect();
    named.ok_or_else(Refusal::malformed_xml)
}

fn named(mut part: CompletedPart) -> Option<NamedPart> {
    Some(NamedPart { number: part.part_number?, checksums: stated!(part), etag: part.e_tag?.into_value() })
}

/// The URL of an object.
fn location(headers: &HeaderMap, bucket: &str, key: &str) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    format!("http://{host}/{bucket}/{}", percent::encode(key))
}
