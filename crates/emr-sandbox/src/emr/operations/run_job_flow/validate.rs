//! What EMR refuses in a `RunJobFlow` that parses. Pure.

use serde_json::Value;

use super::request::{JobFlowInstancesConfig, RunJobFlow};
use crate::emr::error::Error;
use crate::emr::model::instances::Role;
use crate::emr::request::instances::{InstanceGroupConfig, InstanceTypeConfig};
use crate::emr::{instance_types, limits, release};

/// Refuses a request as EMR does.
pub(super) fn validate(request: &RunJobFlow) -> Result<(), Error> {
    name(&request.name)?;
    software(request)?;
    roles(request)?;
    instances(&request.instances, request.ami_version.is_some())?;
    limits::steps(&request.steps, 0)?;
    limits::step_concurrency(request.step_concurrency_level.unwrap_or(1))?;
    request.tags.iter().try_for_each(limits::tag)?;
    request.managed_scaling_policy.as_ref().map_or(Ok(()), limits::managed_scaling)?;
    match request.auto_termination_policy {
        Some(policy) => limits::auto_termination(policy, request.release_label.as_deref()),
        None => Ok(()),
    }
}

fn name(name: &str) -> Result<(), Error> {
    if let Some(bad) = name.chars().find(|c| "<>$|`\r\n".contains(*c)) {
        return Err(Error::validation(format!(
            "Invalid cluster name: it contains the character {bad:?}, which is not allowed"
        )));
    }
    limits::length("name", name.chars().count(), 256)
}

fn software(request: &RunJobFlow) -> Result<(), Error> {
    match (&request.release_label, &request.ami_version) {
        (Some(_), Some(_)) => Err(Error::validation(
            "Only one AMI version and release label may be specified. Provided AMI version and \
             release label.",
        )),
        (Some(label), None) if !release::is_known(label) => {
            Err(Error::validation(format!("The supplied release label is invalid: {label}.")))
        }
        (None, Some(version)) if !is_ami_version(version) => {
            Err(Error::validation(format!("The supplied ami version is invalid: {version}.")))
        }
        _ => Ok(()),
    }
}

/// Checks that roles are named. Any well-formed name passes, as the sandbox does not know the account's roles.
fn roles(request: &RunJobFlow) -> Result<(), Error> {
    let Some(profile) = &request.job_flow_role else {
        return Err(Error::validation("InstanceProfile is required for creating cluster."));
    };
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-/:".contains(c);
    if profile.is_empty() || !profile.chars().all(is_allowed) {
        return Err(Error::validation(format!("Invalid InstanceProfile: {profile}.")));
    }
    if request.rest.get("ServiceRole").is_none_or(Value::is_null) {
        return Err(Error::validation("ServiceRole is required for creating cluster."));
    }
    Ok(())
}

fn is_ami_version(version: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    version == "latest" || version.split('.').all(is_number)
}

fn instances(instances: &JobFlowInstancesConfig, has_ami_version: bool) -> Result<(), Error> {
    let forms = [
        !instances.instance_groups.is_empty(),
        !instances.instance_fleets.is_empty(),
        instances.instance_count.is_some(),
    ];
    match forms.into_iter().filter(|is_used| *is_used).count() {
        1 => {}
        0 => {
            return Err(Error::validation(
                "Must specify exactly one of the following: instance count and instance types, \
                 instance groups or instance fleets.",
            ));
        }
        _ => {
            return Err(Error::validation(
                "Please configure one and only one of the following: instance groups; instance \
                 fleets; instance count, master instance type and slave instance type.",
            ));
        }
    }
    instance_groups(&instances.instance_groups)?;
    instance_counts(instances)?;
    let types = instances.instance_types();
    types.into_iter().try_for_each(|name| instance_types::check(name, has_ami_version))?;
    instance_fleets(instances)
}

fn instance_counts(instances: &JobFlowInstancesConfig) -> Result<(), Error> {
    limits::instance_count(instances.instance_count.unwrap_or(1))?;
    match instances.instance_count {
        Some(0) => Err(Error::validation("The instance count must be at least 1.")),
        Some(_) if instances.master_instance_type.is_none() => {
            Err(Error::validation("A master instance type must be specified."))
        }
        Some(2..) if instances.slave_instance_type.is_none() => {
            Err(Error::validation("A slave instance type must be specified."))
        }
        _ => Ok(()),
    }
}

fn instance_groups(groups: &[InstanceGroupConfig]) -> Result<(), Error> {
    if groups.is_empty() {
        return Ok(());
    }
    let of = |role| groups.iter().filter(move |group| group.instance_role == role);
    if of(Role::Master).count() != 1 {
        return Err(Error::validation("Exactly one master instance group must be specified."));
    }
    if of(Role::Master).any(|group| !is_number_of_masters(group.instance_count)) {
        return Err(Error::validation("The master instance group must have 1 or 3 instances."));
    }
    if of(Role::Core).count() > 1 {
        return Err(Error::validation("At most one core instance group may be specified."));
    }
    if of(Role::Task).count() > 0 && of(Role::Core).count() == 0 {
        return Err(Error::validation("A task instance group needs a core instance group."));
    }
    if groups.iter().any(|group| group.instance_count == 0) {
        return Err(Error::validation("Instance groups must have at least one instance."));
    }
    groups.iter().try_for_each(|group| limits::instance_count(group.instance_count))?;
    groups.iter().filter_map(|group| group.bid_price.as_deref()).try_for_each(bid_price)
}

fn is_number_of_masters(count: usize) -> bool {
    count == 1 || count == 3
}

fn bid_price(price: &str) -> Result<(), Error> {
    match price.parse::<f64>() {
        Ok(dollars) if dollars > 0.0 && dollars.is_finite() => Ok(()),
        _ => Err(Error::validation(format!("Invalid bid price: {price}"))),
    }
}

fn instance_fleets(instances: &JobFlowInstancesConfig) -> Result<(), Error> {
    let fleets = &instances.instance_fleets;
    if fleets.is_empty() {
        return Ok(());
    }
    for role in [Role::Master, Role::Core, Role::Task] {
        if fleets.iter().filter(|fleet| fleet.instance_fleet_type == role).count() > 1 {
            return Err(Error::validation("At most one instance fleet per type is allowed."));
        }
    }
    let master = fleets.iter().find(|fleet| fleet.instance_fleet_type == Role::Master);
    if master.is_none_or(|fleet| !is_number_of_masters(fleet.capacity())) {
        return Err(Error::validation("The master instance fleet must have a target capacity of exactly 1 or 3."));
    }
    if fleets.iter().any(|fleet| fleet.capacity() == 0 || fleet.instance_type_configs.is_empty()) {
        return Err(Error::validation("An instance fleet needs a target capacity and at least one instance type."));
    }
    let configs = fleets.iter().flat_map(|fleet| &fleet.instance_type_configs);
    configs.into_iter().try_for_each(InstanceTypeConfig::check_bid)?;
    fleets.iter().try_for_each(|fleet| limits::instance_count(fleet.capacity()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::emr::account::{Account, Settings};
    use crate::emr::model::timestamp::Timestamp;
    use crate::emr::operations;

    /// The answer to a `RunJobFlow` that is valid except for `changes`.
    fn run_job_flow(changes: &Value) -> Result<Value, String> {
        let region = "us-east-1".to_owned();
        let settings = Settings { provision_s: 0, run_bootstrap_actions: false, region };
        let mut body = json!({
            "Name": "test",
            "ReleaseLabel": "emr-7.1.0",
            "JobFlowRole": "EMR_EC2_DefaultRole",
            "ServiceRole": "EMR_DefaultRole",
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
            (json!({ "JobFlowRole": null }), "InstanceProfile is required for creating cluster."),
            (json!({ "JobFlowRole": "a role" }), "Invalid InstanceProfile: a role."),
            (json!({ "ServiceRole": null }), "ServiceRole is required for creating cluster."),
            (groups(&[group("MASTER", 2)]), "1 or 3"),
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
