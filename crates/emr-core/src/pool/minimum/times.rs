//! Times of the week at which a minimum holds, such as `8-18 mon-fri`, by the clock on the wall of a time zone.
//!
//! The clock on the wall alone decides, so a range has an hour less on the day on which clocks go forward over one of
//! its hours, and an hour more where they go back. A range over midnight belongs to the day on which it begins: `22-6
//! fri` ends on Saturday at six.

use std::str::FromStr;

use chrono::{DateTime, Datelike, DurationRound, TimeDelta, Timelike, Utc, Weekday};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::Span;
use crate::error::{Error, Result};

const DAY: u32 = 24 * 60;

/// A part of a text, or what is wrong with it.
type Parsed<T> = std::result::Result<T, String>;

/// Ranges of hours on days of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// The days on which a range begins, from Monday.
    days: [bool; 7],
    /// Minutes of the day: the first of a range, and the first after it. A range over midnight ends before it begins.
    ranges: Vec<(u32, u32)>,
    /// As the user wrote them.
    text: String,
}

impl Times {
    /// Parses ranges of hours, of days, or both: `8-18 mon-fri`, `22-6`, `8:30-12,13-18 mon,wed`, `sat-sun`.
    pub fn read(text: &str) -> Result<Self> {
        let wrong = |why: String| {
            Error::usage(format!("'{text}' is not a time of the week: {why}"))
                .advise("write hours, days or both: 8-18 mon-fri, 22-6, 8:30-12,13-18 sat,sun")
        };
        let (mut days, mut ranges) = (None, None);
        for word in text.split_whitespace() {
            let is_days = word.starts_with(|c: char| c.is_ascii_alphabetic());
            let is_second = if is_days {
                days.replace(read_days(word).map_err(wrong)?).is_some()
            } else {
                ranges.replace(read_hours(word).map_err(wrong)?).is_some()
            };
            if is_second {
                return Err(wrong(format!("'{word}' follows others of its kind; join them with a comma")));
            }
        }
        if days.is_none() && ranges.is_none() {
            return Err(wrong("it is empty".to_owned()));
        }
        let whole_day = || vec![(0, DAY)];
        Ok(Self { days: days.unwrap_or([true; 7]), ranges: ranges.unwrap_or_else(whole_day), text: text.to_owned() })
    }

    /// As the user wrote them.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether they have this `minute` of this `day`.
    fn has(&self, day: Weekday, minute: u32) -> bool {
        let begins = |day: Weekday| self.days[day.num_days_from_monday() as usize];
        self.ranges.iter().any(|&(from, to)| {
            if from < to {
                begins(day) && (from..to).contains(&minute)
            } else {
                begins(day) && minute >= from || begins(day.pred()) && minute < to
            }
        })
    }
}

/// Days joined by commas, each one day or a range, which may go over the end of the week.
fn read_days(word: &str) -> Parsed<[bool; 7]> {
    let day = |name: &str| Weekday::from_str(name).map_err(|_| format!("'{name}' is not a day"));
    let mut days = [false; 7];
    for part in word.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (mut at, last) = (day(first)?, day(last)?);
        while at != last {
            days[at.num_days_from_monday() as usize] = true;
            at = at.succ();
        }
        days[last.num_days_from_monday() as usize] = true;
    }
    Ok(days)
}

/// Ranges of hours joined by commas.
fn read_hours(word: &str) -> Parsed<Vec<(u32, u32)>> {
    word.split(',')
        .map(|part| {
            let (from, to) = part.split_once('-').ok_or_else(|| format!("'{part}' is not a range of hours"))?;
            match (minute(from)?, minute(to)?) {
                (DAY, _) => Err(format!("'{part}' begins at the end of a day")),
                (from, to) if from == to => Err(format!("'{part}' is empty; the whole day is 0-24")),
                range => Ok(range),
            }
        })
        .collect()
}

/// The minute of the day of `8`, `8:30` or `24`.
fn minute(text: &str) -> Parsed<u32> {
    let wrong = || format!("'{text}' is not an hour of a day");
    let number = |text: &str| {
        let is_plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        is_plain.then(|| text.parse::<u32>().ok()).flatten().ok_or_else(wrong)
    };
    let (hours, minutes) = text.split_once(':').unwrap_or((text, "0"));
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    Some(60 * hours + minutes).filter(|all| minutes < 60 && *all <= DAY).ok_or_else(wrong)
}

/// When a minimum holds: at any of several times of the week, or always if there are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The times.
    pub at: Vec<Times>,
    /// The zone whose clocks count.
    pub zone: Tz,
}

impl Schedule {
    /// Whether the minimum holds at `time`.
    #[must_use]
    pub fn holds_at(&self, time: DateTime<Utc>) -> bool {
        let local = time.with_timezone(&self.zone).naive_local();
        self.at.is_empty() || self.at.iter().any(|times| times.has(local.weekday(), 60 * local.hour() + local.minute()))
    }

    /// The spans between `from` and `until` in which the minimum holds, to the minute.
    #[must_use]
    pub fn spans(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Span> {
        // Clocks of every zone show whole minutes at whole minutes of UTC.
        let minute = TimeDelta::minutes(1);
        let mut at = from.duration_trunc(minute).unwrap_or(from);
        let mut spans: Vec<Span> = Vec::new();
        while at < until {
            let next = at + minute;
            if self.holds_at(at) {
                let span = Span { from: at.max(from), until: next.min(until) };
                match spans.last_mut().filter(|last| last.until == span.from) {
                    Some(last) => last.until = span.until,
                    None => spans.push(span),
                }
            }
            at = next;
        }
        spans
    }
}

/// The time zone of this IANA name, such as `Europe/Berlin`.
pub fn zone(name: &str) -> Result<Tz> {
    name.parse().map_err(|_| {
        let error = Error::usage(format!("no time zone is called '{name}'"));
        // A longer name is near to none of them, and to compare it takes long.
        let known = TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|known| name.len() <= 2 * known.len());
        let lower = name.to_lowercase();
        let near = known.map(|known| (strsim::damerau_levenshtein(&lower, &known.to_lowercase()), known)).min();
        match near.filter(|(distance, _)| *distance <= name.len() / 3) {
            Some((_, near)) => error.advise(format!("did you mean {near}?")),
            None => error.advise("write an IANA name, such as Europe/Berlin, America/New_York or UTC"),
        }
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn schedule(at: &[&str], zone_name: &str) -> Schedule {
        Schedule { at: at.iter().map(|at| Times::read(at).unwrap()).collect(), zone: zone(zone_name).unwrap() }
    }

    fn utc(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    /// Minutes within `schedule` from noon before this day in UTC on, for so many days.
    fn minutes(schedule: &Schedule, day: &str, days: i64) -> i64 {
        let from = utc(&format!("{day}T00:00:00Z")) - TimeDelta::hours(12);
        let spans = schedule.spans(from, from + TimeDelta::days(days));
        spans.iter().map(|span| (span.until - span.from).num_minutes()).sum()
    }

    #[test]
    fn a_range_begins_with_its_first_minute_and_ends_before_its_last() {
        // 2026-11-30 is a Monday.
        let office = schedule(&["8-18 mon-fri"], "UTC");
        for (time, holds) in [
            ("2026-11-30T07:59:59Z", false),
            ("2026-11-30T08:00:00Z", true),
            ("2026-11-30T17:59:59Z", true),
            ("2026-11-30T18:00:00Z", false),
            ("2026-12-04T12:00:00Z", true),
            ("2026-12-05T12:00:00Z", false),
        ] {
            assert_eq!(office.holds_at(utc(time)), holds, "{time}");
        }
    }

    #[test]
    fn a_range_over_midnight_belongs_to_the_day_on_which_it_begins() {
        let night = schedule(&["22-6 fri"], "UTC");
        let expected = Span { from: utc("2026-12-04T22:00:00Z"), until: utc("2026-12-05T06:00:00Z") };
        assert_eq!(night.spans(utc("2026-11-30T00:00:00Z"), utc("2026-12-07T00:00:00Z")), [expected]);
        assert_eq!(minutes(&schedule(&["22-6"], "UTC"), "2026-11-30", 7), 56 * 60);
    }

    #[test]
    fn days_go_over_the_end_of_the_week_and_several_times_add_up() {
        let weekend = schedule(&["sat-sun"], "UTC");
        assert_eq!(minutes(&weekend, "2026-11-30", 7), 48 * 60);
        let long = schedule(&["FRI-mon 8:30-9,10-12"], "UTC");
        assert_eq!(minutes(&long, "2026-11-30", 7), 4 * 150);
        let both = schedule(&["8-12 mon", "10-14 mon", "saturday"], "UTC");
        assert_eq!(minutes(&both, "2026-11-30", 7), 30 * 60);
        assert_eq!(minutes(&schedule(&[], "UTC"), "2026-11-30", 7), 168 * 60);
    }

    #[test]
    fn the_clock_on_the_wall_of_the_zone_decides_in_summer_and_in_winter() {
        let office = schedule(&["8-18"], "Europe/Berlin");
        let first = |day: &str| {
            let from = utc(&format!("{day}T00:00:00Z"));
            office.spans(from, from + TimeDelta::days(1))[0].from
        };
        assert_eq!(first("2026-07-01"), utc("2026-07-01T06:00:00Z"));
        assert_eq!(first("2026-12-01"), utc("2026-12-01T07:00:00Z"));
        // Clocks go forward from 2 to 3 on 2026-03-29, and back from 3 to 2 on 2026-10-25.
        let night = schedule(&["1-4"], "Europe/Berlin");
        assert_eq!(minutes(&night, "2026-03-29", 1), 2 * 60);
        assert_eq!(minutes(&night, "2026-10-25", 1), 4 * 60);
        assert_eq!(
            schedule(&["2-3"], "Europe/Berlin").spans(utc("2026-03-28T12:00:00Z"), utc("2026-03-29T12:00:00Z")),
            []
        );
        let twice = schedule(&["2-2:30"], "Europe/Berlin");
        assert_eq!(twice.spans(utc("2026-10-24T12:00:00Z"), utc("2026-10-25T12:00:00Z")).len(), 2);
    }

    #[test]
    fn other_texts_are_refused() {
        for bad in [
            "",
            " ",
            "8",
            "8-18-20",
            "8-",
            "-18",
            "25-26",
            "8-24:01",
            "8:60-9",
            "8-8",
            "24-6",
            "0x8-9",
            "+8-9",
            "8-18 noday",
            "8-18 mon tue",
            "8-18 9-12",
            "mon--fri",
            "mon,",
            "8-18,",
            "008-9",
            "8.5-9",
        ] {
            let error = Times::read(bad).unwrap_err().to_string();
            assert!(error.contains("is not a time of the week"), "{bad}: {error}");
        }
        assert!(zone("Europe/Berln").unwrap_err().to_string().contains("did you mean Europe/Berlin?"));
        assert!(zone("Mars/Olympus_Mons").unwrap_err().to_string().contains("IANA"));
        assert!(zone("").is_err());
    }

    fn any_schedule() -> impl Strategy<Value = Schedule> {
        let hours = ((0..24_u32), (0..60_u32), (0..=24_u32)).prop_filter_map("not empty", |(from, minute, to)| {
            (60 * from + minute != 60 * to).then(|| format!("{from}:{minute:02}-{to}"))
        });
        let days = prop::sample::select(vec!["", " mon-fri", " sun", " sat-mon", " tue,thu"]);
        let zones =
            ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo"];
        let zone_name = prop::sample::select(zones.to_vec());
        (prop::collection::vec((hours, days), 1..3), zone_name).prop_map(|(at, zone_name)| {
            let at: Vec<_> = at.into_iter().map(|(hours, days)| format!("{hours}{days}")).collect();
            schedule(&at.iter().map(String::as_str).collect::<Vec<_>>(), zone_name)
        })
    }

    proptest! {
        /// Across the changes of the clocks of a whole year.
        #[test]
        fn spans_are_just_the_minutes_at_which_the_schedule_holds(
            schedule in any_schedule(), start in 0..366 * 86_400_i64, seconds in 0..3 * 86_400_i64,
        ) {
            let from = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap() + TimeDelta::seconds(start);
            let until = from + TimeDelta::seconds(seconds);
            let spans = schedule.spans(from, until);
            prop_assert!(spans.iter().all(|span| from <= span.from && span.from < span.until && span.until <= until));
            prop_assert!(spans.windows(2).all(|pair| pair[0].until < pair[1].from));
            let mut at = from;
            while at < until {
                prop_assert_eq!(schedule.holds_at(at), spans.iter().any(|span| span.has(at)), "{}", at);
                at += TimeDelta::seconds(977);
            }
        }

        #[test]
        fn a_whole_week_of_any_zone_has_the_hours_on_the_walls(hour in 0..24_u32, minute in 0..60_u32, start in 0..366_i64) {
            let zone = zone("America/New_York").unwrap();
            let schedule = Schedule { at: vec![Times::read(&format!("0-{hour}:{minute:02}")
                .replace("0-0:00", "0-24")).unwrap()], zone };
            let time = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap() + TimeDelta::hours(start * 24 + 5);
            let local = time.with_timezone(&zone);
            let minutes = 60 * local.hour() + local.minute();
            let wanted = if hour == 0 && minute == 0 { DAY } else { 60 * hour + minute };
            prop_assert_eq!(schedule.holds_at(time), minutes < wanted, "{} {}", local, local.weekday());
        }

        #[test]
        fn any_text_is_parsed_without_a_panic(text in "[0-9:, a-z-]{0,16}") {
            if let Ok(times) = Times::read(&text) {
                prop_assert!(times.days.contains(&true) && !times.ranges.is_empty());
            }
        }
    }
}
