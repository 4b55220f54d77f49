//! Objects that somebody deletes, which violates nothing: two lives of an object, and what clocks tell of them.

use emr_core::history::FindingKind;

use crate::lines::{CREATE, Lines, Put, RELEASE, created, on};
use crate::{kinds, verify, verify_files};

/// The second creation, by process `b`.
const AGAIN: Put<'static> = Put { by: "b", call: 2, if_match: None, nonce: "m1", generation: 1, token: Some("u") };

/// Process `b` reads at these times that there is no lock, and creates it later.
fn again((asked, told): (u64, u64), (sent, answered): (u64, u64), generation: u64) -> Lines {
    let put = Put { generation, ..AGAIN };
    let mut lines = Lines::default();
    lines.look(asked, "b", 1);
    lines.absent(told, "b", 1);
    lines.sent(sent, put);
    lines.written(answered, put, 200_000);
    lines
}

/// The first life, which `a` begins at 2 to 3 ms and ends by a release at 30 to 31 ms if it is freed; and the second.
fn lives(is_freed: bool, again: &Lines) -> Vec<String> {
    let mut lines = created();
    if is_freed {
        lines.sent(30, RELEASE);
        lines.written(31, RELEASE, 0);
    }
    let mut all = [lines.0, again.0.clone()].concat();
    all.sort_by_key(|line| uptime_us(line));
    all
}

fn uptime_us(line: &str) -> u64 {
    let after = line.split(r#""uptime_s":"#).nth(1).unwrap();
    let seconds: f64 = after.split(',').next().unwrap().parse().unwrap();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "times of tests are small")]
    let micros = (seconds * 1e6).round() as u64;
    micros
}

#[test]
fn of_one_clock_two_creations_are_a_fork_unless_the_first_was_released_or_nothing_was_read_in_between() {
    // When `b` asks and hears that there is nothing, when it creates, by which generation, and what that is.
    let fork = vec![FindingKind::Fork];
    for (is_freed, read, creation, generation, expected, deleted) in [
        (true, (0, 1), (40, 41), 5, vec![], 1),
        (true, (0, 1), (40, 41), 1, vec![FindingKind::Undecided], 0),
        (false, (0, 1), (70_000, 70_001), 5, fork, 0),
        (false, (60_001, 60_002), (70_000, 70_001), 1, vec![], 1),
        (true, (32, 33), (40, 41), 1, vec![], 1),
        (true, (1, 33), (40, 41), 5, vec![], 1),
        (true, (1, 33), (40, 41), 1, vec![FindingKind::Undecided], 0),
        (false, (0, 1), (2, 4), 1, vec![FindingKind::TwoHolders, FindingKind::Fork], 0),
        (true, (0, 1), (2, 40), 1, vec![FindingKind::Undecided], 0),
    ] {
        let lines = lives(is_freed, &again(read, creation, generation));
        let (verdict, found) = verify(&lines);
        let mut kinds: Vec<_> = found.into_iter().map(|finding| finding.kind).collect();
        kinds.sort_unstable_by_key(|kind| *kind == FindingKind::Fork);
        assert_eq!((kinds, verdict.deleted), (expected, deleted), "{read:?} {creation:?} {generation}");
    }
}

#[test]
fn a_fork_of_two_lives_names_the_answers_of_both_creations() {
    let lines = lives(false, &again((0, 1), (70_000, 70_001), 1));
    let found = verify(&lines).1;
    let answers: Vec<_> =
        found[0].places.iter().map(|place| &lines[usize::try_from(place.line).unwrap() - 1]).collect();
    assert!(
        answers.iter().all(|line| line.contains(r#""answer":"written""#) && line.contains("create")),
        "{answers:?}"
    );
}

#[test]
fn two_lives_of_which_both_are_seen_after_the_other_began_are_a_fork_whatever_the_clocks_are() {
    let second = on("c", &again((0, 1), (2, 3), 9));
    let seen = |put: Put<'_>, at: u64| {
        let mut lines = Lines::default();
        lines.look(at, "d", at);
        lines.found(at + 1, "d", at, put, None);
        on("d", &lines)
    };
    let again = Put { generation: 9, ..AGAIN };
    let once = [seen(CREATE, 10), seen(again, 20)].concat();
    let both = [once.clone(), seen(CREATE, 30)].concat();
    for files in [[created().0, second.clone(), once.clone()], [once, second.clone(), created().0]] {
        let (verdict, found) = verify_files(&files);
        assert_eq!((found, verdict.deleted), (vec![], 1));
    }
    for files in [[created().0, second.clone(), both.clone()], [both, second, created().0]] {
        let (verdict, found) = verify_files(&files);
        let is_expected = |kind| matches!(kind, FindingKind::Fork | FindingKind::StaleRead);
        assert!(!verdict.holds && found.iter().all(|finding| is_expected(finding.kind)), "{found:?}");
    }
}

#[test]
fn a_reboot_ends_what_clocks_tell_and_accuses_nobody() {
    for (generation, expected, deleted) in [(2, vec![], 1), (1, vec![FindingKind::Undecided], 0)] {
        let one = [created().0, on("rebooted", &again((0, 1), (2, 3), generation))].concat();
        let files = one.chunks(4).map(<[String]>::to_vec).collect::<Vec<_>>();
        for (verdict, found) in
            [verify(&one), verify_files(&files), verify(&files.iter().rev().flatten().cloned().collect::<Vec<_>>())]
        {
            let kinds: Vec<_> = found.into_iter().map(|finding| finding.kind).collect();
            assert_eq!((&kinds, verdict.deleted), (&expected, deleted));
        }
    }
}

#[test]
fn what_another_machine_wrote_before_the_object_was_deleted_may_be_read_after_it() {
    let here = lives(true, &again((40, 41), (42, 43), 3));
    let mut there = Lines::default();
    let take = Put { by: "x", call: 5, if_match: Some("n2"), nonce: "x1", generation: 2, token: Some("v") };
    let free = Put { call: 6, if_match: Some("x1"), nonce: "x2", token: None, ..take };
    there.look(5, "x", 1);
    there.found(6, "x", 1, RELEASE, Some(0));
    there.sent(7, take);
    there.written(8, take, 60_000);
    there.sent(9, free);
    there.written(10, free, 0);
    there.look(20, "x", 9);
    there.found(21, "x", 9, Put { generation: 3, ..AGAIN }, None);
    let there = on("there", &there);
    for lines in [[here.clone(), there.clone()], [there, here]] {
        for (verdict, found) in [verify(&lines.concat()), verify_files(&lines)] {
            assert_eq!((found, verdict.deleted), (vec![], 1));
        }
    }
}

#[test]
fn a_creation_that_was_refused_needs_an_object_that_may_have_been_there() {
    let refused = |lines: &mut Lines, at: u64| {
        let put = Put { by: "c", call: 7, nonce: "c1", ..CREATE };
        lines.sent(at, put);
        lines.answered(at + 1, put, "refused");
    };
    let mut never = Lines::default();
    never.look(0, "b", 1);
    never.absent(1, "b", 1);
    let mut lost = Lines(never.0.clone());
    lost.sent(1, CREATE);
    let mut at_once = Lines(never.0.clone());
    refused(&mut at_once, 1);
    assert_eq!(kinds(&at_once.0), [FindingKind::SpuriousRefusal]);
    for (mut lines, is_absent, expected) in [
        (created(), false, vec![]),
        (created(), true, vec![]),
        (Lines(never.0.clone()), false, vec![FindingKind::SpuriousRefusal]),
        (Lines(lost.0.clone()), false, vec![]),
        (lost, true, vec![FindingKind::Undecided]),
    ] {
        refused(&mut lines, 10);
        if is_absent {
            lines.look(20, "b", 9);
            lines.absent(21, "b", 9);
        }
        assert_eq!(kinds(&lines.0), expected, "{is_absent}");
    }
}

#[test]
fn an_object_of_a_former_life_that_is_read_after_the_next_began_is_stale() {
    let mut lines = lives(true, &again((32, 33), (40, 41), 3));
    let mut seen = Lines::default();
    seen.look(50, "c", 1);
    seen.found(51, "c", 1, RELEASE, None);
    lines.extend(seen.0);
    assert_eq!(kinds(&lines), [FindingKind::StaleRead]);
}

#[test]
fn an_object_that_is_read_before_it_was_written_is_out_of_order() {
    for is_known in [true, false] {
        let mut lines = Lines::default();
        if is_known {
            lines.look(0, "c", 1);
            lines.absent(1, "c", 1);
        }
        lines.look(5, "b", 1);
        lines.found(6, "b", 1, CREATE, None);
        lines.sent(20, CREATE);
        lines.written(21, CREATE, 60_000);
        let found = verify(&lines.0).1;
        assert_eq!(found.iter().map(|finding| finding.kind).collect::<Vec<_>>(), [FindingKind::OutOfOrder]);
        assert_eq!(found[0].places.len(), 2);
    }
}

#[test]
fn a_read_that_finds_nothing_before_the_object_is_seen_again_is_stale_in_whatever_order_lines_come() {
    let mut seen = Lines::default();
    seen.look(4, "d", 1);
    seen.found(5, "d", 1, CREATE, None);
    seen.look(9, "d", 2);
    seen.absent(10, "d", 2);
    seen.look(19, "d", 3);
    seen.found(20, "d", 3, RELEASE, None);
    let seen = on("d", &seen);
    let mut replaced = Lines::default();
    replaced.sent(30, RELEASE);
    replaced.written(31, RELEASE, 0);
    for lines in [[created().0, replaced.0.clone(), seen.clone()], [created().0, seen, replaced.0]] {
        let (verdict, found) = verify(&lines.concat());
        let kinds: Vec<_> = found.into_iter().map(|finding| finding.kind).collect();
        assert_eq!((kinds, verdict.deleted), (vec![FindingKind::StaleRead], 0));
    }
}

#[test]
fn a_read_that_finds_nothing_is_told_once_although_it_contradicts_two_objects() {
    let mut lines = created();
    for (call, put) in [(1, CREATE), (2, RELEASE)] {
        lines.look(3 + call, "d", call);
        lines.found(4 + call, "d", call, put, None);
    }
    lines.look(9, "d", 3);
    lines.absent(10, "d", 3);
    let mut again = Lines::default();
    again.look(19, "d", 4);
    again.found(20, "d", 4, RELEASE, None);
    let mut replaced = Lines::default();
    replaced.sent(3, RELEASE);
    replaced.written(30, RELEASE, 0);
    assert_eq!(kinds(&[lines.0, on("there", &replaced), again.0].concat()), [FindingKind::StaleRead]);
}

#[test]
fn of_more_refusals_than_are_kept_the_first_are_undecided() {
    let mut lines = Lines::default();
    lines.look(0, "b", 1);
    lines.absent(1, "b", 1);
    for call in 2..68 {
        let put = Put { by: "c", call, nonce: "c1", ..CREATE };
        lines.sent(2 * call, put);
        lines.answered(2 * call + 1, put, "refused");
    }
    let expected = [vec![FindingKind::Undecided; 2], vec![FindingKind::SpuriousRefusal; 64]].concat();
    assert_eq!(kinds(&lines.0), expected);
}

#[test]
fn a_lock_that_is_deleted_while_it_is_held_has_two_holders_by_a_clock_of_both() {
    let there = on("there", &again((4, 5), (6, 7), 2));
    let mut taken = Lines::default();
    let free = Put { call: 3, if_match: Some("m1"), nonce: "m2", generation: 2, token: None, ..AGAIN };
    let take = Put { by: "c", call: 4, if_match: Some("m2"), nonce: "m3", generation: 3, token: Some("w") };
    taken.sent(20, free);
    taken.written(21, free, 0);
    let there = [there, on("there", &taken)].concat();
    let mut here = created();
    here.look(30, "c", 3);
    here.found(31, "c", 3, free, Some(0));
    here.sent(32, take);
    here.written(33, take, 50_000);
    let mut lost = Lines::default();
    lost.sent(3, RELEASE);
    for (lost, expected) in [(Lines::default(), FindingKind::TwoHolders), (lost, FindingKind::Undecided)] {
        let (verdict, found) = verify_files(&[here.0.clone(), there.clone(), on("third", &lost)]);
        let kinds: Vec<_> = found.into_iter().map(|finding| finding.kind).collect();
        assert_eq!((kinds, verdict.deleted), (vec![expected], 1));
    }
}
