//! Model checks the claim's protocol: runs the shipped state machine in every order of events, with every loss and
//! delay, within the sizes given here.
//!
//! Agents are pipelines (`find-pool | add-step`: two processes with one token) and terminators. Between them and the
//! job flow are a store with S3's semantics and a network: each request arrives at any time after it was sent, and each
//! answer at any time after that, or never. A process that is suspended or killed does nothing while time passes. A
//! write without an answer may still arrive after its sender has gone on.
//!
//! The proof has three assumptions. All clocks run at the same rate, and S3's clocks agree up to the margin in
//! `lease::valid`. EMR answers with the current state. And a step is added within the time that the machine allows for
//! it, or never: EMR does not check leases, so nothing stops a process that is suspended between its decision and its
//! request. For that case, the effect of `Action::Check` is checked, too.
//!
//! `cargo test -p emr-core --test claim_model -- --nocapture` prints the number of states of each check, and for each
//! flaw the shortest way to a violation.
#![expect(clippy::print_stdout, reason = "the number of states says how much was checked")]

mod agent;
mod property;
mod store;
mod world;

use std::time::Duration;

use stateright::{Checker, HasDiscoveries, Model};

/// The model to explore.
#[derive(Debug, Clone)]
pub(crate) struct ClaimModel {
    pipelines: usize,
    terminators: usize,
    /// How many answers may be lost or be conflicts.
    faults: u32,
    /// The step of the clock.
    tick: Duration,
    /// The end of the clock.
    horizon: Duration,
    ttl: Duration,
    /// How long after the decision a step may be added or the job flow terminated.
    takes: Duration,
    flaw: Option<Flaw>,
}

/// A deliberate flaw: a check that cannot fail proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// The store ignores both conditions.
    IgnoresConditions,
    /// The store ignores `If-Match`.
    IgnoresIfMatch,
    /// The store ignores `If-None-Match`.
    IgnoresIfNoneMatch,
    /// The store ignores both conditions, and the proof is skipped.
    Unproved,
    /// The store reports objects as older than they are.
    AgeAhead(Duration),
    /// Two writes of the same holder and generation have the same `ETag`.
    NoNonce,
    /// An agent that reads its own lock counts that as a lease, without another write.
    EchoCounts,
    /// A lock is written without a condition and read back later, as in mrjob 0.4.
    ReadsBack,
    /// Terminators do not look under the lock.
    EndsBlindly,
    /// Requests to EMR may arrive at any later time.
    ActsLate,
}

impl ClaimModel {
    /// Leases of one second and a clock of half seconds: at this scale S3's truncation to whole seconds matters most.
    fn new(pipelines: usize, terminators: usize, faults: u32, ticks: u32) -> Self {
        let tick = Duration::from_millis(500);
        let (ttl, takes) = (2 * tick, tick);
        Self { pipelines, terminators, faults, tick, horizon: (1 + ticks) * tick, ttl, takes, flaw: None }
    }

    /// The shipped leases of one minute, and a clock of a third of that.
    fn with_minutes(self) -> Self {
        let tick = Duration::from_secs(20);
        Self { tick, horizon: 40 * self.horizon, ttl: 3 * tick, takes: tick, ..self }
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
fn two_pipelines_share_a_job_flow_one_after_the_other() {
    ClaimModel::new(2, 0, 0, 4).holds();
}

#[test]
fn two_pipelines_share_a_job_flow_although_a_write_is_lost() {
    ClaimModel::new(2, 0, 1, 3).holds();
}

#[test]
fn a_terminator_spares_a_claimed_job_flow_although_a_write_is_lost() {
    ClaimModel::new(1, 1, 1, 3).holds();
}

#[test]
fn clock_skew_of_the_store_within_the_margin_is_harmless() {
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
fn nothing_is_held_on_a_store_that_ignores_conditions() {
    for flaw in [Flaw::IgnoresConditions, Flaw::IgnoresIfMatch, Flaw::IgnoresIfNoneMatch] {
        ClaimModel::new(2, 0, 1, 3).with(flaw).holds();
    }
}

#[test]
fn of_two_late_steps_one_is_cancelled() {
    ClaimModel::new(2, 0, 0, 4).with(Flaw::ActsLate).holds();
}

#[test]
fn without_conditions_two_hold_it() {
    ClaimModel::new(2, 0, 0, 3).with(Flaw::Unproved).fails(property::ONE_HOLDER);
    ClaimModel::new(2, 0, 0, 3).with(Flaw::Unproved).fails(property::ONE_JOB);
}

#[test]
fn reading_back_instead_of_conditions_lets_two_hold_it() {
    ClaimModel::new(2, 0, 0, 3).with_minutes().with(Flaw::ReadsBack).fails(property::ONE_HOLDER);
}

#[test]
fn without_nonces_two_hold_it() {
    ClaimModel::new(2, 0, 0, 3).with(Flaw::NoNonce).fails(property::ONE_HOLDER);
}

#[test]
fn counting_an_unanswered_write_as_a_lease_lets_two_hold_it() {
    ClaimModel::new(2, 0, 1, 3).with(Flaw::EchoCounts).fails(property::ONE_HOLDER);
}

#[test]
fn taking_over_too_early_lets_two_hold_it_and_ends_a_claimed_job_flow() {
    let seconds = |ahead| Flaw::AgeAhead(Duration::from_secs(ahead));
    ClaimModel::new(2, 0, 0, 3).with(seconds(1)).fails(property::ONE_HOLDER);
    ClaimModel::new(1, 1, 0, 3).with(seconds(1)).fails(property::NONE_CLAIMED);
    ClaimModel::new(1, 1, 0, 4).with_minutes().with(seconds(25)).fails(property::ONE_HOLDER);
}

#[test]
fn terminating_without_a_look_ends_a_job_flow_in_use() {
    ClaimModel::new(1, 1, 0, 3).with(Flaw::EndsBlindly).fails(property::NONE_BUSY);
}
