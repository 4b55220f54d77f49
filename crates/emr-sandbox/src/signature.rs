//! The signature of a request. It is not checked, as the sandbox accepts any credentials.

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

/// The region that a request is signed for, which is the region of the endpoint that the client believes to call.
pub(crate) fn region(headers: &HeaderMap) -> Option<&str> {
    let signature = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (_, scope) = signature.split_once("Credential=")?;
    scope.split('/').nth(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_the_third_word_of_the_scope() {
        let signature =
            "AWS4-HMAC-SHA256 Credential=AKID/20261129/eu-west-1/elasticmapreduce/aws4_request, Signature=0";
        let mut headers = HeaderMap::new();
        assert_eq!(region(&headers), None);
        headers.insert(AUTHORIZATION, signature.parse().unwrap());
        assert_eq!(region(&headers), Some("eu-west-1"));
    }
}
