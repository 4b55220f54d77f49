//! mrjob's locks on pooled clusters, which these tools respect and never take.
//!
//! During a migration from mrjob, jobs of both use the same clusters.

use chrono::{DateTime, Utc};

use crate::model::id::JobFlowId;
use crate::model::s3_uri::S3Uri;
use crate::model::scratch_uri::ScratchUri;

/// The tag in which mrjob 0.7 keeps its lock.
const TAG: &str = "__mrjob_pool_lock";

/// The key of the job that holds mrjob 0.7's lock on a cluster with these `tags` at `now` (AWS's clock).
///
/// The tag's value is the job's key, a blank, and the lock's expiry in seconds since 1970.
#[must_use]
pub fn mrjob_holder(tags: &[(String, String)], now: DateTime<Utc>) -> Option<String> {
    let (_, value) = tags.iter().find(|(key, _)| key == TAG)?;
    let (job, expiry) = value.rsplit_once(' ')?;
    let expiry_ms = expiry.parse::<f64>().ok().filter(|at| at.is_finite())? * 1e3;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
    let is_held = expiry_ms > now.timestamp_millis() as f64;
    is_held.then(|| job.to_owned())
}

/// The folder of the locks of mrjob 0.3 to 0.7.2 on `job_flow`, below the scratch URI: one object for each step to be
/// added. mrjob never removes them, so only their age shows which are still held.
#[must_use]
pub fn mrjob_locks(scratch: &ScratchUri, job_flow: &JobFlowId) -> S3Uri {
    scratch.locks().join(&format!("{job_flow}/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_of_mrjob_counts_until_it_expires() {
        let now = DateTime::from_timestamp(1_000, 0).unwrap();
        let holder = |value: &str| mrjob_holder(&[(TAG.to_owned(), value.to_owned())], now);
        assert_eq!(holder("job.me.1 1000.5").as_deref(), Some("job.me.1"));
        assert_eq!(holder("my job 2000").as_deref(), Some("my job"));
        for over in ["job 1000.000000", "job 999", "job", "", "job soon", "job inf", "job NaN"] {
            assert_eq!(holder(over), None, "{over}");
        }
        assert_eq!(mrjob_holder(&[], now), None);
    }

    #[test]
    fn the_locks_of_early_mrjob_are_in_a_folder_for_each_cluster() {
        let scratch = "s3://b/tmp/".parse().unwrap();
        assert_eq!(mrjob_locks(&scratch, &"j-A".parse().unwrap()).to_string(), "s3://b/tmp/locks/j-A/");
    }
}
