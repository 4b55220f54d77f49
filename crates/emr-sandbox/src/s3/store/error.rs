//! Why the store refuses a request, in S3's words.

use std::io;

use s3s::{S3Error, S3ErrorCode};
use thiserror::Error;

/// An error of the store. The messages are S3's own.
#[derive(Debug, Error)]
pub(crate) enum StoreError {
    #[error("The specified bucket does not exist")]
    NoSuchBucket,
    #[error("Your previous request to create the named bucket succeeded and you already own it.")]
    BucketAlreadyOwnedByYou,
    #[error("The specified bucket is not valid.")]
    InvalidBucketName,
    #[error("The bucket you tried to delete is not empty")]
    BucketNotEmpty,
    #[error("The specified key does not exist.")]
    NoSuchKey,
    #[error("At least one of the pre-conditions you specified did not hold")]
    PreconditionFailed,
    #[error("The conditional request cannot succeed due to a conflicting operation against this resource.")]
    ConditionalRequestConflict,
    #[error(
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    )]
    NoSuchUpload,
    #[error(
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."
    )]
    InvalidPart,
    #[error("The list of parts was not in ascending order. Parts must be ordered by part number.")]
    InvalidPartOrder,
    #[error("Your proposed upload is smaller than the minimum allowed size")]
    EntityTooSmall,
    /// The disk failed, which is no error of S3.
    #[error("the sandbox cannot keep the object: {0}")]
    Disk(#[from] io::Error),
}

impl StoreError {
    pub(crate) fn code(&self) -> S3ErrorCode {
        match self {
            StoreError::NoSuchBucket => S3ErrorCode::NoSuchBucket,
            StoreError::BucketAlreadyOwnedByYou => S3ErrorCode::BucketAlreadyOwnedByYou,
            StoreError::InvalidBucketName => S3ErrorCode::InvalidBucketName,
            StoreError::BucketNotEmpty => S3ErrorCode::BucketNotEmpty,
            StoreError::NoSuchKey => S3ErrorCode::NoSuchKey,
            StoreError::PreconditionFailed => S3ErrorCode::PreconditionFailed,
            StoreError::ConditionalRequestConflict => S3ErrorCode::ConditionalRequestConflict,
            StoreError::NoSuchUpload => S3ErrorCode::NoSuchUpload,
            StoreError::InvalidPart => S3ErrorCode::InvalidPart,
            StoreError::InvalidPartOrder => S3ErrorCode::InvalidPartOrder,
            StoreError::EntityTooSmall => S3ErrorCode::EntityTooSmall,
            StoreError::Disk(_) => S3ErrorCode::InternalError,
        }
    }
}

impl From<StoreError> for S3Error {
    fn from(error: StoreError) -> S3Error {
        S3Error::with_message(error.code(), error.to_string())
    }
}

impl From<StoreError> for io::Error {
    fn from(error: StoreError) -> io::Error {
        match error {
            StoreError::Disk(error) => error,
            StoreError::NoSuchBucket | StoreError::NoSuchKey | StoreError::NoSuchUpload => {
                io::Error::new(io::ErrorKind::NotFound, error)
            }
            other => io::Error::other(other),
        }
    }
}
