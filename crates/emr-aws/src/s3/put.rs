//! Uploads text, bytes and files to S3.

use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;
use emr_core::error::{Error, Result};
use emr_core::model::content::Content;
use emr_core::model::job_flow::{Body, Upload};
use emr_core::model::s3_uri::S3Uri;

use super::content::base64;
use super::refresh::Found;
use super::{S3, asked, lacks};

impl S3 {
    /// Uploads `upload` unless an object of that size exists, which is refreshed if it is old. Calls `sent` with the
    /// bytes of each finished part. Returns whether anything was sent.
    pub async fn put(&self, upload: &Upload, sent: &dyn Fn(u64)) -> Result<bool> {
        let bytes = match &upload.body {
            Body::Text(text) => text.len() as u64,
            Body::Bytes(bytes) => bytes.len() as u64,
            Body::File(path) => path.metadata().map_err(|cause| Error::file("read", path, &cause))?.len(),
        };
        match self.find(&upload.to, bytes).await? {
            Found::Young => {
                sent(bytes);
                Ok(false)
            }
            Found::Old(old) => Box::pin(self.refresh(upload, &old, sent)).await,
            Found::Absent => self.send(upload, sent).await.map(|()| true),
        }
    }

    /// Uploads `upload`, whatever is there.
    pub(super) async fn send(&self, Upload { body, content, to }: &Upload, sent: &dyn Fn(u64)) -> Result<()> {
        match body {
            Body::Text(text) => self.put_bytes(text.as_bytes(), content, to).await,
            Body::Bytes(bytes) => self.put_bytes(bytes, content, to).await,
            Body::File(path) => self.put_file(path, content, to, sent).await,
        }
    }

    /// A request that writes an object at `to`, encrypted as configured.
    pub(super) fn put_object(&self, to: &S3Uri) -> PutObjectFluentBuilder {
        let put = self.sdk.put_object().bucket(&to.bucket).key(&to.key);
        put.set_server_side_encryption(self.encryption.algorithm().map(ServerSideEncryption::from))
            .set_ssekms_key_id(self.encryption.kms_key_id().map(str::to_owned))
    }

    async fn put_bytes(&self, bytes: &[u8], content: &Content, to: &S3Uri) -> Result<()> {
        let put = self.follow(&to.bucket, async |located| {
            let put = self.put_object(to).checksum_sha256(base64(content));
            let put = put.body(ByteStream::from(bytes.to_vec())).customize();
            asked("PutObject", put.config_override(located).send().await)
        });
        let put = put.await.map_err(|failure| Error::from(failure).on(to))?;
        put.e_tag().map(|_| ()).ok_or_else(|| lacks("PutObject", "ETag").on(to))
    }
}
