//! The properties: what must always hold, and what must be reachable, so that the former is not vacuous.

use stateright::Property;

use crate::PoolModel;
use crate::agent::Role;
use crate::world::{World, Wrong};

/// A filler starts a job flow only while fewer than the minimum are free or starting.
pub(crate) const NONE_TOO_MANY: &str = "no more than the minimum is started";
/// A filler starts all that is missing to the minimum when it has counted, but for what is claimed while it counts.
pub(crate) const NONE_MISSING: &str = "no less than the minimum is started";
/// A sweep ends a job flow only if as many others as the minimum were free when it counted, and no sweep has ended them.
pub(crate) const KEEPS_ENOUGH: &str = "a sweep leaves the minimum";
/// No claimed job flow is ended.
pub(crate) const NONE_CLAIMED: &str = "no claimed job flow is ended";

/// The properties of `model`.
pub(crate) fn of(model: &PoolModel) -> Vec<Property<PoolModel>> {
    let mut all = vec![
        Property::always(NONE_TOO_MANY, |_, world: &World| !world.wrongs.contains(&Wrong::StartedTooMany)),
        Property::always(NONE_MISSING, |_, world: &World| !world.wrongs.contains(&Wrong::StartedTooFew)),
        Property::always(KEEPS_ENOUGH, |_, world: &World| !world.wrongs.contains(&Wrong::EndedKept)),
        Property::always(NONE_CLAIMED, |_, world: &World| !world.wrongs.contains(&Wrong::EndedClaimed)),
    ];
    if model.flaw.is_some() {
        return all;
    }
    if model.fillers > 0 && model.waiting < model.min_idle as usize {
        all.push(Property::sometimes("the minimum is reached", |model: &PoolModel, world: &World| {
            world.members.iter().filter(|member| member.counts()).count() >= model.min_idle as usize
                && world.are_over(Role::Filler)
        }));
    }
    if model.fillers > 1 && model.faults > 0 {
        all.push(Property::sometimes("a dead holder is succeeded", |_, world: &World| world.succeeded));
    }
    if model.joiners > 0 {
        all.push(Property::sometimes("a job joins one", |_, world: &World| world.are_over(Role::Joiner)));
    }
    if model.sweepers > 0 && model.waiting > model.min_idle as usize {
        all.push(Property::sometimes("a sweep ends one", |_, world: &World| world.ended > 0));
    }
    if model.sweepers > 0 {
        all.push(Property::sometimes("a sweep spares one", |_, world: &World| world.spared));
    }
    all
}
