//! Whether an object is old enough to be deleted.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::kind::Kind;

/// An upload that finds an object of this age makes it new before it relies on it.
pub const REFRESH_AFTER: Duration = Duration::from_hours(24);

/// How long it counts that an upload was found or made. Whoever needs it later looks again.
pub const COUNTS_FOR: Duration = Duration::from_hours(12);

/// The longest that a sweep takes from its look at the list to its delete: the time to live of its lock.
pub const SWEEP_TTL: Duration = Duration::from_mins(1);

/// A sweep that listed an object before it was written has ended when the object is this old.
pub const SETTLED_AFTER: Duration = Duration::from_mins(2);

/// Nothing younger is deleted, whatever age is asked for.
pub const FLOOR: Duration = Duration::from_hours(48);

/// Since when what lives may use what lies below the scratch URI.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Live {
    /// The creation of the oldest live job flow.
    pub job_flow: Option<DateTime<Utc>>,
    /// The creation of the oldest step that has not ended.
    pub step: Option<DateTime<Utc>>,
}

/// What to do with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Delete it.
    Old,
    /// It is too young.
    Young,
    /// A live job flow or an unfinished step may use it.
    InUse,
    /// It is not known what lives, and something that does may use it.
    Unknown,
    /// It is a lock, and is never deleted.
    Lock,
    /// The tools did not write it.
    Other,
}

/// What is old enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The age that was asked for.
    pub age: Duration,
    /// Whether what the tools did not write is deleted, too.
    pub all_kinds: bool,
}

impl Limits {
    /// The age that counts: at least [`FLOOR`].
    #[must_use]
    pub fn age(&self) -> Duration {
        self.age.max(FLOOR)
    }

    /// The verdict on an object of this `kind`, which was last `modified` then, where it is `now` by the same clock.
    #[must_use]
    pub fn verdict(&self, kind: Kind, modified: DateTime<Utc>, now: DateTime<Utc>, live: &Live) -> Verdict {
        let since = match kind {
            Kind::Lock => return Verdict::Lock,
            Kind::Other if !self.all_kinds => return Verdict::Other,
            Kind::Log | Kind::Other => None,
            Kind::Output | Kind::Input => live.step,
            Kind::File | Kind::Mrjob => live.job_flow,
        };
        let age = (now - modified).to_std().unwrap_or_default();
        if age <= self.age() {
            Verdict::Young
        } else if since.is_some_and(|since| (since - modified).to_std().unwrap_or_default() <= FLOOR) {
            Verdict::InUse
        } else {
            Verdict::Old
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_795_000_000;
    const DAY: i64 = 86_400;

    fn at(days_ago: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(NOW - days_ago * DAY, 0).unwrap()
    }

    fn verdict(kind: Kind, days: i64, live: Live) -> Verdict {
        let limits = Limits { age: Duration::from_hours(30 * 24), all_kinds: false };
        limits.verdict(kind, at(days), at(0), &live)
    }

    #[test]
    fn what_is_older_than_asked_for_is_old() {
        for kind in [Kind::Log, Kind::Output, Kind::Input, Kind::File, Kind::Mrjob] {
            assert_eq!(verdict(kind, 30, Live::default()), Verdict::Young, "an exact age is not older");
            assert_eq!(verdict(kind, 31, Live::default()), Verdict::Old);
        }
        assert_eq!(verdict(Kind::Lock, 3000, Live::default()), Verdict::Lock);
        assert_eq!(verdict(Kind::Other, 3000, Live::default()), Verdict::Other);
    }

    #[test]
    fn a_live_job_flow_keeps_files_and_an_unfinished_step_what_it_reads_and_writes() {
        let live = Live { job_flow: Some(at(60)), step: Some(at(40)) };
        for (kind, kept_until) in [(Kind::File, 62), (Kind::Mrjob, 62), (Kind::Input, 42), (Kind::Output, 42)] {
            assert_eq!(verdict(kind, 31, live), Verdict::InUse, "{kind:?}");
            assert_eq!(verdict(kind, kept_until, live), Verdict::InUse, "{kind:?}");
            assert_eq!(verdict(kind, kept_until + 1, live), Verdict::Old, "{kind:?}");
        }
        assert_eq!(verdict(Kind::Log, 31, live), Verdict::Old);
        let unknown = Live { job_flow: Some(DateTime::<Utc>::MIN_UTC), step: None };
        assert_eq!(verdict(Kind::File, 3000, unknown), Verdict::InUse, "an unknown age keeps all");
    }

    #[test]
    fn an_object_from_the_future_is_young() {
        assert_eq!(verdict(Kind::Log, -400, Live::default()), Verdict::Young);
    }

    #[test]
    fn what_is_found_a_day_old_is_still_kept_when_half_a_day_later_its_job_flow_is_seen() {
        // An answer of EMR may be an hour old.
        let seen = REFRESH_AFTER + COUNTS_FOR + Duration::from_hours(1);
        assert!(seen + Duration::from_hours(10) < FLOOR);
    }

    proptest! {
        #[test]
        fn nothing_of_two_days_is_deleted_whatever_is_asked_for(
            kind in prop::sample::select(&Kind::ALL[..]),
            asked_s in 0_u64..10_000_000,
            age_s in 0_i64..=2 * DAY,
            all_kinds: bool,
        ) {
            let limits = Limits { age: Duration::from_secs(asked_s), all_kinds };
            let modified = at(0) - chrono::Duration::seconds(age_s);
            prop_assert_ne!(limits.verdict(kind, modified, at(0), &Live::default()), Verdict::Old);
        }
    }
}
