//! The checksums that S3 keeps besides an object's `ETag`: the algorithm of a request, the value, and its form in
//! headers and XML.
//!
//! A write names its algorithm in a header `x-amz-checksum-…` or in the trailer that it announces. Otherwise S3 uses
//! CRC64NVME; `x-amz-sdk-checksum-algorithm` alone has no effect.

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use s3s::dto;

use crate::s3::refusal::Refusal;

/// A checksum algorithm of S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    const ALL: [Algorithm; 5] =
        [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme, Algorithm::Sha1, Algorithm::Sha256];

    /// The name in `ChecksumAlgorithm`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Algorithm::Crc32 => "CRC32",
            Algorithm::Crc32c => "CRC32C",
            Algorithm::Crc64Nvme => "CRC64NVME",
            Algorithm::Sha1 => "SHA1",
            Algorithm::Sha256 => "SHA256",
        }
    }

    /// The algorithm called `name`. As in S3, case does not matter.
    pub(crate) fn named(name: &str) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name.trim()))
    }

    fn header(self) -> HeaderName {
        HeaderName::from_static(match self {
            Algorithm::Crc32 => "x-amz-checksum-crc32",
            Algorithm::Crc32c => "x-amz-checksum-crc32c",
            Algorithm::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Algorithm::Sha1 => "x-amz-checksum-sha1",
            Algorithm::Sha256 => "x-amz-checksum-sha256",
        })
    }

    /// The bytes of a checksum.
    fn length(self) -> usize {
        match self {
            Algorithm::Crc32 | Algorithm::Crc32c => 4,
            Algorithm::Crc64Nvme => 8,
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
        }
    }

    /// The algorithm that the headers of a write name. S3 refuses two algorithms and malformed values.
    pub(crate) fn requested_by(headers: &HeaderMap) -> Result<Option<Algorithm>, Refusal> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let stated: Vec<Algorithm> =
            Algorithm::ALL.into_iter().filter(|algorithm| headers.contains_key(algorithm.header())).collect();
        match &*stated {
            [] => {}
            [algorithm] => return algorithm.check_stated(headers).map(|()| Some(*algorithm)),
            _ => {
                let message = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
                return Err(Refusal::request(message));
            }
        }
        let announced = text("x-amz-trailer").filter(|trailer| !trailer.trim().is_empty());
        announced.map(Algorithm::announced).transpose()
    }

    /// The algorithm of the trailer that a request announces.
    fn announced(trailers: &str) -> Result<Algorithm, Refusal> {
        let is_in = |algorithm: &Algorithm| {
            trailers.split(',').any(|name| name.trim().eq_ignore_ascii_case(algorithm.header().as_str()))
        };
        let message = "The value specified in the x-amz-trailer header is not supported";
        Algorithm::ALL.into_iter().find(is_in).ok_or_else(|| Refusal::request(message))
    }

    /// Fails if `headers` (or trailers) have a malformed value for this algorithm.
    pub(crate) fn check_stated(self, headers: &HeaderMap) -> Result<(), Refusal> {
        let Some(value) = Checksum::stated(self, headers) else {
            return Ok(());
        };
        let raw = base64_simd::STANDARD.decode_to_vec(value);
        if raw.is_ok_and(|raw| raw.len() == self.length()) {
            return Ok(());
        }
        Err(Refusal::request(format!("Value for {} header is invalid.", self.header())))
    }
}

impl From<Algorithm> for dto::ChecksumAlgorithm {
    fn from(algorithm: Algorithm) -> Self {
        Self::from_static(algorithm.name())
    }
}

/// What a checksum covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChecksumType {
    /// The whole object.
    FullObject,
    /// The checksums of the parts of a multipart upload, as an `ETag` covers their MD5s.
    Composite,
}

impl ChecksumType {
    /// The name in `ChecksumType`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            ChecksumType::FullObject => dto::ChecksumType::FULL_OBJECT,
            ChecksumType::Composite => dto::ChecksumType::COMPOSITE,
        }
    }
}

impl From<ChecksumType> for dto::ChecksumType {
    fn from(checksum_type: ChecksumType) -> Self {
        Self::from_static(checksum_type.name())
    }
}

/// The checksum of an object or of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "the API's own names")]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) checksum_type: ChecksumType,
    /// Base64. A composite one ends with `-` and the number of parts.
    pub(crate) value: String,
}

impl Checksum {
    /// The value for `algorithm` in `headers` (or trailers).
    pub(crate) fn stated(algorithm: Algorithm, headers: &HeaderMap) -> Option<&str> {
        headers.get(algorithm.header()).and_then(|value| value.to_str().ok()).map(str::trim)
    }

    /// The value of a composite checksum without the number of parts.
    pub(crate) fn without_count(&self) -> Option<&str> {
        self.value.split_once('-').map(|(value, _)| value)
    }

    /// Adds the two checksum headers to an answer.
    pub(crate) fn put_into(&self, headers: &mut HeaderMap) {
        if let Ok(value) = HeaderValue::from_str(&self.value) {
            headers.insert(self.algorithm.header(), value);
        }
        headers.insert(
            HeaderName::from_static("x-amz-checksum-type"),
            HeaderValue::from_static(self.checksum_type.name()),
        );
    }

    /// The checksum of a multipart object from those of its parts, in order.
    pub(crate) fn composite<'a>(algorithm: Algorithm, parts: impl ExactSizeIterator<Item = &'a Checksum>) -> Checksum {
        let count = parts.len();
        let mut hasher = Hasher::new(algorithm);
        for part in parts {
            // The value always decodes, because `Hasher::finish` encoded it.
            if let Ok(raw) = base64_simd::STANDARD.decode_to_vec(&part.value) {
                hasher.update(&raw);
            }
        }
        Checksum {
            algorithm,
            checksum_type: ChecksumType::Composite,
            value: format!("{}-{count}", hasher.finish().value),
        }
    }
}

/// Computes a checksum while the bytes arrive.
pub(crate) struct Hasher {
    algorithm: Algorithm,
    inner: ChecksumHasher,
}

impl Hasher {
    pub(crate) fn new(algorithm: Algorithm) -> Hasher {
        let mut inner = ChecksumHasher::default();
        match algorithm {
            Algorithm::Crc32 => inner.crc32 = Some(Crc32::new()),
            Algorithm::Crc32c => inner.crc32c = Some(Crc32c::new()),
            Algorithm::Crc64Nvme => inner.crc64nvme = Some(Crc64Nvme::new()),
            Algorithm::Sha1 => inner.sha1 = Some(Sha1::new()),
            Algorithm::Sha256 => inner.sha256 = Some(Sha256::new()),
        }
        Hasher { algorithm, inner }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.inner.update(bytes);
    }

    pub(crate) fn finish(self) -> Checksum {
        let sums = self.inner.finalize();
        let value = match self.algorithm {
            Algorithm::Crc32 => sums.checksum_crc32,
            Algorithm::Crc32c => sums.checksum_crc32c,
            Algorithm::Crc64Nvme => sums.checksum_crc64nvme,
            Algorithm::Sha1 => sums.checksum_sha1,
            Algorithm::Sha256 => sums.checksum_sha256,
        };
        Checksum {
            algorithm: self.algorithm,
            checksum_type: ChecksumType::FullObject,
            value: value.unwrap_or_default(),
        }
    }
}

/// Sets the member of an XML shape for the checksum's algorithm.
macro_rules! set_checksum {
    ($shape:expr, $checksum:expr) => {{
        let value = Some($checksum.value.clone());
        match $checksum.algorithm {
            $crate::s3::store::checksum::Algorithm::Crc32 => $shape.checksum_crc32 = value,
            $crate::s3::store::checksum::Algorithm::Crc32c => $shape.checksum_crc32c = value,
            $crate::s3::store::checksum::Algorithm::Crc64Nvme => $shape.checksum_crc64nvme = value,
            $crate::s3::store::checksum::Algorithm::Sha1 => $shape.checksum_sha1 = value,
            $crate::s3::store::checksum::Algorithm::Sha256 => $shape.checksum_sha256 = value,
        }
    }};
}
pub(crate) use set_checksum;

#[cfg(test)]
mod tests {
    use super::*;

    fn of(algorithm: Algorithm, bytes: &[u8]) -> Checksum {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(bytes);
        hasher.finish()
    }

    /// The check values of the CRC catalogues for `123456789`, in base64.
    #[test]
    fn checksums_have_their_catalogue_values() {
        assert_eq!(of(Algorithm::Crc32, b"123456789").value, "y/Q5Jg==");
        assert_eq!(of(Algorithm::Crc32c, b"123456789").value, "4waSgw==");
        assert_eq!(of(Algorithm::Crc64Nvme, b"123456789").value, "rosUhgp5mIg=");
    }

    #[test]
    fn a_composite_checksum_covers_the_checksums_of_the_parts() {
        let parts = [of(Algorithm::Crc32, b"a"), of(Algorithm::Crc32, b"b")];
        let raw: Vec<u8> =
            parts.iter().flat_map(|part| base64_simd::STANDARD.decode_to_vec(&part.value).unwrap()).collect();
        let whole = Checksum::composite(Algorithm::Crc32, parts.iter());
        assert_eq!(whole.value, format!("{}-2", of(Algorithm::Crc32, &raw).value));
        assert_eq!(whole.checksum_type, ChecksumType::Composite);
        assert_eq!(format!("{}-2", whole.without_count().unwrap()), whole.value);
    }

    #[test]
    fn a_header_takes_precedence_over_an_announced_trailer() {
        let mut headers = HeaderMap::new();
        assert_eq!(Algorithm::requested_by(&headers).unwrap(), None);
        headers.insert("x-amz-sdk-checksum-algorithm", HeaderValue::from_static("SHA1"));
        assert_eq!(Algorithm::requested_by(&headers).unwrap(), None);
        headers.insert("x-amz-trailer", HeaderValue::from_static("x-amz-checksum-crc32c"));
        assert_eq!(Algorithm::requested_by(&headers).unwrap(), Some(Algorithm::Crc32c));
        headers.insert("x-amz-checksum-crc32", HeaderValue::from_static("y/Q5Jg=="));
        assert_eq!(Algorithm::requested_by(&headers).unwrap(), Some(Algorithm::Crc32));
    }

    #[test]
    fn two_checksums_unknown_trailers_and_malformed_values_are_refused() {
        for list in [
            &[("x-amz-checksum-crc32", "y/Q5Jg=="), ("x-amz-checksum-crc32c", "4waSgw==")][..],
            &[("x-amz-checksum-crc32", "invalid")],
            &[("x-amz-checksum-sha256", "y/Q5Jg==")],
            &[("x-amz-trailer", "x-amz-meta-none")],
        ] {
            let header = |(name, value): &(&'static str, &'static str)| {
                (HeaderName::from_static(name), HeaderValue::from_static(value))
            };
            let headers: HeaderMap = list.iter().map(header).collect();
            assert_eq!(Algorithm::requested_by(&headers).unwrap_err().code(), "InvalidRequest", "{list:?}");
        }
    }
}
