//! Why a cluster is in use, whatever its idle time.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use super::Class;
use crate::claim::lease::{Sighting, is_held};
use crate::model::cluster::ClusterDetail;
use crate::pool;

/// Why a cluster is not terminated although its idle time would allow it. In a record it is one word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Busy {
    /// It is not up yet, or a step runs.
    Works(Class),
    /// Its owner protected it against termination.
    Protected,
    /// A job has claimed it. The text says who.
    Claimed(String),
    /// It has an active session.
    Session,
    /// The minimum of its pool keeps it.
    Minimum,
}

impl Busy {
    /// The reason in `class` alone; `None` for an idle cluster.
    #[must_use]
    pub fn of_class(class: Class) -> Option<Self> {
        (!matches!(class, Class::Idle | Class::Pending)).then_some(Self::Works(class))
    }

    /// The reason in a description at `now` (AWS's clock): termination protection, or mrjob's lock in its tags.
    #[must_use]
    pub fn of_description(detail: &ClusterDetail, now: DateTime<Utc>) -> Option<Self> {
        if detail.termination_protected {
            return Some(Self::Protected);
        }
        pool::mrjob_holder(&detail.tags, now).map(|job| Self::Claimed(format!("mrjob's job {job} has locked it")))
    }

    /// The reason in the lock of a cluster, if it is held.
    #[must_use]
    pub fn of_lock(sighting: Option<&Sighting>) -> Option<Self> {
        sighting.filter(|sighting| is_held(sighting)).map(Self::claimed_by)
    }

    /// The reason that the lock's holder has claimed it.
    #[must_use]
    pub fn claimed_by(sighting: &Sighting) -> Self {
        let owner = sighting.lock.holder.as_ref().map_or("somebody", |holder| &holder.owner);
        Self::Claimed(format!("{owner} has claimed it"))
    }

    /// The word in a record.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Works(class) => class.to_string(),
            Self::Protected => "protected".to_owned(),
            Self::Claimed(_) => "claimed".to_owned(),
            Self::Session => "session".to_owned(),
            Self::Minimum => "minimum".to_owned(),
        }
    }
}

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Works(class) => write!(f, "it is {class}"),
            Self::Protected => f.write_str("it is protected against termination"),
            Self::Claimed(by) => f.write_str(by),
            Self::Session => f.write_str("it has an active session"),
            Self::Minimum => f.write_str("the minimum of its pool keeps it"),
        }
    }
}

impl Serialize for Busy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.word())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::cluster::ClusterState;
    use crate::model::cluster::example::{cluster, detail};
    use crate::model::lock::{Holder, Lock, Token};

    #[test]
    fn a_cluster_that_is_neither_idle_nor_pending_is_busy() {
        assert_eq!(Busy::of_class(Class::Idle), None);
        assert_eq!(Busy::of_class(Class::Pending), None);
        let starting = Busy::of_class(Class::Starting).unwrap();
        assert_eq!((starting.word().as_str(), starting.to_string().as_str()), ("starting", "it is starting"));
    }

    #[test]
    fn a_claim_counts_for_its_time_to_live_and_a_second() {
        let ttl = Duration::from_mins(1);
        let holder = Holder { token: Token("t".to_owned()), owner: "ann@host".to_owned(), ttl };
        let of = |holder, age_s| {
            let lock = Lock { generation: 1, nonce: "n".to_owned(), holder };
            Busy::of_lock(Some(&Sighting { lock, etag: "e".to_owned(), age: Duration::from_secs(age_s) }))
        };
        for age_s in [0, 60] {
            assert_eq!(of(Some(holder.clone()), age_s), Some(Busy::Claimed("ann@host has claimed it".to_owned())));
        }
        assert_eq!([of(Some(holder), 61), of(None, 0), Busy::of_lock(None)], [None, None, None]);
    }

    #[test]
    fn a_description_shows_protection_and_mrjob_s_lock() {
        let now = DateTime::from_timestamp(1_000, 0).unwrap();
        let waiting = detail(cluster("j-A", ClusterState::Waiting));
        assert_eq!(Busy::of_description(&waiting, now), None);
        let protected = ClusterDetail { termination_protected: true, ..waiting.clone() };
        assert_eq!(Busy::of_description(&protected, now), Some(Busy::Protected));
        let tags = vec![("team".to_owned(), "data".to_owned())];
        let tagged = ClusterDetail { tags, ..protected };
        assert_eq!(Busy::of_description(&tagged, now), Some(Busy::Protected));
        let tags = vec![("__mrjob_pool_lock".to_owned(), "job.me.1 2000".to_owned())];
        let locked = Busy::of_description(&ClusterDetail { tags, ..waiting }, now).unwrap();
        assert_eq!(serde_json::to_string(&locked).unwrap(), "\"claimed\"");
        assert_eq!(locked.to_string(), "mrjob's job job.me.1 has locked it");
    }
}
