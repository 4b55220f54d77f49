//! How S3 is to encrypt what a tool writes: uploads and locks.

use clap::Args;
use emr_aws::Aws;
use emr_core::config::Config;
use emr_core::error::Result;
use emr_core::model;

use super::account::{Account, HEADING};
use super::setting::either;

/// The encryption of what is written to S3, for buckets that demand one.
#[derive(Debug, Clone, Args)]
pub struct Encryption {
    /// Encryption of what is written to S3: AES256, aws:kms or aws:kms:dsse [default: the bucket's]
    #[arg(long, value_name = "NAME", help_heading = HEADING)]
    s3_sse: Option<String>,

    /// KMS key of that encryption, which is aws:kms unless --s3-sse says otherwise [default: the bucket's, or AWS's own]
    #[arg(long, value_name = "KEY", help_heading = HEADING)]
    s3_sse_kms_key_id: Option<String>,
}

impl Encryption {
    /// Clients for the account that `account` and `config` name, which write to S3 as these options and `config` say.
    pub async fn connect(&self, account: &Account, config: &Config) -> Result<Aws> {
        let mut connection = account.connection(config)?;
        connection.encryption = self.look_up(config)?;
        Aws::connect(&connection).await
    }

    /// What these options and `config` say.
    pub fn look_up(&self, config: &Config) -> Result<model::encryption::Encryption> {
        let algorithm = either(self.s3_sse.as_ref(), config, "s3_sse")?;
        let key = either(self.s3_sse_kms_key_id.as_ref(), config, "s3_sse_kms_key_id")?;
        model::encryption::Encryption::new(algorithm, key)
    }
}
