//! The record of a description: the keys of a job flow record, then everything else that EMR's API returns.

use chrono::{DateTime, Utc};
use emr_core::model::description::Description;
use emr_core::model::record::{JobFlowRecord, Record};
use emr_core::pool;
use serde::Serialize;
use serde_json::{Map, Value};

/// Members of `DescribeCluster` that the record has under another key.
const ELSEWHERE: [&str; 8] = [
    "BootstrapActions",
    "Configurations",
    "Ec2InstanceAttributes",
    "Id",
    "InstanceFleets",
    "InstanceGroups",
    "Name",
    "Status",
];

/// Members kept as they are: users choose their keys, or `RunJobFlow` takes the same shape.
const AS_THEY_ARE: [&str; 5] = ["AdditionalInfo", "Configurations", "LogTypeUploadPolicy", "LogTypes", "Properties"];

/// A job flow, with everything that EMR's API returns of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct DescriptionRecord {
    #[serde(flatten)]
    job_flow: JobFlowRecord,
    /// Everything else, under EMR's names in `snake_case`.
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl DescriptionRecord {
    pub(crate) fn new(description: Description) -> Self {
        let Description { detail, mut cluster, groups, fleets, bootstrap_actions, auto_termination, managed_scaling } =
            description;
        let mut more = Map::new();
        let ec2 = cluster["Ec2InstanceAttributes"].take();
        let configurations = cluster["Configurations"].take();
        if let Value::Object(members) = cluster {
            let told = members.into_iter().filter(|(name, _)| !ELSEWHERE.contains(&name.as_str()));
            add(&mut more, told);
        }
        if let Value::Object(members) = ec2 {
            add(&mut more, members);
        }
        let tags: Map<_, _> = detail.tags.into_iter().map(|(key, value)| (key, value.into())).collect();
        add(
            &mut more,
            [
                ("Configurations".to_owned(), configurations),
                ("InstanceGroups".to_owned(), groups.into()),
                ("InstanceFleets".to_owned(), fleets.into()),
                ("BootstrapActions".to_owned(), bootstrap_actions.into()),
                ("AutoTerminationPolicy".to_owned(), auto_termination.unwrap_or_default()),
                ("ManagedScalingPolicy".to_owned(), managed_scaling.unwrap_or_default()),
            ],
        );
        more.remove("tags");
        if !tags.is_empty() {
            more.insert("tags".to_owned(), tags.into());
        }
        Self { job_flow: pool::record(detail.cluster), more }
    }
}

impl Record for DescriptionRecord {
    const COLUMNS: &'static [&'static str] = JobFlowRecord::COLUMNS;

    fn cells(&self) -> Vec<String> {
        self.job_flow.cells()
    }

    fn id(&self) -> &str {
        self.job_flow.id()
    }
}

/// Adds EMR's `members` to `record`, except null and empty ones.
fn add(record: &mut Map<String, Value>, members: impl IntoIterator<Item = (String, Value)>) {
    for (name, value) in members {
        if let Some(value) = told(&name, value) {
            record.insert(snake_case(&name), value);
        }
    }
}

/// The value of the member `name` for the record; `None` if it is null or empty.
fn told(name: &str, value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::Array(list) if list.is_empty() => None,
        Value::Object(members) if members.is_empty() => None,
        value if AS_THEY_ARE.contains(&name) => Some(value),
        Value::Array(list) => Some(list.into_iter().map(entry).collect()),
        Value::Object(members) => {
            let mut record = Map::new();
            add(&mut record, members);
            (!record.is_empty()).then_some(Value::Object(record))
        }
        Value::Number(seconds) if name.ends_with("DateTime") => {
            Some(seconds.as_f64().and_then(time).map_or(Value::Number(seconds), Value::from))
        }
        value => Some(value),
    }
}

/// An entry of a list. Empty entries stay: an argument may be an empty string.
fn entry(value: Value) -> Value {
    match value {
        Value::Array(list) => list.into_iter().map(entry).collect(),
        Value::Object(members) => {
            let mut record = Map::new();
            add(&mut record, members);
            Value::Object(record)
        }
        value => value,
    }
}

/// Seconds since the epoch, as RFC 3339.
#[expect(clippy::cast_possible_truncation, reason = "records have whole seconds; a time out of range is None")]
fn time(seconds: f64) -> Option<String> {
    let time: Option<DateTime<Utc>> = DateTime::from_timestamp(seconds as i64, 0);
    time.map(|time| time.format("%FT%TZ").to_string())
}

/// `EbsRootVolumeSize` as `ebs_root_volume_size`, `OSReleaseLabel` as `os_release_label`.
fn snake_case(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 8);
    for (place, character) in characters.iter().enumerate() {
        let before = place.checked_sub(1).map(|place| characters[place]);
        let begins_word = before.is_some_and(|before| {
            let is_last_of_run = characters.get(place + 1).is_some_and(|next| next.is_lowercase());
            !before.is_uppercase() || is_last_of_run
        });
        if character.is_uppercase() && begins_word {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use emr_core::model::cluster::{ClusterState, example};
    use serde_json::json;

    use super::*;

    #[test]
    fn names_of_the_api_become_keys() {
        for (name, key) in [
            ("EbsRootVolumeSize", "ebs_root_volume_size"),
            ("OSReleaseLabel", "os_release_label"),
            ("Ec2KeyName", "ec2_key_name"),
            ("SizeInGB", "size_in_gb"),
            ("MasterPublicDnsName", "master_public_dns_name"),
            ("S3LoggingConfiguration", "s3_logging_configuration"),
            ("Id", "id"),
        ] {
            assert_eq!(snake_case(name), key);
        }
    }

    #[test]
    fn all_that_is_told_is_in_the_record_and_nothing_twice() {
        let site = json!([{"Classification": "core-site", "Properties": {"Some.Key": ""}}]);
        let mut detail = example::detail(example::cluster("j-A", ClusterState::Waiting));
        detail.tags = vec![("Team Name".to_owned(), "etl".to_owned())];
        let description = Description {
            detail,
            cluster: json!({
                "Id": "j-A", "Name": "etl", "Status": {"State": "WAITING"}, "LogUri": "s3n://b/logs/", "Tags": [{"Key": "x"}],
                "TomorrowsMember": {"HasParts": [1, {"A": null}]}, "KerberosAttributes": {}, "Configurations": site,
                "Ec2InstanceAttributes": {"Ec2KeyName": "key", "AdditionalMasterSecurityGroups": []},
            }),
            groups: vec![json!({"Id": "ig-1", "Status": {"Timeline": {"CreationDateTime": 1_767_225_600.5}}})],
            fleets: Vec::new(),
            bootstrap_actions: vec![json!({"Name": "a", "ScriptPath": "s3://b/x", "Args": ["", "b"]})],
            auto_termination: Some(json!({"IdleTimeout": 3600})),
            managed_scaling: None,
        };
        let record = serde_json::to_value(DescriptionRecord::new(description)).unwrap();
        let expected = json!({
            "job_flow_id": "j-A", "name": "etl", "state": "WAITING", "log_uri": "s3n://b/logs/",
            "tomorrows_member": {"has_parts": [1, {}]}, "ec2_key_name": "key", "configurations": site,
            "instance_groups": [{"id": "ig-1", "status": {"timeline": {"creation_date_time": "2026-01-01T00:00:00Z"}}}],
            "bootstrap_actions": [{"name": "a", "script_path": "s3://b/x", "args": ["", "b"]}],
            "auto_termination_policy": {"idle_timeout": 3600}, "tags": {"Team Name": "etl"},
        });
        assert_eq!(record, expected);
    }
}
