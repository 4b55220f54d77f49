//! Which lock is whose, below the place of a pool's locks.

use crate::model::id::JobFlowId;
use crate::model::pool::PoolName;
use crate::model::s3_uri::S3Uri;

/// Where the locks of all job flows are: each is named after its job flow.
#[must_use]
pub fn of_job_flows(locks: &S3Uri) -> S3Uri {
    locks.join("job-flows/")
}

/// The lock of a job flow: whoever holds it has claimed the job flow.
#[must_use]
pub fn of_job_flow(locks: &S3Uri, job_flow: &JobFlowId) -> S3Uri {
    of_job_flows(locks).join(job_flow.as_str())
}

/// The lock of a pool: whoever holds it may start a job flow in the pool.
#[must_use]
pub fn of_pool(locks: &S3Uri, pool: &PoolName) -> S3Uri {
    locks.join("pools/").join(&pool.encoded())
}
