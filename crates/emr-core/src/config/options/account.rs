//! Options for the AWS account, region and endpoints.

use super::keys;
use crate::config::{Argument, Key, Region, Takes};

/// The heading of the options that all tools have, which emr-options(7) describes.
pub const SHARED: &str = "Options of all tools";

/// Regions for shell completion. Others are accepted, too.
///
/// Source: <https://docs.aws.amazon.com/general/latest/gr/emr.html>
const REGIONS: [&str; 37] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// The argument that sets both endpoints.
const ENDPOINT_URL: Argument = Argument::new(
    "endpoint-url",
    Takes::Value("URL"),
    "Endpoint for EMR and S3, such as emr-sandbox's [default: AWS_ENDPOINT_URL]",
)
.under(SHARED);

keys! { ACCOUNT:
    /// Region, if neither `--region` nor the environment names one; without it the region of the profile. In a file
    /// *EU* is eu-west-1, as in mrjob 0.4.
    AWS_REGION: Region = Key::named("aws_region").also(&["region"])
        .variables(&["AWS_REGION", "AWS_DEFAULT_REGION"])
        .typed_as(&[Argument::new(
            "region",
            Takes::Value("REGION"),
            "AWS region [default: AWS_REGION, mrjob.conf, or the profile's]",
        )
        .also(&["aws-region"])
        .usually(|| REGIONS.to_vec())
        .under(SHARED)]);

    /// AWS profile.
    PROFILE: String = Key::named("profile").in_no_file()
        .variables(&["AWS_PROFILE"])
        .typed_as(&[Argument::new("profile", Takes::Value("NAME"), "AWS profile [default: AWS_PROFILE]").under(SHARED)]);

    /// Endpoint of EMR, a URL or a host, if neither `--endpoint-url` nor the environment names one; by default AWS's
    /// own in the region.
    EMR_ENDPOINT: String = Key::named("emr_endpoint")
        .variables(&["AWS_ENDPOINT_URL_EMR", "AWS_ENDPOINT_URL"])
        .typed_as(&[ENDPOINT_URL]);

    /// Endpoint of S3, a URL or a host, if neither `--endpoint-url` nor the environment names one; by default AWS's own
    /// in the region.
    S3_ENDPOINT: String = Key::named("s3_endpoint")
        .variables(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"])
        .typed_as(&[ENDPOINT_URL]);
}
