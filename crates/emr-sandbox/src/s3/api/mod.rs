//! S3's operations on the [`Store`], one file an operation. An operation that is not listed here is answered with S3's
//! `NotImplemented` and its name.
//!
//! - [`bucket`], [`object`], [`list`] and [`multipart`] have the operations
//! - [`receive`] takes bodies, [`blocking`] keeps file access off the serving threads
//! - [`describe`] has the headers and elements that describe objects, [`version`] checks version ids

mod blocking;
mod bucket;
mod describe;
mod list;
mod multipart;
mod object;
mod receive;
mod version;

pub(crate) use self::object::read_body;
pub(crate) use self::receive::store_body;

use std::sync::Arc;

use s3s::dto;
use s3s::{S3, S3Request, S3Response, S3Result};

pub(super) use self::bucket::arn;
pub(crate) use self::bucket::is_region;
use crate::s3::store::Store;

/// The store, behind the trait of `s3s`.
pub(super) struct Api {
    store: Arc<Store>,
}

impl Api {
    pub(super) fn new(store: Arc<Store>) -> Api {
        Api { store }
    }
}

/// A size as S3's shapes have it.
fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// Implements [`S3`] with functions `family::operation::operation(&store, request)`: first those that return at once,
/// then those that wait for a body or a file.
macro_rules! operations {
    (
        at once { $($now:ident::$at_once:ident($now_input:ident) -> $now_output:ident;)* }
        waiting { $($then:ident::$waiting:ident($then_input:ident) -> $then_output:ident;)* }
    ) => {
        #[async_trait::async_trait]
        impl S3 for Api {
            $(
                async fn $at_once(
                    &self,
                    request: S3Request<dto::$now_input>,
                ) -> S3Result<S3Response<dto::$now_output>> {
                    $now::$at_once::$at_once(&self.store, request)
                }
            )*
            $(
                async fn $waiting(
                    &self,
                    request: S3Request<dto::$then_input>,
                ) -> S3Result<S3Response<dto::$then_output>> {
                    $then::$waiting::$waiting(&self.store, request).await
                }
            )*
        }
    };
}

operations! {
    at once {
        bucket::create_bucket(CreateBucketInput) -> CreateBucketOutput;
        bucket::delete_bucket(DeleteBucketInput) -> DeleteBucketOutput;
        bucket::head_bucket(HeadBucketInput) -> HeadBucketOutput;
        bucket::list_buckets(ListBucketsInput) -> ListBucketsOutput;
        bucket::get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput;
        bucket::get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput;
        bucket::get_bucket_tagging(GetBucketTaggingInput) -> GetBucketTaggingOutput;
        bucket::put_bucket_tagging(PutBucketTaggingInput) -> PutBucketTaggingOutput;
        bucket::delete_bucket_tagging(DeleteBucketTaggingInput) -> DeleteBucketTaggingOutput;
        object::head_object(HeadObjectInput) -> HeadObjectOutput;
        object::delete_object(DeleteObjectInput) -> DeleteObjectOutput;
        object::delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput;
        object::get_object_attributes(GetObjectAttributesInput) -> GetObjectAttributesOutput;
        object::get_object_tagging(GetObjectTaggingInput) -> GetObjectTaggingOutput;
        object::put_object_tagging(PutObjectTaggingInput) -> PutObjectTaggingOutput;
        object::delete_object_tagging(DeleteObjectTaggingInput) -> DeleteObjectTaggingOutput;
        list::list_objects(ListObjectsInput) -> ListObjectsOutput;
        list::list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output;
        list::list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput;
        list::list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput;
        multipart::create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput;
        multipart::abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput;
        multipart::list_parts(ListPartsInput) -> ListPartsOutput;
    }
    waiting {
        object::put_object(PutObjectInput) -> PutObjectOutput;
        object::get_object(GetObjectInput) -> GetObjectOutput;
        object::copy_object(CopyObjectInput) -> CopyObjectOutput;
        multipart::upload_part(UploadPartInput) -> UploadPartOutput;
        multipart::upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput;
        multipart::complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput;
    }
}
