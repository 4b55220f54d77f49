//! Histories of machines whose clocks differ, by any constant and with any drift, in any order of their files.

use emr_core::history::{Finding, FindingKind, Place};
use proptest::prelude::*;

use crate::contest::{Contest, Flaw, Machine};
use crate::verify_files;

/// Machines whose wall clocks are wrong by up to six hours, and lose or gain up to a second every two.
pub(crate) fn machines() -> impl Strategy<Value = Vec<Machine>> {
    let clocks = (0..10_000_000_u64, -20_000..20_000_i64, -500..500_i64);
    prop::collection::vec(clocks, 2..5).prop_map(|clocks| {
        let all = (0..).zip(clocks);
        all.map(|(number, (up_s, wrong_s, drift_ms))| Machine { up_s, wrong_s, drift_ms, ..Machine::new(number) })
            .collect()
    })
}

/// Two files for each history: its processes write into one or the other.
fn split(histories: &[Vec<String>]) -> Vec<Vec<String>> {
    let is_of_second = |line: &String| line.split(r#""process":"p"#).nth(1).unwrap().as_bytes()[0].is_multiple_of(2);
    let halves = histories.iter().map(|lines| lines.iter().cloned().partition(is_of_second));
    halves.flat_map(|(one, other): (Vec<_>, Vec<_>)| [one, other]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_correct_history_holds_whatever_the_clocks_say(
        machines in machines(),
        locks in 1..4_usize,
        seed in any::<u64>(),
        begins_late in any::<bool>(),
        is_split in any::<bool>(),
    ) {
        let mut contest = Contest::new(Flaw::None, seed, machines, locks);
        if begins_late {
            contest = contest.run(500);
            contest.lines.iter_mut().for_each(Vec::clear);
        }
        let mut files = contest.run(1500).lines;
        if is_split {
            files = split(&files);
        }
        let by = usize::try_from(seed % 4).unwrap() % files.len();
        files.rotate_left(by);
        let (verdict, found) = verify_files(&files);
        // An act may have come before a release on another machine that is taken in first.
        let is_act = |place: &Place| files[place.file as usize][usize::try_from(place.line).unwrap() - 1].contains(r#""request":"act""#);
        let is_open = |finding: &Finding| finding.kind == FindingKind::Undecided && finding.places.iter().all(is_act);
        prop_assert!(found.iter().all(is_open) && verdict.holds, "{:?}\n{:?}", verdict, found);
        prop_assert_eq!((verdict.locks, verdict.deleted), (locks as u64, 0));
    }
}
