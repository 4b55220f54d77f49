//! The announced length of a body: S3 requires one and limits it. Pure.

use hyper::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use s3s::S3ErrorCode;

use super::operation;
use super::refusal::Refusal;

/// S3's limit on an object put in one request, and on a part.
const MAX_SIZE: u64 = 5 * 1024 * 1024 * 1024;

/// The largest XML in a request. The longest that S3 accepts lists ten thousand parts.
const MAX_XML: u64 = 8 * 1024 * 1024;

/// Fails for a body without a length, or with one beyond the limits. `parts` describe the decoded body.
pub(super) fn check(parts: &Parts, has_body: bool) -> Result<(), Refusal> {
    if !matches!(parts.method, Method::PUT | Method::POST) {
        return Ok(());
    }
    let length = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    match length.map(str::parse::<u64>) {
        None if has_body && parts.headers.contains_key(TRANSFER_ENCODING) => Err(Refusal::header("Transfer-Encoding")),
        None if has_body => Err(Refusal::custom(
            "MissingContentLength",
            StatusCode::LENGTH_REQUIRED,
            "You must provide the Content-Length HTTP header.",
        )),
        Some(Err(_)) => Err(Refusal::request("The length of the body is not a number.")),
        Some(Ok(size)) if size > MAX_SIZE => {
            let message = "Your proposed upload exceeds the maximum allowed size";
            let refusal = Refusal::new(S3ErrorCode::EntityTooLarge, message);
            Err(refusal.with("ProposedSize", size.to_string()).with("MaxSizeAllowed", MAX_SIZE.to_string()))
        }
        Some(Ok(size)) if size > MAX_XML && !matches!(operation(parts), "PutObject" | "UploadPart") => {
            let refusal = Refusal::new(S3ErrorCode::MaxMessageLengthExceeded, "Your request was too big.");
            Err(refusal.with("MaxMessageLengthBytes", MAX_XML.to_string()))
        }
        None | Some(Ok(_)) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    #[test]
    fn xml_is_short() {
        let code = |length: &str| {
            let request = Request::post("/bucket?delete").header("Content-Length", length);
            let parts = request.body(()).unwrap().into_parts().0;
            check(&parts, true).map_or_else(|refusal| refusal.code().to_owned(), |()| String::new())
        };
        assert_eq!(code("8388608"), "");
        assert_eq!(code("8388609"), "MaxMessageLengthExceeded");
    }

    fn code(header: Option<(&str, &str)>) -> String {
        let request = Request::put("/bucket/key");
        let request = header.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let parts = request.body(()).unwrap().into_parts().0;
        check(&parts, true).map_or_else(|refusal| refusal.code().to_owned(), |()| String::new())
    }

    #[test]
    fn a_body_has_a_length_of_five_gigabytes_at_most() {
        let of_length = |length| code(Some(("Content-Length", length)));
        assert_eq!(of_length("5368709120"), "");
        assert_eq!(of_length("5368709121"), "EntityTooLarge");
        assert_eq!(of_length("ten"), "InvalidRequest");
        assert_eq!(code(Some(("Transfer-Encoding", "chunked"))), "NotImplemented");
        assert_eq!(code(None), "MissingContentLength");
    }
}
