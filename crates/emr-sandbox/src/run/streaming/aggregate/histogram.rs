//! Counts how often each value occurs. Source: `ValueHistogram`.

use std::collections::BTreeMap;

use super::java;

/// Each value and its count.
#[derive(Debug, Default)]
pub(in super::super) struct Histogram(BTreeMap<Vec<u16>, i64>);

impl Histogram {
    /// Adds a value. It may end with a tab and its count.
    pub(super) fn add(&mut self, value: &str) -> Result<(), String> {
        let (value, count) = value.rsplit_once('\t').unwrap_or((value, "1"));
        let sum = self.0.entry(value.encode_utf16().collect()).or_default();
        *sum = sum.wrapping_add(java::parse_long(count)?);
        Ok(())
    }

    /// The number of distinct values, then the minimum, median, maximum, average and standard deviation of their
    /// counts.
    #[expect(clippy::cast_precision_loss, reason = "Java computes the average in doubles, too")]
    pub(super) fn report(&self) -> String {
        let mut counts: Vec<_> = self.0.values().copied().collect();
        counts.sort_unstable();
        let (Some(least), Some(most)) = (counts.first(), counts.last()) else {
            return "0".to_owned();
        };
        let number = counts.len() as f64;
        let sum = counts.iter().fold(0_i64, |sum, count| sum.wrapping_add(*count));
        let average = sum as f64 / number;
        let squares: f64 = counts.iter().map(|count| (*count as f64 - average) * (*count as f64 - average)).sum();
        let (average, deviation) = (java::format_double(average), java::format_double((squares / number).sqrt()));
        format!("{}\t{least}\t{}\t{most}\t{average}\t{deviation}", counts.len(), counts[counts.len() / 2])
    }

    pub(super) fn combined(&self) -> Vec<String> {
        self.0.iter().map(|(value, count)| format!("{}\t{count}", String::from_utf16_lossy(value))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_values() {
        let mut histogram = Histogram::default();
        for value in ["x\t2", "y\t5", "x", "x y\t0"] {
            histogram.add(value).unwrap();
        }
        assert_eq!(histogram.report(), "3\t0\t3\t5\t2.6666666666666665\t2.0548046676563256");
        assert_eq!(histogram.combined(), ["x\t3", "x y\t0", "y\t5"]);
        assert!(histogram.add("x\ty").is_err());
    }
}
