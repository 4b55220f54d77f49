//! S3's API, one file an operation.

mod put_file;

use aws_config::SdkConfig;

/// S3 in one account and region.
pub struct S3 {
    sdk: aws_sdk_s3::Client,
}

impl S3 {
    pub(super) fn new(config: &SdkConfig) -> Self {
        // A store behind an endpoint of one's own rarely answers to a host name per bucket.
        let own_endpoint = config.endpoint_url().is_some();
        let s3 = aws_sdk_s3::config::Builder::from(config).force_path_style(own_endpoint).build();
        Self { sdk: aws_sdk_s3::Client::from_conf(s3) }
    }
}
