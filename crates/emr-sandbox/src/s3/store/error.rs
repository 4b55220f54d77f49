//! The store's refusals, in S3's words.

use std::io;

use s3s::{S3Error, S3ErrorCode};
use thiserror::Error;

use super::upload::MIN_PART_SIZE;
use crate::s3::refusal::Refusal;

/// A refusal of the store, with the bucket, key or upload. The messages are S3's.
#[derive(Debug, Error)]
pub(crate) enum StoreError {
    #[error("The specified bucket does not exist")]
    NoSuchBucket(String),
    #[error("Your previous request to create the named bucket succeeded and you already own it.")]
    BucketAlreadyOwnedByYou(String),
    #[error("The specified bucket is not valid.")]
    InvalidBucketName(String),
    #[error("The bucket you tried to delete is not empty")]
    BucketNotEmpty(String),
    #[error("The specified key does not exist.")]
    NoSuchKey(String),
    /// The header whose condition does not hold.
    #[error("At least one of the pre-conditions you specified did not hold")]
    PreconditionFailed(&'static str),
    #[error("The conditional request cannot succeed due to a conflicting operation against this resource.")]
    ConditionalRequestConflict { condition: &'static str, key: String },
    #[error(
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    )]
    NoSuchUpload(String),
    #[error(
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."
    )]
    InvalidPart { upload: String, number: i32, etag: String },
    #[error("The list of parts was not in ascending order. Parts must be ordered by part number.")]
    InvalidPartOrder(String),
    #[error("Your proposed upload is smaller than the minimum allowed size")]
    EntityTooSmall { number: i32, etag: String, size: u64 },
    /// A completion describes the upload or its parts wrongly.
    #[error("{0}")]
    InvalidRequest(String),
    /// The checksum in a completion differs from the computed one.
    #[error("The {0} you specified did not match the calculated checksum.")]
    BadDigest(String),
    #[error("The {algorithm} you specified for part {number} did not match what we received.")]
    BadPartDigest { algorithm: String, number: i32 },
    /// The disk failed, which is not an error of S3.
    #[error("the sandbox cannot store the object: {0}")]
    Disk(#[from] io::Error),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Refusal {
        let message = error.to_string();
        let refuse = |code| Refusal::new(code, message.clone());
        match error {
            StoreError::NoSuchBucket(name) => refuse(S3ErrorCode::NoSuchBucket).with("BucketName", name),
            StoreError::BucketAlreadyOwnedByYou(name) => {
                refuse(S3ErrorCode::BucketAlreadyOwnedByYou).with("BucketName", name)
            }
            StoreError::InvalidBucketName(name) => refuse(S3ErrorCode::InvalidBucketName).with("BucketName", name),
            StoreError::BucketNotEmpty(name) => refuse(S3ErrorCode::BucketNotEmpty).with("BucketName", name),
            StoreError::NoSuchKey(key) => refuse(S3ErrorCode::NoSuchKey).with("Key", key),
            StoreError::PreconditionFailed(condition) => {
                refuse(S3ErrorCode::PreconditionFailed).with("Condition", condition)
            }
            StoreError::ConditionalRequestConflict { condition, key } => {
                refuse(S3ErrorCode::ConditionalRequestConflict).with("Condition", condition).with("Key", key)
            }
            StoreError::NoSuchUpload(id) => refuse(S3ErrorCode::NoSuchUpload).with("UploadId", id),
            StoreError::InvalidPart { upload, number, etag } => refuse(S3ErrorCode::InvalidPart)
                .with("UploadId", upload)
                .with("PartNumber", number.to_string())
                .with("ETag", etag),
            StoreError::InvalidPartOrder(upload) => refuse(S3ErrorCode::InvalidPartOrder).with("UploadId", upload),
            StoreError::EntityTooSmall { number, etag, size } => refuse(S3ErrorCode::EntityTooSmall)
                .with("ProposedSize", size.to_string())
                .with("MinSizeAllowed", MIN_PART_SIZE.to_string())
                .with("PartNumber", number.to_string())
                .with("ETag", etag),
            StoreError::InvalidRequest(_) => refuse(S3ErrorCode::InvalidRequest),
            StoreError::BadDigest(_) | StoreError::BadPartDigest { .. } => refuse(S3ErrorCode::BadDigest),
            StoreError::Disk(_) => refuse(S3ErrorCode::InternalError),
        }
    }
}

impl From<StoreError> for S3Error {
    fn from(error: StoreError) -> S3Error {
        Refusal::from(error).into()
    }
}

impl From<StoreError> for io::Error {
    fn from(error: StoreError) -> io::Error {
        match error {
            StoreError::Disk(error) => error,
            StoreError::NoSuchBucket(_) | StoreError::NoSuchKey(_) | StoreError::NoSuchUpload(_) => {
                io::Error::new(io::ErrorKind::NotFound, error)
            }
            other => io::Error::other(other),
        }
    }
}
