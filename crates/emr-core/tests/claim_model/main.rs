//! The claim's protocol, checked: every order of events, every loss and delay, within the sizes given here.

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
    /// Terminators do not look under the lock.
    EndsBlindly,
    /// What is asked of EMR may arrive at any later time.
    ActsLate,
}

impl ClaimModel {
    fn new(pipelines: usize, terminators: usize, faults: u32, ticks: u32) -> Self {
        let tick = Duration::from_millis(500);
        Self {
            pipelines,
            terminators,
            faults,
            tick,
            horizon: tick * ticks,
            ttl: Duration::from_secs(1),
            takes: Duration::from_millis(500),
            flaw: None,
        }
    }

    fn with(self, flaw: Flaw) -> Self {
        Self { flaw: Some(flaw), ..self }
    }

    fn acts_late(&self) -> bool {
        self.flaw == Some(Flaw::ActsLate)
    }

    fn holds(self) {
        let begun = std::time::Instant::now();
        let name = format!("{self:?}");
        let checker = self.checker().spawn_bfs().join();
        println!(
            "{} states, depth {} {:?}: {name}",
            checker.unique_state_count(),
            checker.max_depth(),
            begun.elapsed()
        );
        checker.assert_properties();
    }

    fn fails(self, property: &'static str) {
        let begun = std::time::Instant::now();
        let name = format!("{self:?}");
        let when = HasDiscoveries::AnyOf([property].into());
        let checker = self.checker().finish_when(when).spawn_bfs().join();
        println!(
            "{} states, depth {} {:?}: {name}",
            checker.unique_state_count(),
            checker.max_depth(),
            begun.elapsed()
        );
        println!("{}", checker.assert_any_discovery(property));
    }
}

#[test]
fn two_pipelines() {
    ClaimModel::new(2, 0, 0, 4).holds();
}
#[test]
fn three() {
    ClaimModel::new(2, 1, 0, 4).holds();
}
#[test]
fn flaws() {
    let age = Flaw::AgeAhead(Duration::from_secs(1));
    ClaimModel::new(2, 0, 0, 4).with(Flaw::Unproved).fails(property::ONE_HOLDER);
    ClaimModel::new(2, 0, 0, 4).with(age).fails(property::ONE_HOLDER);
    ClaimModel::new(1, 1, 0, 4).with(age).fails(property::NONE_CLAIMED);
    ClaimModel::new(1, 1, 0, 4).with(Flaw::EndsBlindly).fails(property::NONE_BUSY);
}
#[test]
fn flaw_echo() {
    ClaimModel::new(2, 0, 1, 6).with(Flaw::EchoCounts).fails(property::ONE_HOLDER);
}
#[test]
fn flaw_nonce() {
    ClaimModel::new(2, 0, 1, 6).with(Flaw::NoNonce).fails(property::ONE_HOLDER);
}
#[test]
fn flaw_late() {
    ClaimModel::new(2, 0, 0, 5).with(Flaw::ActsLate).holds();
}
#[test]
fn flaw_unsafe1() {
    ClaimModel::new(2, 0, 0, 4).with(Flaw::IgnoresConditions).holds();
}
#[test]
fn flaw_unsafe2() {
    ClaimModel::new(2, 0, 0, 4).with(Flaw::IgnoresIfMatch).holds();
}
#[test]
fn flaw_unsafe3() {
    ClaimModel::new(2, 0, 0, 4).with(Flaw::IgnoresIfNoneMatch).holds();
}
