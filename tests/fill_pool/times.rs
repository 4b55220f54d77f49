//! The times at which a minimum holds.

use std::process::Command;

use harness::Ran;

use crate::account::{empty, set, waiting};

/// The name of the day so many days from now, in UTC.
fn day(from_now: u32) -> String {
    let day = Ran::of(Command::new("date").args(["-u", "-d", &format!("{from_now} days"), "+%a"]).env("LC_ALL", "C"));
    day.ok().stdout.trim().to_lowercase()
}

#[test]
fn outside_its_times_nothing_is_started_and_sweeps_end_all() {
    let account = waiting(&[("j-A", "", 120), ("j-B", "", 120)], &[]);
    let (later, now) = (format!("8-18 {}", day(3)), format!("0-24 {}-{}", day(6), day(1)));
    let ran = account.fill(&["--min-idle", "5", "--at", &later, "-v"]).ok();
    assert!(ran.stderr.contains("does not hold at this time"), "{ran:?}");
    assert_eq!((ran.stdout.as_str(), account.started()), ("", 0));
    assert_eq!(account.sweep(&["--dry-run"]), set(&["j-A", "j-B"]));
    let _ = account.fill(&["--min-idle", "1", "--at", &later, "--at", &now]).ok();
    assert_eq!(account.sweep(&["--dry-run"]).len(), 1);
    let _ = account.fill(&["--min-idle", "1", "--at", &later]).ok();
    assert_eq!(account.sweep(&[]), set(&["j-A", "j-B"]));
}

#[test]
fn times_are_those_of_the_zone() {
    let account = waiting(&[("j-A", "", 120)], &[]);
    let hour: u32 = Ran::of(Command::new("date").args(["-u", "+%-H"])).ok().stdout.trim().parse().unwrap();
    // Of a whole day, two hours before until three hours after now, by the clocks of a zone 14 hours ahead.
    let local = hour + 14;
    let at = format!("{}-{}", (local + 22) % 24, (local + 3) % 24);
    let _ = account.fill(&["--min-idle", "1", "--at", &at, "--tz", "Pacific/Kiritimati"]).ok();
    assert_eq!(account.sweep(&["--dry-run"]), set(&[]));
    let _ = account.fill(&["--min-idle", "1", "--at", &at, "--tz", "UTC"]).ok();
    assert_eq!(account.sweep(&["--dry-run"]), set(&["j-A"]));
}

#[test]
fn what_is_no_time_or_zone_is_refused_before_anything_is_asked() {
    let account = empty(&[]);
    account.fill(&["--min-idle", "1", "--at", "8 mon"]).fails(2, "is not a time of the week");
    account.fill(&["--min-idle", "1", "--tz", "Europe/Berln"]).fails(2, "did you mean Europe/Berlin?");
    assert!(account.sandbox.all_requests().is_empty());
}
