//! Parameters of `RunJobFlow` without an option of their own.
//!
//! With them a user can use a feature of EMR that these tools do not know. mrjob's `extra_cluster_params` use the API's
//! names, nested or with dots (`Instances.Ec2SubnetId`). Its older `emr_api_params` use the names of the old query API,
//! which numbers lists (`….member.1`). A null removes a parameter.

use serde_json::{Map, Value};

use super::request_types;
use crate::config::{Config, Setting, options};
use crate::error::{Error, Result};

/// Parameters that the tools set and rely on, with the option for each. They are refused: a pool would break if the
/// request differed from what the tools compare.
const OWN: &[(&str, &str)] = &[
    ("AmiVersion", "--ami-version"),
    ("BootstrapActions", "--bootstrap-action"),
    ("Instances.InstanceCount", "--num-ec2-instances"),
    ("Instances.InstanceFleets", "--instance-fleets"),
    ("Instances.InstanceGroups", "--instance-groups"),
    ("Instances.KeepJobFlowAliveWhenNoSteps", "--auto-terminate"),
    ("Instances.MasterInstanceType", "--ec2-master-instance-type"),
    ("Instances.SlaveInstanceType", "--ec2-core-instance-type"),
    ("Name", "--name"),
    ("ReleaseLabel", "--release-label"),
    ("Tags", "--tag"),
];

/// A parameter of `RunJobFlow`, with its name.
type Parameter = (String, Setting<Value>);

/// Looks the parameters up: first those in files, with mrjob's older option first, then the typed ones.
pub(super) fn look_up(config: &Config) -> Result<Vec<Parameter>> {
    let parts = |all: Vec<Parameter>| all.into_iter().partition(|(_, setting)| setting.is_typed());
    let (older_typed, mut all): (Vec<_>, Vec<_>) = parts(config.get(&options::EMR_API_PARAMS)?);
    let (typed, files): (Vec<_>, Vec<_>) = parts(config.get(&options::EXTRA_CLUSTER_PARAMS)?);
    all.extend(files);
    all.extend(older_typed);
    let left_out = config.get(&options::NO_EMR_API_PARAMS)?;
    all.extend(left_out.into_iter().map(|name| (name.value, Setting { value: Value::Null, source: name.source })));
    for (name, setting) in typed {
        all.push((name.clone(), json(&name, setting)?));
    }
    Ok(all)
}

/// Parses a typed value by mrjob's rule: as JSON, or else as text, unless it begins with `[`, `{` or `"`.
fn json(name: &str, setting: Setting<Value>) -> Result<Setting<Value>> {
    let Value::String(text) = &setting.value else { return Ok(setting) };
    match serde_json::from_str(text) {
        Ok(value) => Ok(Setting { value, source: setting.source }),
        Err(cause) if text.trim_start().starts_with(['[', '{', '"']) => {
            Err(setting.wrong(format!("{name} is not JSON: {cause}")))
        }
        Err(_) => Ok(setting),
    }
}

/// Combines `parameters` to nested mappings. A later one is laid over an earlier one.
pub(super) fn combined(parameters: &[Parameter]) -> Result<Map<String, Value>> {
    let mut all = Map::new();
    for parameter in parameters {
        collect(&mut all, nested(parameter)?);
    }
    let mut all = Value::Object(all);
    list_members(&mut all);
    request_types::set("", &mut all);
    let Value::Object(all) = all else { return Ok(Map::new()) };
    refuse_own(&all).map_err(|(path, error)| blame(parameters, path, error))?;
    Ok(all)
}

/// The value of a parameter, wrapped in a mapping for each part of its name.
fn nested((name, setting): &Parameter) -> Result<Map<String, Value>> {
    let mut parts = name.split('.').rev();
    if name.split('.').any(|part| part.trim().is_empty()) {
        let error = Error::usage(format!("'{name}' is not the name of a parameter of RunJobFlow"));
        return Err(setting.blame(error.advise("names look like Instances.ServiceAccessSecurityGroup")));
    }
    let member = |name: &str, value| Map::from_iter([(name.to_owned(), value)]);
    let innermost = member(parts.next().unwrap_or_default(), setting.value.clone());
    Ok(parts.fold(innermost, |nested, part| member(part, Value::Object(nested))))
}

/// `error`, blamed on the last of `parameters` that sets `path`.
fn blame(parameters: &[Parameter], path: &str, error: Error) -> Error {
    let says = |parameter: &&Parameter| nested(parameter).is_ok_and(|nested| has(&nested, path));
    match parameters.iter().rev().find(says) {
        Some((_, setting)) => setting.blame(error),
        None => error,
    }
}

/// The parameter for the step concurrency.
const STEPS_AT_ONCE: &str = "StepConcurrencyLevel";

/// Removes the step concurrency from `all`, which was combined from `parameters`. It is treated as the option is,
/// because Names show it.
pub(super) fn take_step_concurrency(
    all: &mut Map<String, Value>,
    parameters: &[Parameter],
) -> Result<Option<Setting<u32>>> {
    let level = all.remove(STEPS_AT_ONCE).filter(|level| !level.is_null());
    let said = parameters.iter().rev().find(|(name, _)| name == STEPS_AT_ONCE);
    let Some((level, (_, setting))) = level.zip(said) else { return Ok(None) };
    let steps = level.as_u64().and_then(|level| level.try_into().ok());
    let wrong = || Error::usage(format!("the extra parameter {STEPS_AT_ONCE} is {level}, which is not a number"));
    let value = steps.ok_or_else(|| setting.blame(wrong()))?;
    Ok(Some(Setting { value, source: setting.source.clone() }))
}

/// Lays `over` over `request`: mappings are merged, a null removes a member, anything else replaces it.
pub fn lay_over(request: &mut Map<String, Value>, over: &Map<String, Value>) {
    for (name, value) in over {
        match (request.get_mut(name), value) {
            (_, Value::Null) => {
                request.remove(name);
            }
            (Some(Value::Object(under)), Value::Object(over)) => lay_over(under, over),
            (_, Value::Object(over)) => {
                let mut fresh = Map::new();
                lay_over(&mut fresh, over);
                request.insert(name.clone(), Value::Object(fresh));
            }
            _ => {
                request.insert(name.clone(), value.clone());
            }
        }
    }
}

/// Merges mappings and keeps nulls, which remove members of the request later.
fn collect(all: &mut Map<String, Value>, over: Map<String, Value>) {
    for (name, value) in over {
        match (all.get_mut(&name), value) {
            (Some(Value::Object(under)), Value::Object(over)) => collect(under, over),
            (_, value) => {
                all.insert(name, value);
            }
        }
    }
}

/// Converts the query API's numbered members to lists: `{"member": {"1": "a", "2": "b"}}`.
fn list_members(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(list) = counted(members) {
                *value = list;
            } else {
                members.values_mut().for_each(list_members);
                name_properties(members);
            }
        }
        Value::Array(entries) => entries.iter_mut().for_each(list_members),
        _ => {}
    }
}

/// Converts the properties of a configuration from boto 2's list of keys and values to the mapping of EMR's JSON API.
fn name_properties(members: &mut Map<String, Value>) {
    let Some(Value::Array(pairs)) = members.get("Properties").filter(|_| members.contains_key("Classification")) else {
        return;
    };
    let pair = |pair: &Value| Some((pair.get("Key")?.as_str()?.to_owned(), pair.get("Value")?.clone()));
    if let Some(named) = pairs.iter().map(pair).collect::<Option<Map<_, _>>>() {
        members.insert("Properties".to_owned(), Value::Object(named));
    }
}

fn counted(members: &Map<String, Value>) -> Option<Value> {
    let entries = members.get("member").filter(|_| members.len() == 1)?.as_object()?;
    let numbered = entries.iter().map(|(number, entry)| Some((number.parse::<u32>().ok()?, entry.clone())));
    let mut numbered = numbered.collect::<Option<Vec<_>>>()?;
    numbered.sort_by_key(|(number, _)| *number);
    let mut entries: Vec<Value> = numbered.into_iter().map(|(_, entry)| entry).collect();
    entries.iter_mut().for_each(list_members);
    Some(Value::Array(entries))
}

/// Refuses the tools' own parameters, and an `Instances` that is not a mapping. The error comes with the path of the
/// parameter.
fn refuse_own(all: &Map<String, Value>) -> std::result::Result<(), (&'static str, Error)> {
    if all.get("Instances").is_some_and(|instances| !instances.is_object()) {
        let error = Error::usage("the extra parameter Instances is not a mapping")
            .advise("name a member of it, such as Instances.ServiceAccessSecurityGroup");
        return Err(("Instances", error));
    }
    match OWN.iter().find(|(path, _)| has(all, path)) {
        Some((path, option)) => {
            let error = Error::usage(format!("the extra parameter {path} is set by the tools"));
            Err((path, error.advise(format!("use {option}"))))
        }
        None => Ok(()),
    }
}

fn has(all: &Map<String, Value>, path: &str) -> bool {
    match path.split_once('.') {
        Some((head, rest)) => all.get(head).and_then(Value::as_object).is_some_and(|under| has(under, rest)),
        None => all.contains_key(path),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn parameter(name: &str, value: Value) -> Parameter {
        (name.to_owned(), options::EXTRA_CLUSTER_PARAMS.typed(value))
    }

    fn of(parameters: &[(&str, Value)]) -> Result<Value> {
        let parameter = |(name, value): &(&str, Value)| parameter(name, value.clone());
        combined(&parameters.iter().map(parameter).collect::<Vec<_>>()).map(Value::Object)
    }

    #[test]
    fn names_with_dots_are_nested_and_a_later_one_is_laid_over() {
        let made = of(&[
            ("Instances", json!({"ServiceAccessSecurityGroup": "sg-1", "Ec2SubnetId": "subnet-1"})),
            ("Instances.Ec2SubnetId", json!("subnet-2")),
            ("AutoScalingRole", json!("role")),
            ("AutoScalingRole", Value::Null),
        ]);
        let instances = json!({"ServiceAccessSecurityGroup": "sg-1", "Ec2SubnetId": "subnet-2"});
        assert_eq!(made.unwrap(), json!({"Instances": instances, "AutoScalingRole": null}));
    }

    #[test]
    fn parameters_of_the_query_api_become_lists_and_typed_values() {
        let made = of(&[
            ("Instances.AdditionalMasterSecurityGroups.member.2", json!("sg-2")),
            ("Instances.AdditionalMasterSecurityGroups.member.1", json!("sg-1")),
            ("VisibleToAllUsers", json!("true")),
            ("NewSupportedProducts.member.1.Name", json!("x")),
            ("NewSupportedProducts.member.1.Args.member.1", json!("y")),
        ]);
        let expected = json!({"Instances": {"AdditionalMasterSecurityGroups": ["sg-1", "sg-2"]},
            "VisibleToAllUsers": true, "NewSupportedProducts": [{"Name": "x", "Args": ["y"]}]});
        assert_eq!(made.unwrap(), expected);
    }

    #[test]
    fn numbered_properties_of_a_configuration_become_a_mapping() {
        let made = of(&[
            ("Configurations.member.1.Classification", json!("core-site")),
            ("Configurations.member.1.Properties.member.2.Key", json!("b")),
            ("Configurations.member.1.Properties.member.2.Value", json!(true)),
            ("Configurations.member.1.Properties.member.1.Key", json!("a")),
            ("Configurations.member.1.Properties.member.1.Value", json!("20")),
            ("Configurations.member.1.Configurations.member.1.Classification", json!("export")),
            ("Configurations.member.1.Configurations.member.1.Properties.member.1.Key", json!("X")),
            ("Configurations.member.1.Configurations.member.1.Properties.member.1.Value", json!("1")),
            ("Steps.member.1.HadoopJarStep.Properties.member.1.Key", json!("k")),
        ]);
        let export = json!([{"Classification": "export", "Properties": {"X": "1"}}]);
        let core =
            json!({"Classification": "core-site", "Properties": {"a": "20", "b": "true"}, "Configurations": export});
        let steps = json!([{"HadoopJarStep": {"Properties": [{"Key": "k"}]}}]);
        assert_eq!(made.unwrap(), json!({"Configurations": [core], "Steps": steps}));
    }

    #[test]
    fn mappings_are_merged_and_a_null_removes() {
        let mut request =
            json!({"Instances": {"Ec2KeyName": "key", "Placement": {"AvailabilityZone": "a"}}, "LogUri": "x"});
        let over = json!({"Instances": {"Ec2KeyName": null, "Placement": {"AvailabilityZone": "b"}}, "LogUri": null,
            "KerberosAttributes": {"Realm": "r", "KdcAdminPassword": null}});
        lay_over(request.as_object_mut().unwrap(), over.as_object().unwrap());
        let expected =
            json!({"Instances": {"Placement": {"AvailabilityZone": "b"}}, "KerberosAttributes": {"Realm": "r"}});
        assert_eq!(request, expected);
    }

    #[test]
    fn the_step_concurrency_is_taken_out() {
        let taken = |level: Value| {
            let parameters = [parameter("StepConcurrencyLevel", level)];
            let mut all = combined(&parameters).unwrap();
            let taken = take_step_concurrency(&mut all, &parameters);
            (taken.ok().map(|level| level.map(|level| level.value)), all.len())
        };
        assert_eq!(taken(json!("3")), (Some(Some(3)), 0));
        assert_eq!(taken(Value::Null), (Some(None), 0));
        assert_eq!(taken(json!(-1)), (None, 0));
    }

    #[test]
    fn the_tools_own_parameters_are_refused_in_every_spelling() {
        let cases = [
            ("Name", json!("x"), "use --name"),
            ("Instances", json!({"KeepJobFlowAliveWhenNoSteps": false}), "use --auto-terminate"),
            ("Instances.KeepJobFlowAliveWhenNoSteps", Value::Null, "use --auto-terminate"),
            ("Instances.InstanceGroups.member.1.InstanceCount", json!(1), "use --instance-groups"),
            ("Tags", json!([]), "use --tag"),
            ("Instances", Value::Null, "is not a mapping"),
            ("Instances..X", json!(1), "'Instances..X' is not the name"),
            ("", json!(1), "'' is not the name"),
        ];
        for (name, value, words) in cases {
            let error = of(&[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    /// A mapping with few names, so that two overlap.
    fn mapping() -> impl Strategy<Value = Value> {
        let leaf =
            prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), "[a-z]{0,3}".prop_map(Value::from)];
        let value = leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::hash_map("[A-D]", inner, 0..4).prop_map(|entries| entries.into_iter().collect()),
            ]
        });
        prop::collection::hash_map("[A-D]", value, 0..4).prop_map(|entries| entries.into_iter().collect())
    }

    proptest! {
        #[test]
        fn laying_over_sets_every_member_and_is_idempotent(under in mapping(), over in mapping()) {
            let (Value::Object(mut request), Value::Object(over)) = (under.clone(), over) else { unreachable!() };
            lay_over(&mut request, &over);
            let once = request.clone();
            lay_over(&mut request, &over);
            prop_assert_eq!(&request, &once);
            for (name, value) in &over {
                match value {
                    Value::Null => prop_assert_eq!(once.get(name), None),
                    Value::Object(_) => prop_assert!(once[name].is_object()),
                    value => prop_assert_eq!(&once[name], value),
                }
            }
            for (name, value) in under.as_object().unwrap().iter().filter(|(name, _)| !over.contains_key(*name)) {
                prop_assert_eq!(&once[name], value);
            }
        }
    }
}
