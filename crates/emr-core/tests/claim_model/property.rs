//! The properties: what must always hold, and what must be reachable, so that the former is not vacuous.

use stateright::Property;

use crate::agent::{Outcome, Role};
use crate::world::{World, Wrong};
use crate::{ClaimModel, Flaw};

/// Two agents never hold the job flow at once.
pub(crate) const ONE_HOLDER: &str = "at most one holds the job flow";
/// Two jobs never use one job flow at once.
pub(crate) const ONE_JOB: &str = "at most one uses the job flow";
/// Every action on the job flow is under a lease.
pub(crate) const NONE_UNCLAIMED: &str = "every action is under a lease";
/// No job flow is terminated while somebody else has a lease on it.
pub(crate) const NONE_CLAIMED: &str = "no claimed job flow is terminated";
/// No job flow is terminated while a step is active on it.
pub(crate) const NONE_BUSY: &str = "no job flow with an active step is terminated";
/// No step is added to a terminated job flow.
pub(crate) const NONE_ENDED: &str = "no step is added to a terminated job flow";
/// The generation never falls, and grows when the lock changes hands.
pub(crate) const GROWS: &str = "generations only grow";
/// No agent ever has a lease on a store that ignores conditions.
pub(crate) const NONE_HOLDS: &str = "nothing is claimed on an unsafe store";
/// Of two conflicting steps one is cancelled.
pub(crate) const ONE_STAYS: &str = "no two steps stay on one job flow";

/// The properties of `model`.
pub(crate) fn of(model: &ClaimModel) -> Vec<Property<ClaimModel>> {
    match model.flaw {
        None => [always(), sometimes(model)].concat(),
        Some(Flaw::IgnoresConditions | Flaw::IgnoresIfMatch | Flaw::IgnoresIfNoneMatch) => vec![
            Property::always(NONE_HOLDS, |_, world: &World| world.agents.iter().all(|agent| agent.lease().is_none())),
            Property::sometimes("an unsafe store is recognised", |_, world: &World| ended(world, Outcome::Unsafe)),
        ],
        Some(Flaw::ActsLate) => vec![
            Property::always(ONE_STAYS, |_, world: &World| {
                let stay = world.ended(Role::Pipeline, Outcome::Acted);
                stay.filter(|agent| world.job_flow.steps.contains(agent)).count() <= 1
            }),
            Property::sometimes("a step is too late", |_, world: &World| ended(world, Outcome::TooLate)),
        ],
        Some(_) => always(),
    }
}

fn always() -> Vec<Property<ClaimModel>> {
    vec![
        Property::always(ONE_HOLDER, |_, world: &World| {
            world.agents.iter().filter(|agent| agent.holds(world.now)).count() <= 1
        }),
        Property::always(ONE_JOB, |_, world: &World| world.job_flow.steps.len() <= 1),
        Property::always(NONE_UNCLAIMED, |_, world: &World| world.is_free_of(Wrong::ActedUnclaimed)),
        Property::always(NONE_CLAIMED, |_, world: &World| world.is_free_of(Wrong::TerminatedClaimed)),
        Property::always(NONE_BUSY, |_, world: &World| world.is_free_of(Wrong::TerminatedBusy)),
        Property::always(NONE_ENDED, |_, world: &World| world.is_free_of(Wrong::AddedAfterEnd)),
        Property::always(GROWS, |_, world: &World| !world.store.fell),
    ]
}

fn sometimes(model: &ClaimModel) -> Vec<Property<ClaimModel>> {
    let mut all = vec![
        Property::sometimes("a pipeline adds its step", |_, world: &World| {
            ended_as(world, Role::Pipeline, Outcome::Acted)
        }),
        Property::sometimes("somebody finds it busy", |_, world: &World| ended(world, Outcome::Busy)),
        Property::sometimes("a dead holder is succeeded", |_, world: &World| {
            let has_run_out = |until| until <= world.now;
            let dead = world.agents.iter().any(|agent| agent.lease().is_some_and(|lease| has_run_out(lease.until)));
            dead && world.agents.iter().any(|agent| agent.holds(world.now))
        }),
    ];
    if model.faults > 0 {
        all.push(Property::sometimes("a step is added although an answer was lost", |_, world: &World| {
            world.ended(Role::Pipeline, Outcome::Acted).any(|agent| world.agents[agent].doubted)
        }));
    }
    if model.pipelines > 1 {
        all.push(Property::sometimes("two pipelines share it one after the other", |_, world: &World| {
            world.ended(Role::Pipeline, Outcome::Acted).count() > 1
        }));
    }
    if model.terminators > 0 {
        all.push(Property::sometimes("it is terminated", |_, world: &World| world.job_flow.terminated));
        all.push(Property::sometimes("it is used and then terminated", |_, world: &World| {
            world.job_flow.terminated && ended_as(world, Role::Pipeline, Outcome::Acted)
        }));
    }
    all
}

fn ended(world: &World, outcome: Outcome) -> bool {
    ended_as(world, Role::Pipeline, outcome) || ended_as(world, Role::Terminator, outcome)
}

fn ended_as(world: &World, role: Role, outcome: Outcome) -> bool {
    world.ended(role, outcome).next().is_some()
}
