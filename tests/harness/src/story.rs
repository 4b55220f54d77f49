//! What happened in a contest, and the rules that it is held to. Times are since the contest began.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

/// Something that one contender held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// What: a job flow's id, or a lock's URI.
    pub key: String,
    /// When its holder knew: the record was read.
    pub from: Duration,
    /// Until when its holder may act on it: it is given back, or its time to live is over.
    pub until: Duration,
}

/// What the contenders did, in no order.
#[derive(Debug)]
pub struct Story {
    /// What made the contest random.
    pub seed: u64,
    /// When the last could die.
    pub storm: Duration,
    /// All that was held.
    pub holds: Vec<Hold>,
}

impl Hold {
    /// What the record of a claim or a lock says, of a process that started and printed it then.
    ///
    /// The time to live counts from the start of the process, which is before the write that took it.
    #[must_use]
    pub fn new(record: &Value, started: Duration, printed: Duration) -> Self {
        let lock = record.get("claim").unwrap_or(record);
        let key = record["job_flow_id"].as_str().or(lock["lock_uri"].as_str()).expect("the record says what is held");
        let ttl = lock["ttl_s"].as_u64().expect("the record says for how long");
        Self { key: key.to_owned(), from: printed, until: started + Duration::from_secs(ttl) }
    }

    /// It is given back at `time`, if it was not over by then.
    pub fn given_back(&mut self, time: Duration) {
        self.until = self.until.min(time);
    }
}

impl Story {
    /// Where nothing happened yet.
    #[must_use]
    pub fn new(seed: u64, storm: Duration) -> Self {
        Self { seed, storm, holds: Vec::new() }
    }

    /// Adds what happened in `other`.
    pub fn merge(&mut self, other: Self) {
        self.holds.extend(other.holds);
    }

    /// Asserts that no two held one thing at one time.
    pub fn assert_exclusive(&self) {
        for (key, holds) in self.by_key() {
            for pair in holds.windows(2) {
                assert!(pair[0].until <= pair[1].from, "two hold {key}; seed {}: {pair:#?}", self.seed);
            }
        }
    }

    /// Asserts that each of so many `keys` was held again when none died any more, so that no dead one blocks it.
    pub fn assert_live(&self, keys: usize) {
        let by_key = self.by_key();
        let again = by_key.iter().filter(|(_, holds)| holds.iter().any(|hold| hold.from > self.storm));
        let again: Vec<_> = again.map(|(key, _)| key).collect();
        assert_eq!(again.len(), keys, "held in the end; seed {}: {again:?} of {:?}", self.seed, by_key.keys());
    }

    /// The holds of each thing, by their beginning, without those that were over before their holder knew.
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

    /// A hold of `key` for 10 s, in seconds.
    fn hold(key: &str, from: u32) -> Hold {
        Hold::new(&json!({"lock_uri": key, "ttl_s": 10}), SECOND * from, SECOND * from)
    }

    /// A story of a storm of 10 s.
    fn story(holds: &[Hold]) -> Story {
        Story { holds: holds.to_vec(), ..Story::new(0, SECOND * 10) }
    }

    #[test]
    fn a_claim_is_of_its_job_flow_and_counts_from_the_start_of_the_process() {
        let record = json!({"job_flow_id": "j-1", "claim": {"lock_uri": "s3://b/l", "ttl_s": 60}});
        let hold = Hold::new(&record, SECOND, SECOND * 2);
        assert_eq!((hold.key.as_str(), hold.from, hold.until), ("j-1", SECOND * 2, SECOND * 61));
    }

    #[test]
    fn one_after_another_and_of_other_things_at_once_is_fine() {
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
    fn a_thing_that_stays_blocked_is_found() {
        story(&[hold("a", 0), hold("b", 1), hold("b", 11)]).assert_live(2);
    }
}
