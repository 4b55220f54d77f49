//! Region, credentials and endpoints, found the way AWS's own tools find them: environment, profile, web identity,
//! container, instance.

use std::fmt;
use std::path::{Path, PathBuf};
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
use emr_core::model::place::is_region;
use emr_core::regions;
use emr_core::stdin::Places;

use super::steady_clock::SteadyClock;
use super::{http, profile};

/// Which account, region and endpoints to use. Unset fields come from the environment and the profile.
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
    /// The encryption of objects that are written.
    pub encryption: Encryption,
    /// The file in which requests for locks are recorded.
    pub history: Option<PathBuf>,
    /// When this run began, by this machine's clock.
    pub started_at: DateTime<Utc>,
    /// The name of the tool, which `CloudTrail` shows of each request; empty for none.
    pub tool: String,
    /// Where job flows are, as far as it is said.
    pub places: Places,
}

/// No source names a region, or one names what is none.
#[derive(Debug, Clone)]
pub struct RegionError(String);

impl RegionError {
    fn advise(self, advice: &str) -> Error {
        Error::config(self.to_string()).advise(advice).caused_by(self)
    }
}

impl fmt::Display for RegionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RegionError {}

/// The environment variables that name endpoints.
const ENDPOINTS: [&str; 3] = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_EMR", "AWS_ENDPOINT_URL_S3"];

/// A connection attempt that takes longer has failed.
const CONNECT: Duration = Duration::from_secs(5);

/// The time limit for a connection to the instance metadata service, which answers within a millisecond where it
/// exists.
const METADATA: Duration = Duration::from_millis(300);

impl Connection {
    /// The SDK's configuration for this connection. Sends no request.
    pub(super) async fn load(&self) -> Result<SdkConfig> {
        check_endpoint("--endpoint-url", self.endpoint_url.as_deref())?;
        for endpoint in [&self.emr_endpoint, &self.s3_endpoint].into_iter().flatten() {
            check_endpoint(&endpoint.source.to_string(), Some(&url(&endpoint.value)))?;
        }
        for name in ENDPOINTS {
            check_endpoint(name, std::env::var(name).ok().as_deref())?;
        }
        let sso_profile = profile::check(self.profile.as_deref()).await?;
        let (http, clock) = (http::client(), SteadyClock::start());
        let region = self.find_region().await.ok_or_else(|| {
            RegionError("no AWS region is set".to_owned())
                .advise("give --region, or set AWS_REGION, or aws_region in mrjob.conf, or region in ~/.aws/config")
        })?;
        check_region(region.as_ref()).map_err(|error| setting::blame(self.region.as_ref(), error))?;
        let credentials = self.credentials(region.clone(), http.clone(), clock).await;
        let credentials = profile::explained(credentials, sso_profile);
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(region)
            .http_client(http)
            .time_source(clock)
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

    /// A configuration without credentials, for dry runs: requests are serialized and never sent.
    pub(super) fn offline() -> SdkConfig {
        SdkConfig::builder().behavior_version(BehaviorVersion::latest()).http_client(http::client()).build()
    }

    /// The endpoint of EMR alone in `region`, as a URL; `None` if it is AWS's in another region, which refuses requests
    /// for this one.
    pub(super) fn emr_endpoint_in(&self, region: Option<&str>) -> Option<String> {
        let endpoint = url(&self.emr_endpoint.as_ref()?.value);
        let is_elsewhere = regions::of_endpoint(&endpoint).is_some_and(|named| Some(named) != region);
        (!is_elsewhere).then_some(endpoint)
    }

    /// The endpoint of S3 alone, as a URL.
    pub(super) fn s3_endpoint(&self) -> Option<String> {
        self.s3_endpoint.as_ref().map(|endpoint| url(&endpoint.value))
    }

    /// The region, if any source names one.
    pub async fn region_name(&self) -> Option<String> {
        self.find_region().await.map(|region| region.to_string())
    }

    /// Does not ask the metadata service: where packets to it are dropped, that takes seconds.
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

    /// A named profile is the only source, because any other source might be another account. Without one it is the
    /// default chain: environment, `AWS_PROFILE`, web identity, container, instance.
    async fn credentials(
        &self,
        region: Region,
        http: SharedHttpClient,
        clock: SteadyClock,
    ) -> SharedCredentialsProvider {
        let conf = ProviderConfig::default().with_region(Some(region.clone()));
        let conf = conf.with_http_client(http).with_time_source(clock);
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

/// The timeouts of `config`, with the limit `attempt` for one attempt.
pub(super) fn timeouts(config: &SdkConfig, attempt: Duration) -> TimeoutConfig {
    let mut timeouts = TimeoutConfig::builder().operation_attempt_timeout(attempt).build();
    if let Some(outer) = config.timeout_config() {
        timeouts.take_defaults_from(outer);
    }
    timeouts
}

/// The URL of `endpoint`. As in mrjob, a host alone means HTTPS.
fn url(endpoint: &str) -> String {
    if endpoint.contains("://") { endpoint.to_owned() } else { format!("https://{endpoint}") }
}

/// Checks endpoints early: the SDK panics on an empty URL, takes much else for a host name, and reports the rest as a
/// lost connection.
fn check_endpoint(name: &str, url: Option<&str>) -> Result<()> {
    match url {
        Some(url) if !is_url(url) => Err(Error::config(format!("{name} is '{url}', which is not a URL"))
            .advise("unset it, or set it to http://… or https://…")),
        _ => Ok(()),
    }
}

/// Whether this is an HTTP URL with a host and a valid port, in characters that a request can carry.
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

/// Refuses a region that cannot be part of a host name.
fn check_region(region: &str) -> Result<()> {
    if region == regions::ALL {
        let several = "list-job-flows, audit-usage, report-long-jobs and terminate-idle-job-flows take --region all";
        return Err(RegionError("'all' is no region".to_owned()).advise(several));
    }
    if is_region(region) {
        return Ok(());
    }
    Err(RegionError(format!("'{region}' is not an AWS region")).advise("regions look like us-east-1"))
}

/// Whether this machine's firmware says that it is an EC2 instance. cloud-init reads the same file.
fn on_ec2() -> bool {
    let vendor = std::fs::read_to_string(Path::new("/sys/class/dmi/id/sys_vendor"));
    vendor.is_ok_and(|vendor| vendor.starts_with("Amazon"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_an_http_url_with_a_host() {
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
