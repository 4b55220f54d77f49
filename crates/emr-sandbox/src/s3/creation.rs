//! The parts of a `CreateBucket` request that `s3s` does not read: the bucket's tags, which it skips, and the region of
//! the client's endpoint, which is in the signature.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::HeaderMap;
use hyper::http::Extensions;
use s3s::Body;
use s3s::dto::Tagging;
use s3s::xml::{Deserialize as _, Deserializer};

use super::refusal::Refusal;
use super::store::tags::{self, Tagged, Tags};
use crate::signature;

/// The largest body, in bytes. Fifty tags, S3's limit, take a third of it.
const MOST: usize = 64 * 1024;

/// An extension of a `CreateBucket` request.
#[derive(Clone, Debug, Default)]
pub(super) struct Creation {
    region: Option<String>,
    body: Bytes,
}

impl Creation {
    /// Takes the region from the headers, which must still have the signature.
    pub(super) fn new(headers: &HeaderMap) -> Self {
        Self { region: signature::region(headers).map(str::to_owned), body: Bytes::new() }
    }

    /// Keeps the body, which has the tags, and returns a copy for `s3s`. A body that breaks off or is too large becomes
    /// malformed XML.
    pub(super) async fn read(&mut self, body: Body) -> Body {
        let whole = Limited::new(body, MOST).collect().await;
        let Ok(whole) = whole else { return Body::from(Bytes::from_static(b"<")) };
        self.body = whole.to_bytes();
        Body::from(self.body.clone())
    }

    /// The `Creation` among the extensions of a request.
    pub(super) fn of(extensions: &Extensions) -> Self {
        extensions.get().cloned().unwrap_or_default()
    }

    /// The region of the endpoint, if the request is signed.
    pub(super) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The tags of the bucket.
    pub(super) fn tags(&self) -> Result<Tags, Refusal> {
        let text = String::from_utf8_lossy(&self.body);
        let set = text.split_once("<Tags>").and_then(|(_, rest)| rest.split_once("</Tags>"));
        let Some((set, _)) = set else { return Ok(Tags::new()) };
        let tagging = format!("<Tagging><TagSet>{set}</TagSet></Tagging>");
        let tagging = Tagging::deserialize(&mut Deserializer::new(tagging.as_bytes()));
        tags::parse_set(tagging.map_err(|_| Refusal::malformed_xml())?.tag_set, Tagged::Bucket)
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::{AUTHORIZATION, HeaderValue};

    use super::*;

    #[test]
    fn the_region_is_that_of_the_signature() {
        let signature = "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host";
        let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(signature))]);
        assert_eq!(Creation::new(&headers).region(), Some("eu-west-1"));
        assert_eq!(Creation::new(&HeaderMap::new()).region(), None);
    }

    #[tokio::test]
    async fn tags_are_read_and_the_body_stays() {
        let body = "<CreateBucketConfiguration><Tags><Tag><Key>team</Key><Value>a&amp;b</Value></Tag></Tags>\
            </CreateBucketConfiguration>";
        let mut creation = Creation::default();
        let left = creation.read(Body::from(Bytes::from(body))).await;
        assert_eq!(left.collect().await.unwrap().to_bytes(), body);
        assert_eq!(creation.tags().unwrap_err().code(), "InvalidTag", "tags must not contain &");
        creation.body = Bytes::from(body.replace("a&amp;b", "etl"));
        assert_eq!(creation.tags().unwrap(), [("team".to_owned(), "etl".to_owned())]);
    }
}
