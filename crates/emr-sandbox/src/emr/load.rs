//! Loads a recorded account: clusters in the shapes that the AWS CLI prints. A missing member gets a
//! default; an error names its place in the file.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::emr::model::cluster::Cluster;
use crate::emr::model::ids;

#[derive(Deserialize)]
struct Recording {
    clusters: Vec<Cluster>,
}

/// Loads the clusters of all `files`.
pub(crate) fn load_all(files: &[impl AsRef<Path>]) -> Result<Vec<Cluster>, String> {
    let loaded: Result<Vec<_>, _> = files.iter().map(|file| load(file.as_ref())).collect();
    Ok(loaded?.into_iter().flatten().collect())
}

fn load(file: &Path) -> Result<Vec<Cluster>, String> {
    let text = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    parse(&text).map_err(|reason| format!("{}: {reason}", file.display()))
}

fn parse(text: &[u8]) -> Result<Vec<Cluster>, String> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let recording: Recording =
        serde_path_to_error::deserialize(&mut json).map_err(|error| match error.path().to_string() {
            path if path == "." || path == "?" => error.inner().to_string(),
            path => format!("{path}: {}", error.inner()),
        })?;
    json.end().map_err(|error| error.to_string())?;
    for (index, cluster) in recording.clusters.iter().enumerate() {
        check_ids(cluster).map_err(|reason| format!("clusters[{index}]{reason}"))?;
    }
    Ok(in_order(recording.clusters))
}

/// Sorts clusters and their steps, oldest first. Steps with the same time, or none, keep the order
/// of the CLI, which prints the newest first.
fn in_order(mut clusters: Vec<Cluster>) -> Vec<Cluster> {
    for cluster in &mut clusters {
        cluster.steps.reverse();
        cluster.steps.sort_by_key(|step| step.status.timeline.creation_date_time);
    }
    clusters.sort_by_key(Cluster::created_at);
    clusters
}

/// Refuses other text than ids: ids become names of directories.
fn check_ids(cluster: &Cluster) -> Result<(), String> {
    if !ids::is_cluster(cluster.id()) {
        return Err(format!(".Cluster.Id: `{}` is not the id of a cluster", cluster.id()));
    }
    let bad = cluster.steps.iter().enumerate().find(|(_, step)| !ids::is_step(&step.id));
    match bad {
        Some((index, step)) => Err(format!(".Steps[{index}].Id: `{}` is not the id of a step", step.id)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emr::model::status::ClusterState;

    #[test]
    fn what_is_missing_gets_a_default_and_what_is_unknown_is_kept() {
        let clusters = parse(
            br#"{"clusters": [{"Cluster": {"Id": "j-A", "Status": {"State": "WAITING"},
            "Applications": [{"Name": "Spark"}]}}]}"#,
        )
        .unwrap();
        let description = &clusters[0].description;
        assert_eq!(description.status.state, ClusterState::Waiting);
        assert_eq!(description.step_concurrency_level, 1);
        assert_eq!(description.rest["Applications"][0]["Name"], "Spark");
    }

    #[test]
    fn an_error_names_its_place_in_the_file() {
        let text = br#"{"clusters": [{"Cluster": {"Status": {"State": "WAITING"}}}]}"#;
        let error = parse(text).unwrap_err();
        assert!(error.starts_with("clusters[0].Cluster: missing field `Id`"), "{error}");
    }

    #[test]
    fn an_id_that_could_leave_its_directory_is_refused() {
        let text = br#"{"clusters": [{"Cluster": {"Id": "../x", "Status": {"State": "WAITING"}}}]}"#;
        assert!(parse(text).unwrap_err().contains("not the id of a cluster"));
    }
}
