//! Timestamps. EMR sends seconds since the epoch with a fraction; the AWS CLI prints RFC 3339. This module parses both
//! and writes the former.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A time in milliseconds since the epoch, which is EMR's resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timestamp(i64);

impl Timestamp {
    /// The timestamp of `time`.
    pub(crate) fn at(time: DateTime<Utc>) -> Self {
        Self(time.timestamp_millis())
    }

    /// The time `seconds` later.
    pub(crate) fn after(self, seconds: u64) -> Self {
        let milliseconds = i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(milliseconds))
    }

    /// The time halfway to `other`.
    pub(crate) fn midway(self, other: Self) -> Self {
        Self(i64::midpoint(self.0, other.0))
    }

    /// Milliseconds since `earlier`; 0 if `earlier` is later.
    pub(crate) fn milliseconds_since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of any real date are exact in an f64")]
        serializer.serialize_f64(self.0 as f64 / 1000.0)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimestampVisitor)
    }
}

struct TimestampVisitor;

impl Visitor<'_> for TimestampVisitor {
    type Value = Timestamp;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a time, as seconds since the epoch or RFC 3339")
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Timestamp, E> {
        Ok(Timestamp(seconds.saturating_mul(1000)))
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Timestamp, E> {
        Ok(Timestamp(0).after(seconds))
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Timestamp, E> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the cast saturates, which is right for times out of bounds"
        )]
        Ok(Timestamp((seconds * 1000.0).round() as i64))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
        DateTime::parse_from_rfc3339(text)
            .map(|time| Timestamp(time.timestamp_millis()))
            .map_err(|reason| E::custom(format!("`{text}` is not an RFC 3339 time: {reason}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Timestamp {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn epoch_seconds_and_rfc_3339_name_the_same_moment() {
        let moment = read("1763791200.5");
        assert_eq!(moment, read("\"2025-11-22T06:00:00.500Z\""));
        assert_eq!(moment, read("\"2025-11-22T07:00:00.500000+01:00\""));
        assert_eq!(read("1763791200"), read("\"2025-11-22T06:00:00Z\""));
    }

    #[test]
    fn the_wire_has_epoch_seconds_with_a_fraction() {
        assert_eq!(serde_json::to_string(&read("1763791200.25")).unwrap(), "1763791200.25");
    }

    #[test]
    fn other_text_is_refused_with_a_reason() {
        let error = serde_json::from_str::<Timestamp>("\"yesterday\"").unwrap_err();
        assert!(error.to_string().contains("`yesterday` is not an RFC 3339 time"));
    }
}
