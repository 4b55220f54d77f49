//! Calls to EMR and S3. No other crate uses the AWS SDK.
//!
//! Each call waits for its quota and retries where that is safe. A failure is a
//! [`CallError`](emr_core::error::CallError), which says whether the call may have taken effect. One file an operation,
//! under [`emr`], [`s3`] and [`identity`].

mod answer;
mod call;
mod call_time;
pub mod claim;
mod clock;
mod clock_skew;
mod connect;
mod convert;
mod dry_run;
pub mod emr;
mod failure;
mod history;
mod http;
pub mod identity;
mod lock;
mod minimum;
pub mod monotonic;
mod paging;
mod probe;
mod profile;
mod raw_answer;
mod renewal;
pub mod s3;
mod silence;
mod steady_clock;
mod stock;
mod tenure;
mod trouble;
#[cfg(any(test, feature = "untrusted"))]
pub mod untrusted;

pub use connect::{Connection, RegionError};
pub use emr::Emr;
pub use identity::Identity;
pub use lock::{Hold, LockAt};
pub use minimum::StoredMinimum;
pub use probe::Probed;
pub use s3::S3;
pub use stock::PoolAt;
pub use tenure::Tenure;

use aws_config::{Region, SdkConfig};
use emr_core::config::setting::Setting;
use emr_core::error::Result;

use history::History;

/// Clients of both services for one account and region.
pub struct Aws {
    /// EMR.
    pub emr: Emr,
    /// S3.
    pub s3: S3,
    config: SdkConfig,
}

impl Aws {
    /// Finds region and credentials and creates the clients. Calls neither EMR nor S3.
    pub async fn connect(connection: &Connection) -> Result<Self> {
        Ok(Self::of(connection.load().await?, connection))
    }

    /// The same in each of `regions` instead of that of `connection`. They share the credentials.
    pub async fn connect_in(connection: &Connection, regions: &[Setting<String>]) -> Result<Vec<Self>> {
        let Some(first) = regions.first() else { return Ok(Vec::new()) };
        let config = Connection { region: Some(first.clone()), ..connection.clone() }.load().await?;
        let there = |region: &Setting<String>| {
            let config = config.to_builder().region(Region::new(region.value.clone())).build();
            Self::of(config, connection)
        };
        Ok(regions.iter().map(there).collect())
    }

    fn of(config: SdkConfig, connection: &Connection) -> Self {
        let emr = Emr::new(&config, connection);
        let history = connection.history.clone().map(|path| History::new(path, &connection.tool));
        let s3 = S3::new(&config, connection.s3_endpoint(), connection.encryption.clone(), history);
        Self { emr, s3, config }
    }

    /// The region of both clients.
    #[must_use]
    pub fn region(&self) -> &str {
        self.config.region().map_or("", AsRef::as_ref)
    }

    /// Clients of STS and IAM, on the same connection.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity::new(&self.config)
    }

    /// The endpoint of every service that has none of its own, where the environment or the profile names one.
    #[must_use]
    pub fn endpoint_url(&self) -> Option<&str> {
        self.config.endpoint_url()
    }
}
