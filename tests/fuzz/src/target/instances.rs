//! Lists of instance groups and fleets, in JSON and in the AWS CLI's shorthand. The first byte chooses which.

use emr_core::config::{Config, Decisions, Surroundings, Typed, options, shorthand};
use emr_core::launch::instances::{InstanceOptions, instances};
use emr_core::pool::{Demand, Offer, misfits, shape};

use crate::input::{choice, text};

/// Runs the target.
pub fn run(input: &[u8]) {
    let (is_fleets, rest) = choice(input);
    let text = text(rest);
    let words: Result<Vec<_>, _> = text.lines().map(shorthand::object).collect();
    let list = words.map_or_else(|_| text.clone().into_owned(), |words| shorthand::list(&words));
    for list in [&*list, &*text] {
        with(is_fleets % 2 == 1, list);
    }
}

fn with(is_fleets: bool, list: &str) {
    let (option, argument) = if is_fleets {
        (&options::INSTANCE_FLEETS.option, "instance-fleets")
    } else {
        (&options::INSTANCE_GROUPS.option, "instance-groups")
    };
    let mut typed = Typed::default();
    typed.value(option, argument, list);
    let config = Config::new(typed, Surroundings::default());
    let mut decisions = Decisions::default();
    let Ok(options) = InstanceOptions::look_up(&config, &mut decisions) else { return };
    match instances(&options, "m5.xlarge", &mut decisions) {
        Ok((instances, _)) => {
            let offer = Offer::of(&instances);
            // What is asked for fits what is asked for.
            let misfits = misfits(&Demand::of(&instances), &offer.once_provided());
            assert!(misfits.is_empty(), "{list}: {misfits:?}");
            if let Some(text) = shape::of(&instances) {
                assert!(shape::offer(&text).is_some_and(|read| read.is_as_named(&offer)), "{list}: {text}");
            }
        }
        Err(error) => assert!(error.to_string().starts_with(&format!("--{argument}")), "{error}"),
    }
}
