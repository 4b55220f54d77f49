//! S3's answer to a refused request: a code, a status, a message, and members with the bad key, header or number.
//!
//! `s3s` writes only the code and the message. The members travel to the [`service`](super::service) in a header of the
//! answer, which never leaves the sandbox.

use std::borrow::Cow;

use hyper::HeaderMap;
use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};
use s3s::{S3Error, S3ErrorCode};

/// The header with the members, as hexadecimal XML.
const MEMBERS: HeaderName = HeaderName::from_static("x-sandbox-members");

/// The message of `MalformedXML`.
const MALFORMED_XML: &str = "The XML you provided was not well-formed or did not validate against our published schema";

/// Why a request is refused.
#[derive(Debug)]
pub(crate) struct Refusal(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: S3ErrorCode,
    status: StatusCode,
    message: Cow<'static, str>,
    members: Vec<(&'static str, String)>,
    headers: HeaderMap,
}

impl Refusal {
    /// A refusal with a code of the API, and that code's status.
    pub(crate) fn new(code: S3ErrorCode, message: impl Into<Cow<'static, str>>) -> Refusal {
        let status = code.status_code().unwrap_or(StatusCode::BAD_REQUEST);
        let (message, members, headers) = (message.into(), Vec::new(), HeaderMap::new());
        Refusal(Box::new(Inner { code, status, message, members, headers }))
    }

    /// A refusal with a code that `s3s` does not have.
    pub(crate) fn custom(code: &'static str, status: StatusCode, message: impl Into<Cow<'static, str>>) -> Refusal {
        let mut refusal = Refusal::new(S3ErrorCode::Custom(code.into()), message);
        refusal.0.status = status;
        refusal
    }

    /// `InvalidArgument`, with the name and value of the argument.
    pub(crate) fn argument(name: &str, value: &str, message: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal::new(S3ErrorCode::InvalidArgument, message).with("ArgumentName", name).with("ArgumentValue", value)
    }

    /// `InvalidRequest`.
    pub(crate) fn request(message: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal::new(S3ErrorCode::InvalidRequest, message)
    }

    /// `NotImplemented`, for a header that S3 accepts only with other operations or values.
    pub(crate) fn header(name: &str) -> Refusal {
        let message = "A header you provided implies functionality that is not implemented";
        Refusal::new(S3ErrorCode::NotImplemented, message).with("Header", name)
    }

    /// `MalformedXML`.
    pub(crate) fn malformed_xml() -> Refusal {
        Refusal::new(S3ErrorCode::MalformedXML, MALFORMED_XML)
    }

    /// Adds a member.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Refusal {
        self.0.members.push((name, value.into()));
        self
    }

    /// Adds a header.
    pub(crate) fn with_header(mut self, name: HeaderName, value: &str) -> Refusal {
        if let Ok(value) = HeaderValue::try_from(value) {
            self.0.headers.insert(name, value);
        }
        self
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.0.status
    }

    pub(crate) fn code(&self) -> &str {
        self.0.code.as_str()
    }

    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }
}

impl From<Refusal> for S3Error {
    fn from(refusal: Refusal) -> S3Error {
        let Inner { code, status, message, members, mut headers } = *refusal.0;
        let xml = members.iter().fold(String::new(), |xml, (name, value)| xml + &element(name, value));
        if let Ok(value) = HeaderValue::try_from(hex::encode(xml)) {
            headers.insert(MEMBERS, value);
        }
        let mut error = S3Error::with_message(code, message);
        error.set_status_code(status);
        error.set_headers(headers);
        error
    }
}

/// Removes the members from the headers of an answer, and returns them as XML.
pub(super) fn take_members(headers: &mut HeaderMap) -> String {
    headers
        .remove(MEMBERS)
        .and_then(|value| hex::decode(value.as_bytes()).ok())
        .and_then(|xml| String::from_utf8(xml).ok())
        .unwrap_or_default()
}

/// Completes the XML of an error that `s3s` wrote as S3 does: adds a default message, the members, and the ids of the
/// request.
pub(crate) fn complete_xml(written: &str, members: &str, request_id: &str, host_id: &str) -> String {
    let inner = written.strip_suffix("</Error>").unwrap_or(written);
    let message = if inner.contains("<Message>") { String::new() } else { element("Message", default_message(inner)) };
    format!("{inner}{message}{members}<RequestId>{request_id}</RequestId><HostId>{host_id}</HostId></Error>")
}

/// The message of an error that `s3s` wrote without one.
fn default_message(written: &str) -> &'static str {
    let code = written.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    match code.map_or("", |(code, _)| code) {
        "IncompleteBody" => "You did not provide the number of bytes specified by the Content-Length HTTP header",
        "InternalError" => "We encountered an internal error. Please try again.",
        "MalformedXML" => MALFORMED_XML,
        "MaxMessageLengthExceeded" => "Your request was too big.",
        _ => "The request is not valid.",
    }
}

/// An XML element with text.
fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

/// `text` as the content of an XML element. Characters that XML forbids become `U+FFFD`.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' | '\n' => escaped.push(character),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_members_of_a_refusal_reach_its_xml() {
        let refusal =
            Refusal::new(S3ErrorCode::NoSuchKey, "The specified key does not exist.").with("Key", "a<b>&\u{1}");
        let error = S3Error::from(refusal);
        let mut headers = error.headers().unwrap().clone();
        let members = take_members(&mut headers);
        assert_eq!(members, "<Key>a&lt;b&gt;&amp;\u{fffd}</Key>");
        assert!(headers.is_empty());
        assert_eq!(
            complete_xml("<Error><Code>X</Code></Error>", &members, "1", "2"),
            format!(
                "<Error><Code>X</Code><Message>The request is not valid.</Message>{members}\
                 <RequestId>1</RequestId><HostId>2</HostId></Error>"
            )
        );
    }

    #[test]
    fn a_code_of_the_api_brings_its_status_and_a_custom_one_has_its_own() {
        let status = |refusal: Refusal| S3Error::from(refusal).status_code().unwrap().as_u16();
        assert_eq!(status(Refusal::new(S3ErrorCode::NoSuchKey, "")), 404);
        assert_eq!(status(Refusal::custom("InvalidTag", StatusCode::BAD_REQUEST, "")), 400);
        assert_eq!(status(Refusal::header("If-Match")), 501);
    }
}
