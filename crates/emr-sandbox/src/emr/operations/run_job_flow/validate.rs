//! What EMR refuses in a request that reads well. Pure: nothing is looked up or changed.

use crate::emr::error::Failure;
use crate::emr::instance_types;
use crate::emr::model::cluster::AutoTerminationPolicy;
use crate::emr::model::instances::Role;
use crate::emr::model::step::StepRequest;
use crate::emr::operations::add_tags;
use crate::emr::operations::run_job_flow::{InstanceGroupRequest, Instances, RunJobFlow};
use crate::emr::release;

/// How many steps of a cluster may be pending or running.
pub(crate) const ACTIVE_STEPS: usize = 256;

/// Characters that all strings of a step may have together.
const STEP_CHARACTERS: usize = 10_240;

/// Instances that a group or fleet may have.
const INSTANCES_PER_GROUP: usize = 2000;

/// Refuses what `RunJobFlow` may not ask for.
pub(crate) fn run_job_flow(request: &RunJobFlow) -> Result<(), Failure> {
    name(&request.name)?;
    software(request)?;
    instances(&request.instances, request.ami_version.is_some())?;
    steps(&request.steps, 0)?;
    step_concurrency(request.step_concurrency_level.unwrap_or(1))?;
    request.tags.iter().try_for_each(add_tags::validate)?;
    match request.auto_termination_policy {
        Some(policy) => auto_termination(policy, request.release_label.as_deref()),
        None => Ok(()),
    }
}

fn name(name: &str) -> Result<(), Failure> {
    if let Some(bad) = name.chars().find(|c| "<>$|`\r\n".contains(*c)) {
        return Err(Failure::validation(format!(
            "Invalid cluster name: it contains the character {bad:?}, which is not allowed"
        )));
    }
    length("name", name, 256)
}

fn length(member: &str, text: &str, limit: usize) -> Result<(), Failure> {
    if text.chars().count() <= limit {
        return Ok(());
    }
    Err(Failure::validation(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member \
         must have length less than or equal to {limit}"
    )))
}

fn software(request: &RunJobFlow) -> Result<(), Failure> {
    match (&request.release_label, &request.ami_version) {
        (Some(_), Some(_)) => Err(Failure::validation(
            "Only one AMI version and release label may be specified. Provided AMI version and \
             release label.",
        )),
        (Some(label), None) if !release::is_known(label) => {
            Err(Failure::validation(format!("The supplied release label is invalid: {label}.")))
        }
        (None, Some(version)) if !is_ami_version(version) => {
            Err(Failure::validation(format!("The supplied ami version is invalid: {version}.")))
        }
        _ => Ok(()),
    }
}

fn is_ami_version(version: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    version == "latest" || version.split('.').all(is_number)
}

fn instances(instances: &Instances, has_ami_version: bool) -> Result<(), Failure> {
    let ways = [
        !instances.instance_groups.is_empty(),
        !instances.instance_fleets.is_empty(),
        instances.instance_count.is_some(),
    ];
    match ways.into_iter().filter(|is_used| *is_used).count() {
        1 => {}
        0 => {
            return Err(Failure::validation(
                "Must specify exactly one of the following: instance count and instance types, \
                 instance groups or instance fleets.",
            ));
        }
        _ => {
            return Err(Failure::validation(
                "Please configure one and only one of the following: instance groups; instance \
                 fleets; instance count, master instance type and slave instance type.",
            ));
        }
    }
    instance_groups(&instances.instance_groups)?;
    instance_counts(instances)?;
    let types = instances.instance_types();
    match types.into_iter().find(|name| !instance_types::is_supported(name, has_ami_version)) {
        Some(name) => Err(Failure::validation(format!(
            "The requested instance type {name} is not supported by EMR for this release."
        ))),
        None => instance_fleets(instances),
    }
}

fn instance_counts(instances: &Instances) -> Result<(), Failure> {
    instance_count(instances.instance_count.unwrap_or(1))?;
    match instances.instance_count {
        Some(0) => Err(Failure::validation("The instance count must be at least 1.")),
        Some(_) if instances.master_instance_type.is_none() => {
            Err(Failure::validation("A master instance type must be specified."))
        }
        Some(2..) if instances.slave_instance_type.is_none() => {
            Err(Failure::validation("A slave instance type must be specified."))
        }
        _ => Ok(()),
    }
}

/// Refuses more instances than EMR's quota has for a group.
pub(crate) fn instance_count(count: usize) -> Result<(), Failure> {
    if count <= INSTANCES_PER_GROUP {
        return Ok(());
    }
    Err(Failure::validation(format!("Instance count {count} exceeds the limit of {INSTANCES_PER_GROUP} per group.")))
}

fn instance_groups(groups: &[InstanceGroupRequest]) -> Result<(), Failure> {
    if groups.is_empty() {
        return Ok(());
    }
    let of = |role| groups.iter().filter(move |group| group.instance_role == role);
    if of(Role::Master).count() != 1 {
        return Err(Failure::validation("Exactly one master instance group must be specified."));
    }
    if of(Role::Core).count() > 1 {
        return Err(Failure::validation("At most one core instance group may be specified."));
    }
    if of(Role::Task).count() > 0 && of(Role::Core).count() == 0 {
        return Err(Failure::validation("A task instance group needs a core instance group."));
    }
    if groups.iter().any(|group| group.instance_count == 0) {
        return Err(Failure::validation("Instance groups must have at least one instance."));
    }
    groups.iter().try_for_each(|group| instance_count(group.instance_count))?;
    groups.iter().filter_map(|group| group.bid_price.as_deref()).try_for_each(bid_price)
}

fn bid_price(price: &str) -> Result<(), Failure> {
    match price.parse::<f64>() {
        Ok(dollars) if dollars > 0.0 && dollars.is_finite() => Ok(()),
        _ => Err(Failure::validation(format!("Invalid bid price: {price}"))),
    }
}

fn instance_fleets(instances: &Instances) -> Result<(), Failure> {
    let fleets = &instances.instance_fleets;
    if fleets.is_empty() {
        return Ok(());
    }
    for role in [Role::Master, Role::Core, Role::Task] {
        if fleets.iter().filter(|fleet| fleet.instance_fleet_type == role).count() > 1 {
            return Err(Failure::validation("At most one instance fleet per type is allowed."));
        }
    }
    let master = fleets.iter().find(|fleet| fleet.instance_fleet_type == Role::Master);
    if master.is_none_or(|fleet| fleet.capacity() != 1) {
        return Err(Failure::validation("The master instance fleet must have a target capacity of exactly 1."));
    }
    if fleets.iter().any(|fleet| fleet.capacity() == 0 || fleet.instance_type_configs.is_empty()) {
        return Err(Failure::validation("An instance fleet needs a target capacity and at least one instance type."));
    }
    fleets.iter().try_for_each(|fleet| instance_count(fleet.capacity()))
}

/// Refuses steps that are too many beside the `active` ones, or too long.
pub(crate) fn steps(steps: &[StepRequest], active: usize) -> Result<(), Failure> {
    if active + steps.len() > ACTIVE_STEPS {
        return Err(Failure::validation(format!(
            "Maximum number of active steps(State = 'Running', 'Pending' or 'Cancel_Pending') \
             for cluster exceeded: {ACTIVE_STEPS}."
        )));
    }
    for step in steps {
        length("steps.member.name", &step.name, 256)?;
        let jar_step = &step.hadoop_jar_step;
        let characters = jar_step.args.iter().map(|arg| arg.chars().count()).sum::<usize>();
        if characters + jar_step.jar.chars().count() > STEP_CHARACTERS {
            return Err(Failure::validation(format!(
                "Size of step parameters exceeded the maximum limit of {STEP_CHARACTERS} characters."
            )));
        }
    }
    Ok(())
}

/// Refuses a number of steps side by side that EMR does not have.
pub(crate) fn step_concurrency(level: usize) -> Result<(), Failure> {
    if (1..=256).contains(&level) {
        return Ok(());
    }
    Err(Failure::validation(format!("The step concurrency level {level} is not valid. It must be between 1 and 256.")))
}

/// Refuses an idle timeout that is out of bounds, or of a release that has none.
pub(crate) fn auto_termination(policy: AutoTerminationPolicy, release_label: Option<&str>) -> Result<(), Failure> {
    if !(60..=604_800).contains(&policy.idle_timeout) {
        return Err(Failure::validation(
            "The idle timeout of an auto-termination policy must be between 60 and 604800 seconds.",
        ));
    }
    if release_label.is_none_or(|label| !release::has_auto_termination(label)) {
        return Err(Failure::validation(
            "Auto-termination policies need release label emr-5.30.0 or later, except emr-6.0.0.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::emr::account::{Account, Settings};
    use crate::emr::model::timestamp::Timestamp;
    use crate::emr::operations;

    /// What `RunJobFlow` answers to a request that is right but for `changes`.
    fn run_job_flow(changes: &Value) -> Result<Value, String> {
        let region = "us-east-1".to_owned();
        let settings = Settings { provision_s: 0, run_bootstrap_actions: false, region };
        let mut body = json!({
            "Name": "test",
            "ReleaseLabel": "emr-7.1.0",
            "Instances": { "InstanceGroups": [group("MASTER", 1), group("CORE", 2)] },
        });
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        let body = body.to_string();
        let mut account = Account::new(settings);
        operations::answer(&mut account, "RunJobFlow", body.as_bytes(), Timestamp::at(chrono::DateTime::UNIX_EPOCH))
            .map_err(|failure| failure.body().to_string())
    }

    fn group(role: &str, count: usize) -> Value {
        json!({ "InstanceRole": role, "InstanceType": "m5.xlarge", "InstanceCount": count })
    }

    fn groups(groups: &[Value]) -> Value {
        json!({ "Instances": { "InstanceGroups": groups } })
    }

    #[test]
    fn a_good_request_is_accepted() {
        assert!(run_job_flow(&json!({})).is_ok());
        assert!(run_job_flow(&json!({ "ReleaseLabel": null, "AmiVersion": "2.4.2" })).is_ok());
    }

    #[test]
    fn what_emr_refuses_is_refused_with_the_reason() {
        let spot = json!({
            "InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1, "BidPrice": "cheap",
        });
        let step = json!({ "Name": "s", "HadoopJarStep": { "Jar": "x".repeat(10_241) } });
        for (changes, part) in [
            (json!({ "Name": "a`b" }), "name"),
            (json!({ "Name": "x".repeat(257) }), "256"),
            (json!({ "ReleaseLabel": "emr-1" }), "release label is invalid"),
            (json!({ "AmiVersion": "3.11.0" }), "Only one"),
            (json!({ "Instances": {} }), "exactly one"),
            (groups(&[group("CORE", 1)]), "master"),
            (groups(&[group("MASTER", 1), group("TASK", 1)]), "core"),
            (groups(&[group("MASTER", 1), group("CORE", 0)]), "at least one"),
            (groups(&[spot]), "bid price"),
            (json!({ "Instances": { "InstanceCount": 2, "MasterInstanceType": "m5.xlarge" } }), "slave"),
            (json!({ "StepConcurrencyLevel": 0 }), "between 1 and 256"),
            (json!({ "Tags": [{ "Key": "aws:x" }] }), "reserved"),
            (json!({ "AutoTerminationPolicy": { "IdleTimeout": 59 } }), "between 60"),
            (json!({ "Steps": [step] }), "10240"),
        ] {
            let refusal = run_job_flow(&changes).unwrap_err();
            assert!(refusal.contains("ValidationException") || part == "reserved", "{refusal}");
            assert!(refusal.contains(part), "{part}: {refusal}");
        }
    }
}
