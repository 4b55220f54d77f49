//! The HTTP client, which sets up TLS only when the first `https://` endpoint is called.
//!
//! Loading the system's trusted certificates takes longer than a whole call to a local endpoint. The proxies of the
//! environment (`HTTPS_PROXY`, `NO_PROXY`) are used for `https://` alone: an `http://` endpoint is local or on a
//! private network.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::clock_skew::Sent;
use super::silence::Silences;

/// A client for both schemes.
pub(super) fn client() -> SharedHttpClient {
    let silences = Silences::default();
    SharedHttpClient::new(Client { plain: Builder::new().build_http(), tls: Arc::default(), silences })
}

#[derive(Debug)]
struct Client {
    plain: SharedHttpClient,
    tls: Arc<OnceLock<SharedHttpClient>>,
    silences: Silences,
}

impl HttpClient for Client {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(ByScheme {
            plain: self.plain.http_connector(settings, components),
            tls: Arc::clone(&self.tls),
            silences: self.silences.clone(),
            settings: settings.clone(),
            components: components.clone(),
        })
    }
}

#[derive(Debug)]
struct ByScheme {
    plain: SharedHttpConnector,
    tls: Arc<OnceLock<SharedHttpClient>>,
    silences: Silences,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
}

impl HttpConnector for ByScheme {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sent = self.components.time_source().map(|clock| Sent::of(&request, clock.now()));
        let answer = self.silences.watch(request, |request| self.send(request));
        HttpConnectorFuture::new(async move {
            answer.await.map(|answer| with_times(with_credible_date(answer), sent)).map_err(OnTheWire::mark)
        })
    }
}

/// The latest `Date` that is believed: the beginning of 2300. The SDK signs the next request by this `Date` and panics
/// after 9999.
const LATEST: i64 = 10_413_792_000;

/// Removes a `Date` that no server's clock can have.
fn with_credible_date(mut answer: HttpResponse) -> HttpResponse {
    let date = answer.headers().get("date").and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
    if date.is_some_and(|date| !(0..LATEST).contains(&date.secs())) {
        answer.headers_mut().remove("date");
    }
    answer
}

/// Keeps in `answer` the times of its request.
fn with_times(mut answer: HttpResponse, sent: Option<Sent>) -> HttpResponse {
    if let Some(sent) = sent {
        answer.add_extension(sent);
    }
    answer
}

/// Marks errors from after the request was handed to the network. Without this mark in the chain of causes, nothing was
/// sent.
#[derive(Debug)]
pub(super) struct OnTheWire(ConnectorError);

impl OnTheWire {
    /// Marks `error` and keeps its kind.
    pub(super) fn mark(error: ConnectorError) -> ConnectorError {
        let (is_timeout, is_io, is_user, other) =
            (error.is_timeout(), error.is_io(), error.is_user(), error.as_other());
        let marked = Box::new(Self(error));
        match () {
            () if is_timeout => ConnectorError::timeout(marked),
            () if is_io => ConnectorError::io(marked),
            () if is_user => ConnectorError::user(marked),
            () => ConnectorError::other(marked, other),
        }
    }
}

impl fmt::Display for OnTheWire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for OnTheWire {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl ByScheme {
    fn send(&self, request: HttpRequest) -> HttpConnectorFuture {
        if !request.uri().starts_with("https:") {
            return self.plain.call(request);
        }
        let tls = self.tls.get_or_init(|| Builder::new().build_with_connector_fn(tls_connector));
        tls.http_connector(&self.settings, &self.components).call(request)
    }
}

fn tls_connector(settings: Option<&HttpConnectorSettings>, components: Option<&RuntimeComponents>) -> Connector {
    let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
    if let Some(settings) = settings {
        connector = connector.connector_settings(settings.clone());
    }
    connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
    connector.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build()
}
