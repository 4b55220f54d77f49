//! The tally of one round of a search: what was tried, and why nothing was found.

use std::collections::HashSet;

use emr_core::model::id::JobFlowId;
use emr_core::pool::{Hint, Lineup};

/// The tally of one round.
#[derive(Default)]
pub(crate) struct Round {
    /// Job flows that are not tried again.
    pub(crate) tried: HashSet<JobFlowId>,
    /// The ids of job flows whose locks are held; `None` until the locks are listed.
    pub(crate) held: Option<HashSet<String>>,
    /// Whether a Name proved wrong, so that the lineup has changed.
    pub(crate) reconsiders: bool,
    pub(crate) claimed: usize,
    pub(crate) occupied: usize,
}

impl Round {
    /// Why the round found nothing. `lineup` is the pool at its end.
    pub(crate) fn nothing(&self, lineup: &Lineup) -> Nothing {
        Nothing {
            in_pool: lineup.in_pool,
            claimed: self.claimed,
            occupied: self.occupied + lineup.occupied.len(),
            misfits: lineup.of_hint(Hint::Misfit).count(),
            of_other_content: lineup.of_other_content,
        }
    }
}

/// Why nothing was found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Nothing {
    /// The number of job flows in the pool.
    pub(crate) in_pool: usize,
    claimed: usize,
    occupied: usize,
    misfits: usize,
    of_other_content: usize,
}

impl Nothing {
    /// Whether a fitting job flow may become free.
    pub(crate) fn is_worth_waiting(&self) -> bool {
        self.claimed + self.occupied > 0
    }
}

impl std::fmt::Display for Nothing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [
            (self.occupied, "busy or not up yet"),
            (self.claimed, "claimed by others"),
            (self.misfits, "with too small or other instances"),
            (self.of_other_content, "with other software or settings"),
        ];
        let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        f.write_str(&if parts.is_empty() { "the pool is empty".to_owned() } else { parts.join(", ") })
    }
}
