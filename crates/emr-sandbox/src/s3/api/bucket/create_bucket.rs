//! `CreateBucket`.

use hyper::header::{HOST, HeaderName, HeaderValue};
use hyper::{HeaderMap, StatusCode};
use s3s::dto::{BucketLocationConstraint, CreateBucketInput, CreateBucketOutput};
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result};

use super::{DEFAULT_REGION, arn, is_region, name_of};
use crate::s3::creation::Creation;
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
    let constraint = constraint.as_ref().map(BucketLocationConstraint::as_str);
    let region = region(constraint)?;
    let creation = Creation::of(&request.extensions);
    check_endpoint(creation.region(), constraint)?;
    let tags = creation.tags()?;
    let location = match region {
        None => format!("/{}", input.bucket),
        Some(_) => url(&request.headers, &input.bucket),
    };
    store.create_bucket_in(&input.bucket, region, tags)?;
    let mut headers = HeaderMap::new();
    if let Ok(arn) = HeaderValue::try_from(arn(&input.bucket)) {
        headers.insert(HeaderName::from_static("x-amz-bucket-arn"), arn);
    }
    let output = CreateBucketOutput { location: Some(location) };
    Ok(S3Response::with_headers(output, headers))
}

/// The URL of a bucket, with its name in the host unless the host is an address.
fn url(headers: &HeaderMap, bucket: &str) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    if host.starts_with("localhost") { format!("http://{bucket}.{host}/") } else { format!("http://{host}/{bucket}/") }
}

/// Fails if a request to the endpoint of a region, other than the default, asks for a bucket elsewhere.
fn check_endpoint(endpoint: Option<&str>, constraint: Option<&str>) -> Result<(), Refusal> {
    let constraint = constraint.filter(|constraint| !constraint.is_empty());
    let region = name_of(constraint.map(str::to_owned));
    if endpoint.is_none_or(|endpoint| endpoint == DEFAULT_REGION || endpoint == region || !is_region(endpoint)) {
        return Ok(());
    }
    let constraint = constraint.unwrap_or("unspecified");
    let message = format!(
        "The {constraint} location constraint is incompatible for the region specific endpoint this request was sent to."
    );
    Err(Refusal::custom("IllegalLocationConstraintException", StatusCode::BAD_REQUEST, message))
}

/// The region of a location constraint; `None` for the default one.
fn region(constraint: Option<&str>) -> Result<Option<String>, Refusal> {
    match constraint {
        None | Some("") => Ok(None),
        // The old name of eu-west-1. S3 keeps it as the bucket's constraint.
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
    fn the_endpoint_of_a_region_makes_buckets_only_there() {
        for (endpoint, constraint) in [
            (None, Some("eu-west-1")),
            (Some("us-east-1"), Some("eu-west-1")),
            (Some("eu-west-1"), Some("EU")),
            (Some("anything"), None),
        ] {
            assert!(check_endpoint(endpoint, constraint).is_ok(), "{endpoint:?} {constraint:?}");
        }
        for constraint in [None, Some("eu-central-1")] {
            let refusal = check_endpoint(Some("eu-west-1"), constraint).unwrap_err();
            assert_eq!(refusal.code(), "IllegalLocationConstraintException");
        }
    }

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
