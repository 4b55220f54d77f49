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
fn a_p2_4() {
    ClaimModel::new(2, 0, 0, 4).holds();
}
#[test]
fn a_p1t1f1_3() {
    ClaimModel::new(1, 1, 1, 3).holds();
}
#[test]
fn a_p2f1_3() {
    ClaimModel::new(2, 0, 1, 3).holds();
}
#[test]
fn a_p2t1_3() {
    ClaimModel::new(2, 1, 0, 3).holds();
}
#[test]
fn b_min3() {
    ClaimModel::new(1, 1, 0, 4).with_minutes().with(Flaw::AgeAhead(Duration::from_secs(5))).holds();
}
#[test]
fn b_min20() {
    ClaimModel::new(1, 1, 0, 4)
        .with_minutes()
        .with(Flaw::AgeAhead(Duration::from_secs(20)))
        .fails(property::ONE_HOLDER);
}
#[test]
fn c_nonce4() {
    ClaimModel::new(2, 0, 0, 4).with(Flaw::NoNonce).fails(property::ONE_HOLDER);
}
#[test]
fn c_nonce3() {
    ClaimModel::new(2, 0, 0, 3).with(Flaw::NoNonce).fails(property::ONE_HOLDER);
}
#[test]
fn c_echo3() {
    ClaimModel::new(2, 0, 1, 3).with(Flaw::EchoCounts).fails(property::ONE_HOLDER);
}
#[test]
fn c_echo4() {
    ClaimModel::new(2, 0, 1, 4).with(Flaw::EchoCounts).fails(property::ONE_HOLDER);
}
#[test]
fn d_late3() {
    ClaimModel::new(2, 0, 0, 3).with(Flaw::ActsLate).holds();
}
