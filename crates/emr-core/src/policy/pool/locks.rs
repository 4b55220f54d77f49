//! Which lock is whose, below the place of a pool's locks.

use super::join::LOCKS_TAG;
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
    locks.join("pools/").join(&pool.encoded())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_the_locks_is_read_as_it_was_written() {
        let place: S3Uri = "s3://b/my tmp/locks/".parse().unwrap();
        let tagged = |value: String| of_tags(&[(LOCKS_TAG.to_owned(), value)]);
        assert_eq!(tagged(pool::encode(&place.to_string())), Some(place));
        assert_eq!(tagged("nowhere".to_owned()), None);
        assert_eq!(of_tags(&[]), None);
    }
}
