//! Clients from the standard AWS chain: environment, profile, web identity, container, instance.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::imds;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use chrono::{DateTime, Utc};
use emr_core::config::setting::{self, Setting};
use emr_core::error::{Error, Result};
use emr_core::model::encryption::Encryption;

use super::{http, profile};

/// Which account, region and endpoints to talk to. What is unset comes from the environment and the profile, as AWS's
/// own tools have it.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// Region.
    pub region: Option<Setting<String>>,
    /// Profile.
    pub profile: Option<String>,
    /// Endpoint of every service.
    pub endpoint_url: Option<String>,
    /// Endpoint of EMR from `mrjob.conf`, a URL or a host.
    pub emr_endpoint: Option<Setting<String>>,
    /// Endpoint of S3 from `mrjob.conf`, a URL or a host.
    pub s3_endpoint: Option<Setting<String>>,
    /// How S3 is to encrypt what is written.
    pub encryption: Encryption,
    /// When this run began, by this machine's clock.
    pub started_at: DateTime<Utc>,
    /// The name of the tool, which `CloudTrail` shows of each request; empty for none.
    pub tool: String,
}

/// No source names a region.
#[derive(Debug, Clone, Copy)]
pub struct NoRegion;

impl fmt::Display for NoRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no AWS region is set")
    }
}

impl std::error::Error for NoRegion {}

/// Where the standard environment names endpoints.
const ENDPOINTS: [&str; 3] = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_EMR", "AWS_ENDPOINT_URL_S3"];

/// A connection attempt that takes longer has failed.
const CONNECT: Duration = Duration::from_secs(5);

/// The instance metadata service answers in a millisecond or is not there.
const METADATA: Duration = Duration::from_millis(300);

impl Connection {
    /// The SDK's configuration for this connection. No request is made yet.
    pub(super) async fn load(&self) -> Result<SdkConfig> {
        check_endpoint("--endpoint-url", self.endpoint_url.as_deref())?;
        for endpoint in [&self.emr_endpoint, &self.s3_endpoint].into_iter().flatten() {
            check_endpoint(&endpoint.source.to_string(), Some(&url(&endpoint.value)))?;
        }
        for name in ENDPOINTS {
            check_endpoint(name, std::env::var(name).ok().as_deref())?;
        }
        let sso_profile = profile::check(self.profile.as_deref()).await?;
        let http = http::client();
        let region = self.find_region().await.ok_or_else(|| {
            Error::config(NoRegion.to_string())
                .advise("give --region, or set AWS_REGION, or aws_region in mrjob.conf, or region in ~/.aws/config")
                .caused_by(NoRegion)
        })?;
        check_region(region.as_ref()).map_err(|error| setting::blame(self.region.as_ref(), error))?;
        let credentials = profile::explained(self.credentials(region.clone(), http.clone()).await, sso_profile);
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(region)
            .http_client(http)
            .credentials_provider(credentials)
            .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT).build());
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = &self.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        // A name that the user gives requests goes before the tool's.
        if let Some(name) = self.app_name().filter(|_| std::env::var_os("AWS_SDK_UA_APP_ID").is_none()) {
            loader = loader.app_name(name);
        }
        Ok(loader.load().await)
    }

    /// The tool's name as the SDK sends it in `User-Agent`: `app/find-pool`.
    fn app_name(&self) -> Option<AppName> {
        AppName::new(self.tool.clone()).ok()
    }

    /// The SDK's configuration for writing requests that are never sent: it has no credentials and asks nobody.
    pub(super) fn offline() -> SdkConfig {
        SdkConfig::builder().behavior_version(BehaviorVersion::latest()).http_client(http::client()).build()
    }

    /// The endpoint of EMR alone, as a URL.
    pub(super) fn emr_endpoint(&self) -> Option<String> {
        self.emr_endpoint.as_ref().map(|endpoint| url(&endpoint.value))
    }

    /// The endpoint of S3 alone, as a URL.
    pub(super) fn s3_endpoint(&self) -> Option<String> {
        self.s3_endpoint.as_ref().map(|endpoint| url(&endpoint.value))
    }

    /// Never from the metadata service: where that is a black hole, asking takes seconds.
    async fn find_region(&self) -> Option<Region> {
        if let Some(region) = &self.region {
            return Some(Region::new(region.value.clone()));
        }
        let mut profile = ProfileFileRegionProvider::builder();
        if let Some(name) = &self.profile {
            profile = profile.profile_name(name);
        }
        profile.build().region().await
    }

    /// A profile that is named is the only source: anything else might be another account. Without one it is AWS's usual
    /// chain: environment, `AWS_PROFILE`, web identity, container, instance.
    async fn credentials(&self, region: Region, http: SharedHttpClient) -> SharedCredentialsProvider {
        let conf = ProviderConfig::default().with_region(Some(region.clone())).with_http_client(http);
        if let Some(profile) = &self.profile {
            let profile = ProfileFileCredentialsProvider::builder().profile_name(profile).configure(&conf).build();
            return SharedCredentialsProvider::new(profile);
        }
        let metadata = imds::Client::builder()
            .configure(&conf)
            .connect_timeout(METADATA)
            .read_timeout(Duration::from_secs(1))
            .max_attempts(if on_ec2() { 3 } else { 1 })
            .build();
        let chain = DefaultCredentialsChain::builder().configure(conf).region(region).imds_client(metadata);
        SharedCredentialsProvider::new(chain.build().await)
    }
}

/// The timeouts of `config`, for calls of which an attempt that takes longer than `attempt` has failed.
pub(super) fn timeouts(config: &SdkConfig, attempt: Duration) -> TimeoutConfig {
    let mut timeouts = TimeoutConfig::builder().operation_attempt_timeout(attempt).build();
    if let Some(outer) = config.timeout_config() {
        timeouts.take_defaults_from(outer);
    }
    timeouts
}

/// What mrjob takes for the URL of an endpoint: a host alone is one of HTTPS.
fn url(endpoint: &str) -> String {
    if endpoint.contains("://") { endpoint.to_owned() } else { format!("https://{endpoint}") }
}

/// The SDK panics on an empty URL, takes much else for a host name, and says of the rest that nobody answered.
fn check_endpoint(name: &str, url: Option<&str>) -> Result<()> {
    match url {
        Some(url) if !is_url(url) => Err(Error::config(format!("{name} is '{url}', which is not a URL"))
            .advise("unset it, or set it to http://… or https://…")),
        _ => Ok(()),
    }
}

/// Whether this is a URL of a host, and a port where there is one, with nothing that a request cannot carry.
fn is_url(url: &str) -> bool {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")).unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let end = authority.rfind(']').unwrap_or_default();
    let port = authority[end..].split_once(':').map(|(_, port)| port);
    let has_host = !authority.is_empty() && !authority.starts_with(':');
    has_host
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
        && HttpRequest::new(SdkBody::empty()).set_uri(url).is_ok()
}

/// A region becomes part of a host name.
fn check_region(region: &str) -> Result<()> {
    if !region.is_empty() && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Ok(());
    }
    Err(Error::config(format!("'{region}' is not an AWS region")).advise("regions look like us-east-1"))
}

/// Whether the machine says that it is one of EC2's, as cloud-init asks it.
fn on_ec2() -> bool {
    let vendor = std::fs::read_to_string(Path::new("/sys/class/dmi/id/sys_vendor"));
    vendor.is_ok_and(|vendor| vendor.starts_with("Amazon"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_the_url_of_a_host() {
        for url in
            ["http://127.0.0.1:9000", "https://s3.example.com/path", "http://[::1]:80/", "http://[::1]", "http://h"]
        {
            assert!(is_url(url), "{url}");
        }
        for bad in [
            "",
            "h",
            "http://",
            "http:///x",
            "ftp://h",
            "http://a b",
            "http://[::1",
            "http://h:99999",
            "http://h:x",
            "http://:80",
            "http://\u{e4}",
        ] {
            assert!(!is_url(bad), "{bad}");
        }
    }
}
