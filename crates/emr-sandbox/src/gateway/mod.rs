//! Takes one request from its head to its answer.
//!
//! - [`origin`] refuses requests from web pages
//! - [`call`] finds the service and the operation; [`query`] answers for STS and IAM
//! - [`fault`] injects faults, [`injected_error`] answers with errors, [`quotas`] throttles
//! - [`answer`] builds HTTP answers, [`request_log`] writes a line for each request

mod answer;
mod call;
pub(crate) mod fault;
mod injected_error;
mod origin;
mod query;
pub(crate) mod quotas;
pub(crate) mod request_log;

use std::sync::Mutex;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Collected, Limited};
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use tokio::time::timeout;

use self::call::Call;
use self::fault::{Fault, Faults};
use self::injected_error::InjectedError;
use self::quotas::Quotas;
use self::request_log::{Line, RequestLog};
use crate::emr::{Error, ErrorCode, StartFault};
use crate::identity::Identity;
use crate::lock::lock;
use crate::regions::Regions;
use crate::s3::{self, Body};
use crate::{signature, webhdfs};

/// The largest body of a request to EMR, in bytes.
const EMR_BODY: usize = 10 * 1024 * 1024;

/// How long the body may take to arrive.
const EMR_PATIENCE: Duration = Duration::from_mins(1);

/// The services, and what happens to requests before they reach them.
pub(crate) struct Gateway {
    pub(crate) regions: Regions,
    pub(crate) s3: s3::Service,
    pub(crate) webhdfs: webhdfs::Service,
    pub(crate) identity: Identity,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) started: Instant,
    pub(crate) latency: Duration,
    pub(crate) request_log: RequestLog,
}

/// The connection must be cut without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection was cut on purpose")]
pub(crate) struct Cut;

impl Gateway {
    /// Answers a request, unless its connection must be cut.
    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
        let (mut parts, body) = request.into_parts();
        if let Err(reason) = origin::check(&parts) {
            return Ok(answer::last(answer::text(StatusCode::MISDIRECTED_REQUEST, reason)));
        }
        let app = request_log::app(&parts.headers);
        if query::is_query(&parts) {
            return self.answer_query(app.as_deref(), body).await;
        }
        s3::into_path_style(&mut parts);
        let call = Call::of(&parts);
        tokio::time::sleep(self.latency).await;
        let region = self.regions.name(signature::region(&parts.headers)).to_owned();
        let fault = lock(&self.faults).take(call.operation(), &region);
        let request = Request::from_parts(parts, body);
        let answer = self.answer_with(fault.as_ref(), &call, &region, request).await;
        let status = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
        let fault = fault.as_ref().map(Fault::name);
        let line = Line::new(call.service(), call.operation(), app.as_deref(), status, fault).signed_for(&region);
        self.request_log.write(&line);
        answer
    }

    async fn answer_with(
        &self,
        fault: Option<&Fault>,
        call: &Call,
        region: &str,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Cut> {
        let error = match fault {
            None => return Ok(self.dispatch(call, region, request, None).await),
            Some(Fault::Start(fault)) => return Ok(self.dispatch(call, region, request, Some(fault.clone())).await),
            Some(Fault::DropRequest) => return Err(Cut),
            Some(Fault::DropResponse) => {
                self.dispatch(call, region, request, None).await;
                return Err(Cut);
            }
            Some(Fault::Delay(pause)) => {
                tokio::time::sleep(*pause).await;
                return Ok(self.dispatch(call, region, request, None).await);
            }
            Some(Fault::Throttle) => InjectedError::Throttle,
            Some(Fault::Error500) => InjectedError::Internal,
            Some(Fault::Deny) => InjectedError::Deny,
            Some(Fault::NotEnabled) => InjectedError::NotEnabled,
            Some(Fault::StaleSignature) => InjectedError::StaleSignature,
        };
        Ok(error.answer(call, request).await)
    }

    async fn dispatch(
        &self,
        call: &Call,
        region: &str,
        request: Request<Incoming>,
        fault: Option<StartFault>,
    ) -> Response<Body> {
        match call {
            Call::S3(_) => self.s3.call(request).await,
            Call::WebHdfs(_) => self.webhdfs.call(request).await,
            Call::Emr(operation) => match read(request.into_body()).await {
                Err(error) => answer::last(answer::emr_error(&error)),
                Ok(body) => match self.call_emr(operation, region, &body, fault) {
                    Ok(body) => answer::emr_json(StatusCode::OK, body),
                    Err(error) => answer::emr_error(&error),
                },
            },
        }
    }

    fn call_emr(&self, operation: &str, region: &str, body: &[u8], fault: Option<StartFault>) -> Result<String, Error> {
        let region = self.regions.of(region);
        let now = self.started.elapsed();
        let is_allowed = |quotas: &Mutex<Quotas>| lock(quotas).allow(operation, now);
        if !region.quotas.as_ref().is_none_or(is_allowed) {
            return Err(Error::throttled());
        }
        let answer = region.emr.answer(operation, body, fault)?;
        // The answer of some operations has an empty body.
        Ok(if answer.is_null() { String::new() } else { answer.to_string() })
    }
}

/// Reads the whole body of a request to EMR.
async fn read(body: Incoming) -> Result<Bytes, Error> {
    let unreadable = |reason: String| Error::new(ErrorCode::Serialization, format!("cannot read the body: {reason}"));
    let read = timeout(EMR_PATIENCE, Limited::new(body, EMR_BODY).collect()).await;
    let read = read.map_err(|error| unreadable(error.to_string()))?;
    read.map(Collected::to_bytes).map_err(|error| unreadable(error.to_string()))
}
