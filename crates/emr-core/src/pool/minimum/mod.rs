//! The minimum of a pool: how many of its clusters stay free, and at which times.
//!
//! `fill-pool` writes it below the scratch URI and starts what is missing; `terminate-idle-job-flows` reads it there and
//! leaves that many free clusters alone. So one does not end what the other starts. [`stock`] has the rules that both
//! follow, [`failed_starts`] when to start one after others failed, and [`times`] the times of the week.
//!
//! A minimum is of one region: each has an object of its own, see [`locks`](super::locks).
//!
//! The object has the spans of time in which the minimum holds and not only the words of the user: a reader needs no
//! database of time zones, and cannot disagree with the writer. The last span ends when the minimum lapses. Whoever
//! keeps a minimum renews it before, so that one which nobody keeps any more does not cost money for ever.

mod description;
pub mod failed_starts;
pub mod stock;
pub mod times;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Demand;
use crate::error::{Error, Result};
use crate::model::job_flow::Software;
use times::Schedule;

const VERSION: u32 = 1;

/// The largest minimum. EMR runs as many clusters at once in a region, unless that quota is raised.
///
/// Source: <https://docs.aws.amazon.com/general/latest/gr/emr.html>
pub const MOST: u32 = 500;

/// The largest object of a minimum: 1 MiB. A week of spans takes a tenth of that.
pub const LARGEST: u64 = 1 << 20;

/// The shortest time after which a minimum lapses. Cron runs each minute at most, and a run takes its time.
pub const SHORTEST_KEEP: Duration = Duration::from_mins(5);

/// The longest time after which a minimum lapses.
pub const LONGEST_KEEP: Duration = Duration::from_hours(7 * 24);

/// How much the clocks of two services may differ. S3 refuses requests that differ by more than a quarter of an hour.
const SKEW: TimeDelta = TimeDelta::minutes(15);

/// How many replaced minimums are remembered: more lines of cron hardly keep one.
const MOST_REPLACED: usize = 8;

/// A span of time, without its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// When it begins.
    pub from: DateTime<Utc>,
    /// When it has ended.
    pub until: DateTime<Utc>,
}

impl Span {
    /// Whether it has `time`.
    #[must_use]
    pub fn has(&self, time: DateTime<Utc>) -> bool {
        (self.from..self.until).contains(&time)
    }
}

/// What is wanted: how many free clusters of which kind, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wanted {
    /// How many free clusters there are to be.
    pub min_idle: u32,
    /// The times of the week, as the user wrote them; empty for always.
    pub at: Vec<String>,
    /// The name of the zone of these times.
    pub tz: String,
    /// How long the minimum holds after it was written last.
    pub keep_s: u64,
    /// The instances that a cluster must have to count.
    pub demand: Demand,
    /// The software of such a cluster.
    pub software: Software,
    /// The virtual CPUs of one that is started; `None` if a type is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vcpus: Option<u32>,
}

/// The minimum of a pool, as its object has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Minimum {
    v: u32,
    /// What is wanted; `None` after it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted: Option<Wanted>,
    /// The spans in which it holds.
    pub spans: Vec<Span>,
    /// Who wrote it.
    pub written_by: String,
    /// When, by AWS's clock.
    pub written_at: DateTime<Utc>,
    /// Those that stood here before it and have not lapsed, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replaced: Vec<Replaced>,
}

/// A minimum that another run replaced before it had lapsed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Replaced {
    wanted: Wanted,
    lapses_at: DateTime<Utc>,
}

impl Minimum {
    /// The minimum `wanted` at the times of `schedule`, written by `owner` at `now`.
    #[must_use]
    pub fn new(wanted: Wanted, schedule: &Schedule, owner: String, now: DateTime<Utc>) -> Self {
        let spans = schedule.spans(now, lapse(&wanted, now));
        Self { v: VERSION, wanted: Some(wanted), spans, written_by: owner, written_at: now, replaced: Vec::new() }
    }

    /// The same in the place of `before`. It remembers that, and what that remembers, until they would have lapsed.
    #[must_use]
    pub fn replacing(self, before: &Self) -> Self {
        let last = before.wanted.clone().map(|wanted| {
            let lapses_at = lapse(&wanted, before.written_at);
            Replaced { wanted, lapses_at }
        });
        let all = last.into_iter().chain(before.replaced.iter().cloned());
        let others = all.filter(|replaced| self.wanted.as_ref() != Some(&replaced.wanted));
        let standing = others.filter(|replaced| replaced.lapses_at > self.written_at);
        let replaced = standing.take(MOST_REPLACED).collect();
        Self { replaced, ..self }
    }

    /// Whether `wanted` stood here, and would stand here at `now` had it not been replaced: by this, or by one that this
    /// has replaced in turn.
    #[must_use]
    pub fn is_in_place_of(&self, wanted: &Wanted, now: DateTime<Utc>) -> bool {
        let is_it = |replaced: &Replaced| replaced.wanted == *wanted && now < replaced.lapses_at;
        !self.has_lapsed(now) && self.replaced.iter().any(is_it)
    }

    /// No minimum, written by `owner` at `now`. The object stays, as that of a released lock does: S3 has no conditional
    /// delete everywhere.
    #[must_use]
    pub fn none(owner: String, now: DateTime<Utc>) -> Self {
        Self { v: VERSION, wanted: None, spans: Vec::new(), written_by: owner, written_at: now, replaced: Vec::new() }
    }

    /// What is wanted at `now`; `None` if it was taken back, has lapsed, or does not hold at this time.
    #[must_use]
    pub fn wanted_at(&self, now: DateTime<Utc>) -> Option<&Wanted> {
        // The clocks of two services differ a little: what was just written holds.
        let at = now.max(self.written_at);
        self.wanted.as_ref().filter(|_| !self.has_lapsed(now) && self.spans.iter().any(|span| span.has(at)))
    }

    /// Whether nobody has renewed it in time, or it is of a time to come by more than clocks differ.
    #[must_use]
    pub fn has_lapsed(&self, now: DateTime<Utc>) -> bool {
        let keep = self.wanted.as_ref().map_or(0, |wanted| wanted.keep_s);
        self.age_s(now).is_none_or(|age| age >= keep)
    }

    /// Whether to write it again at `now`: a quarter of its time has passed. So each run of cron reads it, and few write.
    #[must_use]
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        let keep = self.wanted.as_ref().map_or(0, |wanted| wanted.keep_s);
        now < self.written_at || self.age_s(now).is_none_or(|age| age >= keep / 4)
    }

    /// Seconds since it was written; `None` if it is of a time to come by more than [`SKEW`].
    fn age_s(&self, now: DateTime<Utc>) -> Option<u64> {
        let age = now - self.written_at;
        (age >= -SKEW).then(|| u64::try_from(age.num_seconds()).unwrap_or_default())
    }

    /// The content of the object, as JSON.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Parses the content of an object. An error if it is not a minimum of this version.
    pub fn read(object: &[u8]) -> Result<Self> {
        let version: Version = serde_json::from_slice(object).map_err(|cause| Self::damaged(&cause.to_string()))?;
        if version.v > VERSION {
            return Err(foreign(&format!("its version is {}", version.v)).advise("use newer tools"));
        }
        let minimum: Self = serde_json::from_slice(object).map_err(|cause| Self::damaged(&cause.to_string()))?;
        // Such a one would cost money for ever.
        if minimum.wanted.as_ref().is_some_and(|wanted| wanted.keep_s > LONGEST_KEEP.as_secs()) {
            return Err(Self::damaged("it lapses too late"));
        }
        Ok(minimum)
    }

    /// Whether the content of an object is of newer tools, which alone may take it away.
    #[must_use]
    pub fn is_newer(object: &[u8]) -> bool {
        serde_json::from_slice(object).is_ok_and(|Version { v }| v > VERSION)
    }

    /// The error of an object that is no minimum because of `why`.
    #[must_use]
    pub fn damaged(why: &str) -> Error {
        foreign(why).advise(FORGET)
    }
}

/// What to do about a damaged minimum. Its options say which it is.
const FORGET: &str = "fill-pool --forget with the options of its line takes it away";

/// When `wanted` lapses, if it was written at `written`. Others may have written any number and time.
fn lapse(wanted: &Wanted, written: DateTime<Utc>) -> DateTime<Utc> {
    let keep = TimeDelta::from_std(Duration::from_secs(wanted.keep_s).min(LONGEST_KEEP)).ok();
    keep.and_then(|keep| written.checked_add_signed(keep)).unwrap_or(written)
}

fn foreign(why: &str) -> Error {
    Error::config(format!("the object is not the minimum of a pool: {why}"))
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

#[cfg(test)]
mod tests {
    use super::times::{Times, zone};
    use super::*;
    use crate::model::instances::{InstanceGroup, Instances, Market, Role};

    fn utc(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn wanted() -> Wanted {
        let group = |role, count| {
            let market = Market::Spot(crate::model::bid::Bid::Usd("0.10".to_owned()));
            InstanceGroup::new(role, "m5.xlarge".to_owned(), count, market)
        };
        let demand = Demand::of(&Instances::Groups(vec![group(Role::Master, 1), group(Role::Core, 11)]));
        let software = Software::Release { label: "emr-7.14.0".to_owned(), applications: vec!["Spark".to_owned()] };
        let at = vec!["8-18 mon-fri".to_owned()];
        Wanted { min_idle: 2, at, tz: "UTC".to_owned(), keep_s: 3 * 3600, demand, software, vcpus: Some(48) }
    }

    /// One that was written on a Monday at this time.
    fn written(time: &str) -> Minimum {
        let schedule = Schedule { at: vec![Times::read("8-18 mon-fri").unwrap()], zone: zone("UTC").unwrap() };
        Minimum::new(wanted(), &schedule, "ann@host pid 7".to_owned(), utc(&format!("2026-11-30T{time}Z")))
    }

    #[test]
    fn it_holds_at_its_times_until_it_lapses() {
        let min_idle = |minimum: &Minimum, time: &str| {
            minimum.wanted_at(utc(&format!("2026-11-30T{time}Z"))).map(|wanted| wanted.min_idle)
        };
        let minimum = written("07:00:00");
        let table = [("07:59:59", None), ("08:00:00", Some(2)), ("09:59:59", Some(2)), ("10:00:00", None)];
        for (time, expected) in table {
            assert_eq!(min_idle(&minimum, time), expected, "{time}");
        }
        assert_eq!(min_idle(&written("17:00:00"), "17:59:59"), Some(2));
        assert_eq!(min_idle(&written("17:00:00"), "18:00:00"), None);
        assert_eq!(min_idle(&Minimum::none("ann".to_owned(), utc("2026-11-30T09:00:00Z")), "09:00:01"), None);
    }

    #[test]
    fn it_is_written_again_after_a_quarter_of_its_time_or_if_it_is_of_a_time_to_come() {
        let minimum = written("09:00:00");
        let at = |time: &str| utc(&format!("2026-11-30T{time}Z"));
        assert!(!minimum.is_due(at("09:44:59")) && minimum.is_due(at("09:45:00")));
        assert!(!minimum.has_lapsed(at("11:59:59")) && minimum.has_lapsed(at("12:00:00")));
        assert!(minimum.is_due(at("08:59:00")));
    }

    #[test]
    fn one_of_a_time_to_come_holds_as_if_it_were_just_written_if_clocks_may_differ_that_much() {
        let minimum = written("09:00:00");
        let at = |time: &str| utc(&format!("2026-11-30T{time}Z"));
        for (time, holds) in [("08:44:59", false), ("08:45:00", true), ("08:59:59", true), ("09:00:00", true)] {
            let time = at(time);
            assert_eq!((minimum.wanted_at(time).is_some(), minimum.has_lapsed(time)), (holds, !holds), "{time}");
        }
    }

    /// One that was written on a Monday at this time, for so many.
    fn of(min_idle: u32, time: &str) -> Minimum {
        Minimum { wanted: Some(Wanted { min_idle, ..wanted() }), ..written(time) }
    }

    #[test]
    fn one_that_replaces_another_says_so_until_that_would_have_lapsed() {
        let at = |time: &str| utc(&format!("2026-11-30T{time}Z"));
        let two = wanted();
        let one = of(1, "10:00:00").replacing(&of(2, "09:00:00"));
        assert!(one.is_in_place_of(&two, at("11:59:59")) && !one.is_in_place_of(&two, at("12:00:00")));
        assert!(!one.is_in_place_of(one.wanted.as_ref().unwrap(), at("10:00:01")));
        assert!(!one.is_in_place_of(&Wanted { min_idle: 3, ..wanted() }, at("10:00:01")));
        let renewed = of(1, "11:00:00").replacing(&one);
        assert!(renewed.is_in_place_of(&two, at("11:59:59")) && !renewed.is_in_place_of(&two, at("12:00:00")));
        let kept_longer = Minimum { wanted: Some(Wanted { keep_s: 6 * 3600, ..wanted() }), ..of(2, "09:00:00") };
        let lapsed = of(1, "10:00:00").replacing(&kept_longer);
        let longer = kept_longer.wanted.as_ref().unwrap();
        assert!(lapsed.is_in_place_of(longer, at("12:59:59")) && !lapsed.is_in_place_of(longer, at("13:00:00")));
        assert!(of(1, "12:00:00").replacing(&renewed).replaced.is_empty(), "nothing is kept for ever");
        assert!(of(2, "10:30:00").replacing(&one).is_in_place_of(one.wanted.as_ref().unwrap(), at("10:30:01")));
    }

    #[test]
    fn of_three_that_replace_one_another_in_turn_each_is_remembered() {
        let at = |time: &str| utc(&format!("2026-11-30T{time}Z"));
        let wanted = |min_idle| Wanted { min_idle, ..wanted() };
        let third = of(3, "09:20:00").replacing(&of(2, "09:10:00").replacing(&of(1, "09:00:00")));
        for (time, one, two) in [("11:59:59", true, true), ("12:09:59", false, true), ("12:10:00", false, false)] {
            let found = [1, 2].map(|min_idle| third.is_in_place_of(&wanted(min_idle), at(time)));
            assert_eq!(found, [one, two], "{time}");
        }
        let first = of(1, "09:30:00").replacing(&third);
        let remembered: Vec<_> = first.replaced.iter().map(|replaced| replaced.wanted.min_idle).collect();
        assert_eq!(remembered, [3, 2], "the newest first, and not itself");
        let later = of(4, "12:15:00").replacing(&first);
        let remembered: Vec<_> = later.replaced.iter().map(|replaced| replaced.wanted.min_idle).collect();
        assert_eq!(remembered, [1, 3], "that of 09:10:00 has lapsed");
    }

    #[test]
    fn only_a_few_are_remembered() {
        let many = (1..20).fold(of(20, "09:00:00"), |before, min_idle| of(min_idle, "09:00:01").replacing(&before));
        assert_eq!(many.replaced.len(), MOST_REPLACED);
        assert_eq!(many.replaced[0].wanted.min_idle, 18);
        assert!((many.write().len() as u64) < LARGEST / 10);
    }

    #[test]
    fn nothing_is_replaced_where_none_stood_or_it_had_lapsed() {
        let at = |time: &str| utc(&format!("2026-11-30T{time}Z"));
        let none = Minimum::none("ann".to_owned(), at("09:00:00"));
        assert!(of(1, "10:00:00").replacing(&none).replaced.is_empty());
        assert!(of(1, "12:00:00").replacing(&of(2, "09:00:00")).replaced.is_empty());
        let endless = Wanted { keep_s: u64::MAX, ..wanted() };
        let strange = Minimum { wanted: Some(endless), written_at: DateTime::<Utc>::MAX_UTC, ..of(1, "09:00:00") };
        assert!(Minimum::read(&of(1, "10:00:00").replacing(&strange).write()).is_ok());
    }

    #[test]
    fn writing_and_parsing_return_the_same() {
        let other = of(1, "10:00:00").replacing(&written("09:00:00"));
        for minimum in [written("09:00:00"), other, Minimum::none("ann".to_owned(), utc("2026-11-30T09:00:00Z"))] {
            assert_eq!(Minimum::read(&minimum.write()).unwrap(), minimum);
        }
    }

    #[test]
    fn the_longest_minimum_is_small() {
        let every_other = (0..24).step_by(2).map(|hour| format!("{hour}-{}", hour + 1)).collect::<Vec<_>>().join(",");
        let schedule = Schedule { at: vec![Times::read(&every_other).unwrap()], zone: zone("UTC").unwrap() };
        let wanted = Wanted { keep_s: LONGEST_KEEP.as_secs(), ..wanted() };
        let minimum = Minimum::new(wanted, &schedule, "ann".to_owned(), utc("2026-11-30T09:00:00Z"));
        assert!((minimum.write().len() as u64) < LARGEST / 10);
    }

    #[test]
    fn other_objects_are_refused() {
        let newer = br#"{"v":2,"spans":[],"written_by":"a","written_at":"2026-11-30T09:00:00Z"}"#;
        let whole = written("09:00:00");
        let cut = &whole.write()[..100];
        let keep_s = LONGEST_KEEP.as_secs() + 1;
        let for_ever = &Minimum { wanted: Some(Wanted { keep_s, ..wanted() }), ..whole }.write()[..];
        for object in [&b""[..], b"hello", b"{}", b"[1]", newer, cut, for_ever, br#"{"v":1}"#] {
            let error = Minimum::read(object).unwrap_err();
            assert!(error.to_string().contains("not the minimum of a pool"), "{error}");
            assert_eq!(error.outcome.exit_code(), 78);
            let advice = if Minimum::is_newer(object) { "use newer tools" } else { FORGET };
            assert!(error.to_string().contains(advice), "{error}");
        }
    }
}
