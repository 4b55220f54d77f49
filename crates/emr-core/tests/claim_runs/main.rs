//! Runs the machines of locks and claims at random: up to 64 agents with clocks of their own, thousands of steps, lost
//! and late answers, stops, deaths and deletions.
//!
//! The agents run the shipped machines, driven as `emr-aws` drives them. Each seed is another scenario, and a seed
//! always gives the same run. What must hold is in [`property`]; that it can fail is shown by the flaws in [`flaw`].
//!
//! `tests/claim_model` explores the same machines exhaustively, at small sizes.
//!
//! `scripts/prove random SEED HOURS` runs it for hours, with one seed after the other.
#![expect(clippy::print_stdout, reason = "the numbers say how much was run")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod agent;
mod claim_work;
mod clock;
mod emr;
mod emr_work;
mod faults;
mod flaw;
mod judge;
mod line;
mod lock_work;
mod property;
mod quota;
mod run;
mod scenario;
mod store;
mod tally;
mod work;
mod world;

use std::time::Duration;

use crate::flaw::Flaw;
use crate::run::{run, run_for, search};
use crate::scenario::Size;
use crate::tally::Tally;

/// Runs so many seeds from `first` on, and expects no violation.
fn hold(first: u64, runs: u64, size: Size) -> Tally {
    let mut tally = Tally::default();
    for seed in first..first + runs {
        let (finding, counts) = run(seed, size, None);
        tally += counts;
        if let Some(finding) = finding {
            panic!("run {seed}: {finding}\n{}", run::report(seed, size));
        }
    }
    tally
}

#[test]
fn random_runs_keep_all_properties_and_reach_all_that_can_happen() {
    let mut tally = hold(1, 200, Size::Any);
    // In these, steps of two processes that were stopped meet on one job flow.
    tally += hold(490, 20, Size::Small);
    println!("{tally}");
    for (name, count) in tally.counts() {
        assert!(count > 0, "no {name} in {tally}");
    }
}

#[test]
fn sixty_four_agents_keep_all_properties() {
    println!("{}", hold(1, 2, Size::Large));
}

#[test]
fn calls_stay_within_the_quotas_and_use_them() {
    for seed in 0..3000 {
        if let Some(finding) = quota::run(seed, None) {
            panic!("quota run {seed}: {finding}");
        }
    }
}

#[test]
fn every_flaw_is_found() {
    for (flaw, properties) in Flaw::ALL {
        let (seed, finding) = search(*flaw, properties, 20_000).unwrap_or_else(|| panic!("{flaw:?} is not found"));
        println!("{flaw:?} is found by run {seed}: {finding}");
    }
}

/// Runs from the seed `EMR_TOOLS_SEED` on, for `EMR_TOOLS_SECONDS`.
#[test]
#[ignore = "takes as long as it is told to"]
#[expect(clippy::disallowed_methods, reason = "scripts/proofs/random says which seeds, and how long")]
fn seeds_for_a_time() {
    let number = |name| std::env::var(name).ok().and_then(|text: String| text.parse().ok());
    let (seed, seconds) = (number("EMR_TOOLS_SEED").unwrap_or(1), number("EMR_TOOLS_SECONDS").unwrap_or(10));
    let (tally, found) = run_for(seed, Duration::from_secs(seconds));
    println!("random: {tally}, seeds {seed} to {}", seed.wrapping_add(tally.runs));
    if let Some(seed) = found {
        println!("{}", run::report(seed, Size::Any));
        panic!("run {seed} violates a property");
    }
}
