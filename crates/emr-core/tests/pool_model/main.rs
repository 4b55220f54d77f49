//! Model checks the minimum of a pool: fillers, creators, jobs that join and sweeps, all on one pool, in every order of
//! events, with crashes and lost answers, within the sizes given here.
//!
//! What is free or starting, how many are missing, and which of them a sweep keeps is decided by the shipped rules, on
//! clusters with Names, steps and instances. The lock of the pool and the claims of job flows are taken as
//! `tests/claim_model` proves them: held by one at a time, until they expire.
//!
//! | agent | stands for | does |
//! |---|---|---|
//! | filler | `fill-pool` | lock the pool, list, look at each, start what is missing, wait until that is listed, unlock |
//! | creator | `find-pool --or-create` | lock the pool, list, look at each, claim the first free one, or start one and claim it |
//! | joiner | `find-pool` | claim one that is free |
//! | sweeper | `terminate-idle-job-flows` | lock the pool, list, look, end one unless the minimum keeps it, unlock |
//!
//! The proof has three assumptions. A start that is sent under a lease happens before the lease has expired for others,
//! or never, even if its answer is lost; the same holds for the end of a job flow. And EMR lists a new job flow within a
//! third of that time.
//!
//! `cargo test -p emr-core --test pool_model -- --nocapture` prints the number of states of each check, and for each
//! flaw the shortest way to a violation.
#![expect(clippy::print_stdout, reason = "the number of states says how much was checked")]

mod agent;
mod pool;
mod property;
mod world;

use stateright::{Checker, HasDiscoveries, Model};

/// The model to explore.
#[derive(Debug, Clone)]
pub(crate) struct PoolModel {
    min_idle: u32,
    /// Clusters that wait at the start.
    waiting: usize,
    fillers: usize,
    creators: usize,
    joiners: usize,
    sweepers: usize,
    /// How many agents may crash, or answers of EMR get lost.
    faults: u32,
    /// The last tick of the clock. A lease lasts two for its holder, and three for others.
    horizon: u8,
    flaw: Option<Flaw>,
}

/// A deliberate flaw: a check that cannot fail proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Nobody locks the pool.
    Unlocked,
    /// A filler unlocks the pool although a start may still happen.
    UnlocksUnsure,
    /// A filler does not wait until what it started is listed.
    GoesOnUnlisted,
    /// A filler counts only what is free, and not what starts.
    IgnoresComing,
    /// A filler starts job flows after the end of its lease.
    StartsLate,
    /// A filler counts as free what a job has claimed.
    CountsClaimed,
    /// A sweep counts as free what a job has claimed.
    KeepsClaimed,
    /// A sweep ends what it saw free, without another look.
    EndsBlindly,
}

impl PoolModel {
    fn new(min_idle: u32, waiting: usize) -> Self {
        Self { min_idle, waiting, fillers: 0, creators: 0, joiners: 0, sweepers: 0, faults: 0, horizon: 0, flaw: None }
    }

    /// So many fillers and creators, and jobs and sweeps.
    fn agents(self, [fillers, creators, joiners, sweepers]: [usize; 4]) -> Self {
        Self { fillers, creators, joiners, sweepers, ..self }
    }

    fn faults(self, faults: u32, horizon: u8) -> Self {
        Self { faults, horizon, ..self }
    }

    fn with(self, flaw: Flaw) -> Self {
        Self { flaw: Some(flaw), ..self }
    }

    /// Asserts all properties in every state, and prints the number of states.
    fn holds(self) {
        let name = format!("{self:?}");
        let checker = self.checker().spawn_bfs().join();
        println!("{} states: {name}", checker.unique_state_count());
        checker.assert_properties();
    }

    /// Asserts that `property` is violated, and prints the shortest way to a violation.
    fn fails(self, property: &'static str) {
        let name = format!("{self:?}");
        let checker = self.checker().finish_when(HasDiscoveries::AnyOf([property].into())).spawn_bfs().join();
        let way = checker.assert_any_discovery(property);
        println!("{} states: {name}\nnot {property}: {way}", checker.unique_state_count());
    }
}

#[test]
fn two_fillers_start_what_one_would() {
    PoolModel::new(2, 0).agents([2, 0, 0, 0]).holds();
    PoolModel::new(2, 1).agents([2, 0, 1, 0]).holds();
}

#[test]
fn fillers_start_no_more_although_one_crashes_or_loses_an_answer() {
    PoolModel::new(1, 0).agents([2, 0, 0, 0]).faults(1, 4).holds();
    PoolModel::new(2, 1).agents([2, 0, 1, 0]).faults(1, 3).holds();
}

#[test]
fn fillers_count_what_creators_start() {
    PoolModel::new(1, 0).agents([1, 2, 1, 0]).holds();
    PoolModel::new(1, 0).agents([2, 1, 0, 0]).faults(1, 3).holds();
}

#[test]
fn two_sweeps_leave_the_minimum_beside_jobs_and_a_filler() {
    PoolModel::new(1, 3).agents([0, 0, 1, 2]).holds();
    PoolModel::new(2, 3).agents([1, 0, 1, 2]).holds();
}

#[test]
fn sweeps_leave_the_minimum_although_one_crashes() {
    PoolModel::new(1, 2).agents([1, 0, 1, 2]).faults(1, 3).holds();
}

#[test]
fn without_the_lock_two_fillers_start_too_many() {
    PoolModel::new(1, 0).agents([2, 0, 0, 0]).with(Flaw::Unlocked).fails(property::NONE_TOO_MANY);
}

#[test]
fn unlocking_while_a_start_may_still_happen_starts_too_many() {
    PoolModel::new(1, 0).agents([2, 0, 0, 0]).faults(1, 2).with(Flaw::UnlocksUnsure).fails(property::NONE_TOO_MANY);
}

#[test]
fn going_on_before_a_start_is_listed_starts_too_many() {
    PoolModel::new(1, 0).agents([2, 0, 0, 0]).with(Flaw::GoesOnUnlisted).fails(property::NONE_TOO_MANY);
}

#[test]
fn counting_without_what_starts_starts_too_many() {
    PoolModel::new(1, 0).agents([2, 0, 0, 0]).with(Flaw::IgnoresComing).fails(property::NONE_TOO_MANY);
}

#[test]
fn starting_after_the_end_of_a_lease_starts_too_many() {
    PoolModel::new(1, 0).agents([2, 0, 0, 0]).faults(0, 4).with(Flaw::StartsLate).fails(property::NONE_TOO_MANY);
}

#[test]
fn counting_what_is_claimed_starts_too_few() {
    PoolModel::new(1, 1).agents([1, 0, 1, 0]).with(Flaw::CountsClaimed).fails(property::NONE_MISSING);
}

#[test]
fn without_the_lock_two_sweeps_end_what_the_other_keeps() {
    PoolModel::new(1, 3).agents([0, 0, 1, 2]).with(Flaw::Unlocked).fails(property::KEEPS_ENOUGH);
}

#[test]
fn keeping_what_is_claimed_ends_the_free_ones() {
    PoolModel::new(1, 2).agents([0, 0, 1, 1]).with(Flaw::KeepsClaimed).fails(property::KEEPS_ENOUGH);
}

#[test]
fn ending_without_another_look_ends_a_claimed_one() {
    PoolModel::new(1, 2).agents([0, 0, 1, 1]).with(Flaw::EndsBlindly).fails(property::NONE_CLAIMED);
}
