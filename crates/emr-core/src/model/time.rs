//! Times and durations as people write them.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::{Error, Result};

/// A point in time, or how long before now it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// This very point.
    Point(DateTime<Utc>),
    /// So long ago.
    Ago(Duration),
}

impl Time {
    /// The point in time that this is at `now`.
    #[must_use]
    pub fn at(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::Point(point) => point,
            Self::Ago(duration) => now - duration,
        }
    }
}

/// Reads RFC 3339 (`2026-11-22T06:00:00Z`), a date (`2026-11-22`, midnight UTC) or a duration ago (`2h`).
pub fn read(text: &str) -> Result<Time> {
    if let Ok(point) = DateTime::parse_from_rfc3339(text) {
        return Ok(Time::Point(point.to_utc()));
    }
    if let Ok(point) = DateTime::parse_from_rfc3339(&format!("{text}T00:00:00Z")) {
        return Ok(Time::Point(point.to_utc()));
    }
    let wrong = || Error::usage(format!("'{text}' is no time")).advise("write 2026-11-22T06:00:00Z, 2026-11-22 or 2h");
    duration(text).map(Time::Ago).map_err(|_| wrong())
}

/// Reads a duration: `90s`, `15m`, `2h`, `1d`, `1h 30m`; a bare number is seconds.
pub fn duration(text: &str) -> Result<Duration> {
    // Ten thousand years is where times end.
    let limit = Duration::from_hours(10_000 * 366 * 24);
    let seconds = text.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let read = seconds.or_else(|| humantime::parse_duration(text).ok()).filter(|duration| *duration < limit);
    read.ok_or_else(|| Error::usage(format!("'{text}' is no duration")).advise("write 90s, 15m, 2h or 1d"))
}

/// So many seconds as hours, minutes and seconds: `1:02:03`.
#[must_use]
pub fn hours(seconds: u64) -> String {
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_and_without_units() {
        assert_eq!(duration("90").unwrap().as_secs(), 90);
        assert_eq!(duration("0.5").unwrap().as_millis(), 500);
        assert_eq!(duration("1h 30m").unwrap().as_secs(), 5400);
        assert_eq!(duration("2d").unwrap().as_secs(), 172_800);
        for bad in ["", "x", "-1", "1 fortnight", "NaN", "1e300", "999999999999y"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times_are_points_or_ago() {
        let now = DateTime::from_timestamp(1_000_000, 0).unwrap();
        assert_eq!(read("2026-11-22").unwrap(), read("2026-11-22T01:00:00+01:00").unwrap());
        assert_eq!(read("2h").unwrap().at(now).timestamp(), 1_000_000 - 7200);
        assert!(read("yesterday").is_err());
    }
}
