//! EMR's limits on requests, for the checks that several operations share. Pure.

use serde_json::Value;

use super::error::Error;
use super::model::cluster::{AutoTerminationPolicy, Tag};
use super::release;
use super::request::step::StepConfig;

/// EMR's limit on the pending and running steps of a cluster.
pub(crate) const ACTIVE_STEPS: usize = 256;

/// EMR's limit on the characters of a step's jar and arguments together.
const STEP_CHARACTERS: usize = 10_240;

/// EMR's quota of instances in a group or fleet.
const INSTANCES_PER_GROUP: usize = 2000;

/// Refuses a member of more than `limit` characters or values.
pub(crate) fn length(member: &str, length: usize, limit: usize) -> Result<(), Error> {
    if length <= limit {
        return Ok(());
    }
    Err(Error::validation(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member \
         must have length less than or equal to {limit}"
    )))
}

/// Refuses a release label that EMR does not have.
pub(crate) fn known_release(label: &str) -> Result<(), Error> {
    if release::is_known(label) {
        return Ok(());
    }
    Err(Error::invalid_request(format!("The supplied release label is invalid: {label}.")))
}

/// Refuses more instances than EMR's quota allows a group.
pub(crate) fn instance_count(count: usize) -> Result<(), Error> {
    if count <= INSTANCES_PER_GROUP {
        return Ok(());
    }
    Err(Error::validation(format!("Instance count {count} exceeds the limit of {INSTANCES_PER_GROUP} per group.")))
}

/// Refuses steps that are too long, or more than fit beside the `active` ones.
pub(crate) fn steps(steps: &[StepConfig], active: usize) -> Result<(), Error> {
    if active + steps.len() > ACTIVE_STEPS {
        return Err(Error::validation(format!(
            "Maximum number of active steps(State = 'Running', 'Pending' or 'Cancel_Pending') \
             for cluster exceeded: {ACTIVE_STEPS}."
        )));
    }
    for step in steps {
        length("steps.member.name", step.name.chars().count(), 256)?;
        let jar_step = &step.hadoop_jar_step;
        let characters = jar_step.args.iter().map(|arg| arg.chars().count()).sum::<usize>();
        if characters + jar_step.jar.chars().count() > STEP_CHARACTERS {
            return Err(Error::validation(format!(
                "Size of step parameters exceeded the maximum limit of {STEP_CHARACTERS} characters."
            )));
        }
    }
    Ok(())
}

/// Refuses a step concurrency level outside 1 to 256.
pub(crate) fn step_concurrency(level: usize) -> Result<(), Error> {
    if (1..=256).contains(&level) {
        return Ok(());
    }
    Err(Error::validation(format!("The step concurrency level {level} is not valid. It must be between 1 and 256.")))
}

/// Refuses a managed scaling policy whose limits contradict each other.
pub(crate) fn managed_scaling(policy: &Value) -> Result<(), Error> {
    let limits = &policy["ComputeLimits"];
    let of = |member: &str| limits[member].as_u64();
    let maximum = of("MaximumCapacityUnits");
    let check = |value: Option<u64>, words: &str| match (value, maximum) {
        (Some(value), Some(maximum)) if value > maximum => {
            Err(Error::validation(format!("Invalid configuration for managed scaling. The {words} max capacity")))
        }
        _ => Ok(()),
    };
    check(of("MaximumCoreCapacityUnits"), "max Core capacity cannot be higher than")?;
    check(of("MaximumOnDemandCapacityUnits"), "max On-Demand capacity cannot be higher than")?;
    check(of("MinimumCapacityUnits"), "min capacity cannot be higher than")
}

/// Refuses an idle timeout outside EMR's bounds of a minute and a week, or a release without auto-termination.
pub(crate) fn auto_termination(policy: AutoTerminationPolicy, release_label: Option<&str>) -> Result<(), Error> {
    if !(60..=604_800).contains(&policy.idle_timeout) {
        return Err(Error::validation(
            "The idle timeout of an auto-termination policy must be between 60 and 604800 seconds.",
        ));
    }
    if release_label.is_none_or(|label| !release::has_auto_termination(label)) {
        return Err(Error::validation(
            "Auto-termination policies need release label emr-5.30.0 or later, except emr-6.0.0.",
        ));
    }
    Ok(())
}

/// Refuses a tag that EMR does not accept.
pub(crate) fn tag(tag: &Tag) -> Result<(), Error> {
    let is_allowed = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    let refuse = |reason: &str| Err(Error::invalid_request(format!("Invalid tag '{}': {reason}", tag.key)));
    if tag.key.is_empty() || tag.key.chars().count() > 128 {
        return refuse("a key has 1 to 128 characters");
    }
    if tag.value.chars().count() > 256 {
        return refuse("a value has at most 256 characters");
    }
    if tag.key.to_ascii_lowercase().starts_with("aws:") {
        return refuse("keys that begin with aws: are reserved");
    }
    if !tag.key.chars().chain(tag.value.chars()).all(is_allowed) {
        return refuse("only letters, digits, white space and _ . : / = + - @ are allowed");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_have_limits() {
        let check = |key: &str, value: &str| tag(&Tag { key: key.to_owned(), value: value.to_owned() });
        assert!(check("__mrjob_pool_lock", "job 1763791200.000000").is_ok());
        for (key, value) in [("", ""), ("aws:x", ""), ("a,b", ""), ("a", &"x".repeat(257))] {
            assert!(check(key, value).is_err(), "{key}");
        }
    }
}
