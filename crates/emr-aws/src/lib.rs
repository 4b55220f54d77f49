//! Calls to EMR and S3. No other crate uses the AWS SDK.
//!
//! Each call waits for its quota and retries where that is safe. A failure is a
//! [`CallError`](emr_core::error::CallError), which says whether the call may have taken effect. One file an operation,
//! under [`emr`] and [`s3`].

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
mod http;
mod lock;
mod monotonic;
mod paging;
mod probe;
mod profile;
mod raw_answer;
mod renewal;
pub mod s3;
mod silence;
mod trouble;

pub use connect::Connection;
pub use emr::Emr;
pub use lock::{Hold, LockAt};
pub use s3::S3;

use emr_core::error::Result;

/// Clients of both services for one account and region.
pub struct Aws {
    /// EMR.
    pub emr: Emr,
    /// S3.
    pub s3: S3,
    region: String,
}

impl Aws {
    /// Finds region and credentials and creates the clients. Calls neither EMR nor S3.
    pub async fn connect(connection: &Connection) -> Result<Self> {
        let config = connection.load().await?;
        let region = config.region().map_or_else(String::new, ToString::to_string);
        let emr = Emr::new(&config, connection.emr_endpoint(), connection.started_at);
        Ok(Self { emr, s3: S3::new(&config, connection.s3_endpoint(), connection.encryption.clone()), region })
    }

    /// The region of both clients.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }
}
