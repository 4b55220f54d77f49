//! Puts a text of the tools' own on S3, unless it is there.

use aws_sdk_s3::primitives::ByteStream;

use super::{Content, S3, asked};
use crate::error::{Error, Result};
use crate::model::job_flow::Upload;

impl S3 {
    /// Puts the text where it has to be; where an object of that size is there already, nothing is sent.
    pub async fn put_text(&self, Upload { text, to }: &Upload) -> Result<()> {
        if self.size(to).await? == u64::try_from(text.len()).ok() {
            return Ok(());
        }
        let checksum = Content::of_text(text).base64();
        let put = self.sdk.put_object().bucket(&to.bucket).key(&to.key).checksum_sha256(checksum);
        let put = put.body(ByteStream::from_static(text.as_bytes())).send().await;
        asked("PutObject", put).map(|_| ()).map_err(|failure| Error::from(failure).on(to))
    }
}
