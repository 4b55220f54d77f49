//! Collects clusters, and adds later lists of a file to the last one.

use std::collections::{HashMap, HashSet};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Recorded;
use super::entry::{BESIDE, normalize};
use super::left_out::LeftOut;
use crate::emr::model::cluster::Cluster;
use crate::emr::model::ids;
use crate::emr::provision;
use crate::s3::RecordedObject;

#[derive(Default)]
pub(super) struct Loader {
    clusters: Vec<Cluster>,
    /// Objects of S3 that are recorded beside them.
    pub(super) objects: Vec<RecordedObject>,
    indices: HashMap<String, usize>,
    /// Clusters known only from an answer to `ListClusters` so far.
    summaries: HashSet<usize>,
    /// The cluster that the lists after it in the file belong to.
    last: Option<usize>,
    /// Whether the instances of that cluster are recorded.
    has_instances: bool,
    left_out: LeftOut,
}

impl Loader {
    /// Takes a value of the file, without the clusters that were in a list in it.
    pub(super) fn document(&mut self, value: Map<String, Value>, has_list: bool) -> Result<(), String> {
        let has = |name: &str| value.contains_key(name);
        if has("Cluster") {
            return self.entry(value);
        }
        if !has_list && has("Id") && has("Status") {
            return self.description(value);
        }
        if BESIDE.iter().any(|name| has(name)) {
            return self.beside(value);
        }
        if !has_list {
            let names: Vec<_> = value.keys().map(String::as_str).collect();
            return Err(format!(
                "neither a cluster nor a list that belongs to one; its members are: {}",
                names.join(", ")
            ));
        }
        normalize(value, &mut self.left_out).map(drop)
    }

    /// Takes an element of a list of clusters: an entry, or only a description.
    pub(super) fn element(&mut self, value: Value) -> Result<(), String> {
        match value {
            Value::Null => Ok(()),
            Value::Object(members) if members.contains_key("Cluster") => self.entry(members),
            Value::Object(members) if members.contains_key("Id") => self.description(members),
            _ => Err(": not a cluster: it has neither `Cluster` nor `Id`".to_owned()),
        }
    }

    fn description(&mut self, description: Map<String, Value>) -> Result<(), String> {
        // `ListClusters` returns fewer members than `DescribeCluster`.
        let is_summary = !description.contains_key("Ec2InstanceAttributes");
        let id = description["Id"].as_str().unwrap_or_default();
        if is_summary && self.indices.get(id).is_some_and(|index| !self.summaries.contains(index)) {
            return Ok(());
        }
        let entry = Map::from_iter([("Cluster".to_owned(), Value::Object(description))]);
        self.entry(entry)?;
        self.summaries.extend(self.last.filter(|_| is_summary));
        Ok(())
    }

    fn entry(&mut self, entry: Map<String, Value>) -> Result<(), String> {
        let entry = normalize(entry, &mut self.left_out)?;
        let has_instances = entry.contains_key("Instances");
        let cluster: Cluster = parsed(&Value::Object(entry))?;
        if !ids::is_cluster(cluster.id()) {
            return Err(format!(".Cluster.Id: `{}` is not the id of a cluster", cluster.id()));
        }
        check_steps(&cluster)?;
        self.complete_last();
        let id = cluster.id().to_owned();
        self.last = Some(match self.indices.get(&id) {
            Some(&index) if self.summaries.remove(&index) => {
                self.clusters[index] = cluster;
                index
            }
            Some(_) => return Err(format!(".Cluster.Id: there are two clusters {id}")),
            None => {
                self.clusters.push(cluster);
                self.indices.insert(id, self.clusters.len() - 1);
                self.clusters.len() - 1
            }
        });
        self.has_instances = has_instances;
        Ok(())
    }

    /// Takes an answer to `ListSteps` or a similar operation, which does not name its cluster.
    fn beside(&mut self, lists: Map<String, Value>) -> Result<(), String> {
        let Some(last) = self.last else {
            let names: Vec<_> = lists.keys().map(String::as_str).collect();
            return Err(format!(
                "no cluster comes before the list ({}): put the list after its cluster",
                names.join(", ")
            ));
        };
        let cluster = &mut self.clusters[last];
        for (name, value) in normalize(lists, &mut self.left_out)? {
            self.has_instances |= name == "Instances";
            let at = |reason: String| format!(".{name}{reason}");
            match name.as_str() {
                "AutoTerminationPolicy" => cluster.auto_termination_policy = parsed(&value).map_err(at)?,
                "BootstrapActions" => cluster.bootstrap_actions.extend(parsed::<Vec<_>>(&value).map_err(at)?),
                "InstanceFleets" => cluster.instance_fleets.extend(parsed::<Vec<_>>(&value).map_err(at)?),
                "InstanceGroups" => cluster.instance_groups.extend(parsed::<Vec<_>>(&value).map_err(at)?),
                "Instances" => cluster.instances.extend(parsed::<Vec<_>>(&value).map_err(at)?),
                "ManagedScalingPolicy" => cluster.managed_scaling_policy = Some(value),
                "Sessions" => cluster.sessions.extend(parsed::<Vec<_>>(&value).map_err(at)?),
                "Steps" => cluster.steps.open().extend(parsed::<Vec<_>>(&value).map_err(at)?),
                _ => {}
            }
        }
        check_steps(cluster)
    }

    /// Makes the instances of the last cluster if none are recorded, then sorts and packs its steps, oldest first.
    /// Steps with equal or no times keep the order of the CLI, which prints the newest first.
    fn complete_last(&mut self) {
        if let Some(last) = self.last.take() {
            let cluster = &mut self.clusters[last];
            if !self.has_instances {
                provision::supplement(cluster);
            }
            let steps = cluster.steps.open();
            steps.reverse();
            steps.sort_by_key(|step| step.status.timeline.creation_date_time);
            cluster.steps.pack();
        }
    }

    /// Ends a file: lists in the next file do not belong to its clusters. Returns warnings.
    pub(super) fn end_file(&mut self) -> Vec<String> {
        self.complete_last();
        self.left_out.sentences()
    }

    pub(super) fn finish(self) -> Recorded {
        Recorded { clusters: self.clusters, objects: self.objects }
    }
}

/// Parses a value into the model's shape. The error names the place of the bad value.
fn parsed<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    // Tracking the path is slow, so only a failed parse does it.
    if let Ok(parsed) = T::deserialize(value) {
        return Ok(parsed);
    }
    serde_path_to_error::deserialize(value).map_err(|error| match error.path().to_string() {
        path if path == "." || path == "?" => format!(": {}", error.inner()),
        path if path.starts_with('[') => format!("{path}: {}", error.inner()),
        path => format!(".{path}: {}", error.inner()),
    })
}

/// Refuses duplicate ids and text that is not an id: ids become names of directories.
fn check_steps(cluster: &Cluster) -> Result<(), String> {
    let steps = cluster.steps.all();
    let mut seen = HashSet::new();
    for (place, step) in steps.iter().enumerate() {
        if !ids::is_step(&step.id) {
            return Err(format!(".Steps[{place}].Id: `{}` is not the id of a step", step.id));
        }
        if !seen.insert(step.id.as_str()) {
            return Err(format!(".Steps[{place}].Id: there are two steps {}", step.id));
        }
    }
    Ok(())
}
