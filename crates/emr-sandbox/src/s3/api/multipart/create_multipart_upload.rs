//! `CreateMultipartUpload`.

use std::collections::BTreeMap;
use std::sync::Arc;

use hyper::HeaderMap;
use s3s::dto::{self, ChecksumAlgorithm, CreateMultipartUploadInput, CreateMultipartUploadOutput};
use s3s::{S3Request, S3Response, S3Result};

use crate::s3::refusal::Refusal;
use crate::s3::store::Store;
use crate::s3::store::checksum::{Algorithm, ChecksumType};
use crate::s3::store::condition::Meanwhile;
use crate::s3::store::object::{Description, headers_of, now};
use crate::s3::store::storage::Storage;
use crate::s3::store::tags;
use crate::s3::store::upload::Upload;
use crate::s3::withheld::Withheld;

pub(in crate::s3::api) fn create_multipart_upload(
    store: &Store,
    request: S3Request<CreateMultipartUploadInput>,
) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
    let mut input = request.input;
    store.with_bucket(&input.bucket, |_| Ok(()))?;
    let checksum = checksum(input.checksum_algorithm.as_ref(), input.checksum_type.as_ref())?;
    let storage = Storage::of_write(&request.headers)?;
    let mut headers = HeaderMap::new();
    storage.encryption.put_into(&mut headers);
    let description = Description { storage, headers: headers_of!(input, &Withheld::of(&request.extensions)) };
    let upload = Upload {
        key: input.key.clone(),
        initiated: now(),
        checksum,
        description: Arc::new(description),
        tags: Arc::new(tags::parse_header(input.tagging.as_deref().unwrap_or_default())?),
        parts: BTreeMap::new(),
        meanwhile: Meanwhile::default(),
    };
    let id = store.create_upload(&input.bucket, upload)?;
    let output = CreateMultipartUploadOutput {
        checksum_algorithm: checksum.map(|(algorithm, _)| algorithm.into()),
        checksum_type: checksum.map(|(_, checksum_type)| checksum_type.into()),
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id),
        ..CreateMultipartUploadOutput::default()
    };
    Ok(S3Response::with_headers(output, headers))
}

/// The checksum that a request wants for its upload.
fn checksum(
    named: Option<&ChecksumAlgorithm>,
    checksum_type: Option<&dto::ChecksumType>,
) -> Result<Option<(Algorithm, ChecksumType)>, Refusal> {
    let Some(named) = named else {
        return match checksum_type {
            None => Ok(None),
            Some(_) => Err(Refusal::request(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
            )),
        };
    };
    let algorithm = Algorithm::named(named.as_str()).ok_or_else(|| {
        Refusal::request(
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
        )
    })?;
    let of_whole = match checksum_type.map(dto::ChecksumType::as_str) {
        None => algorithm == Algorithm::Crc64Nvme,
        Some(dto::ChecksumType::FULL_OBJECT) => true,
        Some(dto::ChecksumType::COMPOSITE) => false,
        Some(_) => return Err(Refusal::request("Value for x-amz-checksum-type header is invalid.")),
    };
    let chosen = if of_whole { ChecksumType::FullObject } else { ChecksumType::Composite };
    match (algorithm, of_whole) {
        (Algorithm::Sha1 | Algorithm::Sha256, true) | (Algorithm::Crc64Nvme, false) => Err(Refusal::request(format!(
            "The {} checksum type cannot be used with the {} checksum algorithm.",
            chosen.name(),
            algorithm.name().to_lowercase()
        ))),
        _ => Ok(Some((algorithm, chosen))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_algorithm_has_a_default_type_and_refuses_impossible_ones() {
        let of = |algorithm: Option<&'static str>, checksum_type: Option<&'static str>| {
            let algorithm = algorithm.map(ChecksumAlgorithm::from_static);
            let checksum_type = checksum_type.map(dto::ChecksumType::from_static);
            checksum(algorithm.as_ref(), checksum_type.as_ref())
                .map_err(|refusal| refusal.code().to_owned())
                .map(|found| found.map(|(_, checksum_type)| checksum_type.name()))
        };
        let refused = Err("InvalidRequest".to_owned());
        assert_eq!(of(None, None), Ok(None));
        assert_eq!(of(Some("CRC32"), None), Ok(Some("COMPOSITE")));
        assert_eq!(of(Some("CRC64NVME"), None), Ok(Some("FULL_OBJECT")));
        assert_eq!(of(Some("CRC32C"), Some("FULL_OBJECT")), Ok(Some("FULL_OBJECT")));
        for (algorithm, checksum_type) in [
            (None, Some("COMPOSITE")),
            (Some("SHA256"), Some("FULL_OBJECT")),
            (Some("CRC64NVME"), Some("COMPOSITE")),
            (Some("MD5"), None),
        ] {
            assert_eq!(of(algorithm, checksum_type), refused);
        }
    }
}
