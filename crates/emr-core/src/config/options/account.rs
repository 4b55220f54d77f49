//! Options for the AWS account, region and endpoints.

use super::keys;
use crate::config::{Argument, Key, Region, Takes};
use crate::regions;

/// The heading of the options that all tools have, which emr-options(7) describes.
pub const SHARED: &str = "Options of all tools";

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
        .usually(|| regions::names().collect())
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
