//! Histories that are written by hand: one line each, with the keys that matter.

use std::fmt::Write;

use emr_core::history::{FindingKind, Parsed, parse};

use crate::{kinds, verify};

/// Lines of one lock, by processes of one machine.
#[derive(Default)]
pub(crate) struct Lines(pub(crate) Vec<String>);

/// A write: its process, call and condition, and what it writes.
#[derive(Clone, Copy)]
pub(crate) struct Put<'a> {
    pub(crate) by: &'a str,
    pub(crate) call: u64,
    pub(crate) if_match: Option<&'a str>,
    pub(crate) nonce: &'a str,
    pub(crate) generation: u64,
    pub(crate) token: Option<&'a str>,
}

impl Lines {
    fn push(&mut self, at_ms: u64, by: &str, call: u64, request: &str, rest: &str) {
        #[expect(clippy::cast_precision_loss, reason = "times of tests are small")]
        let uptime = at_ms as f64 / 1e3;
        self.0.push(format!(
            r#"{{"time":"2026-11-22T06:00:00Z","process":"{by}","call":{call},"boot":"b","uptime_s":{uptime},"lock_uri":"s3://b/l","request":"{request}"{rest}}}"#
        ));
    }

    fn put(&mut self, at_ms: u64, put: Put<'_>, rest: &str) {
        let Put { by, call, if_match, nonce, generation, token } = put;
        let state = if token.is_some() { "held" } else { "free" };
        let mut all = format!(r#","nonce":"{nonce}","state":"{state}","generation":{generation}"#);
        let keys = [("if_match", if_match), ("token", token)];
        for (key, value) in keys.into_iter().filter_map(|(key, value)| Some((key, value?))) {
            let _ = write!(all, r#","{key}":"{value}""#);
        }
        if token.is_some() {
            all.push_str(r#","ttl_s":60"#);
        }
        all.push_str(rest);
        self.push(at_ms, by, call, if if_match.is_some() { "replace" } else { "create" }, &all);
    }

    pub(crate) fn sent(&mut self, at_ms: u64, put: Put<'_>) {
        self.put(at_ms, put, "");
    }

    pub(crate) fn answered(&mut self, at_ms: u64, put: Put<'_>, answer: &str) {
        self.put(at_ms, put, &format!(r#","answer":"{answer}""#));
    }

    /// An acknowledged write. Its object's `ETag` is its nonce.
    pub(crate) fn written(&mut self, at_ms: u64, put: Put<'_>, until_ms: u64) {
        let (etag, seconds) = (put.nonce, until_ms / 1000);
        let until = if put.token.is_some() { format!(r#","held_until_s":{seconds}"#) } else { String::new() };
        self.put(at_ms, put, &format!(r#","answer":"written","etag":"{etag}"{until}"#));
    }

    pub(crate) fn look(&mut self, at_ms: u64, by: &str, call: u64) {
        self.push(at_ms, by, call, "read", "");
    }

    pub(crate) fn absent(&mut self, at_ms: u64, by: &str, call: u64) {
        self.push(at_ms, by, call, "read", r#","answer":"absent""#);
    }

    /// A read that found what `put` wrote, so old.
    pub(crate) fn found(&mut self, at_ms: u64, by: &str, call: u64, put: Put<'_>, age_s: Option<u64>) {
        let Put { nonce, generation, token, .. } = put;
        let mut rest = format!(r#","answer":"found","etag":"{nonce}","nonce":"{nonce}","generation":{generation}"#);
        if let Some(token) = token {
            let _ = write!(rest, r#","state":"held","token":"{token}","ttl_s":60"#);
        } else {
            rest.push_str(r#","state":"free""#);
        }
        if let Some(age_s) = age_s {
            let _ = write!(rest, r#","age_s":{age_s}"#);
        }
        self.push(at_ms, by, call, "read", &rest);
    }

    pub(crate) fn act(&mut self, at_ms: u64, by: &str, call: u64, token: &str, until_ms: u64, answer: Option<&str>) {
        let seconds = until_ms / 1000;
        let mut rest = format!(r#","act":"AddJobFlowSteps","token":"{token}","generation":1,"held_until_s":{seconds}"#);
        if let Some(answer) = answer {
            let _ = write!(rest, r#","answer":"{answer}""#);
        }
        self.push(at_ms, by, call, "act", &rest);
    }
}

pub(crate) const CREATE: Put<'static> =
    Put { by: "a", call: 2, if_match: None, nonce: "n1", generation: 1, token: Some("t") };
pub(crate) const RELEASE: Put<'static> =
    Put { by: "a", call: 9, if_match: Some("n1"), nonce: "n2", generation: 1, token: None };

/// The same lines, by the clock of `machine`.
pub(crate) fn on(machine: &str, lines: &Lines) -> Vec<String> {
    lines.0.iter().map(|line| line.replace(r#""boot":"b""#, &format!(r#""boot":"{machine}""#))).collect()
}

/// Process `a` finds no lock and creates it, held from 3 ms to 60 s.
pub(crate) fn created() -> Lines {
    let mut lines = Lines::default();
    lines.look(0, "a", 1);
    lines.absent(1, "a", 1);
    lines.sent(2, CREATE);
    lines.written(3, CREATE, 60_000);
    lines
}

/// A takeover by process `b`.
pub(crate) fn takeover(nonce: &str) -> Put<'_> {
    Put { by: "b", call: 5, if_match: Some("n1"), nonce, generation: 2, token: Some("u") }
}

#[test]
fn a_lock_that_is_taken_used_and_released_holds() {
    let mut lines = created();
    lines.act(10, "a", 3, "t", 60_000, None);
    lines.act(20, "a", 3, "t", 60_000, Some("done"));
    lines.sent(30, RELEASE);
    lines.written(31, RELEASE, 0);
    let (verdict, found) = verify(&lines.0);
    assert_eq!((found, verdict.holds), (vec![], true));
    assert_eq!((verdict.reads, verdict.writes, verdict.written, verdict.acts), (1, 2, 2, 1));
}

#[test]
fn a_write_without_an_answer_is_known_by_its_nonce_once_somebody_reads_it() {
    let mut lines = Lines::default();
    lines.look(0, "a", 1);
    lines.absent(1, "a", 1);
    lines.sent(2, CREATE);
    lines.look(90_000, "b", 4);
    lines.found(90_001, "b", 4, CREATE, Some(61));
    lines.sent(90_002, takeover("n2"));
    lines.written(90_003, takeover("n2"), 150_000);
    let (verdict, found) = verify(&lines.0);
    assert_eq!((found, verdict.takeovers, verdict.unclear), (vec![], 1, 1));
}

#[test]
fn two_writes_that_replace_the_same_object_are_a_fork() {
    let mut lines = created();
    for (at, put) in [(70_000, takeover("n2")), (70_010, Put { by: "c", token: Some("v"), ..takeover("n3") })] {
        lines.sent(at, put);
        lines.written(at + 1, put, 0);
    }
    assert!(kinds(&lines.0).contains(&FindingKind::Fork));
}

#[test]
fn two_tokens_at_once_are_found_and_one_after_the_other_is_not() {
    for (at, expected) in [(59_000, vec![FindingKind::TwoHolders]), (60_001, vec![])] {
        let mut lines = created();
        lines.sent(at, takeover("n2"));
        lines.written(at + 1, takeover("n2"), at + 60_000);
        assert_eq!(kinds(&lines.0), expected, "{at}");
    }
}

#[test]
fn two_tokens_at_once_are_found_although_the_answer_to_a_renewal_was_lost() {
    let renewal = Put { call: 3, if_match: Some("n1"), nonce: "n2", ..CREATE };
    let take = Put { if_match: Some("n2"), ..takeover("n3") };
    for (at, expected) in [(59_000, vec![FindingKind::TwoHolders]), (70_000, vec![])] {
        let mut lines = created();
        lines.sent(10, renewal);
        lines.answered(20, renewal, "unclear");
        lines.look(at - 2, "b", 4);
        lines.found(at - 1, "b", 4, renewal, Some(61));
        lines.sent(at, take);
        lines.written(at + 1, take, at + 60_000);
        assert_eq!(kinds(&lines.0), expected, "{at}");
    }
}

#[test]
fn a_takeover_needs_an_age_beyond_the_time_to_live() {
    for (age, expected) in [(60, vec![FindingKind::EarlyTakeover]), (61, vec![])] {
        let mut lines = created();
        lines.look(70_000, "b", 4);
        lines.found(70_001, "b", 4, CREATE, Some(age));
        lines.sent(70_002, takeover("n2"));
        lines.written(70_003, takeover("n2"), 130_000);
        assert_eq!(kinds(&lines.0), expected, "{age}");
    }
}

#[test]
fn a_generation_that_falls_or_stays_with_another_holder_is_found() {
    for generation in [0, 1] {
        let mut lines = created();
        let put = Put { generation, ..takeover("n2") };
        lines.sent(70_000, put);
        lines.written(70_001, put, 130_000);
        assert_eq!(kinds(&lines.0), [FindingKind::Generation]);
    }
}

#[test]
fn a_read_of_what_had_been_replaced_is_found() {
    let mut lines = created();
    lines.sent(30, RELEASE);
    lines.written(31, RELEASE, 0);
    lines.look(40, "b", 1);
    lines.found(41, "b", 1, CREATE, None);
    assert_eq!(kinds(&lines.0), [FindingKind::StaleRead]);
}

#[test]
fn a_read_that_began_before_the_replacement_may_show_either() {
    let mut lines = created();
    lines.look(29, "b", 1);
    lines.sent(30, RELEASE);
    lines.written(31, RELEASE, 0);
    // What has one time may be in either order.
    lines.look(31, "c", 1);
    lines.found(41, "b", 1, CREATE, None);
    lines.found(42, "c", 1, CREATE, None);
    assert_eq!(kinds(&lines.0), []);
}

#[test]
fn a_refused_write_that_comes_back_is_found() {
    let mut lines = created();
    lines.sent(70_000, takeover("n2"));
    lines.answered(70_001, takeover("n2"), "refused");
    lines.look(70_010, "c", 1);
    lines.found(70_011, "c", 1, takeover("n2"), None);
    assert_eq!(kinds(&lines.0), [FindingKind::RefusedButWritten]);
}

#[test]
fn an_unclear_write_that_comes_back_as_another_s_is_found() {
    let mut lines = created();
    lines.sent(70_000, takeover("n2"));
    lines.answered(70_001, takeover("n2"), "unclear");
    lines.look(70_010, "c", 1);
    lines.found(70_011, "c", 1, Put { token: Some("v"), ..takeover("n2") }, None);
    assert_eq!(kinds(&lines.0), [FindingKind::Misattributed]);
}

#[test]
fn an_object_with_another_time_to_live_than_was_written_is_misattributed() {
    let mut lines = created();
    lines.look(10, "c", 1);
    lines.found(11, "c", 1, CREATE, None);
    let last = lines.0.last_mut().unwrap();
    *last = last.replace(r#""ttl_s":60"#, r#""ttl_s":61"#);
    assert_eq!(kinds(&lines.0), [FindingKind::Misattributed]);
}

#[test]
fn a_write_that_nobody_recorded_is_found() {
    let mut lines = created();
    lines.look(70_000, "b", 4);
    lines.found(70_001, "b", 4, takeover("foreign"), None);
    assert_eq!(kinds(&lines.0), [FindingKind::Unrecorded]);
}

#[test]
fn the_same_etag_for_two_objects_is_found() {
    let mut lines = created();
    lines.sent(30, RELEASE);
    lines.written(31, RELEASE, 0);
    let again = Put { if_match: Some("n2"), by: "b", generation: 2, token: Some("u"), ..CREATE };
    lines.sent(40, again);
    lines.written(41, again, 0);
    assert_eq!(kinds(&lines.0), [FindingKind::EtagRepeated]);
}

#[test]
fn acts_outside_of_the_lease_are_violations_and_those_that_may_be_are_told_apart() {
    for (sent, answered, expected) in [
        (60_000, Some(60_001), vec![FindingKind::ActAfterLease, FindingKind::LateAct]),
        (59_000, Some(60_001), vec![FindingKind::LateAct]),
        (59_000, None, vec![FindingKind::LateAct]),
        (59_000, Some(59_001), vec![]),
    ] {
        let mut lines = created();
        lines.act(sent, "a", 3, "t", 60_000, None);
        if let Some(answered) = answered {
            lines.act(answered, "a", 3, "t", 60_000, Some("done"));
        }
        assert_eq!(kinds(&lines.0), expected, "{sent} {answered:?}");
    }
    let mut lines = created();
    lines.act(10, "b", 3, "u", 60_000, None);
    assert_eq!(kinds(&lines.0)[0], FindingKind::ActWithoutLease);
    let mut lines = created();
    lines.sent(30, RELEASE);
    lines.act(31, "a", 3, "t", 60_000, None);
    assert_eq!(kinds(&lines.0)[0], FindingKind::ActWithoutLease, "the lease is given up when the release is sent");
}

#[test]
fn an_object_that_somebody_deleted_may_be_created_anew_by_any_generation() {
    for generation in [2, 1, 0] {
        let mut lines = created();
        lines.look(90_000, "b", 1);
        lines.absent(90_001, "b", 1);
        let again = Put { by: "b", call: 3, nonce: "n2", generation, token: Some("u"), ..CREATE };
        lines.sent(90_002, again);
        lines.written(90_003, again, 150_000);
        let (verdict, found) = verify(&lines.0);
        assert_eq!((found, verdict.deleted), (vec![], 1), "{generation}");
    }
}

#[test]
fn a_read_that_finds_nothing_where_the_object_stays_is_found() {
    let mut lines = created();
    lines.look(10, "b", 1);
    lines.absent(11, "b", 1);
    lines.sent(30, RELEASE);
    lines.written(31, RELEASE, 0);
    assert_eq!(kinds(&lines.0), [FindingKind::StaleRead]);
}

#[test]
fn answers_alone_are_checked_by_the_wall_clock() {
    let line = |time: &str, request: &str, rest: &str| {
        format!(
            r#"{{"time":"2026-11-22T06:00:{time}Z","process":"p","lock_uri":"s3://b/l","request":"{request}",{rest}}}"#
        )
    };
    let first = line(
        "00",
        "create",
        r#""nonce":"a","answer":"written","etag":"e1","generation":1,"state":"held","ttl_s":60,"token":"t","held_until":"2026-11-22T06:00:30Z""#,
    );
    for (time, expected) in [("10", vec![FindingKind::TwoHolders]), ("31", vec![])] {
        let next = line(
            time,
            "replace",
            r#""if_match":"e1","nonce":"b","answer":"written","etag":"e2","generation":2,"state":"held","ttl_s":60,"token":"u","held_until":"2026-11-22T06:01:30Z""#,
        );
        assert_eq!(kinds(&[first.clone(), next]), expected);
    }
}

#[test]
fn a_release_without_the_line_of_its_request_ends_the_lease() {
    let mut lines = created();
    lines.written(31, RELEASE, 0);
    let take = Put { if_match: Some("n2"), ..takeover("n3") };
    lines.sent(40, take);
    lines.written(41, take, 60_000);
    assert_eq!(kinds(&lines.0), []);
}

#[test]
fn an_object_that_lacks_what_is_checked_is_damage() {
    let mut lines = created();
    lines.found(10, "a", 7, CREATE, None);
    let keys = [r#","state":"held""#, r#","generation":1"#, r#","token":"t""#, r#","ttl_s":60"#];
    for line in [&lines.0[3], &lines.0[4]] {
        assert!(matches!(parse(line.as_bytes()), Parsed::Entry(_)), "{line}");
        for key in keys {
            let lacking = line.replace(key, "");
            assert!(lacking != *line && matches!(parse(lacking.as_bytes()), Parsed::Damaged(_)), "{lacking}");
        }
    }
    for key in [r#","held_until_s":60"#, r#","boot":"b""#] {
        let lacking = lines.0[3].replace(key, "").replace("2026-11-22T", "2026-11-22 at ");
        assert!(matches!(parse(lacking.as_bytes()), Parsed::Damaged(_)), "{lacking}");
    }
}

#[test]
fn what_is_not_the_beginning_of_a_record_is_damage() {
    for line in ["hello", "{}", "[1]", "}", "{\"time\":1", "{\"time\":\"2026\"}", "{\"time\" \"2026"] {
        assert!(matches!(parse(line.as_bytes()), Parsed::Damaged(_)), "{line}");
    }
}

#[test]
fn a_tail_of_nuls_is_a_line_that_breaks_off() {
    for line in ["\0\0\0", "{\"time\":\"2026\0\0"] {
        assert!(matches!(parse(line.as_bytes()), Parsed::Torn));
    }
}
