//! One request from its head to its answer: who it is for, what goes wrong with it on purpose,
//! and what the request log tells of it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use hyper::{Request, Response, StatusCode};
use uuid::Uuid;

use crate::emr::{Emr, Failure, Kind};
use crate::fault::{Fault, Faults};
use crate::quotas::Quotas;
use crate::request_log::{Line, RequestLog};
use crate::s3::{self, Body};

/// Bytes that a request to EMR may have.
const EMR_BODY: usize = 10 * 1024 * 1024;

/// What names an operation of EMR, before the operation.
const EMR_TARGET: &str = "ElasticMapReduce.";

/// All that answering a request needs.
pub(crate) struct Gateway {
    pub(crate) emr: Arc<Emr>,
    pub(crate) s3: s3::Service,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) quotas: Option<Mutex<Quotas>>,
    pub(crate) started: Instant,
    pub(crate) latency: Duration,
    pub(crate) request_log: RequestLog,
}

/// The connection is to be cut: there is no answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection was cut on purpose")]
pub(crate) struct Cut;

/// Who a request is for, and what it wants.
#[derive(Debug, PartialEq, Eq)]
enum Call {
    Emr(String),
    S3(&'static str),
}

impl Call {
    fn of(parts: &Parts) -> Self {
        let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
        match target {
            Some(target) => Self::Emr(target.strip_prefix(EMR_TARGET).unwrap_or(target).to_owned()),
            None => Self::S3(s3::operation(parts)),
        }
    }

    fn service(&self) -> &'static str {
        match self {
            Self::Emr(_) => "emr",
            Self::S3(_) => "s3",
        }
    }

    fn operation(&self) -> &str {
        match self {
            Self::Emr(operation) => operation,
            Self::S3(operation) => operation,
        }
    }
}

impl Gateway {
    /// Answers a request, or says that its connection is to be cut.
    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
        let (parts, body) = request.into_parts();
        if !is_for_this_machine(&parts) {
            return Ok(misdirected());
        }
        let call = Call::of(&parts);
        tokio::time::sleep(self.latency).await;
        let fault = lock(&self.faults).take(call.operation());
        let answer = self.answer_with(fault, &call, Request::from_parts(parts, body)).await;
        let status = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
        let fault = fault.map(Fault::name);
        self.request_log.write(&Line::new(call.service(), call.operation(), status, fault));
        answer
    }

    async fn answer_with(
        &self,
        fault: Option<Fault>,
        call: &Call,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Cut> {
        match fault {
            None => Ok(self.dispatch(call, request).await),
            Some(Fault::DropRequest) => Err(Cut),
            Some(Fault::DropResponse) => {
                self.dispatch(call, request).await;
                Err(Cut)
            }
            Some(Fault::Delay(pause)) => {
                tokio::time::sleep(pause).await;
                Ok(self.dispatch(call, request).await)
            }
            Some(Fault::Throttle) => Ok(refuse(call, request, Refusal::Throttle).await),
            Some(Fault::Error500) => Ok(refuse(call, request, Refusal::Internal).await),
            Some(Fault::Deny) => Ok(refuse(call, request, Refusal::Deny).await),
        }
    }

    async fn dispatch(&self, call: &Call, request: Request<Incoming>) -> Response<Body> {
        match call {
            Call::S3(_) => self.s3.call(request).await,
            Call::Emr(operation) => match self.call_emr(operation, request).await {
                Ok(body) => json(StatusCode::OK, body),
                Err(failure) => json(failure.status(), failure.body().to_string()),
            },
        }
    }

    async fn call_emr(&self, operation: &str, request: Request<Incoming>) -> Result<String, Failure> {
        let body = Limited::new(request.into_body(), EMR_BODY).collect().await;
        let body = body.map_err(|error| Failure::new(Kind::Serialization, format!("body not read: {error}")))?;
        let now = self.started.elapsed();
        let is_allowed = |quotas: &Mutex<Quotas>| lock(quotas).allow(operation, now);
        if !self.quotas.as_ref().is_none_or(is_allowed) {
            return Err(Failure::throttled());
        }
        let answer = self.emr.answer(operation, &body.to_bytes())?;
        // Operations that answer nothing have an empty body.
        Ok(if answer.is_null() { String::new() } else { answer.to_string() })
    }
}

/// A refusal that both services have.
#[derive(Clone, Copy)]
enum Refusal {
    Deny,
    Internal,
    Throttle,
}

/// Refuses on purpose, after the body was read: a client that is still sending would see a cut
/// connection instead.
async fn refuse(call: &Call, request: Request<Incoming>, refusal: Refusal) -> Response<Body> {
    let mut body = request.into_body();
    while let Some(Ok(_)) = body.frame().await {}
    match call {
        Call::Emr(operation) => {
            let failure = emr_failure(operation, refusal);
            json(failure.status(), failure.body().to_string())
        }
        Call::S3(_) => s3_error(refusal),
    }
}

fn emr_failure(operation: &str, refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Throttle => Failure::throttled(),
        Refusal::Internal => Failure::new(Kind::Internal, "Internal error"),
        Refusal::Deny => Failure::new(
            Kind::AccessDenied,
            format!(
                "User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: \
                 elasticmapreduce:{operation}"
            ),
        ),
    }
}

fn s3_error(refusal: Refusal) -> Response<Body> {
    let (status, code, message) = match refusal {
        Refusal::Throttle => (StatusCode::SERVICE_UNAVAILABLE, "SlowDown", "Please reduce your request rate."),
        Refusal::Internal => {
            (StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "We encountered an internal error. Please try again.")
        }
        Refusal::Deny => (StatusCode::FORBIDDEN, "AccessDenied", "Access Denied"),
    };
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code>\
         <Message>{message}</Message><RequestId>{}</RequestId></Error>",
        Uuid::new_v4()
    );
    response(status, "application/xml", xml)
}

/// Whether the request was sent to this machine by a name that only this machine has. A web page
/// that has its own name resolve to a loopback address is refused by this.
fn is_for_this_machine(parts: &Parts) -> bool {
    let host = parts.headers.get(HOST).and_then(|value| value.to_str().ok());
    let authority = host.or_else(|| parts.uri.authority().map(Authority::as_str));
    authority.is_some_and(is_loopback)
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    };
    let host = host.to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn misdirected() -> Response<Body> {
    let message = "emr-sandbox answers requests for loopback names and addresses only\n";
    response(StatusCode::MISDIRECTED_REQUEST, "text/plain", message.to_owned())
}

fn json(status: StatusCode, body: String) -> Response<Body> {
    response(status, "application/x-amz-json-1.1", body)
}

fn response(status: StatusCode, content_type: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::from(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(id) = HeaderValue::from_str(&Uuid::new_v4().to_string()) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for authority in ["127.0.0.1:80", "localhost", "b.localhost:1", "[::1]:1", "127.9.9.9"] {
            assert!(is_loopback(authority), "{authority}");
        }
        for authority in ["evil.example", "10.0.0.1:80", "127.0.0.1.evil.example", "", "[::2]"] {
            assert!(!is_loopback(authority), "{authority}");
        }
    }
}
