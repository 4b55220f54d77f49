//! Uploads a local file to S3: a small one by `PutObject`, a large one as a multipart upload.

use std::path::Path;

use aws_sdk_s3::primitives::{ByteStream, Length};
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, ServerSideEncryption};
use aws_smithy_types::body::SdkBody;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::content::Content;
use emr_core::model::s3_uri::S3Uri;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::content::{base64, content_of_file};
use super::{S3, asked, lacks};

/// Larger files are uploaded in parts of this size. S3 accepts 10,000 parts, so 625 GiB in all.
const PART: u64 = 64 << 20;

/// Concurrent parts.
const PARTS_AT_ONCE: usize = 4;

impl S3 {
    /// Uploads `file` with this `content` to `to`, whose key contains its hash. Calls `sent` with the bytes of each
    /// finished part.
    ///
    /// A file that changes meanwhile is an error: later jobs would get other content under its hash.
    pub(super) async fn put_file(&self, file: &Path, content: &Content, to: &S3Uri, sent: &dyn Fn(u64)) -> Result<()> {
        let bytes = std::fs::metadata(file).map_err(|cause| Error::file("read", file, &cause))?.len();
        if bytes <= PART {
            self.put_whole(file, content, to).await?;
            sent(bytes);
        } else {
            self.put_parts(file, bytes, content, to, sent).await?;
        }
        Ok(())
    }

    async fn put_whole(&self, file: &Path, content: &Content, to: &S3Uri) -> Result<()> {
        let body = part(file, 0, None).await?;
        let put = self.follow(&to.bucket, async |located| {
            let put = self.put_object(to).checksum_sha256(base64(content)).body(again(&body)).customize();
            asked("PutObject", put.config_override(located).send().await)
        });
        match put.await {
            Ok(put) if put.e_tag().is_none() => Err(lacks("PutObject", "ETag").on(to)),
            Ok(_) => Ok(()),
            Err(failure) if failure.code.as_deref() == Some("BadDigest") => Err(changed(file)),
            Err(failure) => Err(Error::from(failure).on(to)),
        }
    }

    async fn put_parts(
        &self,
        file: &Path,
        bytes: u64,
        content: &Content,
        to: &S3Uri,
        sent: &dyn Fn(u64),
    ) -> Result<()> {
        // S3 accepts checksums of parts only if the upload was created with their algorithm.
        let created = self.follow(&to.bucket, async |located| {
            let create = self.sdk.create_multipart_upload().bucket(&to.bucket).key(&to.key);
            let create = create
                .checksum_algorithm(ChecksumAlgorithm::Crc32)
                .set_server_side_encryption(self.encryption.algorithm().map(ServerSideEncryption::from))
                .set_ssekms_key_id(self.encryption.kms_key_id().map(str::to_owned));
            asked("CreateMultipartUpload", create.customize().config_override(located).send().await)
        });
        let created = created.await.map_err(|failure| Error::from(failure).on(to))?;
        let upload = created.upload_id().map(str::to_owned);
        let upload = upload.ok_or_else(|| lacks("CreateMultipartUpload", "UploadId").on(to))?;
        self.unfinished().push((to.clone(), upload.clone()));
        self.put_and_complete(file, bytes, content, to, &upload, sent).await?;
        self.unfinished().retain(|(_, other)| *other != upload);
        Ok(())
    }

    async fn put_and_complete(
        &self,
        file: &Path,
        bytes: u64,
        content: &Content,
        to: &S3Uri,
        upload: &str,
        sent: &dyn Fn(u64),
    ) -> Result<()> {
        let parts = stream::iter(0..bytes.div_ceil(PART)).map(|number| async move {
            let length = PART.min(bytes - number * PART);
            let part = self.put_part(file, number, length, to, upload).await?;
            sent(length);
            Ok::<_, Error>(part)
        });
        let mut parts: Vec<_> = parts.buffer_unordered(PARTS_AT_ONCE).try_collect().await?;
        if content_of_file(file)? != *content {
            return Err(changed(file));
        }
        parts.sort_by_key(CompletedPart::part_number);
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let completed = self.follow(&to.bucket, async |located| {
            let complete = self.sdk.complete_multipart_upload().bucket(&to.bucket).key(&to.key).upload_id(upload);
            let complete = complete.multipart_upload(parts.clone()).customize();
            asked("CompleteMultipartUpload", complete.config_override(located).send().await)
        });
        let completed = completed.await.map_err(|failure| Error::from(failure).on(to))?;
        completed.e_tag().map(|_| ()).ok_or_else(|| lacks("CompleteMultipartUpload", "ETag").on(to))
    }

    /// Uploads part `number`, counted from 0; S3 counts from 1.
    async fn put_part(&self, file: &Path, number: u64, length: u64, to: &S3Uri, upload: &str) -> Result<CompletedPart> {
        let part_number =
            i32::try_from(number + 1).map_err(|_| Error::usage(format!("{} is too large for S3", file.display())))?;
        let body = part(file, number * PART, Some(length)).await?;
        let put = self.follow(&to.bucket, async |located| {
            let put = self.sdk.upload_part().bucket(&to.bucket).key(&to.key).upload_id(upload).part_number(part_number);
            asked("UploadPart", put.body(again(&body)).customize().config_override(located).send().await)
        });
        let put = put.await.map_err(|failure| Error::from(failure).on(to))?;
        let mut part = CompletedPart::builder().part_number(part_number).set_e_tag(put.e_tag().map(str::to_owned));
        part = part.set_checksum_crc32(put.checksum_crc32().map(str::to_owned));
        Ok(part.build())
    }
}

fn changed(file: &Path) -> Error {
    Error::new(Outcome::Io, format!("{} changed while it was uploaded", file.display())).advise("try again")
}

/// The same body for a retry. It comes from a file, which can be read again.
fn again(body: &SdkBody) -> ByteStream {
    ByteStream::new(body.try_clone().unwrap_or_else(SdkBody::taken))
}

async fn part(file: &Path, offset: u64, length: Option<u64>) -> Result<SdkBody> {
    let mut part = ByteStream::read_from().path(file).offset(offset);
    if let Some(length) = length {
        part = part.length(Length::Exact(length));
    }
    let unreadable = |cause: aws_sdk_s3::primitives::ByteStreamError| Error::file("read", file, &cause.into());
    part.build().await.map(ByteStream::into_inner).map_err(unreadable)
}
