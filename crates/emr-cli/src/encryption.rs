//! The options for S3 encryption, for tools that upload files or take locks.

use emr_core::config::Offer;
use emr_core::config::options::{S3_SSE, S3_SSE_KMS_KEY_ID};

use crate::options::{Group, Options};

/// How S3 encrypts what is written.
pub type Encryption = Options<EncryptionGroup>;

/// The options of [`Encryption`].
#[derive(Debug, Clone)]
pub struct EncryptionGroup;

impl Group for EncryptionGroup {
    const OFFERS: &'static [Offer] = &[S3_SSE.offer(), S3_SSE_KMS_KEY_ID.offer()];
}
