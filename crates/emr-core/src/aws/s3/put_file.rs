//! Puts a local file on S3, unless it is there: small ones by `PutObject`, large ones in parts.

use std::path::Path;

use aws_sdk_s3::primitives::{ByteStream, Length};
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::S3;
use crate::aws::failure::Failure;
use crate::error::{Error, Result};
use crate::model::s3_uri::S3Uri;

/// Files larger than this go in parts of this size; S3 takes 10,000 of them, 640 GiB in all.
const PART: u64 = 64 << 20;

/// Parts under way at once.
const AT_ONCE: usize = 4;

impl S3 {
    /// Puts `file` at `to`, whose key stands for its content: where an object of that size is there already, nothing is
    /// sent. Calls `sent` with the bytes of each finished part. Returns whether anything was sent.
    pub async fn put_file(&self, file: &Path, to: &S3Uri, sent: &dyn Fn(u64)) -> Result<bool> {
        let bytes = std::fs::metadata(file).map_err(|cause| Error::file("read", file, &cause))?.len();
        if self.size(to).await == Some(bytes) {
            sent(bytes);
            return Ok(false);
        }
        if bytes <= PART {
            self.put_whole(file, to).await?;
            sent(bytes);
        } else {
            self.put_parts(file, bytes, to, sent).await?;
        }
        Ok(true)
    }

    /// The size of the object; none where it is not there or may not be looked at.
    async fn size(&self, of: &S3Uri) -> Option<u64> {
        let head = self.sdk.head_object().bucket(&of.bucket).key(&of.key).send().await;
        head.ok()?.content_length()?.try_into().ok()
    }

    async fn put_whole(&self, file: &Path, to: &S3Uri) -> Result<()> {
        let body = part(file, 0, None).await?;
        let put = self.sdk.put_object().bucket(&to.bucket).key(&to.key).body(body).send().await;
        put.map(|_| ()).map_err(|error| Error::from(Failure::of("PutObject", &error)).on(to))
    }

    async fn put_parts(&self, file: &Path, bytes: u64, to: &S3Uri, sent: &dyn Fn(u64)) -> Result<()> {
        let created = self.sdk.create_multipart_upload().bucket(&to.bucket).key(&to.key).send().await;
        let created = created.map_err(|error| Error::from(Failure::of("CreateMultipartUpload", &error)).on(to))?;
        let upload = created.upload_id().unwrap_or_default();
        let done = self.put_and_complete(file, bytes, to, upload, sent).await;
        if done.is_err() {
            // Parts of an upload that was given up are stored, and paid for, until somebody aborts it.
            let abort = self.sdk.abort_multipart_upload().bucket(&to.bucket).key(&to.key).upload_id(upload);
            if let Err(error) = abort.send().await {
                let failure = Failure::of("AbortMultipartUpload", &error);
                log::warn!("{to}: parts of the broken upload {upload} stay there: {}", failure.text);
            }
        }
        done
    }

    async fn put_and_complete(
        &self,
        file: &Path,
        bytes: u64,
        to: &S3Uri,
        upload: &str,
        sent: &dyn Fn(u64),
    ) -> Result<()> {
        let numbers = 0..bytes.div_ceil(PART);
        let parts = stream::iter(numbers).map(|number| async move {
            let length = PART.min(bytes - number * PART);
            let part = self.put_part(file, number, length, to, upload).await?;
            sent(length);
            Ok::<_, Error>(part)
        });
        let mut parts: Vec<_> = parts.buffer_unordered(AT_ONCE).try_collect().await?;
        parts.sort_by_key(CompletedPart::part_number);
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete = self.sdk.complete_multipart_upload().bucket(&to.bucket).key(&to.key).upload_id(upload);
        let completed = complete.multipart_upload(parts).send().await;
        completed.map(|_| ()).map_err(|error| Error::from(Failure::of("CompleteMultipartUpload", &error)).on(to))
    }

    /// Puts part `number`, counted from 0; S3 counts from 1.
    async fn put_part(&self, file: &Path, number: u64, length: u64, to: &S3Uri, upload: &str) -> Result<CompletedPart> {
        let part_number =
            i32::try_from(number + 1).map_err(|_| Error::usage(format!("{} is too large for S3", file.display())))?;
        let body = part(file, number * PART, Some(length)).await?;
        let put = self.sdk.upload_part().bucket(&to.bucket).key(&to.key).upload_id(upload);
        let put = put.part_number(part_number).body(body).send().await;
        let put = put.map_err(|error| Error::from(Failure::of("UploadPart", &error)).on(to))?;
        let mut part = CompletedPart::builder().part_number(part_number).set_e_tag(put.e_tag().map(str::to_owned));
        part = part.set_checksum_crc32(put.checksum_crc32().map(str::to_owned));
        Ok(part.build())
    }
}

async fn part(file: &Path, offset: u64, length: Option<u64>) -> Result<ByteStream> {
    let mut part = ByteStream::read_from().path(file).offset(offset);
    if let Some(length) = length {
        part = part.length(Length::Exact(length));
    }
    let unreadable = |cause: aws_sdk_s3::primitives::ByteStreamError| Error::file("read", file, &cause.into());
    part.build().await.map_err(unreadable)
}
