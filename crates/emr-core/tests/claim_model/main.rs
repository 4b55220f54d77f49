//! The claim's protocol, checked: the machine that ships, in every order of events, with every loss and every delay that
//! there can be within the sizes given here.
//!
//! Agents are pipelines (`find-pool | add-step`: two processes with one token) and terminators. Between them and the
//! job flow stand a store with S3's semantics and a network: each request arrives at any time after it was sent, each
//! answer at any time after that, or never. A process that stops for a while, or is killed, is one that does nothing
//! while time goes by. A write that is never answered may still arrive after its sender has gone on.
//!
//! What is proved has three limits. All clocks run alike, and S3's show the same time up to the margin in
//! `lease::valid`. EMR answers with what is true at that moment. And a step that was decided on is added within
//! the time that the machine leaves for it, or never: EMR checks no lease, so that nothing can hold back a process that
//! is stopped for longer just between deciding and sending. What `Action::Check` saves even then is checked too.
//!
//! `cargo test -p emr-core --test claim_model -- --nocapture` prints how many states each check saw, and for each flaw
//! the shortest way to what it breaks.
#![expect(clippy::print_stdout, reason = "the number of states says how much was checked")]

mod agent;
mod property;
mod store;
mod world;

use std::time::Duration;

use stateright::{Checker, HasDiscoveries, Model};

/// What is explored.
#[derive(Debug, Clone)]
pub(crate) struct ClaimModel {
    pipelines: usize,
    terminators: usize,
    /// How many answers may be lost, or be conflicts.
    faults: u32,
    /// How far the clock goes at once.
    tick: Duration,
    /// How far the clock goes in all.
    horizon: Duration,
    ttl: Duration,
    /// How long after it was decided on a step may be added, or the job flow terminated.
    takes: Duration,
    flaw: Option<Flaw>,
}

/// What is wrong with a world, on purpose: a proof that cannot fail proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// The store ignores both conditions.
    IgnoresConditions,
    /// The store ignores `If-Match`.
    IgnoresIfMatch,
    /// The store ignores `If-None-Match`.
    IgnoresIfNoneMatch,
    /// The store ignores both conditions and it is not proved that it does not.
    Unproved,
    /// The store says that objects are older than they are.
    AgeAhead(Duration),
    /// Two writes of the same holder and generation have the same `ETag`.
    NoNonce,
    /// Who reads that the lock is its own takes that for a lease, without writing it once more.
    EchoCounts,
    /// A lock is written on no condition, and after a while read back, as mrjob 0.4 does it.
    ReadsBack,
    /// Terminators do not look under the lock.
    EndsBlindly,
    /// What is asked of EMR may arrive at any later time.
    ActsLate,
}

impl ClaimModel {
    /// Leases of a second, and a clock of half seconds: so near to S3's whole seconds what it cuts off matters most.
    fn new(pipelines: usize, terminators: usize, faults: u32, ticks: u32) -> Self {
        let tick = Duration::from_millis(500);
        let (ttl, takes) = (2 * tick, tick);
        Self { pipelines, terminators, faults, tick, horizon: (1 + ticks) * tick, ttl, takes, flaw: None }
    }

    /// The leases that ship, of a minute, and a clock of a third of that.
    fn with_minutes(self) -> Self {
        let tick = Duration::from_secs(20);
        Self { tick, horizon: 40 * self.horizon, ttl: 3 * tick, takes: tick, ..self }
    }

    fn with(self, flaw: Flaw) -> Self {
        Self { flaw: Some(flaw), ..self }
    }

    /// Asserts all properties of every state there is, and prints how many there are.
    fn holds(self) {
        let name = format!("{self:?}");
        let checker = self.checker().spawn_bfs().join();
        println!("{} states: {name}", checker.unique_state_count());
        checker.assert_properties();
    }

    /// Asserts that `property` does not hold always, and prints the shortest way to where it does not.
    fn fails(self, property: &'static str) {
        let name = format!("{self:?}");
        let checker = self.checker().finish_when(HasDiscoveries::AnyOf([property].into())).spawn_bfs().join();
        let way = checker.assert_any_discovery(property);
        println!("{} states: {name}\nnot {property}: {way}", checker.unique_state_count());
    }
}

#[test]
fn two_pipelines_share_a_job_flow_one_after_the_other() {
    ClaimModel::new(2, 0, 0, 4).holds();
}

#[test]
fn two_pipelines_share_a_job_flow_although_a_write_is_lost() {
    ClaimModel::new(2, 0, 1, 3).holds();
}

#[test]
fn a_terminator_spares_what_is_claimed_although_a_write_is_lost() {
    ClaimModel::new(1, 1, 1, 3).holds();
}

#[test]
fn clocks_of_the_store_that_differ_by_no_more_than_the_margin_do_no_harm() {
    ClaimModel::new(1, 1, 0, 4).with_minutes().with(Flaw::AgeAhead(Duration::from_secs(5))).holds();
}

/// 1 884 168 and 3 181 749 states, in two minutes.
#[test]
#[ignore = "takes minutes"]
fn two_writes_are_lost() {
    ClaimModel::new(1, 1, 2, 3).holds();
    ClaimModel::new(2, 0, 2, 3).holds();
}

/// 5 432 590 states, in four minutes.
#[test]
#[ignore = "takes minutes"]
fn two_pipelines_and_a_terminator_meet() {
    ClaimModel::new(2, 1, 0, 4).holds();
}

#[test]
fn nothing_is_ever_held_on_a_store_that_ignores_conditions() {
    for flaw in [Flaw::IgnoresConditions, Flaw::IgnoresIfMatch, Flaw::IgnoresIfNoneMatch] {
        ClaimModel::new(2, 0, 1, 3).with(flaw).holds();
    }
}

#[test]
fn of_two_steps_that_were_added_too_late_one_is_cancelled() {
    ClaimModel::new(2, 0, 0, 4).with(Flaw::ActsLate).holds();
}

#[test]
fn without_conditions_two_hold_it() {
    ClaimModel::new(2, 0, 0, 3).with(Flaw::Unproved).fails(property::ONE_HOLDER);
    ClaimModel::new(2, 0, 0, 3).with(Flaw::Unproved).fails(property::ONE_JOB);
}

#[test]
fn reading_back_what_was_written_lets_two_hold_it() {
    ClaimModel::new(2, 0, 0, 3).with_minutes().with(Flaw::ReadsBack).fails(property::ONE_HOLDER);
}

#[test]
fn without_nonces_two_hold_it() {
    ClaimModel::new(2, 0, 0, 3).with(Flaw::NoNonce).fails(property::ONE_HOLDER);
}

#[test]
fn taking_a_write_that_was_never_answered_for_a_lease_lets_two_hold_it() {
    ClaimModel::new(2, 0, 1, 3).with(Flaw::EchoCounts).fails(property::ONE_HOLDER);
}

#[test]
fn taking_a_lock_over_too_early_lets_two_hold_it_and_ends_what_is_claimed() {
    let seconds = |ahead| Flaw::AgeAhead(Duration::from_secs(ahead));
    ClaimModel::new(2, 0, 0, 3).with(seconds(1)).fails(property::ONE_HOLDER);
    ClaimModel::new(1, 1, 0, 3).with(seconds(1)).fails(property::NONE_CLAIMED);
    ClaimModel::new(1, 1, 0, 4).with_minutes().with(seconds(25)).fails(property::ONE_HOLDER);
}

#[test]
fn terminating_without_a_look_ends_what_is_used() {
    ClaimModel::new(1, 1, 0, 3).with(Flaw::EndsBlindly).fails(property::NONE_BUSY);
}
