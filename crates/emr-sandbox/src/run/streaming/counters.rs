//! Counters: tasks report them on standard error, Hadoop prints them at the end of a job.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Groups of named counters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters(BTreeMap<String, BTreeMap<String, i64>>);

/// The group of Hadoop's own counters.
pub(super) const FRAMEWORK: &str = "Map-Reduce Framework";

impl Counters {
    pub(super) fn add(&mut self, group: &str, counter: &str, amount: i64) {
        let group = self.0.entry(group.to_owned()).or_default();
        let sum = group.entry(counter.to_owned()).or_default();
        *sum = sum.saturating_add(amount);
    }

    /// Adds the counter that a line of a task's standard error reports: `reporter:counter:GROUP,COUNTER,AMOUNT`, with
    /// `prefix` for `reporter:`. Returns whether the line was for Hadoop, which keeps such lines out of the log.
    pub(super) fn take(&mut self, prefix: &str, line: &str) -> bool {
        let Some(report) = line.strip_prefix(prefix) else {
            return false;
        };
        let columns: Vec<_> = report.strip_prefix("counter:").unwrap_or_default().trim().split(',').collect();
        // Hadoop ignores lines with more than three columns.
        if let [group, counter, amount] = columns[..]
            && let Ok(amount) = amount.parse()
        {
            self.add(group, counter, amount);
        }
        true
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (group, counters) in other.0 {
            for (counter, amount) in counters {
                self.add(&group, &counter, amount);
            }
        }
    }

    /// The counters as Hadoop prints them at the end of a job.
    pub(super) fn summary(&self) -> String {
        let number: usize = self.0.values().map(BTreeMap::len).sum();
        let mut text = format!("Counters: {number}");
        for (group, counters) in &self.0 {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n\t{group}");
            for (counter, amount) in counters {
                let _ = write!(text, "\n\t\t{counter}={amount}");
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_summed_and_kept_out_of_the_log() {
        let mut counters = Counters::default();
        let mut take = |line| counters.take("reporter:", line);
        assert!(take("reporter:counter:words,long,2") && take("reporter:counter:words,long,3"));
        assert!(take("reporter:counter:words,long, or so,2"));
        assert!(take("reporter:status:half way") && take("reporter:counter:malformed"));
        assert!(!take("Traceback (most recent call last):"));
        assert_eq!(counters.summary(), "Counters: 1\n\twords\n\t\tlong=5");
    }
}
