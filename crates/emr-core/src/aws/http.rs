//! The HTTP client: plain connections for `http://` endpoints, TLS only once an `https://` one is called.
//!
//! Loading the system's trusted certificates takes longer than a whole call to a local endpoint, so nobody who does not
//! need TLS pays for it.

use std::sync::{Arc, OnceLock};

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// A client for both kinds of endpoints.
pub(super) fn client() -> SharedHttpClient {
    SharedHttpClient::new(Client { plain: Builder::new().build_http(), tls: Arc::default() })
}

#[derive(Debug)]
struct Client {
    plain: SharedHttpClient,
    tls: Arc<OnceLock<SharedHttpClient>>,
}

impl HttpClient for Client {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(ByScheme {
            plain: self.plain.http_connector(settings, components),
            tls: Arc::clone(&self.tls),
            settings: settings.clone(),
            components: components.clone(),
        })
    }
}

#[derive(Debug)]
struct ByScheme {
    plain: SharedHttpConnector,
    tls: Arc<OnceLock<SharedHttpClient>>,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
}

impl HttpConnector for ByScheme {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if !request.uri().starts_with("https:") {
            return self.plain.call(request);
        }
        let tls =
            self.tls.get_or_init(|| Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https());
        tls.http_connector(&self.settings, &self.components).call(request)
    }
}
