//! The content hash of a pooled job flow: equal exactly when two job flows may share a cluster.
//!
//! It covers software, settings, roles and the contents of bootstrap scripts. Instances are left out, because more are
//! as good, and so are names, tags and the place of logs, because a job does not depend on them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::model::configuration::Configuration;
use crate::model::instances::{InstanceFleet, Instances, Role, Setup, TypeConfig, unknown_members};
use crate::model::job_flow::{BootstrapAction, JobFlow, RootVolume, Software};
use crate::model::pool::PoolHash;
use crate::model::s3_uri::S3Uri;

/// The version of this hash. A new version separates the clusters of older tools from those of newer ones.
const FORMAT: u32 = 1;

/// The hash of `job_flow`, whose locks are below `locks`.
#[must_use]
pub fn pool_hash(job_flow: &JobFlow, locks: &S3Uri) -> PoolHash {
    let text = canonical(contents(job_flow, locks));
    let digest = Sha256::digest(text);
    PoolHash::from_digest(digest.iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte)))
}

/// Everything that the hash covers; null if unset.
fn contents(job_flow: &JobFlow, locks: &S3Uri) -> Value {
    json!({
        "format": FORMAT,
        "software": software(&job_flow.software),
        "instance_profile": job_flow.instance_profile,
        "service_role": job_flow.service_role,
        "key_pair": job_flow.key_pair,
        "subnet": subnet(&job_flow.subnets),
        "additional_info": job_flow.additional_info.as_deref().map(parsed),
        "configurations": configurations(&job_flow.configurations),
        "custom_image": job_flow.custom_image,
        "root_volume": root_volume(job_flow.root_volume),
        "security_configuration": job_flow.security_configuration,
        "setups": setups(&job_flow.instances),
        "extra": (!job_flow.extra.is_empty()).then_some(&job_flow.extra),
        "bootstrap": bootstrap(&job_flow.bootstrap_actions),
        // With another scratch URI the locks are invisible, so the pool must not be shared.
        "locks": locks,
    })
}

fn software(software: &Software) -> Value {
    match software {
        Software::Release { label, applications } => {
            let mut applications: Vec<_> = applications.iter().map(|name| name.to_lowercase()).collect();
            applications.sort();
            applications.dedup();
            json!({"release_label": label, "applications": applications})
        }
        Software::Ami { version, hadoop_version } => json!({"ami_version": version, "hadoop_version": hadoop_version}),
    }
}

/// One subnet as its name, several as a sorted list: EMR picks any of them.
fn subnet(subnets: &[String]) -> Value {
    let all: BTreeSet<_> = subnets.iter().collect();
    if all.len() > 1 { json!(all) } else { json!(all.first()) }
}

/// By classification, because each occurs once and their order does not matter.
fn configurations(configurations: &[Configuration]) -> Option<BTreeMap<&str, &Configuration>> {
    let by_name = configurations.iter().map(|one| (one.classification.as_str(), one));
    (!configurations.is_empty()).then(|| by_name.collect())
}

fn root_volume(volume: RootVolume) -> Value {
    if volume == RootVolume::default() {
        return Value::Null;
    }
    json!({"size_gib": volume.size_gib, "iops": volume.iops, "throughput": volume.throughput})
}

/// The settings of the instances of each role, whatever their types and number; null if none differ from the cluster's.
fn setups(instances: &Instances) -> Value {
    let all: Vec<(Role, String)> = match instances {
        Instances::Groups(groups) => {
            groups.iter().map(|group| (group.role, setup(&group.setup, &[&group.rest]))).collect()
        }
        Instances::Fleets(fleets) => {
            let of_types = |fleet: &InstanceFleet| {
                let of_type = |kind: &TypeConfig| (fleet.role, setup(&kind.setup, &[&fleet.rest, &kind.rest]));
                fleet.types.iter().map(of_type).collect::<Vec<_>>()
            };
            fleets.iter().flat_map(of_types).collect()
        }
    };
    let plain = setup(&Setup::default(), &[]);
    let mut by_role: BTreeMap<&str, BTreeSet<&String>> = BTreeMap::new();
    for (role, own) in &all {
        if all.iter().any(|(other, own)| other == role && *own != plain) {
            by_role.entry(role.as_str()).or_default().insert(own);
        }
    }
    if by_role.is_empty() { Value::Null } else { json!(by_role) }
}

/// One setup in canonical form, with the unknown members of `rests`.
fn setup(setup: &Setup, rests: &[&Map<String, Value>]) -> String {
    let unknown: BTreeMap<_, _> = rests.iter().flat_map(|rest| unknown_members(rest)).collect();
    canonical(json!({
        "image": setup.image,
        "configurations": configurations(&setup.configurations),
        "unknown": (!unknown.is_empty()).then_some(unknown),
    }))
}

/// The bootstrap actions, in order, by content, because the same script may be at several places.
fn bootstrap(actions: &[BootstrapAction]) -> Option<Vec<Value>> {
    let one = |action: &BootstrapAction| json!([action.identity, action.args]);
    (!actions.is_empty()).then(|| actions.iter().map(one).collect())
}

/// Parses JSON, so that white space and the order of keys do not matter.
fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_else(|_| Value::from(json))
}

/// `contents` in canonical form. Nulls are left out, so that a new option does not change the hash of job flows without
/// it.
fn canonical(mut contents: Value) -> String {
    if let Some(fields) = contents.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    contents.sort_all_objects();
    contents.to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::{Setting, options as keys};
    use crate::launch::instances::InstanceOptions;
    use crate::launch::software::SoftwareOptions;
    use crate::launch::{LaunchOptions, VolumeOptions, job_flow};

    fn text(text: &str) -> String {
        text.to_owned()
    }

    /// A text as typed for some option.
    fn set(value: &str) -> Setting<String> {
        keys::LABEL.typed(text(value))
    }

    fn subnets(ids: &[&str]) -> Setting<Vec<String>> {
        keys::SUBNET.typed(ids.iter().map(|id| text(id)).collect())
    }

    fn hash(options: &LaunchOptions) -> PoolHash {
        pool_hash(&job_flow(options).unwrap().job_flow, &"s3://b/locks/".parse().unwrap())
    }

    fn applications(names: [&str; 2]) -> LaunchOptions {
        let applications = names.map(|name| keys::APPLICATIONS.typed(text(name))).to_vec();
        LaunchOptions { software: SoftwareOptions { applications, ..Default::default() }, ..Default::default() }
    }

    fn root_volume(size_gib: Option<u32>, iops: Option<u32>, throughput: Option<u32>) -> LaunchOptions {
        let number = |number: Option<u32>| number.map(|number| keys::EBS_ROOT_VOLUME_GB.typed(number));
        let root_volume =
            VolumeOptions { size_gib: number(size_gib), iops: number(iops), throughput: number(throughput) };
        LaunchOptions { root_volume, ..Default::default() }
    }

    fn configured(configurations: Value) -> LaunchOptions {
        LaunchOptions { configurations: vec![keys::EMR_CONFIGURATIONS.typed(configurations)], ..Default::default() }
    }

    fn extra(name: &str, value: Value) -> LaunchOptions {
        LaunchOptions { extra: vec![(text(name), keys::EXTRA_CLUSTER_PARAMS.typed(value))], ..Default::default() }
    }

    /// A master fleet, whose only type has the members `more`.
    fn fleet(more: &Value) -> LaunchOptions {
        let mut kind = json!({"InstanceType": "m5.xlarge"});
        kind.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let fleet = json!([{"InstanceFleetType": "MASTER", "TargetSpotCapacity": 1, "InstanceTypeConfigs": [kind]}]);
        let fleets = Some(keys::INSTANCE_FLEETS.typed(fleet));
        LaunchOptions { instances: InstanceOptions { fleets, ..Default::default() }, ..Default::default() }
    }

    #[test]
    fn everything_that_a_job_depends_on_changes_the_hash() {
        let of = |software| LaunchOptions { software, ..Default::default() };
        let ami = |hadoop_version| of(SoftwareOptions { hadoop_version, ..SoftwareOptions::ami("2.4.2") });
        let different = vec![
            LaunchOptions::default(),
            of(SoftwareOptions::release("emr-6.15.0")),
            ami(None),
            ami(Some(set("1.0.3"))),
            applications(["Spark", "Hive"]),
            LaunchOptions { instance_profile: Some(text("x")), ..Default::default() },
            LaunchOptions { service_role: Some(text("x")), ..Default::default() },
            LaunchOptions { key_pair: Some(text("x")), ..Default::default() },
            LaunchOptions { subnets: Some(subnets(&["x"])), ..Default::default() },
            LaunchOptions { subnets: Some(subnets(&["x", "y"])), ..fleet(&json!({})) },
            LaunchOptions { custom_image: Some(set("ami-1")), ..Default::default() },
            LaunchOptions { security_configuration: Some(set("x")), ..Default::default() },
            root_volume(Some(20), None, None),
            root_volume(Some(30), None, None),
            root_volume(None, Some(3000), None),
            root_volume(None, None, Some(250)),
            root_volume(None, None, Some(500)),
            configured(json!({"Classification": "x", "Properties": {"a": "1"}})),
            configured(json!({"Classification": "x", "Properties": {"a": "2"}})),
            configured(json!({"Classification": "y", "Properties": {"a": "1"}})),
            configured(
                json!({"Classification": "x", "Configurations": [{"Classification": "y", "Properties": {"a": "1"}}]}),
            ),
            fleet(&json!({"CustomAmiId": "ami-1"})),
            fleet(&json!({"Configurations": [{"Classification": "x", "Properties": {"a": "1"}}]})),
            fleet(&json!({"Tomorrow": 1})),
            fleet(&json!({"EbsConfiguration": {"Tomorrow": 1}})),
            extra("LogEncryptionKmsKeyId", json!("x")),
            extra("ServiceRole", Value::Null),
            LaunchOptions { additional_info: Some(text("{}")), ..Default::default() },
            LaunchOptions { additional_info: Some(text(r#"{"a":[1,2]}"#)), ..Default::default() },
            LaunchOptions { additional_info: Some(text(r#"{"a":[2,1]}"#)), ..Default::default() },
        ];
        let hashes: BTreeSet<_> = different.iter().map(hash).collect();
        assert_eq!(hashes.len(), different.len());
        let plain = job_flow(&LaunchOptions::default()).unwrap().job_flow;
        assert!(!hashes.contains(&pool_hash(&plain, &"s3://b/other/".parse().unwrap())));
    }

    #[test]
    fn the_hash_depends_on_bootstrap_actions_their_arguments_and_their_order_but_not_on_their_names() {
        let of = |name: &str, actions: &[(&str, &str)]| {
            let mut job_flow = job_flow(&LaunchOptions::default()).unwrap().job_flow;
            let action = |(identity, arg): &(&str, &str)| BootstrapAction {
                name: text(name),
                path: format!("s3://b/{name}/{identity}"),
                args: vec![text(arg)],
                identity: text(identity),
            };
            job_flow.bootstrap_actions = actions.iter().map(action).collect();
            pool_hash(&job_flow, &"s3://b/locks/".parse().unwrap())
        };
        let (a, b) = (("a", "1"), ("b", "1"));
        let different: [&[_]; 6] = [&[], &[a], &[("a", "2")], &[b], &[a, b], &[b, a]];
        let hashes: BTreeSet<_> = different.iter().map(|actions| of("x", actions)).collect();
        assert_eq!(hashes.len(), different.len());
        assert_eq!(of("x", &[a, b]), of("y", &[a, b]));
    }

    #[test]
    fn what_a_job_does_not_depend_on_leaves_the_hash() {
        let instances = InstanceOptions {
            total: Some(keys::NUM_EC2_INSTANCES.typed(7)),
            general_type: Some(keys::EC2_INSTANCE_TYPE.typed(text("c5.xlarge"))),
            ..Default::default()
        };
        for same in vec![
            LaunchOptions { name: Some(set("x")), ..Default::default() },
            LaunchOptions { owner: Some(set("x")), ..Default::default() },
            LaunchOptions { tags: vec![(text("a"), keys::EMR_TAGS.typed(text("b")))], ..Default::default() },
            LaunchOptions { log_uri: Some(set("s3://b/x")), ..Default::default() },
            LaunchOptions { zone: Some(text("x")), ..Default::default() },
            LaunchOptions { step_concurrency: Some(keys::MAX_CONCURRENT_STEPS.typed(4)), ..Default::default() },
            LaunchOptions { termination_protected: Some(true), ..Default::default() },
            LaunchOptions { instances, ..Default::default() },
            fleet(&json!({"Priority": 1})),
            configured(json!({"Classification": "x", "Properties": {}})),
            LaunchOptions { has_debugging: true, ..Default::default() },
        ] {
            assert_eq!(hash(&same), hash(&LaunchOptions::default()), "{same:?}");
        }
    }

    #[test]
    fn order_and_spelling_leave_the_hash() {
        assert_eq!(hash(&applications(["Spark", "Hive"])), hash(&applications(["hive", "SPARK"])));
        let classified = |names: [&str; 2]| {
            let one = |name: &str| json!({"Classification": name, "Properties": {"a": "1", "b": "2"}});
            hash(&configured(json!(names.map(one))))
        };
        assert_eq!(classified(["x", "y"]), classified(["y", "x"]));
        let subnets = |ids: [&str; 2]| hash(&LaunchOptions { subnets: Some(subnets(&ids)), ..fleet(&json!({})) });
        assert_eq!(subnets(["x", "y"]), subnets(["y", "x"]));
        let with = |info| hash(&LaunchOptions { additional_info: Some(text(info)), ..Default::default() });
        assert_eq!(with(r#"{"a":{"c":1,"d":2},"b":3}"#), with(r#"{ "b": 3, "a": {"d": 2, "c": 1} }"#));
    }

    #[test]
    fn the_hash_depends_on_the_setup_of_groups_and_not_on_their_size() {
        let groups = |cores: u32, image: &str, tasks: u32| {
            let group = |role: &str, count: u32| json!({"InstanceRole": role, "InstanceType": "m5.xlarge", "InstanceCount": count});
            let mut all = vec![group("MASTER", 1), group("CORE", cores)];
            all[1]["CustomAmiId"] = json!(image);
            all.extend((tasks > 0).then(|| group("TASK", tasks)));
            let groups = Some(keys::INSTANCE_GROUPS.typed(json!(all)));
            let instances = InstanceOptions { groups, ..Default::default() };
            hash(&LaunchOptions { instances, ..Default::default() })
        };
        assert_eq!(groups(1, "ami-1", 0), groups(7, "ami-1", 2));
        assert_ne!(groups(1, "ami-1", 0), groups(1, "ami-2", 0));
    }

    #[test]
    fn the_hash_of_a_format_never_changes() {
        let mut options = LaunchOptions { key_pair: Some(text("key")), ..applications(["Spark", "Hive"]) };
        options.software.release_label = Some(set("emr-7.14.0"));
        assert_eq!(hash(&options).as_str(), "zm2nq4bc0dgjq6hr");
    }
}
