//! One round of a search: who was tried, and why none was found.

use std::collections::HashSet;

use emr_core::model::id::JobFlowId;
use emr_core::pool::{Hint, Lineup};

/// One round of a search.
#[derive(Default)]
pub(crate) struct Round {
    pub(crate) tried: HashSet<JobFlowId>,
    /// The names of the locks that are held, once they were listed.
    pub(crate) held: Option<HashSet<String>>,
    /// Whether one was seen that is not what its Name says, so that the lineup is another now.
    pub(crate) reconsiders: bool,
    pub(crate) claimed: usize,
    pub(crate) occupied: usize,
}

impl Round {
    /// Why the round, at the end of which the pool is as in `lineup`, found nothing.
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
    /// Job flows in the pool.
    pub(crate) in_pool: usize,
    claimed: usize,
    occupied: usize,
    misfits: usize,
    of_other_content: usize,
}

impl Nothing {
    /// Whether a job flow may become free that would do.
    pub(crate) fn is_worth_waiting(&self) -> bool {
        self.claimed + self.occupied > 0
    }
}

impl std::fmt::Display for Nothing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [
            (self.occupied, "at work or not up yet"),
            (self.claimed, "claimed by others"),
            (self.misfits, "with too little or other instances"),
            (self.of_other_content, "with other software or settings"),
        ];
        let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        f.write_str(&if parts.is_empty() { "there is none in it".to_owned() } else { parts.join(", ") })
    }
}
