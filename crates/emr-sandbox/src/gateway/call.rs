//! The service and operation that a request calls.

use hyper::http::request::Parts;

use crate::{s3, webhdfs};

/// The prefix of EMR's operations in `X-Amz-Target`.
const EMR_TARGET: &str = "ElasticMapReduce.";

/// An operation of one of the services.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Emr(String),
    S3(&'static str),
    WebHdfs(&'static str),
}

impl Call {
    /// Parses the head of a request. A target means EMR, or another service, whose operation EMR then does not know.
    /// Requests to S3 and `WebHDFS` have no target.
    pub(crate) fn of(parts: &Parts) -> Self {
        let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
        match target {
            Some(target) => Self::Emr(target.strip_prefix(EMR_TARGET).unwrap_or(target).to_owned()),
            None => webhdfs::operation(parts).map_or_else(|| Self::S3(s3::operation(parts)), Self::WebHdfs),
        }
    }

    /// The name of the service in the request log.
    pub(crate) fn service(&self) -> &'static str {
        match self {
            Self::Emr(_) => "emr",
            Self::S3(_) => "s3",
            Self::WebHdfs(_) => "webhdfs",
        }
    }

    pub(crate) fn operation(&self) -> &str {
        match self {
            Self::Emr(operation) => operation,
            Self::S3(operation) | Self::WebHdfs(operation) => operation,
        }
    }
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    fn call(target: Option<&str>) -> Call {
        let mut request = Request::put("/bucket/key");
        if let Some(target) = target {
            request = request.header("X-Amz-Target", target);
        }
        Call::of(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn the_target_tells_emr_from_s3() {
        assert_eq!(call(Some("ElasticMapReduce.RunJobFlow")), Call::Emr("RunJobFlow".to_owned()));
        assert_eq!(call(None), Call::S3("PutObject"));
    }

    #[test]
    fn webhdfs_is_recognised_by_its_path_and_operation() {
        let of = |uri: &str| Call::of(&Request::get(uri).body(()).unwrap().into_parts().0);
        assert_eq!(of("/webhdfs/v1/bucket/key?op=OPEN"), Call::WebHdfs("OPEN"));
        assert_eq!(of("/webhdfs/v1/bucket/key"), Call::S3("GetObject"));
    }

    #[test]
    fn the_operation_of_another_service_keeps_its_service_name() {
        assert_eq!(call(Some("AmazonSSM.RunJobFlow")), Call::Emr("AmazonSSM.RunJobFlow".to_owned()));
    }
}
