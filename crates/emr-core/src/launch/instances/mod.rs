//! From instance options to instances, with mrjob's rules for which option wins over which.
//!
//! The specification's options overlap: a total and counts by role, a general type and types by role. The stronger
//! source wins (the command line over a file, a later file over an earlier one), and of equals the option that names
//! the role. A list of groups or fleets replaces all of these, unless one of them comes from a stronger source.

mod json;
mod lists;
mod simple;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::config::setting::{Source, strength};
use crate::config::{Config, Decisions, Key, Setting, options as keys};
use crate::error::{Error, Outcome, Result};
use crate::model::bid::Bid;
use crate::model::instance_type;
use crate::model::instances::{InstanceGroup, Instances, Market, Role, unknown_members};

/// The options that decide a job flow's instances, each unset or with its source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceOptions {
    /// Instances in all, the master among them.
    pub total: Option<Setting<u32>>,
    /// Core instances.
    pub core: Option<Setting<u32>>,
    /// Task instances.
    pub task: Option<Setting<u32>>,
    /// The type of whatever runs tasks.
    pub general_type: Option<Setting<String>>,
    /// The master's type.
    pub master_type: Option<Setting<String>>,
    /// The core instances' type.
    pub core_type: Option<Setting<String>>,
    /// The task instances' type.
    pub task_type: Option<Setting<String>>,
    /// The master's bid.
    pub master_bid: Option<Setting<String>>,
    /// The core instances' bid.
    pub core_bid: Option<Setting<String>>,
    /// The task instances' bid.
    pub task_bid: Option<Setting<String>>,
    /// A list of instance groups as `RunJobFlow` takes it, or its text.
    pub groups: Option<Setting<Value>>,
    /// A list of instance fleets as `RunJobFlow` takes it, or its text.
    pub fleets: Option<Setting<Value>>,
}

impl InstanceOptions {
    /// What `config` says. Of lists and simple options those count that come from the strongest source.
    pub fn look_up(config: &Config, decisions: &mut Decisions) -> Result<Self> {
        let options = Self {
            total: config.get(&keys::NUM_EC2_INSTANCES)?,
            core: config.get(&keys::NUM_EC2_CORE_INSTANCES)?,
            task: config.get(&keys::NUM_EC2_TASK_INSTANCES)?,
            general_type: config.get(&keys::EC2_INSTANCE_TYPE)?,
            master_type: config.get(&keys::EC2_MASTER_INSTANCE_TYPE)?,
            core_type: config.get(&keys::EC2_CORE_INSTANCE_TYPE)?,
            task_type: config.get(&keys::EC2_TASK_INSTANCE_TYPE)?,
            master_bid: config.get(&keys::EC2_MASTER_INSTANCE_BID_PRICE)?,
            core_bid: config.get(&keys::EC2_CORE_INSTANCE_BID_PRICE)?,
            task_bid: config.get(&keys::EC2_TASK_INSTANCE_BID_PRICE)?,
            groups: config.get(&keys::INSTANCE_GROUPS)?,
            fleets: config.get(&keys::INSTANCE_FLEETS)?,
        };
        let (groups, fleets) = (strength(options.groups.as_ref()), strength(options.fleets.as_ref()));
        if !options.is_listed() || groups < fleets {
            decisions.withdraw(&keys::INSTANCE_GROUPS);
        }
        if !options.is_listed() || fleets < groups {
            decisions.withdraw(&keys::INSTANCE_FLEETS);
        }
        Ok(options)
    }

    /// Whether a list of groups or fleets counts, rather than the options that say one thing each.
    fn is_listed(&self) -> bool {
        let listed = strength(self.groups.as_ref()).max(strength(self.fleets.as_ref()));
        listed.is_some() && self.simple().map(Source::strength) <= listed
    }

    /// The strongest source of the options that say one thing each.
    fn simple(&self) -> Option<&Source> {
        let counts = [&self.total, &self.core, &self.task];
        let types = [&self.general_type, &self.master_type, &self.core_type, &self.task_type];
        let bids = [&self.master_bid, &self.core_bid, &self.task_bid];
        let numbers = counts.into_iter().flatten().map(|count| &count.source);
        let texts = types.into_iter().chain(bids).flatten().map(|text| &text.source);
        numbers.chain(texts).max_by_key(|source| source.strength())
    }
}

/// Instances, and what of the options had to be ignored.
#[derive(Debug)]
pub struct Sized {
    /// The instances.
    pub instances: Instances,
    /// What was ignored, and why.
    pub ignored: Option<String>,
}

/// The instances that `options` ask for.
pub fn instances(options: &InstanceOptions, default_type: &str, decisions: &mut Decisions) -> Result<Sized> {
    if !options.is_listed() {
        return simple::groups(options, default_type, decisions);
    }
    match (&options.groups, &options.fleets) {
        (Some(groups), Some(fleets)) if groups.source.strength() == fleets.source.strength() => {
            let error = Error::usage("instance groups and instance fleets exclude each other");
            Err(fleets.blame(error.advise("give one of --instance-groups and --instance-fleets")))
        }
        (Some(list), fleets) if strength(Some(list)) > strength(fleets.as_ref()) => {
            let ignored = ignored_beside(list, options.simple())?;
            let groups = lists::groups(list)?;
            note_groups(&groups, &list.source, decisions);
            Ok(Sized { instances: Instances::Groups(groups), ignored })
        }
        (_, Some(list)) => {
            let ignored = ignored_beside(list, options.simple())?;
            Ok(Sized { instances: Instances::Fleets(lists::fleets(list)?), ignored })
        }
        (_, None) => Err(Error::new(Outcome::Bug, "neither groups nor fleets")),
    }
}

/// What is said of simple options beside a list that is at least as strong.
fn ignored_beside(list: &Setting<Value>, simple: Option<&Source>) -> Result<Option<String>> {
    match simple {
        Some(simple) if simple.is_typed() => {
            let error =
                Error::usage("lists of instance groups or fleets and options for single ones exclude each other");
            Err(simple.blame(error.advise("leave out numbers, types and bid prices of instances")))
        }
        Some(simple) if simple.strength() == list.source.strength() => Ok(Some(
            "numbers, types and bid prices of instances are ignored beside lists of groups or fleets".to_owned(),
        )),
        _ => Ok(None),
    }
}

/// The options of a role: how many, of which type, at which bid. There is one master.
struct RoleKeys {
    number: Option<&'static Key<u32>>,
    instance_type: &'static Key<String>,
    bid: &'static Key<String>,
}

impl RoleKeys {
    fn of(role: Role) -> Self {
        match role {
            Role::Master => Self {
                number: None,
                instance_type: &keys::EC2_MASTER_INSTANCE_TYPE,
                bid: &keys::EC2_MASTER_INSTANCE_BID_PRICE,
            },
            Role::Core => Self {
                number: Some(&keys::NUM_EC2_CORE_INSTANCES),
                instance_type: &keys::EC2_CORE_INSTANCE_TYPE,
                bid: &keys::EC2_CORE_INSTANCE_BID_PRICE,
            },
            Role::Task => Self {
                number: Some(&keys::NUM_EC2_TASK_INSTANCES),
                instance_type: &keys::EC2_TASK_INSTANCE_TYPE,
                bid: &keys::EC2_TASK_INSTANCE_BID_PRICE,
            },
        }
    }
}

/// Notes what a list of groups comes to in the words of the options that say one thing each.
fn note_groups(groups: &[InstanceGroup], list: &Source, decisions: &mut Decisions) {
    decisions.note(&keys::NUM_EC2_INSTANCES, groups.iter().map(|group| group.count).sum::<u32>(), Some(list));
    for role in [Role::Master, Role::Core, Role::Task] {
        let RoleKeys { number, instance_type, bid } = RoleKeys::of(role);
        let of_role = || groups.iter().filter(|group| group.role == role);
        if let Some(number) = number {
            decisions.note(number, of_role().map(|group| group.count).sum::<u32>(), Some(list));
        }
        if let Some(group) = of_role().next() {
            decisions.note(instance_type, group.instance_type.as_str(), Some(list));
            decisions.note(bid, usd(&group.market), Some(list));
        }
    }
}

/// The price of a spot bid, where it is one.
fn usd(market: &Market) -> Option<&str> {
    if let Market::Spot(Bid::Usd(price)) = market { Some(price) } else { None }
}

/// A warning about members that these tools do not know. AWS may have added them; or they are misspelt.
pub(super) fn unknown(instances: &Instances) -> Option<String> {
    let unknown = |rest| unknown_members(rest).map(|(name, _)| name);
    let names: BTreeSet<&str> = instances.rests().into_iter().flat_map(unknown).collect();
    let names =
        names.into_iter().map(|name| if name == "EbsConfiguration" { "part of EbsConfiguration" } else { name });
    let names = names.collect::<Vec<_>>().join(", ");
    (!names.is_empty()).then(|| format!("not known here, and sent to EMR as it is written: {names}"))
}

/// What to say of instance types that are not known here, once EMR has refused the job flow.
#[must_use]
pub fn doubtful_type(instances: &Instances) -> Option<String> {
    let name = instances.types().into_iter().find(|name| instance_type::find(name).is_none())?;
    let nearest = instance_type::known()
        .map(|known| (strsim::damerau_levenshtein(name, known.name), known.name))
        .min()
        .filter(|(distance, _)| *distance <= 2);
    Some(match nearest {
        Some((_, near)) => format!("{name} is not known here, did you mean {near}?"),
        None => format!("{name} is not known here"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "options are optional")]
    fn typed<T>(value: T) -> Option<Setting<T>> {
        Some(keys::NUM_EC2_INSTANCES.typed(value))
    }

    #[expect(clippy::unnecessary_wraps, reason = "options are optional")]
    fn from_file<T>(value: T) -> Option<Setting<T>> {
        Some(keys::NUM_EC2_INSTANCES.in_file(value))
    }

    fn made(options: &InstanceOptions) -> Result<Sized> {
        instances(options, "m5.xlarge", &mut Decisions::default())
    }

    #[test]
    fn a_misspelt_type_is_told_with_the_nearest() {
        let of = |name: &str| {
            let options = InstanceOptions { general_type: typed(name.to_owned()), ..Default::default() };
            doubtful_type(&made(&options).unwrap().instances)
        };
        assert!(of("m5.xlarg").unwrap().contains("m5.xlarge"));
        assert_eq!(of("m5.xlarge"), None);
    }

    fn list(master: u32) -> Value {
        serde_json::json!([{ "InstanceRole": "MASTER", "InstanceType": "r5.xlarge", "InstanceCount": master }])
    }

    fn fleet_of(spot: u32) -> Value {
        let types = serde_json::json!([{ "InstanceType": "m5.xlarge" }]);
        serde_json::json!([{ "InstanceFleetType": "MASTER", "TargetSpotCapacity": spot, "InstanceTypeConfigs": types }])
    }

    #[test]
    fn of_lists_and_simple_options_those_from_the_stronger_source_count() {
        let made = |options| made(&options).map(|made| (made.instances, made.ignored)).unwrap();
        let by_list = made(InstanceOptions { total: from_file(3), groups: typed(list(1)), ..Default::default() });
        assert_eq!((by_list.0.types(), by_list.1), (vec!["r5.xlarge"], None));
        let by_total = made(InstanceOptions { total: typed(3), groups: from_file(list(1)), ..Default::default() });
        assert_eq!(by_total.0.types(), ["m5.xlarge", "m5.xlarge"]);
        let by_fleets =
            made(InstanceOptions { groups: from_file(list(1)), fleets: typed(fleet_of(1)), ..Default::default() });
        assert!(matches!(by_fleets.0, Instances::Fleets(_)));
        let one_file = made(InstanceOptions { total: from_file(3), groups: from_file(list(1)), ..Default::default() });
        assert_eq!(one_file.0.types(), ["r5.xlarge"]);
        assert!(one_file.1.unwrap().contains("ignored"));
    }

    #[test]
    fn lists_that_contradict_something_are_refused() {
        let cases = [
            InstanceOptions { groups: typed(list(1)), fleets: typed(fleet_of(1)), ..Default::default() },
            InstanceOptions { groups: typed(list(1)), core: typed(1), ..Default::default() },
            InstanceOptions { groups: typed(list(2)), ..Default::default() },
            InstanceOptions { groups: typed(serde_json::json!([])), ..Default::default() },
            InstanceOptions { fleets: typed(fleet_of(0)), ..Default::default() },
        ];
        for options in cases {
            assert_eq!(made(&options).unwrap_err().outcome, Outcome::Usage, "{options:?}");
        }
    }
}
