//! `-reducer aggregate`: aggregates values by the kind before the key, as in `LongValueSum:word`. Source:
//! `org.apache.hadoop.mapred.lib.aggregate`.

mod histogram;
mod java;

use std::collections::BTreeSet;

use self::histogram::Histogram;

/// Aggregates the values of one key.
#[derive(Debug)]
pub(super) enum Aggregator {
    LongSum(i64),
    LongMax(i64),
    LongMin(i64),
    DoubleSum(f64),
    StringMax(Option<String>),
    StringMin(Option<String>),
    Unique { values: BTreeSet<Vec<u16>>, most: usize },
    Histogram(Histogram),
}

/// Splits a key into the kind and the key of the result. The error describes the bad key.
pub(super) fn split_key(key: &[u8]) -> Result<(String, String), String> {
    let key = String::from_utf8_lossy(key);
    let (kind, rest) =
        key.split_once(':').ok_or_else(|| format!("aggregate: the key `{key}` names no kind of aggregation"))?;
    Ok((kind.to_owned(), rest.to_owned()))
}

impl Aggregator {
    /// The aggregator of this kind. Unique values are counted up to `most`.
    pub(super) fn new(kind: &str, most: usize) -> Result<Self, String> {
        Ok(match kind.to_ascii_lowercase().as_str() {
            "longvaluesum" => Self::LongSum(0),
            "longvaluemax" => Self::LongMax(i64::MIN),
            "longvaluemin" => Self::LongMin(i64::MAX),
            "doublevaluesum" => Self::DoubleSum(0.0),
            "stringvaluemax" => Self::StringMax(None),
            "stringvaluemin" => Self::StringMin(None),
            "uniqvaluecount" => Self::Unique { values: BTreeSet::new(), most },
            "valuehistogram" => Self::Histogram(Histogram::default()),
            _ => return Err(format!("aggregate: unknown kind of aggregation `{kind}`")),
        })
    }

    /// Adds a value. The error describes a bad value.
    pub(super) fn add(&mut self, value: &[u8]) -> Result<(), String> {
        let value = String::from_utf8_lossy(value);
        match self {
            Self::LongSum(sum) => *sum = sum.wrapping_add(java::parse_long(&value)?),
            Self::LongMax(max) => *max = java::parse_long(&value)?.max(*max),
            Self::LongMin(min) => *min = java::parse_long(&value)?.min(*min),
            Self::DoubleSum(sum) => *sum += java::parse_double(&value)?,
            Self::StringMax(max) => {
                if max.as_ref().is_none_or(|max| java::compare(max, &value).is_lt()) {
                    *max = Some(value.into_owned());
                }
            }
            Self::StringMin(min) => {
                if min.as_ref().is_none_or(|min| java::compare(min, &value).is_gt()) {
                    *min = Some(value.into_owned());
                }
            }
            Self::Unique { values, most } => {
                if values.len() <= *most {
                    values.insert(value.encode_utf16().collect());
                }
            }
            Self::Histogram(histogram) => histogram.add(&value)?,
        }
        Ok(())
    }

    /// The result.
    pub(super) fn report(&self) -> String {
        match self {
            Self::LongSum(number) | Self::LongMax(number) | Self::LongMin(number) => number.to_string(),
            Self::DoubleSum(sum) => java::format_double(*sum),
            Self::StringMax(text) | Self::StringMin(text) => text.clone().unwrap_or_default(),
            Self::Unique { values, .. } => values.len().to_string(),
            Self::Histogram(histogram) => histogram.report(),
        }
    }

    /// The values that a combiner passes on instead of its input.
    pub(super) fn combined(&self) -> Vec<String> {
        match self {
            Self::Unique { values, .. } => values.iter().map(|value| String::from_utf16_lossy(value)).collect(),
            Self::Histogram(histogram) => histogram.combined(),
            _ => vec![self.report()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aggregate(kind: &str, values: &[&str]) -> (String, Vec<String>) {
        let mut aggregator = Aggregator::new(kind, usize::MAX).unwrap();
        for value in values {
            aggregator.add(value.as_bytes()).unwrap();
        }
        (aggregator.report(), aggregator.combined())
    }

    #[test]
    fn each_kind_aggregates_in_its_way() {
        assert_eq!(aggregate("LongValueSum", &["9223372036854775807", "1"]).0, "-9223372036854775808");
        assert_eq!(aggregate("longvaluemax", &["3", "-10"]).0, "3");
        assert_eq!(aggregate("LongValueMin", &["3", "-10"]).0, "-10");
        assert_eq!(aggregate("DoubleValueSum", &["0.1", "0.2"]).0, "0.30000000000000004");
        assert_eq!(aggregate("StringValueMax", &["10", "9"]).0, "9");
        assert_eq!(aggregate("StringValueMin", &["10", "9"]).0, "10");
        assert_eq!(
            aggregate("UniqValueCount", &["b", "a", "b"]),
            ("2".to_owned(), vec!["a".to_owned(), "b".to_owned()])
        );
    }

    #[test]
    fn a_malformed_number_or_kind_is_named() {
        assert!(Aggregator::new("Nope", 1).unwrap_err().contains("Nope"));
        assert!(Aggregator::new("LongValueSum", 1).unwrap().add(b"x").unwrap_err().contains('x'));
        assert!(split_key(b"plain").unwrap_err().contains("plain"));
        assert_eq!(split_key(b"A:b:c"), Ok(("A".to_owned(), "b:c".to_owned())));
    }
}
