//! What the check has forgotten: old objects of a busy lock, and all but the newest object of a quiet one.

use emr_core::history::FindingKind;

use crate::lines::{Lines, Put};
use crate::{kinds, verify};

/// Takes and releases of one lock, in turn, by processes `a` and `b`: each is 10 ms after the one before.
struct Turns {
    lines: Lines,
    count: u64,
}

impl Turns {
    fn new(count: u64) -> Self {
        let mut turns = Self { lines: Lines::default(), count: 0 };
        turns.lines.look(0, "a", 0);
        turns.lines.absent(1, "a", 0);
        turns.go_on(count);
        turns
    }

    fn go_on(&mut self, count: u64) {
        for number in self.count..self.count + count {
            let (held, freed, before) = (name(number, "h"), name(number, "f"), name(number.wrapping_sub(1), "f"));
            let if_match = (number > 0).then_some(before.as_str());
            let take =
                Put { by: "a", call: number + 1, if_match, nonce: &held, generation: number, token: Some(&held) };
            let free = Put { by: "b", if_match: Some(&held), nonce: &freed, token: None, ..take };
            self.lines.sent(number * 10 + 2, take);
            self.lines.written(number * 10 + 3, take, number * 10 + 60_000);
            self.lines.sent(number * 10 + 4, free);
            self.lines.written(number * 10 + 5, free, 0);
        }
        self.count += count;
    }

    fn now(&self) -> u64 {
        self.count * 10
    }

    /// A read by `c` of what was freed in this turn.
    fn found(&mut self, number: u64) {
        let nonce = name(number, "f");
        let put = Put { by: "", call: 0, if_match: None, nonce: &nonce, generation: number, token: None };
        self.lines.found(self.now() + 1, "c", 1, put, None);
    }

    /// A read of the same on another machine, at this time by its clock.
    fn found_on(&mut self, machine: &str, at: u64, number: u64) {
        let nonce = name(number, "f");
        let put = Put { by: "", call: 0, if_match: None, nonce: &nonce, generation: number, token: None };
        let mut lines = Lines::default();
        lines.look(at, machine, at);
        lines.found(at + 1, machine, at, put, None);
        let boot = format!(r#""boot":"{machine}""#);
        self.lines.0.extend(lines.0.iter().map(|line| line.replace(r#""boot":"b""#, &boot)));
    }

    /// Reads of what was freed last, on so many machines.
    fn found_on_all(&mut self, machines: u64) {
        for machine in 0..machines {
            self.found_on(&format!("m{machine}"), 50, self.count - 1);
        }
    }
}

fn name(number: u64, letter: &str) -> String {
    format!("{letter}{number}")
}

#[test]
fn a_read_that_took_longer_than_hundreds_of_writes_may_fit_and_one_that_was_sent_after_them_does_not() {
    for (is_sent_before, expected) in [(true, FindingKind::Undecided), (false, FindingKind::StaleRead)] {
        let mut turns = Turns::new(3);
        if is_sent_before {
            turns.lines.look(turns.now(), "c", 1);
        }
        turns.go_on(300);
        if !is_sent_before {
            turns.lines.look(turns.now(), "c", 1);
        }
        turns.found(2);
        assert_eq!(kinds(&turns.lines.0), [expected]);
    }
}

#[test]
fn a_write_that_others_saw_may_be_acknowledged_hundreds_of_writes_later() {
    let mut turns = Turns::new(3);
    let nonce = name(3, "h");
    let put = Put { by: "c", call: 1, if_match: Some("f2"), nonce: &nonce, generation: 3, token: Some(&nonce) };
    let (at, mut rest) = (turns.now(), Turns::new(400).lines.0);
    turns.lines.sent(at, put);
    turns.lines.look(at + 1, "a", 0);
    turns.lines.found(at + 2, "a", 0, put, None);
    let release = rest.iter().position(|line| line.contains(r#""if_match":"h3""#)).unwrap();
    turns.lines.0.append(&mut rest.split_off(release));
    turns.lines.written(4001, put, 0);
    assert_eq!(kinds(&turns.lines.0), []);
}

/// The history of a lock that is quiet while six thousand others are used, and then goes on with `more`.
fn after_quiet(more: impl FnOnce(&mut Turns)) -> Vec<FindingKind> {
    goes_on_after_quiet(Turns::new(3), more)
}

fn goes_on_after_quiet(mut turns: Turns, more: impl FnOnce(&mut Turns)) -> Vec<FindingKind> {
    let mut lines = turns.lines.0.clone();
    for other in 0..6000 {
        let uri = format!("s3://b/other{other}");
        lines.extend(turns.lines.0[..6].iter().map(|line| line.replace("s3://b/l", &uri)));
    }
    let count = turns.lines.0.len();
    more(&mut turns);
    lines.extend_from_slice(&turns.lines.0[count..]);
    kinds(&lines)
}

#[test]
fn a_lock_that_was_quiet_is_checked_as_before() {
    assert_eq!(after_quiet(|turns| turns.go_on(3)), []);
    let stale = after_quiet(|turns| {
        turns.lines.look(turns.now(), "c", 1);
        turns.found(1);
    });
    assert_eq!(stale, [FindingKind::StaleRead]);
    let unrecorded = after_quiet(|turns| {
        turns.lines.look(turns.now(), "c", 1);
        turns.found(7);
    });
    assert_eq!(unrecorded, [FindingKind::Unrecorded]);
    let take = |if_match, generation| {
        after_quiet(move |turns| {
            let put = Put { by: "c", call: 1, if_match: Some(if_match), nonce: "x", generation, token: Some("x") };
            turns.lines.sent(turns.now(), put);
            turns.lines.written(turns.now() + 1, put, 0);
        })
    };
    assert_eq!(take("f2", 3), []);
    assert_eq!(take("f2", 2), [FindingKind::Generation]);
    assert_eq!(take("f1", 3), [FindingKind::Fork]);
}

#[test]
fn a_lock_that_was_quiet_is_checked_by_the_clock_of_each_machine_that_saw_its_newest_object() {
    let stale = ["b", "m0", "m1"].map(|machine| (machine, FindingKind::StaleRead));
    for (machine, expected) in stale.into_iter().chain([("m2", FindingKind::Undecided)]) {
        let mut turns = Turns::new(3);
        turns.found_on_all(2);
        assert_eq!(goes_on_after_quiet(turns, |turns| turns.found_on(machine, 60, 1)), [expected], "{machine}");
    }
}

#[test]
fn a_stale_read_is_found_by_each_of_many_clocks_and_a_clock_that_was_left_out_is_told() {
    let expected = [(40, FindingKind::StaleRead), (255, FindingKind::StaleRead), (300, FindingKind::Undecided)];
    for (machines, expected) in expected {
        let mut turns = Turns::new(3);
        turns.found_on_all(machines);
        turns.found_on("m0", 60, 1);
        let (verdict, found) = verify(&turns.lines.0);
        let kinds: Vec<_> = found.into_iter().map(|finding| finding.kind).collect();
        assert_eq!(kinds, [expected], "{machines}");
        assert_eq!(verdict.assumed.len() == 5, expected == FindingKind::Undecided, "{machines}");
    }
}

#[test]
fn a_clock_that_was_left_out_is_told_although_the_lock_was_quiet() {
    for (machine, expected) in [("m0", vec![FindingKind::Undecided]), ("m299", vec![]), ("new", vec![])] {
        let mut turns = Turns::new(3);
        turns.found_on_all(300);
        assert_eq!(goes_on_after_quiet(turns, |turns| turns.found_on(machine, 60, 2)), expected, "{machine}");
    }
}

#[test]
fn a_lock_that_is_held_or_asked_for_is_not_dropped() {
    let taken = Put { by: "a", call: 9, if_match: Some("f2"), nonce: "x", generation: 3, token: Some("x") };
    let mut lines = Turns::new(3).lines;
    lines.sent(100, taken);
    let others = Turns::new(1).lines;
    for other in 0..6000 {
        let uri = format!("s3://b/other{other}");
        lines.0.extend(others.0.iter().map(|line| line.replace("s3://b/l", &uri)));
    }
    lines.look(200, "c", 1);
    lines.found(201, "c", 1, Put { token: Some("y"), ..taken }, None);
    assert_eq!(kinds(&lines.0), [FindingKind::Misattributed]);
}

#[test]
fn a_lock_that_was_deleted_and_then_quiet_is_checked_as_before() {
    let anew = |turns: &mut Turns| {
        turns.lines.look(turns.now(), "d", 5);
        turns.lines.absent(turns.now() + 1, "d", 5);
        let put = Put { by: "d", call: 6, if_match: None, nonce: "d1", generation: 1, token: Some("d") };
        turns.lines.sent(turns.now() + 2, put);
        turns.lines.written(turns.now() + 3, put, turns.now() + 4);
        let free = Put { call: 7, if_match: Some("d1"), nonce: "d2", token: None, ..put };
        turns.lines.sent(turns.now() + 4, free);
        turns.lines.written(turns.now() + 5, free, 0);
        turns.count += 1;
    };
    for (is_stale, expected) in [(true, vec![FindingKind::StaleRead]), (false, vec![])] {
        let mut turns = Turns::new(3);
        anew(&mut turns);
        let seen = Put { by: "", call: 0, if_match: None, nonce: "d2", generation: 1, token: None };
        let found = goes_on_after_quiet(turns, |turns| {
            turns.lines.look(turns.now(), "c", 1);
            if is_stale {
                turns.found(2);
            } else {
                turns.lines.found(turns.now() + 1, "c", 1, seen, None);
            }
        });
        assert_eq!(found, expected);
    }
}

#[test]
fn a_lock_that_is_deleted_again_and_again_is_checked_as_before() {
    let mut lines = Lines::default();
    let name = |number: u64| format!("l{number}");
    let life = |number: u64| (name(number), 1000 - number);
    for number in 0..40 {
        let (nonce, generation) = life(number);
        let put = Put { by: "a", call: number, if_match: None, nonce: &nonce, generation, token: None };
        lines.look(number * 10, "b", number);
        lines.absent(number * 10 + 1, "b", number);
        lines.sent(number * 10 + 2, put);
        lines.written(number * 10 + 3, put, 0);
    }
    let (verdict, found) = verify(&lines.0);
    assert_eq!((found, verdict.deleted), (vec![], 39));
    for seen in [3, 35] {
        let (nonce, generation) = life(seen);
        let put = Put { by: "", call: 0, if_match: None, nonce: &nonce, generation, token: None };
        let mut lines = Lines(lines.0.clone());
        lines.look(500, "c", 1);
        lines.found(501, "c", 1, put, None);
        assert_eq!(kinds(&lines.0), [FindingKind::StaleRead], "{seen}");
    }
}
