//! `CreateBucket`.

use hyper::HeaderMap;
use hyper::header::{HOST, HeaderName, HeaderValue};
use s3s::dto::{BucketLocationConstraint, CreateBucketInput, CreateBucketOutput};
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result};

use super::{DEFAULT_REGION, arn, is_region};
use crate::s3::refusal::Refusal;
use crate::s3::store::Store;

pub(in crate::s3::api) fn create_bucket(
    store: &Store,
    request: S3Request<CreateBucketInput>,
) -> S3Result<S3Response<CreateBucketOutput>> {
    let input = request.input;
    if input.object_lock_enabled_for_bucket == Some(true) {
        return Err(Refusal::header("x-amz-bucket-object-lock-enabled").into());
    }
    let constraint = input.create_bucket_configuration.and_then(|configuration| configuration.location_constraint);
    let region = region(constraint.as_ref().map(BucketLocationConstraint::as_str))?;
    let location = match region {
        None => format!("/{}", input.bucket),
        Some(_) => url(&request.headers, &input.bucket),
    };
    store.create_bucket_in(&input.bucket, region)?;
    let mut headers = HeaderMap::new();
    if let Ok(arn) = HeaderValue::try_from(arn(&input.bucket)) {
        headers.insert(HeaderName::from_static("x-amz-bucket-arn"), arn);
    }
    let output = CreateBucketOutput { location: Some(location) };
    Ok(S3Response::with_headers(output, headers))
}

/// The URL of a bucket: by its name in the host, unless the host is an address.
fn url(headers: &HeaderMap, bucket: &str) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    if host.starts_with("localhost") { format!("http://{bucket}.{host}/") } else { format!("http://{host}/{bucket}/") }
}

/// The region that a location constraint names, `None` for the default one.
fn region(constraint: Option<&str>) -> Result<Option<String>, Refusal> {
    match constraint {
        None | Some("") => Ok(None),
        // The old name of eu-west-1, which stays the bucket's.
        Some("EU") => Ok(Some("EU".to_owned())),
        Some(region) if is_region(region) && region != DEFAULT_REGION => Ok(Some(region.to_owned())),
        Some(other) => {
            let message = "The specified location-constraint is not valid";
            let refusal = Refusal::new(S3ErrorCode::InvalidLocationConstraint, message);
            Err(refusal.with("LocationConstraint", other))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constraint_names_a_region_other_than_the_default() {
        assert_eq!(region(None).unwrap(), None);
        assert_eq!(region(Some("eu-central-1")).unwrap().as_deref(), Some("eu-central-1"));
        assert_eq!(region(Some("us-gov-west-1")).unwrap().as_deref(), Some("us-gov-west-1"));
        assert_eq!(region(Some("EU")).unwrap().as_deref(), Some("EU"));
        for constraint in ["us-east-1", "nowhere", "eu-1"] {
            assert_eq!(region(Some(constraint)).unwrap_err().code(), "InvalidLocationConstraint", "{constraint}");
        }
    }
}
