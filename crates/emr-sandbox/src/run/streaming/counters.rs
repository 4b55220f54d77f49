//! Counters: tasks write them to their standard error, Hadoop prints them at the end of a job.

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

    /// Adds what a line of a task's standard error reports, `reporter:counter:GROUP,COUNTER,AMOUNT`.
    /// Returns whether the line was for Hadoop, which keeps it out of the log.
    pub(super) fn take(&mut self, line: &str) -> bool {
        let Some(report) = line.strip_prefix("reporter:") else {
            return false;
        };
        let mut parts = report.strip_prefix("counter:").unwrap_or_default().rsplitn(2, ',');
        let amount = parts.next().and_then(|amount| amount.trim().parse().ok());
        let names = parts.next().and_then(|names| names.split_once(','));
        if let (Some(amount), Some((group, counter))) = (amount, names) {
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
        assert!(counters.take("reporter:counter:words,long, or so,2"));
        assert!(counters.take("reporter:counter:words,long, or so,3"));
        assert!(counters.take("reporter:status:half way"));
        assert!(counters.take("reporter:counter:malformed"));
        assert!(!counters.take("Traceback (most recent call last):"));
        assert_eq!(counters.summary(), "Counters: 1\n\twords\n\t\tlong, or so=5");
    }
}
