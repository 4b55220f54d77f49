//! Stores in which somebody deletes what is free or expired, and machines that boot again: that accuses nobody.

use emr_core::history::{Finding, FindingKind};
use proptest::prelude::*;

use crate::contest::{Client, Contest, Flaw, Machine, TTL};
use crate::machines::machines;
use crate::{verify, verify_files};

impl Contest {
    /// Deletes an object that is free or expired, or boots a machine, now and then.
    pub(crate) fn upset(&mut self, clients: &mut [Client]) {
        match self.random.below(60) {
            0 | 1 => self.delete(),
            2 if self.random.below(8) == 0 => self.boot(clients),
            _ => {}
        }
    }

    fn delete(&mut self) {
        let number = usize::try_from(self.random.below(self.objects.len() as u64)).unwrap();
        let now = self.now;
        let is_over = |modified| now > modified + TTL;
        if self.objects[number].take_if(|(lock, _, modified)| lock.holder.is_none() || is_over(*modified)).is_some() {
            self.deletions += 1;
        }
    }

    fn boot(&mut self, clients: &mut [Client]) {
        let number = usize::try_from(self.random.below(self.machines.len() as u64)).unwrap();
        self.machines[number].boot.push('+');
        self.machines[number].up_s = self.random.below(10_000_000);
        for client in clients.iter_mut().filter(|client| client.machine == number) {
            self.kill(client);
        }
    }

    fn unsteady(seed: u64, machines: Vec<Machine>, locks: usize) -> Self {
        let mut contest = Self::new(Flaw::None, seed, machines, locks);
        contest.is_unsteady = true;
        contest
    }
}

/// The lines of one clock after those of another.
fn by_clock(lines: &[String]) -> Vec<String> {
    let mut lines = lines.to_vec();
    lines.sort_by_key(|line| line.split(r#""boot":"boot"#).nth(1).unwrap().split('"').next().unwrap().to_owned());
    lines
}

/// Whether it accuses nobody.
fn is_open(finding: &Finding) -> bool {
    matches!(finding.kind, FindingKind::Undecided | FindingKind::LateAct)
}

#[test]
fn most_deletions_are_counted_by_one_clock() {
    for seed in 0..4 {
        let mut contest = Contest::unsteady(seed, vec![Machine::new(0)], 2);
        contest = contest.run(8000);
        let (verdict, found) = verify(&contest.journal);
        assert!(found.iter().all(is_open), "{found:?}");
        assert!(verdict.deleted <= contest.deletions, "{verdict:?}");
        assert!(
            contest.deletions > 50 && verdict.deleted > contest.deletions * 3 / 4,
            "{verdict:?} {}",
            contest.deletions
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn deletions_and_reboots_accuse_nobody_in_one_file_or_several(
        machines in machines(),
        locks in 1..4_usize,
        seed in any::<u64>(),
        begins_late in any::<bool>(),
    ) {
        let mut contest = Contest::unsteady(seed, machines, locks);
        if begins_late {
            contest = contest.run(300);
            contest.lines.iter_mut().for_each(Vec::clear);
            contest.journal.clear();
        }
        let contest = contest.run(1500);
        let mut files = contest.lines;
        let by = usize::try_from(seed % 4).unwrap() % files.len();
        files.rotate_left(by);
        for (verdict, found) in [verify(&contest.journal), verify_files(&files)] {
            prop_assert!(found.iter().all(is_open) && verdict.holds, "{:?}\n{:?}", verdict, found);
        }
        // Concatenated files: at most 16 objects may wait for their writers, so only 60 lines.
        let short: Vec<_> = contest.journal.iter().take(60).cloned().collect();
        let (verdict, found) = verify(&by_clock(&short));
        prop_assert!(found.iter().all(is_open) && verdict.holds, "{:?}\n{:?}", verdict, found);
    }
}

#[test]
fn a_store_that_ignores_conditions_is_caught_on_several_machines_whatever_is_deleted() {
    for seed in 0..3 {
        let machines = (0..3).map(|number| Machine { up_s: number * 1_000_000, ..Machine::new(number) }).collect();
        let mut contest = Contest::new(Flaw::IgnoresCondition, seed, machines, 1);
        contest.is_unsteady = true;
        let (verdict, found) = verify_files(&contest.run(100_000).lines);
        assert!(!verdict.holds, "{seed} {found:?}");
    }
}
