//! The ids of a task, and the variables that Hadoop sets for its command.

use std::collections::BTreeMap;

use super::properties::Properties;

/// The type of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TaskType {
    Map,
    Reduce,
}

impl TaskType {
    /// The letter in the ids of tasks.
    fn letter(self) -> char {
        match self {
            Self::Map => 'm',
            Self::Reduce => 'r',
        }
    }
}

/// Identifies a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TaskId {
    /// The part of its id that it shares with the job.
    pub(super) job: String,
    pub(super) task_type: TaskType,
    pub(super) number: usize,
}

impl TaskId {
    /// The name of the task's directory.
    pub(super) fn short(&self) -> String {
        format!("{}{:05}", self.task_type.letter(), self.number)
    }

    fn task(&self) -> String {
        format!("task_{}_{}_{:06}", self.job, self.task_type.letter(), self.number)
    }

    /// The id of the task's only attempt.
    pub(super) fn attempt(&self) -> String {
        format!("attempt_{}_{}_{:06}_0", self.job, self.task_type.letter(), self.number)
    }

    /// The properties of the job and the task as variables. `split` is the input of a mapper.
    pub(super) fn variables(&self, properties: &Properties, split: Option<&MapInput>) -> BTreeMap<String, String> {
        let mut properties = properties.clone();
        properties.set("mapreduce.job.id", format!("job_{}", self.job));
        properties.set("mapreduce.task.id", self.task());
        properties.set("mapreduce.task.attempt.id", self.attempt());
        properties.set("mapreduce.task.partition", self.number.to_string());
        properties.set("mapreduce.task.ismap", (self.task_type == TaskType::Map).to_string());
        if let Some(split) = split {
            properties.set("mapreduce.map.input.file", split.uri.clone());
            properties.set("mapreduce.map.input.start", split.start.to_string());
            properties.set("mapreduce.map.input.length", split.length.to_string());
        }
        properties.iter().map(|(name, value)| (variable(name), value)).collect()
    }
}

/// The input of a mapper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MapInput {
    pub(super) uri: String,
    /// An offset in bytes.
    pub(super) start: u64,
    pub(super) length: u64,
}

/// The name of a property as a variable: `_` replaces characters that variable names cannot have.
fn variable(property: &str) -> String {
    property.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapper_finds_its_ids_its_input_and_the_jobs_properties() {
        let task = TaskId { job: "1763791200000_0001".to_owned(), task_type: TaskType::Map, number: 3 };
        let mut properties = Properties::default();
        properties.set("my.own-property", "x");
        properties.set("mapred.job.name", "name");
        properties.set("empty", "");
        let input = MapInput { uri: "s3://bucket/in".to_owned(), start: 5, length: 7 };
        let variables = task.variables(&properties, Some(&input));
        let wanted = [
            ("my_own_property", "x"),
            ("mapreduce_job_name", "name"),
            ("mapreduce_job_id", "job_1763791200000_0001"),
            ("mapreduce_task_id", "task_1763791200000_0001_m_000003"),
            ("mapreduce_task_attempt_id", "attempt_1763791200000_0001_m_000003_0"),
            ("mapreduce_map_input_file", "s3://bucket/in"),
            ("mapreduce_map_input_start", "5"),
            ("mapreduce_map_input_length", "7"),
            ("mapreduce_task_partition", "3"),
            ("mapreduce_task_ismap", "true"),
        ];
        let wanted = wanted.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(variables, wanted.into_iter().collect());
    }
}
