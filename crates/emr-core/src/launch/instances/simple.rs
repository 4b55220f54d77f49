//! Instance groups from the simple options: numbers, types and bids.

use super::options::InstanceOptions;
use super::role_keys::{RoleKeys, usd};
use crate::config::setting::{Source, strength};
use crate::config::{Decisions, Setting, options as keys};
use crate::error::{Error, Result};
use crate::model::bid::Bid;
use crate::model::instance_type;
use crate::model::instances::{InstanceGroup, Market, Role};

/// A value and its source, which is `None` for a default.
#[derive(Debug, Clone)]
struct Chosen<'a, T> {
    value: T,
    source: Option<&'a Source>,
}

impl<'a, T: Clone> Chosen<'a, T> {
    fn of(setting: &'a Setting<T>) -> Self {
        Self { value: setting.value.clone(), source: Some(&setting.source) }
    }
}

/// The instance groups for `options`, and a warning about ignored options.
pub(super) fn groups(
    options: &InstanceOptions,
    default_type: &str,
    decisions: &mut Decisions,
) -> Result<(Vec<InstanceGroup>, Option<String>)> {
    let ([master, core, task], mut ignored) = numbers(options)?;
    let total = master.value.saturating_add(core.value).saturating_add(task.value);
    decisions.note(&keys::NUM_EC2_INSTANCES, total, core.source);
    let is_alone = core.value == 0 && task.value == 0;
    let [master_type, core_type, task_type] = types(options, is_alone, default_type);
    let by_role = [
        (Role::Master, master, master_type, options.master_bid.as_ref()),
        (Role::Core, core, core_type, options.core_bid.as_ref()),
        (Role::Task, task, task_type, options.task_bid.as_ref()),
    ];
    let mut groups = Vec::new();
    for (role, number, instance_type, bid) in by_role {
        if let Some(key) = RoleKeys::of(role).number {
            decisions.note(key, number.value, number.source);
        }
        if number.value > 0 {
            groups.push(group(role, number.value, instance_type, bid, decisions)?);
        } else if bid.is_some_and(Setting::is_typed) {
            ignored = Some(format!("the bid price for {} has no effect, because there are none", named(role)));
        }
    }
    Ok((groups, ignored))
}

fn group(
    role: Role,
    count: u32,
    instance_type: Chosen<'_, String>,
    bid: Option<&Setting<String>>,
    decisions: &mut Decisions,
) -> Result<InstanceGroup> {
    check_type(&instance_type)?;
    let market = market(role, bid)?;
    let keys = RoleKeys::of(role);
    decisions.note(keys.instance_type, instance_type.value.as_str(), instance_type.source);
    decisions.note(keys.bid, usd(&market), None);
    Ok(InstanceGroup::new(role, instance_type.value, count, market))
}

/// The instances of `role`, in a message.
fn named(role: Role) -> &'static str {
    match role {
        Role::Master => "the master",
        Role::Core => "the core instances",
        Role::Task => "the task instances",
    }
}

/// The numbers of master, core and task instances, and a warning about an ignored total. A total means one master, and
/// core instances for the rest.
fn numbers(options: &InstanceOptions) -> Result<([Chosen<'_, u32>; 3], Option<String>)> {
    let by_role = strength(options.core.as_ref()).max(strength(options.task.as_ref()));
    let master = Chosen { value: 1, source: None };
    match &options.total {
        Some(total) if strength(Some(total)) > by_role => {
            if total.value == 0 {
                return Err(
                    total.blame(Error::usage("a job flow needs at least one instance: --num-ec2-instances is 0"))
                );
            }
            let source = Some(&total.source);
            Ok(([master, Chosen { value: total.value - 1, source }, Chosen { value: 0, source }], None))
        }
        total => {
            let ignored = "num_ec2_instances is ignored, because the numbers of core and task instances are given, too";
            let (core, task) = numbers_by_role(options)?;
            Ok(([master, core, task], total.is_some().then(|| ignored.to_owned())))
        }
    }
}

/// The numbers of core and task instances. If only one is given, the other is 0 from the same source.
fn numbers_by_role(options: &InstanceOptions) -> Result<(Chosen<'_, u32>, Chosen<'_, u32>)> {
    let (core, task) = (options.core.as_ref(), options.task.as_ref());
    let source = core.or(task).map(|number| &number.source);
    let chosen = |number: Option<&'_ Setting<u32>>| number.map_or(0, |number| number.value);
    if let Some(task) = task.filter(|task| task.value > 0 && chosen(core) == 0) {
        let error = Error::usage("task instances need at least one core instance");
        return Err(task.blame(error.advise("set --num-ec2-core-instances to 1 or more")));
    }
    let of = |number: Option<&'_ Setting<u32>>| Chosen { value: chosen(number), source };
    Ok((core.map_or_else(|| of(None), Chosen::of), task.map_or_else(|| of(None), Chosen::of)))
}

/// The types of the master, core and task instances. The general type applies to the master only if it is `alone`.
fn types<'a>(options: &'a InstanceOptions, alone: bool, default: &str) -> [Chosen<'a, String>; 3] {
    let general = options.general_type.as_ref();
    let default = || Chosen { value: default.to_owned(), source: None };
    let core = stronger(options.core_type.as_ref(), general).unwrap_or_else(default);
    let master = stronger(options.master_type.as_ref(), general.filter(|_| alone)).unwrap_or_else(default);
    let task = stronger(options.task_type.as_ref(), general).unwrap_or_else(|| core.clone());
    [master, core, task]
}

/// The type of one role: its own, or the general one if that has higher precedence.
fn stronger<'a>(own: Option<&'a Setting<String>>, general: Option<&'a Setting<String>>) -> Option<Chosen<'a, String>> {
    let stronger = if strength(general) > strength(own) { general } else { own };
    stronger.map(Chosen::of)
}

fn check_type(chosen: &Chosen<'_, String>) -> Result<()> {
    if instance_type::is_well_formed(&chosen.value) {
        return Ok(());
    }
    let error = Error::usage(format!("'{}' is not an instance type", chosen.value));
    let error = error.advise("instance types look like m5.xlarge");
    Err(match chosen.source {
        Some(source) => source.blame(error),
        None => error,
    })
}

/// The market in which the instances of `role` are bought.
fn market(role: Role, bid: Option<&Setting<String>>) -> Result<Market> {
    let Some(bid) = bid else { return Ok(Market::OnDemand) };
    let price = bid_price(&bid.value).map_err(|error| bid.blame(error.on(named(role))))?;
    Ok(price.map_or(Market::OnDemand, Market::Spot))
}

/// Parses a bid in US dollars. Empty text and zero mean on demand.
fn bid_price(text: &str) -> Result<Option<Bid>> {
    let text = text.trim();
    if !text.is_empty() && Bid::price(text).is_none() {
        return Err(
            Error::usage(format!("'{text}' is not a bid price")).advise("give US dollars per hour, such as 0.42")
        );
    }
    Ok(Bid::usd(text))
}

#[cfg(test)]
mod tests {
    use super::super::example::{from_file, typed};
    use super::*;

    fn made(options: &InstanceOptions) -> Result<(Vec<InstanceGroup>, Option<String>)> {
        groups(options, "m5.xlarge", &mut Decisions::default())
    }

    fn shape(options: &InstanceOptions) -> Vec<(Role, u32, String)> {
        let (groups, _) = made(options).unwrap();
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
    fn higher_precedence_wins_and_in_one_source_the_role() {
        let core_type = from_file("r5.xlarge".to_owned());
        let general_type = typed("c5.xlarge".to_owned());
        let mut options = InstanceOptions { total: typed(2), core_type, general_type, ..Default::default() };
        assert_eq!(shape(&options)[1].2, "c5.xlarge");
        options.core_type = typed("r5.xlarge".to_owned());
        assert_eq!(shape(&options)[1].2, "r5.xlarge");
    }

    #[test]
    fn counts_by_role_override_a_total_of_no_higher_precedence_with_a_warning() {
        let mut options = InstanceOptions { total: from_file(9), core: typed(2), task: typed(4), ..Default::default() };
        let (groups, ignored) = made(&options).unwrap();
        assert_eq!(groups.iter().map(|group| group.count).collect::<Vec<_>>(), [1, 2, 4]);
        assert!(ignored.unwrap().contains("num_ec2_instances"));
        options = InstanceOptions { total: typed(9), core: from_file(2), ..Default::default() };
        assert_eq!(made(&options).unwrap().0[1].count, 8);
    }

    #[test]
    fn task_instances_have_the_core_type_unless_told_otherwise() {
        let core_type = typed("r5.xlarge".to_owned());
        let options = InstanceOptions { core: typed(1), task: typed(1), core_type, ..Default::default() };
        assert_eq!(shape(&options)[2].2, "r5.xlarge");
    }

    #[test]
    fn a_typed_bid_without_instances_is_warned_about() {
        let ignored = |task_bid| {
            let options = InstanceOptions { core: typed(1), task_bid, ..Default::default() };
            made(&options).unwrap().1
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
    fn impossible_instances_are_refused() {
        let none = InstanceOptions { total: typed(0), ..Default::default() };
        let no_core = InstanceOptions { task: typed(2), ..Default::default() };
        let no_type = InstanceOptions { master_type: typed("huge".to_owned()), ..Default::default() };
        for options in [none, no_core, no_type] {
            assert!(made(&options).is_err(), "{options:?}");
        }
    }
}
