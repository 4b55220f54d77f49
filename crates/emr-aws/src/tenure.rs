//! How long a lease still lasts, as the work under it sees it while it is renewed.

use std::cell::Cell;
use std::time::Duration;

use emr_core::claim::lease::Lease;

use super::monotonic;

/// The time that is left to work under a lease.
#[derive(Debug)]
pub struct Tenure {
    /// How much of the lease must be left to begin a call.
    spare: Duration,
    /// When the lease ends, by [`monotonic::now`]. Zero before it begins, and once it is lost.
    until: Cell<Duration>,
}

impl Tenure {
    /// The tenure of a lease that has not begun, of which no more than `spare` may be used up by a call.
    #[must_use]
    pub fn new(spare: Duration) -> Self {
        Self { spare, until: Cell::default() }
    }

    /// Whether a call may begin: the lease is not lost, and has enough time left for the call to end under it.
    #[must_use]
    pub fn has_time(&self) -> bool {
        self.until.get().saturating_sub(monotonic::now()) > self.spare
    }

    /// How much of the lease must be left to begin a call.
    pub(super) fn spare(&self) -> Duration {
        self.spare
    }

    /// Notes that `lease` was acquired or renewed.
    pub(super) fn goes_on(&self, lease: &Lease) {
        self.until.set(lease.until);
    }

    /// Notes that the lease is lost, or too short to begin anything.
    pub(super) fn ends(&self) {
        self.until.set(Duration::ZERO);
    }
}

#[cfg(test)]
mod tests {
    use emr_core::model::lock::{Holder, Token};
    use emr_core::model::s3_uri::S3Uri;

    use super::*;
    use crate::untrusted;

    const SPARE: Duration = Duration::from_secs(30);

    fn lease(left: Duration) -> Lease {
        let holder = Holder { token: Token("a".to_owned()), owner: "b".to_owned(), ttl: Duration::from_mins(1) };
        Lease { holder, generation: 1, etag: "\"1\"".to_owned(), until: monotonic::now() + left }
    }

    #[test]
    fn a_call_may_begin_while_the_lease_outlasts_it() {
        let tenure = Tenure::new(SPARE);
        assert!(!tenure.has_time(), "nothing is held yet");
        tenure.goes_on(&lease(SPARE + Duration::from_secs(5)));
        assert!(tenure.has_time());
        tenure.goes_on(&lease(SPARE));
        assert!(!tenure.has_time(), "the call could end after the lease");
        tenure.goes_on(&lease(SPARE * 2));
        tenure.ends();
        assert!(!tenure.has_time());
    }

    /// Works under a lease on a store that answers `status` to every renewal, until the work is told that the lease is
    /// lost. Returns what was seen, again and again: whether a call may begin, and whether the work has been told.
    async fn work_until_told(status: u16) -> Vec<(bool, bool)> {
        let s3 = untrusted::s3(status, b"");
        let uri: S3Uri = "s3://bucket/locks/pools/etl".parse().unwrap();
        let (spare, is_lost) = (Duration::from_millis(500), Cell::new(false));
        let tenure = Tenure::new(spare);
        let mut lease = lease(3 * spare);
        lease.holder.ttl = 3 * spare;
        let work = async {
            let mut seen = Vec::new();
            while !is_lost.get() {
                seen.push((tenure.has_time(), is_lost.get()));
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            seen.push((tenure.has_time(), is_lost.get()));
            seen
        };
        s3.lock(&uri).keep_while(&mut lease, &tenure, work, || is_lost.set(true)).await
    }

    #[tokio::test]
    async fn under_a_lease_whose_renewals_fail_no_call_begins_that_could_outlast_it() {
        for status in [503, 500, 403] {
            let seen = work_until_told(status).await;
            let begins = seen.iter().take_while(|(may_begin, _)| *may_begin).count();
            assert!(begins > 0 && seen[begins..].iter().all(|(may_begin, _)| !may_begin), "{status}: {seen:?}");
        }
    }
}
