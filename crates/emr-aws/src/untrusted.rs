//! What the clients make of answers, as functions of bytes, for `tests/fuzz`: nothing is sent.

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use chrono::DateTime;
use emr_core::model::encryption::Encryption;
use emr_core::stdin::Places;

use super::{Connection, Emr, S3};

/// A client of EMR to which each call is answered with `status` and `body`.
#[must_use]
pub fn emr(status: u16, body: &[u8]) -> Emr {
    let connection = Connection {
        region: None,
        profile: None,
        endpoint_url: None,
        emr_endpoint: None,
        s3_endpoint: None,
        encryption: Encryption::default(),
        history: None,
        started_at: DateTime::UNIX_EPOCH,
        tool: String::new(),
        places: Places::default(),
    };
    Emr::new(&config(status, body), &connection).without_retries()
}

/// The same of S3.
#[must_use]
pub fn s3(status: u16, body: &[u8]) -> S3 {
    S3::new(&config(status, body), None, Encryption::default(), None)
}

fn config(status: u16, body: &[u8]) -> SdkConfig {
    let answer = Answer { status, body: body.to_vec() };
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url("http://localhost")
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("a", "b", None, None, "fixed")))
        .retry_config(RetryConfig::disabled())
        .http_client(SharedHttpClient::new(answer))
        .build()
}

/// What is answered to each request.
#[derive(Debug, Clone)]
struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl HttpClient for Answer {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Answer {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        let status = StatusCode::try_from(self.status).unwrap_or(StatusCode::try_from(200).expect("a status"));
        let mut response = HttpResponse::new(status, SdkBody::from(self.body.clone()));
        for (name, value) in [("date", "Fri, 15 Jan 2027 08:00:00 GMT"), ("etag", "\"1\"")] {
            response.headers_mut().insert(name, value);
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}
