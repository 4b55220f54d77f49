//! What happened in runs, so that it is known that they reach what they should.

use std::fmt;
use std::ops::AddAssign;

/// Counts of what happened.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) runs: u64,
    pub(crate) steps: u64,
    /// Leases that were acquired or renewed.
    pub(crate) leases: u64,
    pub(crate) takeovers: u64,
    pub(crate) recreated: u64,
    /// Leases that were lost while an agent worked.
    pub(crate) lost: u64,
    /// Writes that arrived after their sender had given them up.
    pub(crate) late_writes: u64,
    pub(crate) busy: u64,
    pub(crate) added: u64,
    pub(crate) terminated: u64,
    pub(crate) started: u64,
    /// Actions that were sent after a stop, and arrived after the lease.
    pub(crate) late_actions: u64,
    /// Steps that were cancelled because another's came first.
    pub(crate) too_late: u64,
    pub(crate) adopted: u64,
    pub(crate) stops: u64,
    pub(crate) crashes: u64,
    /// Stores that were found to ignore conditions.
    pub(crate) unsafe_stores: u64,
    pub(crate) unsure: u64,
}

impl Tally {
    /// The counts with their names.
    pub(crate) fn counts(&self) -> [(&'static str, u64); 18] {
        [
            ("runs", self.runs),
            ("steps", self.steps),
            ("leases", self.leases),
            ("takeovers", self.takeovers),
            ("locks created again after a deletion", self.recreated),
            ("lost leases", self.lost),
            ("late writes", self.late_writes),
            ("busy locks", self.busy),
            ("steps added", self.added),
            ("job flows terminated", self.terminated),
            ("job flows started", self.started),
            ("actions after the lease because of a stop", self.late_actions),
            ("steps cancelled", self.too_late),
            ("actions adopted", self.adopted),
            ("stops", self.stops),
            ("crashes", self.crashes),
            ("unsafe stores refused", self.unsafe_stores),
            ("attempts given up", self.unsure),
        ]
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.runs += other.runs;
        self.steps += other.steps;
        self.leases += other.leases;
        self.takeovers += other.takeovers;
        self.recreated += other.recreated;
        self.lost += other.lost;
        self.late_writes += other.late_writes;
        self.busy += other.busy;
        self.added += other.added;
        self.terminated += other.terminated;
        self.started += other.started;
        self.late_actions += other.late_actions;
        self.too_late += other.too_late;
        self.adopted += other.adopted;
        self.stops += other.stops;
        self.crashes += other.crashes;
        self.unsafe_stores += other.unsafe_stores;
        self.unsure += other.unsure;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.counts().iter().map(|(name, count)| format!("{count} {name}")).collect();
        f.write_str(&parts.join(", "))
    }
}
