//! Which lock is whose, below the place of a pool's locks.

use super::mark::LOCKS_TAG;
use crate::model::id::JobFlowId;
use crate::model::pool::{self, PoolName};
use crate::model::s3_uri::S3Uri;

/// The place of the locks of a pooled cluster, which stands in its `tags`; none where it does not.
#[must_use]
pub fn of_tags(tags: &[(String, String)]) -> Option<S3Uri> {
    let (_, value) = tags.iter().find(|(key, _)| key == LOCKS_TAG)?;
    pool::decode(value)?.parse().ok()
}

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
    let name = pool.encoded().replace('/', "=2F");
    // What climbs in a path is no name of an object everywhere.
    let climbs = name.bytes().all(|b| b == b'.');
    locks.join("pools/").join(&if climbs { name.replace('.', "=2E") } else { name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_of_a_pool_climbs_nowhere_and_is_no_other_pool_s() {
        let locks: S3Uri = "s3://b/locks/".parse().unwrap();
        let key = |name: &str| of_pool(&locks, &name.parse().unwrap()).key;
        assert_eq!(key("etl.v2"), "locks/pools/etl.v2");
        assert_eq!(key("../x"), "locks/pools/..=2Fx");
        assert_eq!(key(".."), "locks/pools/=2E=2E");
        assert_eq!(key("=2E=2E"), "locks/pools/=3D2E=3D2E");
    }

    #[test]
    fn the_place_of_the_locks_is_read_as_it_was_written() {
        let place: S3Uri = "s3://b/my tmp/locks/".parse().unwrap();
        let tagged = |value: String| of_tags(&[(LOCKS_TAG.to_owned(), value)]);
        assert_eq!(tagged(pool::encode(&place.to_string())), Some(place));
        assert_eq!(tagged("nowhere".to_owned()), None);
        assert_eq!(of_tags(&[]), None);
    }
}
