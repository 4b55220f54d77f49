//! Options for the encryption of what the tools write to S3. Some buckets require it.

use super::keys;
use crate::config::{Argument, Key, Takes};

const HEADING: &str = "Encryption";

keys! { ENCRYPTION:
    /// Encryption of what is written to S3, uploads and locks: AES256, aws:kms or aws:kms:dsse; by default the bucket
    /// decides.
    S3_SSE: String = Key::named("s3_sse")
        .typed_as(&[Argument::new(
            "s3-sse",
            Takes::Value("NAME"),
            "Encryption of what is written to S3: AES256, aws:kms or aws:kms:dsse [default: the bucket's]",
        )
        .usually(|| vec!["AES256", "aws:kms", "aws:kms:dsse"])
        .under(HEADING)]);

    /// KMS key for that encryption, by id, ARN or alias; it implies aws:kms. By default the bucket's key, or AWS's own.
    S3_SSE_KMS_KEY_ID: String = Key::named("s3_sse_kms_key_id")
        .typed_as(&[Argument::new(
            "s3-sse-kms-key-id",
            Takes::Value("ID"),
            "KMS key for that encryption; implies aws:kms [default: the bucket's, or AWS's own]",
        )
        .under(HEADING)]);
}
