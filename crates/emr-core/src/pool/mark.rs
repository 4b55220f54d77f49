//! What makes a job flow a pooled one: the marker in its Name, and the same in its tags as the lasting record.

use super::{pool_hash, shape};
use crate::error::{Error, Result};
use crate::model::job_flow::JobFlow;
use crate::model::pool::{self, Marker, PoolName};
use crate::model::s3_uri::S3Uri;

pub(super) const NAME_TAG: &str = "emr-tools:pool-name";
const HASH_TAG: &str = "emr-tools:pool-hash";
pub(super) const LOCKS_TAG: &str = "emr-tools:locks";

/// The tags that say which pool a cluster belongs to; their values are spelled as [`pool::encode`] spells them.
pub const TAGS: [&str; 3] = [NAME_TAG, HASH_TAG, LOCKS_TAG];

/// Puts `job_flow`, which is complete but for this, into the pool `name`, whose claims are kept below `locks`.
pub fn mark(job_flow: &mut JobFlow, name: &PoolName, locks: &S3Uri) -> Result<()> {
    if !job_flow.keep_alive {
        return Err(Error::usage("a pooled job flow does not end with its last step")
            .advise("leave out --auto-terminate, or add --no-pool-emr-job-flows"));
    }
    let hash = pool_hash(job_flow, locks);
    let values = [name.encoded(), hash.to_string(), pool::encode(&locks.to_string())];
    job_flow.tags.extend(TAGS.map(str::to_owned).into_iter().zip(values));
    let step_concurrency = job_flow.step_concurrency.unwrap_or(1);
    job_flow.pool =
        Some(Marker { pool_name: name.clone(), hash, shape: shape::of(&job_flow.instances), step_concurrency });
    Ok(())
}
