//! Locks that are handed over by one token, and lines that come before those that explain them.

use emr_core::history::FindingKind;

use crate::lines::{CREATE, Lines, Put, RELEASE, created, on, takeover};
use crate::{kinds, verify, verify_files};

const RENEW: Put<'static> = Put { call: 3, if_match: Some("n1"), nonce: "m1", ..CREATE };

/// A write by another process than `a`, with its answer.
fn done(at_ms: u64, put: Put<'_>, until_ms: u64) -> Lines {
    let mut lines = Lines::default();
    lines.sent(at_ms, put);
    lines.written(at_ms + 1, put, until_ms);
    lines
}

/// Names who releases.
fn by(releaser: &str, lines: &[String]) -> Vec<String> {
    let named = format!(r#""state":"free","releaser":"{releaser}""#);
    lines.iter().map(|line| line.replace(r#""state":"free""#, &named)).collect()
}

/// The kinds of what is found in lines of several machines that are taken in in this order.
fn merged_kinds(lines: &[String]) -> Vec<FindingKind> {
    verify(lines).1.into_iter().map(|finding| finding.kind).collect()
}

#[test]
fn a_lease_that_was_handed_over_and_released_elsewhere_is_over_although_its_grant_comes_late() {
    let (mut there, mut later) = (Lines::default(), Lines::default());
    there.look(100, "b", 1);
    there.found(101, "b", 1, CREATE, Some(0));
    let renewed = done(102, Put { by: "b", ..RENEW }, 60_000);
    let freed = done(110, Put { by: "b", if_match: Some("m1"), ..RELEASE }, 0);
    let there = [there.0, renewed.0, by("t", &freed.0)].concat();
    later.look(20, "c", 1);
    later.found(21, "c", 1, RELEASE, Some(0));
    let take = Put { by: "c", if_match: Some("n2"), ..takeover("n3") };
    let later = [later.0, done(22, take, 70_000).0].concat();
    let there: Vec<_> = there.iter().map(|line| line.replace(r#""boot":"b""#, r#""boot":"there""#)).collect();
    let here = created().0;
    let mut not_renewed = there.clone();
    not_renewed.drain(2..4);
    let not_renewed: Vec<_> =
        not_renewed.iter().map(|line| line.replace(r#""if_match":"m1""#, r#""if_match":"n1""#)).collect();
    let unknown = merged_kinds(&[&here[..], &later].concat());
    assert_eq!(unknown, [FindingKind::Undecided, FindingKind::Unrecorded]);
    for there in [there, not_renewed] {
        assert_eq!(merged_kinds(&[&here[..3], &there, &here[3..], &later].concat()), []);
        assert_eq!(merged_kinds(&[&here[..], &there, &later].concat()), []);
        assert_eq!(merged_kinds(&[&here[..], &later, &there].concat()), []);
    }
}

#[test]
fn a_foreign_release_or_a_takeover_is_found_before_the_lines_of_what_it_replaced() {
    let freed = by("x", &done(50, Put { by: "b", ..RELEASE }, 0).0);
    let taken = done(50, Put { generation: 0, ..takeover("n2") }, 0).0;
    let here = created().0;
    let mut seen = Lines::default();
    seen.look(40, "c", 1);
    seen.found(41, "c", 1, CREATE, None);
    let before: Vec<_> = here[2..].iter().map(|line| line.replace("create\"", r#"replace","if_match":"n0""#)).collect();
    for (planted, expected) in [(freed, vec![FindingKind::ForeignRelease]), (taken, vec![FindingKind::Generation])] {
        let is_proof = |kind: &FindingKind| *kind != FindingKind::UnprovedTakeover;
        let found = |kinds: Vec<FindingKind>| kinds.into_iter().filter(is_proof).collect::<Vec<_>>();
        assert_eq!(found(kinds(&[&here[..3], &planted, &here[3..]].concat())), expected, "its answer is late");
        let elsewhere: Vec<_> = planted.iter().map(|line| line.replace(r#""boot":"b""#, r#""boot":"x""#)).collect();
        assert_eq!(found(merged_kinds(&[&elsewhere[..], &before].concat())), expected, "its writer follows");
        assert_eq!(found(merged_kinds(&[&elsewhere[..], &here].concat())), expected, "its creation follows");
        assert_eq!(found(merged_kinds(&[elsewhere, on("c", &seen)].concat())), expected, "it is seen");
    }
}

#[test]
fn a_renewal_with_a_shorter_time_to_live_ends_the_lease_earlier() {
    let mut lines = created();
    lines.0.extend(done(10, RENEW, 12_000).0);
    lines.look(20_000, "b", 4);
    lines.found(20_001, "b", 4, RENEW, Some(61));
    lines.0.extend(done(20_002, Put { if_match: Some("m1"), ..takeover("n2") }, 80_000).0);
    assert_eq!(kinds(&lines.0), []);
}

#[test]
fn a_renewal_that_is_answered_before_the_write_that_it_replaced_keeps_its_end() {
    let mut lines = created();
    let late = lines.0.split_off(3);
    lines.look(3, "b", 1);
    lines.found(3, "b", 1, CREATE, Some(0));
    lines.0.extend(done(4, Put { by: "b", ..RENEW }, 90_000).0);
    lines.0.push(late[0].replace(r#""uptime_s":0.003"#, r#""uptime_s":9"#));
    lines.act(70_000, "b", 7, "t", 90_000, None);
    lines.act(70_001, "b", 7, "t", 90_000, Some("done"));
    assert_eq!(kinds(&lines.0), []);
}

#[test]
fn a_release_that_had_no_effect_or_is_another_s_ends_no_lease() {
    for (releaser, answer, is_renewed) in [
        ("u", "failed", false),
        ("t", "failed", false),
        ("t", "conflict", false),
        ("t", "refused", true),
        ("u", "refused", true),
    ] {
        let mut lines = created();
        if is_renewed {
            lines.0.extend(done(10, RENEW, 60_000).0);
        }
        let mut release = Lines::default();
        release.sent(20, Put { by: "b", ..RELEASE });
        release.answered(21, Put { by: "b", ..RELEASE }, answer);
        lines.0.extend(by(releaser, &release.0));
        lines.act(30, "a", 7, "t", 60_000, None);
        lines.act(31, "a", 7, "t", 60_000, Some("done"));
        assert_eq!(kinds(&lines.0), [], "{releaser} {answer}");
        let before = if is_renewed { "m1" } else { "n1" };
        lines.0.extend(done(40, Put { if_match: Some(before), ..takeover("n3") }, 80_000).0);
        assert_eq!(kinds(&lines.0), [FindingKind::TwoHolders], "{releaser} {answer}");
    }
}

#[test]
fn a_renewal_whose_answer_was_lost_may_be_what_the_next_one_replaced() {
    let lost = Put { nonce: "lost", ..RENEW };
    let next = Put { call: 4, if_match: Some("m1"), nonce: "m2", ..RENEW };
    let mut lines = created();
    lines.sent(10, lost);
    lines.0.extend(done(20, next, 60_000).0);
    assert_eq!(kinds(&lines.0), [FindingKind::Undecided]);
    let mut without = created();
    without.0.extend(done(20, next, 60_000).0);
    assert_eq!(kinds(&without.0), [FindingKind::Unrecorded]);
}

#[test]
fn a_refusal_after_which_nobody_has_seen_the_object_is_undecided() {
    let mut lines = created();
    lines.sent(10, RENEW);
    lines.answered(11, RENEW, "refused");
    assert_eq!(kinds(&lines.0), [FindingKind::Undecided]);
    lines.look(20, "a", 4);
    assert_eq!(kinds(&lines.0), [FindingKind::Undecided], "a look without an answer");
    lines.found(21, "a", 4, CREATE, None);
    assert_eq!(kinds(&lines.0), [FindingKind::SpuriousRefusal]);
}

#[test]
fn a_lock_that_many_machines_create_in_turn_counts_as_deleted_in_between() {
    let machine = |number: u64| {
        let (process, held, freed) = (format!("p{number}"), format!("a{number}"), format!("b{number}"));
        let at = number * 100;
        let take = Put {
            by: &process,
            call: 2,
            if_match: None,
            nonce: &held,
            generation: 1000 + number,
            token: Some(&process),
        };
        let free = Put { call: 3, if_match: Some(&held), nonce: &freed, token: None, ..take };
        let mut lines = Lines::default();
        lines.look(at, &process, 1);
        lines.absent(at + 1, &process, 1);
        lines.0.extend(done(at + 2, take, 60_000).0);
        lines.0.extend(done(at + 4, free, 0).0);
        let wrong = format!("T{:02}:00:00Z", number * 7 % 23);
        on(&process, &lines).iter().map(|line| line.replace("T06:00:00Z", &wrong)).collect::<Vec<_>>()
    };
    for count in [16, 17, 40] {
        let files: Vec<_> = (0..count).map(|number| machine(number * 11 % count)).collect();
        let (verdict, found) = verify_files(&files);
        assert_eq!((found, verdict.deleted), (vec![], count - 1), "{count}");
    }
}

#[test]
fn an_object_may_be_seen_before_the_line_of_who_wrote_it_and_was_killed() {
    let mut there = Lines::default();
    there.look(5, "c", 1);
    there.found(6, "c", 1, RENEW, None);
    let mut here = created();
    here.sent(10, RENEW);
    let there = on("there", &there);
    assert_eq!(merged_kinds(&[&there[..], &here.0].concat()), []);
    here.answered(11, RENEW, "refused");
    assert_eq!(merged_kinds(&[&there[..], &here.0].concat()), [FindingKind::RefusedButWritten]);
}
