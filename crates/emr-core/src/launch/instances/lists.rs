//! Parses lists of instance groups and fleets and checks their roles and numbers.

use serde_json::Value;

use super::json;
use super::role_keys::{RoleKeys, usd};
use crate::config::setting::Source;
use crate::config::{Decisions, Setting, options as keys};
use crate::error::Result;
use crate::model::instances::{InstanceFleet, InstanceGroup, Role};

/// A parsed list, or an error fragment that follows its name.
type Checked<T> = std::result::Result<T, String>;

/// Parses a list of instance groups.
pub(super) fn groups(list: &Setting<Value>, decisions: &mut Decisions) -> Result<Vec<InstanceGroup>> {
    let groups = group_list(&list.value).map_err(|wrong| list.wrong(wrong))?;
    note(&groups, &list.source, decisions);
    Ok(groups)
}

/// Parses a list of instance fleets.
pub(super) fn fleets(list: &Setting<Value>) -> Result<Vec<InstanceFleet>> {
    fleet_list(&list.value).map_err(|wrong| list.wrong(wrong))
}

fn group_list(value: &Value) -> Checked<Vec<InstanceGroup>> {
    let groups = json::groups(value)?;
    if groups.iter().any(|group| group.count == 0) {
        return Err("has a group of 0 instances".to_owned());
    }
    let roles: Vec<_> = groups.iter().map(|group| (group.role, group.count)).collect();
    check_roles(&roles)?;
    Ok(groups)
}

fn fleet_list(value: &Value) -> Checked<Vec<InstanceFleet>> {
    let fleets = json::fleets(value)?;
    let capacity = |fleet: &InstanceFleet| fleet.on_demand.saturating_add(fleet.spot);
    if fleets.iter().any(|fleet| capacity(fleet) == 0 || fleet.types.is_empty()) {
        return Err("has a fleet without capacity or without instance types".to_owned());
    }
    let roles: Vec<_> = fleets.iter().map(|fleet| (fleet.role, capacity(fleet))).collect();
    check_roles(&roles)?;
    match roles.iter().filter(|(role, _)| *role == Role::Task).count() {
        0 | 1 => Ok(fleets),
        _ => Err("has more than one task fleet".to_owned()),
    }
}

/// Refuses what EMR refuses: not exactly one master, or task instances without core instances.
fn check_roles(roles: &[(Role, u32)]) -> Checked<()> {
    let of = |wanted| roles.iter().filter(move |(role, _)| *role == wanted);
    let wrong = if of(Role::Master).map(|(_, count)| *count).ne([1]) {
        "does not have exactly one master"
    } else if of(Role::Core).count() > 1 {
        "has more than one entry for core instances"
    } else if of(Role::Core).count() == 0 && of(Role::Task).count() > 0 {
        "has task instances and no core instances"
    } else {
        return Ok(());
    };
    Err(wrong.to_owned())
}

/// Notes the numbers, types and bids in a list of groups as effective values of the simple options.
fn note(groups: &[InstanceGroup], list: &Source, decisions: &mut Decisions) {
    decisions.note(&keys::NUM_EC2_INSTANCES, total(groups.iter()), Some(list));
    for role in [Role::Master, Role::Core, Role::Task] {
        let RoleKeys { number, instance_type, bid } = RoleKeys::of(role);
        let of_role = || groups.iter().filter(|group| group.role == role);
        if let Some(number) = number {
            decisions.note(number, total(of_role()), Some(list));
        }
        if let Some(group) = of_role().next() {
            decisions.note(instance_type, group.instance_type.as_str(), Some(list));
            decisions.note(bid, usd(&group.market), Some(list));
        }
    }
}

fn total<'a>(groups: impl Iterator<Item = &'a InstanceGroup>) -> u32 {
    groups.fold(0, |total, group| total.saturating_add(group.count))
}
