//! How S3 is asked to encrypt what is written.

use crate::error::{Error, Result};

/// The algorithm that encrypts an object at rest, and the key where it is KMS's. Without either, the bucket decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encryption {
    algorithm: Option<String>,
    kms_key_id: Option<String>,
}

/// S3's name for encryption with a key that KMS keeps.
const KMS: &str = "aws:kms";

impl Encryption {
    /// The encryption that the options `s3_sse` and `s3_sse_kms_key_id` say. A key alone means KMS.
    pub fn new(algorithm: Option<String>, kms_key_id: Option<String>) -> Result<Self> {
        let algorithm = algorithm.or_else(|| kms_key_id.as_ref().map(|_| KMS.to_owned()));
        match &algorithm {
            Some(name) if kms_key_id.is_some() && !name.starts_with(KMS) => {
                Err(Error::config(format!("there is a KMS key for S3, and {name} uses none"))
                    .advise("leave s3_sse_kms_key_id out, or set s3_sse to aws:kms"))
            }
            _ => Ok(Self { algorithm, kms_key_id }),
        }
    }

    /// The algorithm in S3's words: `AES256`, `aws:kms` or `aws:kms:dsse`.
    #[must_use]
    pub fn algorithm(&self) -> Option<&str> {
        self.algorithm.as_deref()
    }

    /// The id, ARN or alias of the key; without one it is AWS's own.
    #[must_use]
    pub fn kms_key_id(&self) -> Option<&str> {
        self.kms_key_id.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_of_kms_and_of_nothing_else() {
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
