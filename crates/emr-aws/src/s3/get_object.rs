//! `GetObject`: streams an object from a given byte on.

use aws_sdk_s3::primitives::ByteStream;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::s3_uri::S3Uri;

use super::{S3, asked};

/// The stream of an object's bytes.
pub struct Body {
    stream: ByteStream,
    at: S3Uri,
}

impl S3 {
    /// Opens the object `at`, starting at the byte `from`.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
    pub async fn open(&self, at: &S3Uri, from: u64) -> Result<Body> {
        let range = (from > 0).then(|| format!("bytes={from}-"));
        let got = self.follow(&at.bucket, async |located| {
            let get = self.sdk.get_object().bucket(&at.bucket).key(&at.key).set_range(range.clone());
            asked("GetObject", get.customize().config_override(located).send().await)
        });
        let got = got.await.map_err(|failure| Error::from(failure).on(at))?;
        Ok(Body { stream: got.body, at: at.clone() })
    }
}

impl Body {
    /// The next bytes; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<impl AsRef<[u8]>>> {
        let bytes = self.stream.try_next().await;
        let broke =
            |cause| Error::new(Outcome::Unavailable, format!("{} broke off: {cause}", self.at)).caused_by(cause);
        bytes.map_err(broke)
    }
}
