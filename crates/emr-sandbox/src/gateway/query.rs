//! Requests to STS and IAM, in AWS's query protocol, which has the operation in the body.

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};

use super::fault::Fault;
use super::request_log::Line;
use super::{Cut, Gateway, answer};
use crate::identity::{ACCOUNT, Form, refusal};
use crate::lock::lock;
use crate::s3::Body;

/// The largest body of a request, in bytes.
const BODY: usize = 1024 * 1024;

/// Whether the request uses the query protocol. A request to EMR has a target, and one to S3 never posts a form to `/`.
pub(super) fn is_query(parts: &Parts) -> bool {
    let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    parts.method == Method::POST
        && parts.uri.path() == "/"
        && !parts.headers.contains_key("x-amz-target")
        && content_type.is_some_and(|text| text.starts_with("application/x-www-form-urlencoded"))
}

impl Gateway {
    /// Answers a request, unless its connection must be cut.
    pub(super) async fn answer_query(&self, app: Option<&str>, body: Incoming) -> Result<Response<Body>, Cut> {
        let Ok(body) = Limited::new(body, BODY).collect().await else {
            return Ok(answer::text(StatusCode::BAD_REQUEST, "cannot read the body\n"));
        };
        let form = Form::parse(&body.to_bytes());
        tokio::time::sleep(self.latency).await;
        let fault = lock(&self.faults).take(form.action(), self.regions.name(None));
        let answer = self.answer_form(fault.as_ref(), &form).await;
        let status = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
        let fault = fault.as_ref().map(Fault::name);
        self.request_log.write(&Line::new(form.service(), form.action(), app, status, fault));
        answer
    }

    async fn answer_form(&self, fault: Option<&Fault>, form: &Form) -> Result<Response<Body>, Cut> {
        let refused = |status, code, message: &str| Ok(answer::xml(status, refusal(status, code, message)));
        match fault {
            Some(Fault::DropRequest) => return Err(Cut),
            Some(Fault::DropResponse) => {
                self.identity.answer(form);
                return Err(Cut);
            }
            Some(Fault::Throttle) => return refused(StatusCode::BAD_REQUEST, "Throttling", "Rate exceeded"),
            Some(Fault::Error500) => {
                return refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", "Internal error");
            }
            Some(Fault::StaleSignature) => {
                return refused(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", "Signature expired: it is too old");
            }
            Some(Fault::NotEnabled) => {
                let text = "The security token included in the request is invalid";
                return refused(StatusCode::FORBIDDEN, "InvalidClientTokenId", text);
            }
            Some(Fault::Deny) => {
                let caller = format!("User: arn:aws:iam::{ACCOUNT}:user/sandbox");
                let denied = format!("{caller} is not authorized to perform: {}:{}", form.service(), form.action());
                return refused(StatusCode::FORBIDDEN, "AccessDenied", &denied);
            }
            Some(Fault::Delay(pause)) => tokio::time::sleep(*pause).await,
            Some(Fault::Start(_)) | None => {}
        }
        let (status, body) = self.identity.answer(form);
        Ok(answer::xml(status, body))
    }
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    #[test]
    fn a_form_posted_to_the_root_is_for_sts_or_iam() {
        let is_query = |request: hyper::http::request::Builder| is_query(&request.body(()).unwrap().into_parts().0);
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        assert!(is_query(Request::post("/").header("Content-Type", form)));
        assert!(!is_query(
            Request::post("/").header("Content-Type", form).header("X-Amz-Target", "ElasticMapReduce.X")
        ));
        assert!(!is_query(Request::post("/bucket").header("Content-Type", form)));
        assert!(!is_query(Request::post("/").header("Content-Type", "application/x-amz-json-1.1")));
        assert!(!is_query(Request::get("/")));
    }
}
