//! The places of locks, below the folder of a pool's locks: `job-flows/<id>` for a cluster, `pools/<name>` for a pool.
//! Beside them is the minimum of a pool in a region: `minimums/<name>/<hash>/<region>`.

use super::mark::LOCKS_TAG;
use crate::model::id::JobFlowId;
use crate::model::pool::{self, PoolHash, PoolName};
use crate::model::s3_uri::S3Uri;

/// The folder of the locks of a pooled cluster, from its `tags`.
#[must_use]
pub fn of_tags(tags: &[(String, String)]) -> Option<S3Uri> {
    let (_, value) = tags.iter().find(|(key, _)| key == LOCKS_TAG)?;
    pool::decode(value)?.parse().ok()
}

/// The folder of the locks of clusters. Each lock is named after its cluster.
#[must_use]
pub fn of_job_flows(locks: &S3Uri) -> S3Uri {
    locks.join("job-flows/")
}

/// The lock of a cluster. Its holder has claimed the cluster.
#[must_use]
pub fn of_job_flow(locks: &S3Uri, job_flow: &JobFlowId) -> S3Uri {
    of_job_flows(locks).join(job_flow.as_str())
}

/// The lock of a pool. Its holder may start a job flow in the pool.
#[must_use]
pub fn of_pool(locks: &S3Uri, pool: &PoolName) -> S3Uri {
    locks.join("pools/").join(&word(pool))
}

/// The object with the minimum of a pool in `region`, for clusters with this `hash`. Regions may share a folder of locks,
/// and a pool there may have the same hash: what one keeps free is no use in the other.
#[must_use]
pub fn of_minimum(locks: &S3Uri, pool: &PoolName, hash: &PoolHash, region: &str) -> S3Uri {
    locks.join("minimums/").join(&word(pool)).join(hash.as_str()).join(region)
}

/// The name of `pool` as one word of a key.
fn word(pool: &PoolName) -> String {
    let name = pool.encoded().replace('/', "=2F");
    // Some stores reject `.` and `..` in keys.
    let is_dots = name.bytes().all(|b| b == b'.');
    if is_dots { name.replace('.', "=2E") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pool_has_its_own_lock_in_the_folder_of_pools() {
        let locks: S3Uri = "s3://b/locks/".parse().unwrap();
        let key = |name: &str| of_pool(&locks, &name.parse().unwrap()).key;
        assert_eq!(key("etl.v2"), "locks/pools/etl.v2");
        assert_eq!(key("../x"), "locks/pools/..=2Fx");
        assert_eq!(key(".."), "locks/pools/=2E=2E");
        assert_eq!(key("=2E=2E"), "locks/pools/=3D2E=3D2E");
        let hash = PoolHash::from_digest(7);
        let minimum = |name: &str| of_minimum(&locks, &name.parse().unwrap(), &hash, "eu-west-1").key;
        assert_eq!(minimum("../x"), format!("locks/minimums/..=2Fx/{hash}/eu-west-1"));
        assert_eq!(minimum(".."), format!("locks/minimums/=2E=2E/{hash}/eu-west-1"));
    }

    #[test]
    fn the_folder_of_locks_is_in_the_tags() {
        let place: S3Uri = "s3://b/my tmp/locks/".parse().unwrap();
        let tagged = |value: String| of_tags(&[(LOCKS_TAG.to_owned(), value)]);
        assert_eq!(tagged(pool::encode(&place.to_string())), Some(place));
        assert_eq!(tagged("nowhere".to_owned()), None);
        assert_eq!(of_tags(&[]), None);
    }
}
