//! The agents: what each is about to do.

use emr_core::pool::minimum::stock::{Count, Keep};

/// What an agent stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    Filler,
    Creator,
    Joiner,
    Sweeper,
}

/// An agent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Agent {
    pub(crate) role: Role,
    pub(crate) stage: Stage,
    /// How many job flows were claimed when it began to count.
    pub(crate) claimed: usize,
}

/// What an agent does next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Stage {
    /// Lock the pool. A joiner claims a job flow.
    Begin,
    /// List the clusters.
    List,
    /// Look at the first of these, to count.
    Count(Vec<usize>, Count),
    /// Look at the first of these, to claim it.
    Search(Vec<usize>),
    /// Look at the first of these, until it is clear whether to keep the one that would end.
    Keep(Sweep),
    /// End what is not kept.
    End(Sweep),
    /// Start so many.
    Start(u32),
    /// Wait until what was started is listed, and unlock.
    Finish,
    /// Nothing more.
    Over,
}

/// What a sweep has found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Sweep {
    /// What it would end.
    pub(crate) doomed: usize,
    /// What it has yet to look at.
    pub(crate) left: Vec<usize>,
    pub(crate) keep: Keep,
    /// What it saw free and keeps.
    pub(crate) kept: Vec<usize>,
}

impl Agent {
    pub(crate) fn new(role: Role) -> Self {
        Self { role, stage: Stage::Begin, claimed: 0 }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }
}
