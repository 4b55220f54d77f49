//! What machines whose clocks cannot be compared may do to one lock: delete it, create it at once, share a token.

use emr_core::history::FindingKind;

use crate::lines::{self, CREATE, Lines, Put, RELEASE, on, takeover};
use crate::{kinds, verify, verify_files};

/// The history of a machine that finds no lock, creates it with this generation, and releases it.
fn created(machine: &str, generation: u64) -> Vec<String> {
    let (held, freed) = (format!("{machine}1"), format!("{machine}2"));
    let take = Put { by: machine, call: 2, if_match: None, nonce: &held, generation, token: Some(machine) };
    let free = Put { call: 3, if_match: Some(&held), nonce: &freed, token: None, ..take };
    let mut lines = Lines::default();
    lines.look(0, machine, 1);
    lines.absent(1, machine, 1);
    lines.sent(2, take);
    lines.written(3, take, 60_000);
    lines.sent(4, free);
    lines.written(5, free, 0);
    on(machine, &lines)
}

#[test]
fn an_object_that_is_deleted_and_created_on_another_machine_counts_as_deleted_in_any_order() {
    for files in [[created("a", 100), created("b", 200)], [created("b", 200), created("a", 100)]] {
        let (verdict, found) = verify_files(&files);
        assert_eq!((found, verdict.holds, verdict.deleted), (vec![], true, 1));
    }
}

#[test]
fn two_machines_that_create_an_object_by_one_generation_are_undecided() {
    let (verdict, found) = verify_files(&[created("a", 100), created("b", 100)]);
    assert!(verdict.holds && verdict.undecided == 1 && found.len() == 1, "{found:?}");
}

/// A machine that creates the object, and later reads what another machine has released.
fn created_and_read(machine: &str, generation: u64, (other, of_other): (&str, u64)) -> Vec<String> {
    let nonce = format!("{other}2");
    let freed = Put { by: other, call: 3, if_match: None, nonce: &nonce, generation: of_other, token: None };
    let mut again = Lines::default();
    again.look(20, machine, 4);
    again.found(21, machine, 4, freed, None);
    [created(machine, generation), on(machine, &again)].concat()
}

#[test]
fn an_object_that_is_read_after_another_was_created_may_be_newer_but_not_if_both_are() {
    let (of_a, of_b) = (created_and_read("a", 100, ("b", 200)), created_and_read("b", 200, ("a", 100)));
    for (here, kind) in [(created("a", 100), FindingKind::Undecided), (of_a, FindingKind::StaleRead)] {
        for files in [[here.clone(), of_b.clone()], [of_b.clone(), here]] {
            let (verdict, found) = verify_files(&files);
            assert_eq!((found[0].kind, verdict.holds), (kind, kind == FindingKind::Undecided), "{found:?}");
        }
    }
}

#[test]
fn a_write_that_is_sent_after_what_came_of_it_was_read_is_out_of_order_although_its_line_comes_last() {
    let renewal = Put { call: 3, if_match: Some("n1"), nonce: "n2", ..CREATE };
    let freed = Put { by: "c", call: 2, if_match: Some("n2"), nonce: "n3", token: None, ..renewal };
    let (mut elsewhere, mut here) = (Lines::default(), Lines::default());
    elsewhere.look(1, "c", 1);
    elsewhere.found(2, "c", 1, renewal, None);
    elsewhere.sent(3, freed);
    elsewhere.written(4, freed, 0);
    here.look(10_000, "d", 1);
    here.found(10_001, "d", 1, freed, None);
    for (at, expected) in [(20_000, true), (9000, false)] {
        let mut last = Lines::default();
        last.sent(at, renewal);
        last.written(at + 1, renewal, 60_000);
        let all = [lines::created().0, on("c", &elsewhere), here.0.clone(), last.0].concat();
        let found = verify(&all).1;
        assert_eq!(found.iter().any(|finding| finding.kind == FindingKind::OutOfOrder), expected, "{found:?}");
    }
}

#[test]
fn a_lock_that_was_there_before_its_histories_begins_where_the_chain_does() {
    let (mut early, mut late) = (Lines::default(), Lines::default());
    let old = Put { by: "a", call: 1, if_match: None, nonce: "old", generation: 7, token: None };
    let taken = Put { call: 2, if_match: Some("old"), nonce: "new", generation: 8, token: Some("t"), ..old };
    let freed = Put { by: "b", if_match: Some("new"), nonce: "newer", token: None, ..taken };
    early.look(5, "a", 1);
    early.found(6, "a", 1, old, None);
    early.sent(7, taken);
    early.written(8, taken, 60_000);
    late.look(1, "b", 1);
    late.found(2, "b", 1, taken, None);
    late.sent(3, freed);
    late.written(4, freed, 0);
    let (early, late) = (on("a", &early), on("b", &late));
    for files in [[early.clone(), late.clone()], [late.clone(), early.clone()]] {
        let (verdict, found) = verify_files(&files);
        assert_eq!((found, verdict.holds), (vec![], true));
    }
    let (verdict, found) = verify_files(&[late, created("c", 1)]);
    assert!(verdict.holds && verdict.undecided == 1, "without its writer, it may have been deleted: {found:?}");
}

#[test]
fn an_act_under_a_token_that_another_machine_released_is_undecided() {
    let act = |at| {
        let mut lines = Lines::default();
        lines.act(at, "a", 5, "a", 60_000, None);
        lines.act(at + 1, "a", 5, "a", 60_000, Some("done"));
        on("a", &lines)
    };
    let mut here = created("a", 100);
    let release: Vec<_> = here.split_off(4);
    let elsewhere: Vec<_> = release.iter().map(|line| line.replace(r#""boot":"a""#, r#""boot":"b""#)).collect();
    here.extend(act(10));
    let (verdict, found) = verify_files(&[here.clone(), elsewhere.clone()]);
    assert!(verdict.holds && found.iter().all(|finding| finding.kind == FindingKind::Undecided), "{found:?}");
    let in_one = [&here[..4], &elsewhere, &act(10)].concat();
    assert_eq!(kinds(&in_one), [FindingKind::Undecided]);
}

#[test]
fn a_release_by_one_who_does_not_hold_the_lock_is_found_where_that_is_recorded() {
    for (releaser, expected) in [("a", vec![]), ("x", vec![FindingKind::ForeignRelease])] {
        let mut lines = created("a", 100);
        for line in &mut lines[4..] {
            *line = line.replace(r#""state":"free""#, &format!(r#""state":"free","releaser":"{releaser}""#));
        }
        assert_eq!(kinds(&lines), expected);
    }
    assert_eq!(kinds(&created("a", 100)), [], "an older history");
}

/// The lines of process `b` on another machine, which takes the lock over when `a` has released it.
fn elsewhere() -> Vec<String> {
    let release = Put { by: "a", call: 9, if_match: Some("n1"), nonce: "n2", generation: 1, token: None };
    let take = Put { by: "b", call: 2, if_match: Some("n2"), nonce: "n3", generation: 2, token: Some("u") };
    let mut lines = Lines::default();
    lines.look(5, "b", 1);
    lines.found(6, "b", 1, release, Some(0));
    lines.sent(7, take);
    lines.written(8, take, 60_000);
    on("elsewhere", &lines)
}

#[test]
fn machines_whose_clocks_differ_are_merged_by_the_chain() {
    let mut here = lines::created();
    here.sent(30, RELEASE);
    here.written(31, RELEASE, 0);
    for lines in [[elsewhere(), here.0.clone()].concat(), [here.0, elsewhere()].concat()] {
        let (verdict, found) = verify(&lines);
        assert_eq!((found, verdict.holds, verdict.clocks, verdict.deleted), (vec![], true, 2, 0));
        assert_eq!(verdict.assumed.len(), 4);
    }
}

#[test]
fn leases_of_merged_histories_end_by_release_although_the_chain_has_not_begun() {
    let mut lines = Lines::default();
    let mut before = "before".to_owned();
    for number in 0..300 {
        let at = number * 10;
        let [held, freed, token] = ["a", "b", "t"].map(|letter| format!("{letter}{number}"));
        let take = Put {
            by: "a",
            call: number * 2,
            if_match: Some(&before),
            nonce: &held,
            generation: number,
            token: Some(&token),
        };
        let free = Put { call: number * 2 + 1, if_match: Some(&held), nonce: &freed, token: None, ..take };
        lines.sent(at, take);
        lines.written(at + 1, take, at + 60_000);
        lines.look(at + 2, "b", number);
        lines.found(at + 3, "b", number, take, None);
        lines.sent(at + 4, free);
        lines.written(at + 5, free, 0);
        before = freed;
    }
    let (verdict, found) = verify(&lines.0);
    assert_eq!((found, verdict.holds), (vec![], true));
}

#[test]
fn a_takeover_between_machines_without_an_age_is_told_and_no_violation() {
    let mut lines = lines::created().0;
    let mut take = Lines::default();
    take.sent(10, takeover("n2"));
    take.written(11, takeover("n2"), 70_000);
    lines.extend(on("elsewhere", &take));
    let (verdict, found) = verify(&lines);
    assert_eq!((found[0].kind, found.len()), (FindingKind::UnprovedTakeover, 1));
    assert_eq!((verdict.holds, verdict.takeovers, verdict.unproved_takeovers), (true, 1, 1));
}

#[test]
fn without_one_of_its_histories_a_lock_has_writes_that_nobody_recorded() {
    let mut lines = lines::created().0;
    lines.extend(elsewhere());
    assert_eq!(kinds(&lines), [FindingKind::Undecided], "it may have been there before, and deleted");
    let mut seen = Lines::default();
    seen.look(3, "b", 7);
    seen.found(4, "b", 7, CREATE, Some(0));
    let seen = on("elsewhere", &seen);
    assert_eq!(kinds(&[&lines[..4], &seen, &lines[4..]].concat()), [FindingKind::Unrecorded]);
}
