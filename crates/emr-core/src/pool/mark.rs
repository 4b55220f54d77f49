//! Marks a job flow as pooled: writes the marker into its Name, and the same into its tags.
//!
//! Searches read Names, because lists return them. Tags are the lasting record, because people rename clusters. They
//! also have the place of the lock, for the tools that terminate clusters.

use super::{pool_hash, shape};
use crate::error::{Error, Result};
use crate::model::job_flow::JobFlow;
use crate::model::pool::{self, Marker, PoolName};
use crate::model::s3_uri::S3Uri;

/// The pool's name.
pub(super) const NAME_TAG: &str = "emr-tools:pool-name";
/// The pool's content hash.
const HASH_TAG: &str = "emr-tools:pool-hash";
/// The folder of the pool's locks on S3.
pub(super) const LOCKS_TAG: &str = "emr-tools:locks";

/// The tags of a pooled cluster. Their values are encoded by [`pool::encode`].
pub const TAGS: [&str; 3] = [NAME_TAG, HASH_TAG, LOCKS_TAG];

/// Puts `job_flow` into the pool `name`, whose locks are below `locks`. Call it last: the hash covers the whole job
/// flow.
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
