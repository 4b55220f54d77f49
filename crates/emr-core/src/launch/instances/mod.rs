//! From instance options to instances, with mrjob's rules for which option wins over which.
//!
//! The specification's options overlap: a total and counts by role, a general type and types by role. The one from the
//! stronger source wins (the command line over a file, a later file over an earlier one); between equals the one that
//! names the role does. Lists of groups or fleets replace all of these where they come from a stronger source.

mod json;
mod lists;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::config::setting::{Setting, Source, strength};
use crate::error::{Error, Outcome, Result};
use crate::model::instance_type;
use crate::model::instances::{Bid, InstanceGroup, Instances, Market, Role, unknown_members};

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
    /// Whether a list of groups or fleets counts, rather than the options that say one thing each.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        let listed = strength(self.groups.as_ref()).max(strength(self.fleets.as_ref()));
        listed.is_some() && self.simple() <= listed
    }

    /// The strongest source of the options that say one thing each.
    fn simple(&self) -> Option<Source> {
        let counts = [&self.total, &self.core, &self.task].map(|count| strength(count.as_ref()));
        let types = [&self.general_type, &self.master_type, &self.core_type, &self.task_type];
        let bids = [&self.master_bid, &self.core_bid, &self.task_bid];
        let texts = types.into_iter().chain(bids).map(|text| strength(text.as_ref()));
        counts.into_iter().chain(texts).max().flatten()
    }
}

/// The instances that `options` ask for, and what of the options had to be ignored.
pub fn instances(options: &InstanceOptions, default_type: &str) -> Result<(Instances, Option<String>)> {
    let (groups, fleets) = (strength(options.groups.as_ref()), strength(options.fleets.as_ref()));
    let listed = groups.max(fleets);
    if !options.is_listed() {
        let (groups, ignored) = simple_groups(options, default_type)?;
        return Ok((Instances::Groups(groups), ignored));
    }
    if groups == fleets {
        return Err(Error::usage("instance groups and instance fleets exclude each other")
            .advise("give one of --instance-groups and --instance-fleets"));
    }
    let ignored = ignored_beside(listed, options.simple())?;
    let instances = match (&options.groups, &options.fleets) {
        (Some(list), _) if groups > fleets => Instances::Groups(lists::groups(list)?),
        (_, Some(list)) => Instances::Fleets(lists::fleets(list)?),
        (_, None) => return Err(Error::new(Outcome::Bug, "neither groups nor fleets")),
    };
    Ok((instances, ignored))
}

/// What is said of simple options beside a list that is at least as strong.
fn ignored_beside(listed: Option<Source>, simple: Option<Source>) -> Result<Option<String>> {
    match simple {
        Some(Source::CommandLine) => {
            Err(Error::usage("lists of instance groups or fleets and options for single ones exclude each other")
                .advise("leave out numbers, types and bid prices of instances"))
        }
        Some(_) if simple == listed => Ok(Some(
            "numbers, types and bid prices of instances are ignored beside lists of groups or fleets".to_owned(),
        )),
        _ => Ok(None),
    }
}

/// The instance groups that options for single things ask for, and what of the options had to be ignored.
fn simple_groups(options: &InstanceOptions, default_type: &str) -> Result<(Vec<InstanceGroup>, Option<String>)> {
    let (core, task, mut ignored) = counts(options)?;
    let alone = core == 0 && task == 0;
    let core_type = role_type(options, options.core_type.as_ref(), true, default_type);
    let master_type = role_type(options, options.master_type.as_ref(), alone, default_type);
    let task_type = role_type(options, options.task_type.as_ref(), true, &core_type);
    let wanted = [
        (Role::Master, 1, master_type, &options.master_bid),
        (Role::Core, core, core_type, &options.core_bid),
        (Role::Task, task, task_type, &options.task_bid),
    ];
    let mut groups = Vec::new();
    for (role, count, instance_type, bid) in wanted {
        if count > 0 {
            check_type(&instance_type)?;
            let bid = bid.as_ref().map(|bid| bid_price(&bid.value)).transpose();
            let bid = bid.map_err(|error| error.on(named(role)))?.flatten();
            let market = bid.map_or(Market::OnDemand, Market::Spot);
            groups.push(InstanceGroup::new(role, instance_type, count, market));
        } else if bid.as_ref().is_some_and(|bid| bid.source == Source::CommandLine) {
            ignored = Some(format!("the bid price for {} has no effect, because there are none", named(role)));
        }
    }
    Ok((groups, ignored))
}

/// The instances of `role`, in a message.
fn named(role: Role) -> &'static str {
    match role {
        Role::Master => "the master",
        Role::Core => "the core instances",
        Role::Task => "the task instances",
    }
}

/// Core and task counts. Instances in all are one master and otherwise core instances.
fn counts(options: &InstanceOptions) -> Result<(u32, u32, Option<String>)> {
    let by_role = strength(options.core.as_ref()).max(strength(options.task.as_ref()));
    let value = |count: &Option<Setting<u32>>| count.as_ref().map_or(0, |count| count.value);
    let Some(total) = &options.total else {
        return checked(value(&options.core), value(&options.task), None);
    };
    if strength(Some(total)) <= by_role {
        let ignored = "num_ec2_instances is ignored, because the numbers of core and task instances are given, too";
        return checked(value(&options.core), value(&options.task), Some(ignored.to_owned()));
    }
    if total.value == 0 {
        return Err(Error::usage("a job flow needs at least one instance: --num-ec2-instances is 0"));
    }
    Ok((total.value - 1, 0, None))
}

fn checked(core: u32, task: u32, ignored: Option<String>) -> Result<(u32, u32, Option<String>)> {
    if task > 0 && core == 0 {
        return Err(Error::usage("task instances need at least one core instance")
            .advise("set --num-ec2-core-instances to 1 or more"));
    }
    Ok((core, task, ignored))
}

/// The type for a role: its own, or the general one where that counts for the role and comes from a stronger source.
fn role_type(options: &InstanceOptions, own: Option<&Setting<String>>, general_counts: bool, default: &str) -> String {
    let general = options.general_type.as_ref().filter(|_| general_counts);
    let stronger = if strength(general) > strength(own) { general } else { own };
    stronger.map_or_else(|| default.to_owned(), |setting| setting.value.clone())
}

fn check_type(name: &str) -> Result<()> {
    if instance_type::is_well_formed(name) {
        return Ok(());
    }
    Err(Error::usage(format!("'{name}' is not an instance type")).advise("instance types look like m5.xlarge"))
}

/// Parses a bid in US dollars. Nothing and zero mean on demand.
fn bid_price(text: &str) -> Result<Option<Bid>> {
    let text = text.trim();
    if !text.is_empty() && Bid::price(text).is_none() {
        return Err(
            Error::usage(format!("'{text}' is not a bid price")).advise("give US dollars per hour, such as 0.42")
        );
    }
    Ok(Bid::usd(text))
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
    use crate::config::setting::Source;

    #[expect(clippy::unnecessary_wraps, reason = "options are optional")]
    fn typed<T>(value: T) -> Option<Setting<T>> {
        Some(Setting::typed(value))
    }

    #[expect(clippy::unnecessary_wraps, reason = "options are optional")]
    fn from_file<T>(value: T) -> Option<Setting<T>> {
        Some(Setting { value, source: Source::File(0) })
    }

    fn shape(options: &InstanceOptions) -> Vec<(Role, u32, String)> {
        let (groups, _) = simple_groups(options, "m5.xlarge").unwrap();
        groups.into_iter().map(|group| (group.role, group.count, group.instance_type)).collect()
    }

    #[test]
    fn twelve_instances_are_one_master_and_eleven_core() {
        let options = InstanceOptions { total: typed(12), ..Default::default() };
        let expected = [(Role::Master, 1, "m5.xlarge".to_owned()), (Role::Core, 11, "m5.xlarge".to_owned())];
        assert_eq!(shape(&options), expected);
    }

    #[test]
    fn the_general_type_is_the_masters_only_when_it_is_alone() {
        let mut options = InstanceOptions { general_type: typed("c5.xlarge".to_owned()), ..Default::default() };
        assert_eq!(shape(&options), [(Role::Master, 1, "c5.xlarge".to_owned())]);
        options.total = typed(3);
        let expected = [(Role::Master, 1, "m5.xlarge".to_owned()), (Role::Core, 2, "c5.xlarge".to_owned())];
        assert_eq!(shape(&options), expected);
    }

    #[test]
    fn the_stronger_source_wins_and_of_equals_the_role() {
        let core_type = from_file("r5.xlarge".to_owned());
        let general_type = typed("c5.xlarge".to_owned());
        let mut options = InstanceOptions { total: typed(2), core_type, general_type, ..Default::default() };
        assert_eq!(shape(&options)[1].2, "c5.xlarge");
        options.core_type = typed("r5.xlarge".to_owned());
        assert_eq!(shape(&options)[1].2, "r5.xlarge");
    }

    #[test]
    fn counts_by_role_win_over_a_total_that_is_no_stronger_and_say_so() {
        let mut options = InstanceOptions { total: from_file(9), core: typed(2), task: typed(4), ..Default::default() };
        let (made, ignored) = simple_groups(&options, "m5.xlarge").unwrap();
        assert_eq!(made.iter().map(|group| group.count).collect::<Vec<_>>(), [1, 2, 4]);
        assert!(ignored.unwrap().contains("num_ec2_instances"));
        options = InstanceOptions { total: typed(9), core: from_file(2), ..Default::default() };
        assert_eq!(simple_groups(&options, "m5.xlarge").unwrap().0[1].count, 8);
    }

    #[test]
    fn task_instances_have_the_core_type_unless_told_otherwise() {
        let core_type = typed("r5.xlarge".to_owned());
        let options = InstanceOptions { core: typed(1), task: typed(1), core_type, ..Default::default() };
        assert_eq!(shape(&options)[2].2, "r5.xlarge");
    }

    #[test]
    fn a_typed_bid_for_instances_that_there_are_none_of_is_told() {
        let ignored = |task_bid| {
            let options = InstanceOptions { core: typed(1), task_bid, ..Default::default() };
            simple_groups(&options, "m5.xlarge").unwrap().1
        };
        let told = "the bid price for the task instances has no effect, because there are none";
        assert_eq!(ignored(typed("0.42".to_owned())).as_deref(), Some(told));
        assert_eq!(ignored(from_file("0.42".to_owned())), None);
    }

    #[test]
    fn bids_stay_as_written_and_zero_is_on_demand() {
        assert_eq!(bid_price("0.420").unwrap(), Some(Bid::Usd("0.420".to_owned())));
        assert_eq!(bid_price(" 0.00").unwrap(), None);
        assert_eq!(bid_price("").unwrap(), None);
        for bad in ["-1", "x", "1e3", "inf", "NaN", "$1", "0.4.2"] {
            assert!(bid_price(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_cannot_be_started_is_refused() {
        let none = InstanceOptions { total: typed(0), ..Default::default() };
        let no_core = InstanceOptions { task: typed(2), ..Default::default() };
        let no_type = InstanceOptions { master_type: typed("huge".to_owned()), ..Default::default() };
        for options in [none, no_core, no_type] {
            assert!(simple_groups(&options, "m5.xlarge").is_err(), "{options:?}");
        }
    }

    #[test]
    fn a_misspelt_type_is_told_with_the_nearest() {
        let of = |name: &str| {
            let options = InstanceOptions { general_type: typed(name.to_owned()), ..Default::default() };
            doubtful_type(&Instances::Groups(simple_groups(&options, "m5.xlarge").unwrap().0))
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
        let made = |options| instances(&options, "m5.xlarge").unwrap();
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
            assert_eq!(instances(&options, "m5.xlarge").unwrap_err().outcome, Outcome::Usage, "{options:?}");
        }
    }
}
