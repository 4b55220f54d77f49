//! The encryption that uploads and locks request from S3.

use crate::error::{Error, Result};

/// The algorithm for objects at rest, and the KMS key. Without either, the bucket's default applies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encryption {
    algorithm: Option<String>,
    kms_key_id: Option<String>,
}

/// S3's name for encryption with a KMS key.
const KMS: &str = "aws:kms";

impl Encryption {
    /// The encryption from the options `s3_sse` and `s3_sse_kms_key_id`. A key alone means KMS.
    pub fn new(algorithm: Option<String>, kms_key_id: Option<String>) -> Result<Self> {
        let algorithm = algorithm.or_else(|| kms_key_id.as_ref().map(|_| KMS.to_owned()));
        match &algorithm {
            Some(name) if kms_key_id.is_some() && !name.starts_with(KMS) => {
                Err(Error::config(format!("a KMS key for S3 is set, but {name} uses none"))
                    .advise("leave s3_sse_kms_key_id out, or set s3_sse to aws:kms"))
            }
            _ => Ok(Self { algorithm, kms_key_id }),
        }
    }

    /// S3's name of the algorithm: `AES256`, `aws:kms` or `aws:kms:dsse`.
    #[must_use]
    pub fn algorithm(&self) -> Option<&str> {
        self.algorithm.as_deref()
    }

    /// The id, ARN or alias of the key; `None` for AWS's own.
    #[must_use]
    pub fn kms_key_id(&self) -> Option<&str> {
        self.kms_key_id.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_needs_kms() {
        let of = |algorithm: Option<&str>, key: Option<&str>| {
            Encryption::new(algorithm.map(str::to_owned), key.map(str::to_owned))
        };
        assert_eq!(of(None, None).unwrap(), Encryption::default());
        assert_eq!(of(None, Some("alias/etl")).unwrap().algorithm(), Some("aws:kms"));
        assert_eq!(of(Some("aws:kms:dsse"), Some("alias/etl")).unwrap().kms_key_id(), Some("alias/etl"));
        assert_eq!(of(Some("AES256"), None).unwrap().algorithm(), Some("AES256"));
        assert!(of(Some("AES256"), Some("alias/etl")).unwrap_err().to_string().contains("AES256 uses none"));
    }
}
