//! Why two pool hashes differ: compares a job flow with a cluster of the same pool, aspect by aspect, for `--explain`.

use super::Reason;
use super::mark::LOCKS_TAG;
use crate::model::cluster::ClusterDetail;
use crate::model::configuration::Configuration;
use crate::model::job_flow::{JobFlow, RootVolume, Software};
use crate::model::pool::{Marker, PoolHash};
use crate::model::{pool, s3_uri::S3Uri};

/// Why `job_flow`, with the hash `hash` and locks below `locks`, may not share `cluster`; empty if it may. If EMR's API
/// does not show the difference, as with the contents of bootstrap scripts, the reason is the hash itself.
#[must_use]
pub fn differences(job_flow: &JobFlow, hash: &PoolHash, locks: &S3Uri, cluster: &ClusterDetail) -> Vec<Reason> {
    let found = Marker::read(&cluster.cluster.name).map(|marker| marker.hash);
    if found.as_ref() == Some(hash) {
        return Vec::new();
    }
    let mut reasons: Vec<_> = aspects(job_flow, locks, cluster)
        .into_iter()
        .filter(|(_, wanted, found)| wanted != found)
        .map(|(check, wanted, found)| Reason { check, wanted: or_none(wanted), found: or_none(found) })
        .collect();
    if reasons.is_empty() {
        let found = or_none(found.map(|hash| hash.to_string()).unwrap_or_default());
        reasons.push(Reason { check: "pool_hash", wanted: hash.to_string(), found });
    }
    reasons
}

/// A reason if the release of `cluster` differs from that of `software` although its Name has the same hash: EMR's
/// console copies the Name when it clones a cluster, and lets the user change the release.
#[must_use]
pub fn other_release(software: &Software, cluster: &ClusterDetail) -> Option<Reason> {
    let found = cluster.release_label.clone()?;
    let wanted = match software {
        Software::Release { label, .. } => label.clone(),
        Software::Ami { .. } => String::new(),
    };
    (found != wanted).then(|| Reason { check: "release_label", wanted: or_none(wanted), found })
}

type Aspect = (&'static str, String, String);

fn aspects(job_flow: &JobFlow, locks: &S3Uri, cluster: &ClusterDetail) -> Vec<Aspect> {
    let traits = &cluster.traits;
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let kept = cluster.tags.iter().find(|(key, _)| key == LOCKS_TAG).map(|(_, value)| value.clone());
    let mut aspects = software(&job_flow.software, cluster);
    aspects.extend([
        ("instance_profile", job_flow.instance_profile.clone(), or_empty(&traits.instance_profile)),
        ("service_role", job_flow.service_role.clone(), or_empty(&traits.service_role)),
        ("key_pair", or_empty(&job_flow.key_pair), or_empty(&traits.key_pair)),
        ("subnet", listed(&job_flow.subnets), listed(&traits.subnets)),
        ("custom_image", or_empty(&job_flow.custom_image), or_empty(&traits.custom_image)),
        (
            "security_configuration",
            or_empty(&job_flow.security_configuration),
            or_empty(&traits.security_configuration),
        ),
        ("root_volume", volume(job_flow.root_volume), volume(traits.root_volume)),
        ("configurations", classified(&job_flow.configurations), classified(&traits.configurations)),
        ("locks", pool::encode(&locks.to_string()), or_empty(&kept)),
    ]);
    aspects
}

fn software(software: &Software, cluster: &ClusterDetail) -> Vec<Aspect> {
    let label = cluster.release_label.clone().unwrap_or_default();
    match software {
        Software::Release { label: wanted, applications } => vec![
            ("release_label", wanted.clone(), label),
            ("applications", listed(applications), listed(&cluster.traits.applications)),
        ],
        Software::Ami { version, .. } => {
            vec![
                ("release_label", String::new(), label),
                ("ami_version", version.clone(), cluster.ami_version.clone().unwrap_or_default()),
            ]
        }
    }
}

fn volume(volume: RootVolume) -> String {
    let part = |number: Option<u32>, unit: &str| number.map(|number| format!("{number} {unit}"));
    let parts = [part(volume.size_gib, "GiB"), part(volume.iops, "IOPS"), part(volume.throughput, "MiB/s")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Words in the names of properties with secret values.
const SECRETS: [&str; 4] = ["credential", "password", "secret", "token"];

/// A property as `classification:key=value`. A value that may be secret is left out.
fn property(classification: &str, key: &str, value: &str) -> String {
    let name = key.to_lowercase();
    let is_secret = SECRETS.iter().any(|word| name.contains(word));
    format!("{classification}:{key}={}", if is_secret { "…" } else { value })
}

/// Each property as `classification:key=value`.
fn classified(configurations: &[Configuration]) -> String {
    let mut all = Vec::new();
    for one in configurations {
        let path = &one.classification;
        all.extend(one.properties.iter().map(|(key, value)| property(path, key, value)));
        let nested = one.configurations.iter().map(|nested| Configuration {
            classification: format!("{path}/{}", nested.classification),
            ..nested.clone()
        });
        all.extend(Some(classified(&nested.collect::<Vec<_>>())).filter(|nested| !nested.is_empty()));
    }
    all.sort();
    all.join(", ")
}

fn listed(names: &[String]) -> String {
    let mut names: Vec<_> = names.iter().map(|name| name.to_lowercase()).collect();
    names.sort();
    names.dedup();
    names.join(", ")
}

fn or_none(text: String) -> String {
    if text.is_empty() { "none".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cluster::{ClusterState, example};

    #[test]
    fn a_cluster_without_a_release_label_counts_as_equal() {
        let with = |label: Option<&str>| ClusterDetail {
            release_label: label.map(str::to_owned),
            ..example::detail(example::cluster("j-A", ClusterState::Waiting))
        };
        let release = Software::Release { label: "emr-7.14.0".to_owned(), applications: Vec::new() };
        let ami = Software::Ami { version: "2.4.2".to_owned(), hadoop_version: None };
        let labels = [Some("emr-7.14.0"), Some("emr-spark-8.1.0"), None];
        assert_eq!(labels.map(|label| other_release(&release, &with(label)).is_some()), [false, true, false]);
        assert_eq!(labels.map(|label| other_release(&ami, &with(label)).is_some()), [true, true, false]);
    }

    #[test]
    fn configurations_are_compared_property_by_property() {
        let export = Configuration {
            classification: "export".to_owned(),
            properties: [("HEAP".to_owned(), "1".to_owned())].into(),
            ..Default::default()
        };
        let env = Configuration {
            classification: "hadoop-env".to_owned(),
            configurations: vec![export],
            ..Default::default()
        };
        let site = Configuration {
            classification: "core-site".to_owned(),
            properties: [("a".to_owned(), "b".to_owned())].into(),
            ..Default::default()
        };
        assert_eq!(classified(&[env, site]), "core-site:a=b, hadoop-env/export:HEAP=1");
        assert_eq!(property("hive-site", "javax.jdo.option.ConnectionPassword", "x").matches('x').count(), 1);
    }

    #[test]
    fn a_root_volume_shows_its_set_parts() {
        let volume_30 = RootVolume { size_gib: Some(30), iops: None, throughput: Some(250) };
        assert_eq!((volume(volume_30), volume(RootVolume::default())), ("30 GiB, 250 MiB/s".to_owned(), String::new()));
    }
}
