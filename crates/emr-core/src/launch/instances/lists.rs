//! Lists of instance groups and fleets, checked as a whole: which roles there are, and how much of each.

use serde_json::Value;

use super::json;
use crate::config::Setting;
use crate::error::Result;
use crate::model::instances::{InstanceFleet, InstanceGroup, Role};

/// A parsed list, or an error fragment that follows its name.
type Checked<T> = std::result::Result<T, String>;

/// The instance groups of a list as `RunJobFlow` takes it.
pub(super) fn groups(list: &Setting<Value>) -> Result<Vec<InstanceGroup>> {
    group_list(&list.value).map_err(|wrong| list.wrong(wrong))
}

/// The instance fleets of a list as `RunJobFlow` takes it.
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

/// Refuses what EMR refuses: other than one master, and task instances without core instances.
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
