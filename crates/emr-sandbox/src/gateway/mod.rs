//! Takes one request from its head to its answer.
//!
//! - [`origin`] refuses requests of web pages
//! - [`call`] finds the service and the operation
//! - [`fault`] says what goes wrong on purpose, [`injected_error`] answers it, [`quotas`] throttles
//! - [`answer`] has the forms of answers, [`request_log`] a line for each request

mod answer;
mod call;
pub(crate) mod fault;
mod injected_error;
mod origin;
pub(crate) mod quotas;
pub(crate) mod request_log;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};

use self::call::Call;
use self::fault::{Fault, Faults};
use self::injected_error::InjectedError;
use self::quotas::Quotas;
use self::request_log::{Line, RequestLog};
use crate::driver::Driver;
use crate::emr::{Error, ErrorCode};
use crate::lock::lock;
use crate::s3::{self, Body};
use crate::webhdfs;

/// The most bytes of a request to EMR.
const EMR_BODY: usize = 10 * 1024 * 1024;

/// The services, and what is done to requests before they reach them.
pub(crate) struct Gateway {
    pub(crate) emr: Arc<Driver>,
    pub(crate) s3: s3::Service,
    pub(crate) webhdfs: webhdfs::Service,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) quotas: Option<Mutex<Quotas>>,
    pub(crate) started: Instant,
    pub(crate) latency: Duration,
    pub(crate) request_log: RequestLog,
}

/// The connection must be cut: there is no answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection was cut on purpose")]
pub(crate) struct Cut;

impl Gateway {
    /// Answers a request, unless its connection must be cut.
    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
        let (parts, body) = request.into_parts();
        if let Err(reason) = origin::check(&parts) {
            return Ok(answer::text(StatusCode::MISDIRECTED_REQUEST, reason));
        }
        let call = Call::of(&parts);
        tokio::time::sleep(self.latency).await;
        let fault = lock(&self.faults).take(call.operation());
        let request = Request::from_parts(parts, body);
        let answer = self.answer_with(fault, &call, request).await;
        let status = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
        let fault = fault.map(Fault::name);
        let line = Line::new(call.service(), call.operation(), status, fault);
        self.request_log.write(&line);
        answer
    }

    async fn answer_with(
        &self,
        fault: Option<Fault>,
        call: &Call,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Cut> {
        let error = match fault {
            None => return Ok(self.dispatch(call, request).await),
            Some(Fault::DropRequest) => return Err(Cut),
            Some(Fault::DropResponse) => {
                self.dispatch(call, request).await;
                return Err(Cut);
            }
            Some(Fault::Delay(pause)) => {
                tokio::time::sleep(pause).await;
                return Ok(self.dispatch(call, request).await);
            }
            Some(Fault::Throttle) => InjectedError::Throttle,
            Some(Fault::Error500) => InjectedError::Internal,
            Some(Fault::Deny) => InjectedError::Deny,
        };
        Ok(error.answer(call, request).await)
    }

    async fn dispatch(&self, call: &Call, request: Request<Incoming>) -> Response<Body> {
        match call {
            Call::S3(_) => self.s3.call(request).await,
            Call::WebHdfs(_) => self.webhdfs.call(request).await,
            Call::Emr(operation) => match self.call_emr(operation, request).await {
                Ok(body) => answer::emr_json(StatusCode::OK, body),
                Err(error) => answer::emr_error(&error),
            },
        }
    }

    async fn call_emr(&self, operation: &str, request: Request<Incoming>) -> Result<String, Error> {
        let body = Limited::new(request.into_body(), EMR_BODY).collect().await;
        let body = body.map_err(|error| Error::new(ErrorCode::Serialization, format!("body not read: {error}")))?;
        let now = self.started.elapsed();
        let is_allowed = |quotas: &Mutex<Quotas>| lock(quotas).allow(operation, now);
        if !self.quotas.as_ref().is_none_or(is_allowed) {
            return Err(Error::throttled());
        }
        let answer = self.emr.answer(operation, &body.to_bytes())?;
        // An operation without an answer has an empty body.
        Ok(if answer.is_null() { String::new() } else { answer.to_string() })
    }
}
