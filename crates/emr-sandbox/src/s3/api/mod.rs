//! S3's operations on the [`Store`]: one function each, in a file per family. An operation that is not
//! listed here answers S3's `NotImplemented`.

mod blocking;
mod bucket;
mod copy;
mod delete;
mod get;
mod list;
mod multipart;
mod page;
mod put;
mod receive;

pub(crate) use self::get::read as read_body;
pub(crate) use self::receive::store_body;

use std::sync::Arc;

use s3s::dto;
use s3s::{S3, S3Request, S3Response, S3Result};

use crate::s3::store::Store;

/// The store as `s3s` takes it.
pub(super) struct Api {
    store: Arc<Store>,
}

impl Api {
    pub(super) fn new(store: Arc<Store>) -> Api {
        Api { store }
    }
}

/// Implements [`S3`] by functions `module::operation(&store, request)`: first those that return at once,
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
                    $now::$at_once(&self.store, request)
                }
            )*
            $(
                async fn $waiting(
                    &self,
                    request: S3Request<dto::$then_input>,
                ) -> S3Result<S3Response<dto::$then_output>> {
                    $then::$waiting(&self.store, request).await
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
        get::head_object(HeadObjectInput) -> HeadObjectOutput;
        get::get_object_tagging(GetObjectTaggingInput) -> GetObjectTaggingOutput;
        delete::delete_object(DeleteObjectInput) -> DeleteObjectOutput;
        delete::delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput;
        list::list_objects(ListObjectsInput) -> ListObjectsOutput;
        list::list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output;
        list::list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput;
        multipart::create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput;
        multipart::abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput;
        multipart::list_parts(ListPartsInput) -> ListPartsOutput;
    }
    waiting {
        put::put_object(PutObjectInput) -> PutObjectOutput;
        get::get_object(GetObjectInput) -> GetObjectOutput;
        copy::copy_object(CopyObjectInput) -> CopyObjectOutput;
        copy::upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput;
        multipart::upload_part(UploadPartInput) -> UploadPartOutput;
        multipart::complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput;
    }
}
