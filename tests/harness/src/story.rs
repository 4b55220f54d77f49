//! What happened in a contest, and the rules for it. All times count from the beginning of the contest.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

/// The time in which one contender held something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// What it held: the id of a job flow, or the URI of a lock.
    pub key: String,
    /// When the holder learned of it, from the record.
    pub from: Duration,
    /// When it ended: it was released, or its time to live was over.
    pub until: Duration,
}

/// What the contenders did, in any order.
#[derive(Debug)]
pub struct Story {
    /// The seed of the contest's random numbers.
    pub seed: u64,
    /// The end of the phase in which contenders were killed.
    pub storm: Duration,
    /// All holds.
    pub holds: Vec<Hold>,
}

impl Hold {
    /// The hold in the record of a claim or a lock, from a process that was `started` and `printed` at these times.
    ///
    /// The time to live counts from the start of the process, which is before the write of the lock.
    #[must_use]
    pub fn new(record: &Value, started: Duration, printed: Duration) -> Self {
        let lock = record.get("claim").unwrap_or(record);
        let key = record["job_flow_id"].as_str().or(lock["lock_uri"].as_str()).expect("the record says what is held");
        let ttl = lock["ttl_s"].as_u64().expect("the record says for how long");
        Self { key: key.to_owned(), from: printed, until: started + Duration::from_secs(ttl) }
    }

    /// Ends the hold at `time`, if it has not ended before.
    pub fn given_back(&mut self, time: Duration) {
        self.until = self.until.min(time);
    }
}

impl Story {
    /// An empty story.
    #[must_use]
    pub fn new(seed: u64, storm: Duration) -> Self {
        Self { seed, storm, holds: Vec::new() }
    }

    /// Adds the holds of `other`.
    pub fn merge(&mut self, other: Self) {
        self.holds.extend(other.holds);
    }

    /// Asserts that nothing was held twice at the same time.
    pub fn assert_exclusive(&self) {
        for (key, holds) in self.by_key() {
            for pair in holds.windows(2) {
                assert!(pair[0].until <= pair[1].from, "two hold {key}; seed {}: {pair:#?}", self.seed);
            }
        }
    }

    /// Asserts that all `keys` were held again after the first phase: no killed contender blocks one.
    pub fn assert_live(&self, keys: usize) {
        let by_key = self.by_key();
        let again = by_key.iter().filter(|(_, holds)| holds.iter().any(|hold| hold.from > self.storm));
        let again: Vec<_> = again.map(|(key, _)| key).collect();
        assert_eq!(again.len(), keys, "held in the end; seed {}: {again:?} of {:?}", self.seed, by_key.keys());
    }

    /// The holds of each key in order of time, without those that ended before the holder learned of them.
    fn by_key(&self) -> BTreeMap<&str, Vec<&Hold>> {
        let mut by_key: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for hold in self.holds.iter().filter(|hold| hold.from < hold.until) {
            by_key.entry(hold.key.as_str()).or_default().push(hold);
        }
        for holds in by_key.values_mut() {
            holds.sort_by_key(|hold| hold.from);
        }
        by_key
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// A hold of `key` for 10 s, from second `from` on.
    fn hold(key: &str, from: u32) -> Hold {
        Hold::new(&json!({"lock_uri": key, "ttl_s": 10}), SECOND * from, SECOND * from)
    }

    /// A story in which the first phase took 10 s.
    fn story(holds: &[Hold]) -> Story {
        Story { holds: holds.to_vec(), ..Story::new(0, SECOND * 10) }
    }

    #[test]
    fn a_claim_counts_from_the_start_of_the_process() {
        let record = json!({"job_flow_id": "j-1", "claim": {"lock_uri": "s3://b/l", "ttl_s": 60}});
        let hold = Hold::new(&record, SECOND, SECOND * 2);
        assert_eq!((hold.key.as_str(), hold.from, hold.until), ("j-1", SECOND * 2, SECOND * 61));
    }

    #[test]
    fn holds_one_after_another_or_of_different_keys_are_fine() {
        let mut given_back = hold("a", 0);
        given_back.given_back(SECOND * 3);
        let story = story(&[hold("a", 3), hold("b", 12), given_back, hold("a", 13)]);
        story.assert_exclusive();
        story.assert_live(2);
    }

    #[test]
    #[should_panic(expected = "two hold a; seed 0")]
    fn two_at_once_are_found() {
        story(&[hold("a", 9), hold("b", 5), hold("a", 0)]).assert_exclusive();
    }

    #[test]
    #[should_panic(expected = "held in the end; seed 0: [\"b\"] of [\"a\", \"b\"]")]
    fn a_key_that_stays_blocked_is_found() {
        story(&[hold("a", 0), hold("b", 1), hold("b", 11)]).assert_live(2);
    }
}
