//! Turns instance options into instances, by mrjob's rules of precedence.
//!
//! The specification's options overlap: a total and counts by role, a general type and types by role. The source with
//! higher precedence wins (the command line over a file, a later file over an earlier one), and in one source the
//! option that names the role. A list of groups or fleets replaces all of these, unless one of them has higher
//! precedence.

mod doubts;
mod json;
mod lists;
mod options;
mod role_keys;
mod simple;

pub use doubts::doubtful_type;
pub(super) use doubts::unknown;
pub use options::InstanceOptions;

use serde_json::Value;

use crate::config::setting::{Source, strength};
use crate::config::{Decisions, Setting};
use crate::error::{Error, Outcome, Result};
use crate::model::instances::Instances;

/// The instances for `options`, and a warning about ignored options.
pub fn instances(
    options: &InstanceOptions,
    default_type: &str,
    decisions: &mut Decisions,
) -> Result<(Instances, Option<String>)> {
    if !options.is_listed() {
        let (groups, ignored) = simple::groups(options, default_type, decisions)?;
        return Ok((Instances::Groups(groups), ignored));
    }
    match (&options.groups, &options.fleets) {
        (Some(groups), Some(fleets)) if groups.source.strength() == fleets.source.strength() => {
            let error = Error::usage("instance groups and instance fleets exclude each other");
            Err(fleets.blame(error.advise("give one of --instance-groups and --instance-fleets")))
        }
        (Some(list), fleets) if strength(Some(list)) > strength(fleets.as_ref()) => {
            let ignored = ignored_beside(list, options.simple())?;
            Ok((Instances::Groups(lists::groups(list, decisions)?), ignored))
        }
        (_, Some(list)) => {
            let ignored = ignored_beside(list, options.simple())?;
            Ok((Instances::Fleets(lists::fleets(list)?), ignored))
        }
        (_, None) => Err(Error::new(Outcome::Bug, "neither groups nor fleets")),
    }
}

/// A warning about simple options in the same source as a list. They are an error if they are typed.
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

#[cfg(test)]
mod example;

#[cfg(test)]
mod tests {
    use super::example::{from_file, typed};
    use super::*;

    fn made(options: &InstanceOptions) -> Result<(Instances, Option<String>)> {
        instances(options, "m5.xlarge", &mut Decisions::default())
    }

    #[test]
    fn a_misspelt_type_comes_with_the_most_similar_one() {
        let of = |name: &str| {
            let options = InstanceOptions { general_type: typed(name.to_owned()), ..Default::default() };
            doubtful_type(&made(&options).unwrap().0)
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
    fn of_lists_and_simple_options_the_higher_precedence_counts() {
        let made = |options| made(&options).map(|made| (made.0, made.1)).unwrap();
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
    fn contradicting_lists_are_refused() {
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
