//! What a run is made of: drawn from its seed, so that each seed is another scenario.

use std::time::Duration;

use fastrand::Rng;

use crate::faults::Faults;
use crate::store::Ignores;

/// The tool that an agent stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// `find-pool | add-step`: two processes with one token.
    Pipeline,
    /// `find-pool --or-create | add-step`.
    Creator,
    /// `terminate-idle-job-flows`.
    Sweeper,
    /// `s3-lock run`.
    Runner,
    /// `s3-lock acquire`, `renew` and `release`, often with the `--token` of its process before.
    Hand,
}

/// One scenario.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) agents: Vec<Role>,
    /// The number of job flows at the beginning.
    pub(crate) job_flows: usize,
    /// The greatest number of job flows in the pool.
    pub(crate) most: usize,
    /// The number of locks that guard no job flow.
    pub(crate) plain: usize,
    /// The times to live that agents use.
    pub(crate) ttls: Vec<Duration>,
    pub(crate) faults: Faults,
    pub(crate) ignores: Ignores,
    /// By how much the clocks of the store's front ends differ.
    pub(crate) skew: Duration,
    /// Whether objects of locks are deleted now and then.
    pub(crate) deletes: bool,
    /// How long faults last and new work comes.
    pub(crate) length: Duration,
}

/// How large scenarios are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// Two to five agents.
    Small,
    /// Any up to 64 agents, mostly small.
    Any,
    /// 64 agents.
    Large,
}

impl Scenario {
    /// Draws a scenario.
    pub(crate) fn draw(rng: &mut Rng, size: Size) -> Self {
        let number = match (size, rng.u32(..20)) {
            (Size::Large, _) | (Size::Any, 19) => 64,
            (Size::Any, 14..19) => rng.usize(6..=24),
            _ => rng.usize(2..=5),
        };
        let roles = [Role::Pipeline, Role::Creator, Role::Sweeper, Role::Runner, Role::Hand];
        // Some roles are missing, so that the others meet more often.
        let (some, others) = (rng.usize(..5), rng.usize(..5));
        let mut role = || match rng.u32(..4) {
            0 => roles[rng.usize(..5)],
            1 => roles[others],
            _ => roles[some],
        };
        let agents: Vec<_> = (0..number).map(|_| role()).collect();
        let job_flows = if rng.bool() { 1 } else { rng.usize(1..=1 + number / 3) };
        let ttls = times_to_live(rng);
        let longest = ttls.iter().max().copied().unwrap_or_default();
        let ignores = match rng.u32(..25) {
            0 => Ignores { if_match: true, if_none_match: true },
            1 => Ignores { if_match: true, if_none_match: false },
            2 => Ignores { if_match: false, if_none_match: true },
            _ => Ignores::default(),
        };
        Self {
            agents,
            job_flows,
            most: job_flows + rng.usize(..=2),
            plain: 1 + number / 8,
            skew: [Duration::ZERO, tolerated(&ttls), tolerated(&ttls).mul_f64(rng.f64())][rng.usize(..3)],
            ttls,
            faults: if rng.u32(..8) == 0 { Faults::default() } else { Faults::draw(rng) },
            ignores,
            deletes: rng.u32(..6) == 0,
            length: longest * rng.u32(4..16),
        }
    }

    /// Whether the store ignores a condition.
    pub(crate) fn is_unsafe(&self) -> bool {
        self.ignores != Ignores::default()
    }
}

fn times_to_live(rng: &mut Rng) -> Vec<Duration> {
    let seconds = [1, 2, 3, 5, 6, 10, 12, 30, 60, 60, 60, 300];
    let number = rng.usize(1..=2);
    (0..number).map(|_| Duration::from_secs(seconds[rng.usize(..seconds.len())])).collect()
}

/// By how much the clocks of the store may differ, with the clocks of agents as wrong as they may be: a twelfth of the
/// shortest time to live, at most 5 s, less what a clock loses.
fn tolerated(ttls: &[Duration]) -> Duration {
    let of = |ttl: &Duration| (*ttl / 12).min(Duration::from_secs(5)).saturating_sub(*ttl / 1000);
    ttls.iter().map(of).min().unwrap_or_default()
}
