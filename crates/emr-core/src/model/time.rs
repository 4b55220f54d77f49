//! Parses times and durations as people write them.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::{Error, Result};

/// A point in time, absolute or relative to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// This point.
    Point(DateTime<Utc>),
    /// This long ago.
    Ago(Duration),
}

impl Time {
    /// The point in time, given `now`.
    #[must_use]
    pub fn at(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::Point(point) => point,
            Self::Ago(duration) => now - duration,
        }
    }
}

/// Parses RFC 3339 (`2026-11-22T06:00:00Z`), a date (`2026-11-22`, midnight UTC) or a duration ago (`2h`). The duration
/// needs a unit, because `24` could mean hours, minutes or a day of the month.
pub fn read(text: &str) -> Result<Time> {
    if let Ok(point) = DateTime::parse_from_rfc3339(text) {
        return Ok(Time::Point(point.to_utc()));
    }
    if let Ok(point) = DateTime::parse_from_rfc3339(&format!("{text}T00:00:00Z")) {
        return Ok(Time::Point(point.to_utc()));
    }
    let wrong =
        || Error::usage(format!("'{text}' is not a time")).advise("write 2026-11-22T06:00:00Z, 2026-11-22 or 2h");
    if text.parse::<f64>().is_ok() {
        return Err(wrong());
    }
    duration(text).map(Time::Ago).map_err(|_| wrong())
}

/// The unit of a bare number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
}

impl Unit {
    /// `amount` of this unit; `None` if it is negative, not finite, or at least 10,000 years.
    #[must_use]
    pub fn times(self, amount: f64) -> Option<Duration> {
        Duration::try_from_secs_f64(amount * self.seconds()).ok().filter(|duration| *duration < LONGEST)
    }

    /// `duration` in this unit.
    #[must_use]
    pub fn count(self, duration: Duration) -> f64 {
        duration.as_secs_f64() / self.seconds()
    }

    fn seconds(self) -> f64 {
        match self {
            Self::Milliseconds => 0.001,
            Self::Seconds => 1.0,
            Self::Minutes => 60.0,
            Self::Hours => 3600.0,
        }
    }

    /// Parses a duration: `90s`, `15m`, `2h`, `1d`, `1h 30m`, `1.5h`, or a bare number of this unit.
    pub fn read(self, text: &str) -> Result<Duration> {
        let read = match text.parse() {
            Ok(amount) => self.times(amount),
            Err(_) => humantime::parse_duration(text).ok().filter(|duration| *duration < LONGEST),
        };
        read.ok_or_else(|| Error::usage(format!("'{text}' is not a duration")).advise("write 90s, 15m, 2h or 1d"))
    }
}

/// 10,000 years, longer than any real duration: times have years of four digits.
const LONGEST: Duration = Duration::from_hours(10_000 * 366 * 24);

/// Parses a duration; a bare number is in seconds. See [`Unit::read`].
pub fn duration(text: &str) -> Result<Duration> {
    Unit::Seconds.read(text)
}

/// Reads a duration, of which a bare number is milliseconds; see [`Unit::read`].
pub fn milliseconds(text: &str) -> Result<Duration> {
    Unit::Milliseconds.read(text)
}

/// Parses a duration; a bare number is in minutes. See [`Unit::read`].
pub fn minutes(text: &str) -> Result<Duration> {
    Unit::Minutes.read(text)
}

/// Parses a duration; a bare number is in hours. See [`Unit::read`].
pub fn hours(text: &str) -> Result<Duration> {
    Unit::Hours.read(text)
}

/// `seconds` as hours, minutes and seconds, such as `1:02:03`.
#[must_use]
pub fn clock(seconds: u64) -> String {
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_parsed_with_and_without_units() {
        assert_eq!(duration("90").unwrap().as_secs(), 90);
        assert_eq!(duration("0.5").unwrap().as_millis(), 500);
        assert_eq!(duration("1h 30m").unwrap().as_secs(), 5400);
        assert_eq!(duration("2d").unwrap().as_secs(), 172_800);
        assert_eq!(duration("1.5h").unwrap().as_secs(), 5400);
        assert_eq!(duration("0.5d 1h").unwrap().as_secs(), 46_800);
        for bad in ["", "x", "-1", "1 fortnight", "NaN", "1e300", "999999999999y", "-1.5h", ".h", "NaNh"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_bare_number_has_the_option_s_unit_and_a_unit_overrides_it() {
        for text in ["1.5", "90m", "1h 30m", "5400s"] {
            assert_eq!(hours(text).unwrap().as_secs(), 5400, "{text}");
        }
        assert_eq!(minutes("90").unwrap(), hours("1.5").unwrap());
        assert_eq!([milliseconds("250").unwrap(), milliseconds("0.25s").unwrap()], [Duration::from_millis(250); 2]);
        assert_eq!(minutes("2h").unwrap(), hours("2").unwrap());
        assert_eq!(hours("0").unwrap(), Duration::ZERO);
        for bad in ["-1", "inf", "1e300", "99999y", "1:30"] {
            assert!(hours(bad).is_err() && minutes(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times_are_absolute_or_relative() {
        let now = DateTime::from_timestamp(1_000_000, 0).unwrap();
        assert_eq!(read("2026-11-22").unwrap(), read("2026-11-22T01:00:00+01:00").unwrap());
        assert_eq!(read("2h").unwrap().at(now).timestamp(), 1_000_000 - 7200);
        for bad in ["yesterday", "24", "0.5"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
