//! The ids of a task, and the variables that Hadoop sets for its command.

use std::collections::BTreeMap;

/// What a task does.
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

/// What names a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TaskId {
    /// What its id has in common with the job's.
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

    /// The properties of the job and of the task as variables, under the names of Hadoop 1 as well
    /// as of later ones. `input` is the URI that a mapper reads.
    pub(super) fn variables(
        &self,
        properties: &BTreeMap<String, String>,
        input: Option<&str>,
    ) -> BTreeMap<String, String> {
        let mut variables: BTreeMap<_, _> =
            properties.iter().map(|(name, value)| (variable(name), value.clone())).collect();
        let mut set = |name: &str, value: String| variables.insert(name.to_owned(), value);
        for name in ["mapreduce_job_id", "mapred_job_id"] {
            set(name, format!("job_{}", self.job));
        }
        for name in ["mapreduce_task_id", "mapred_tip_id"] {
            set(name, self.task());
        }
        for name in ["mapreduce_task_attempt_id", "mapred_task_id"] {
            set(name, self.attempt());
        }
        set("mapreduce_task_partition", self.number.to_string());
        set("mapreduce_task_ismap", (self.task_type == TaskType::Map).to_string());
        for name in ["mapreduce_map_input_file", "map_input_file"] {
            if let Some(input) = input {
                set(name, input.to_owned());
            }
        }
        variables
    }
}

/// The name of a property as a variable: `_` replaces the characters that a variable's name cannot
/// have.
fn variable(property: &str) -> String {
    property.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapper_finds_its_ids_its_input_and_the_jobs_properties() {
        let task = TaskId { job: "1763791200000_0001".to_owned(), task_type: TaskType::Map, number: 3 };
        let properties = BTreeMap::from([("my.own-property".to_owned(), "x".to_owned())]);
        let variables = task.variables(&properties, Some("s3://bucket/in"));
        assert_eq!(variables["my_own_property"], "x");
        assert_eq!(variables["mapred_job_id"], "job_1763791200000_0001");
        assert_eq!(variables["mapreduce_task_id"], "task_1763791200000_0001_m_000003");
        assert_eq!(variables["mapred_task_id"], "attempt_1763791200000_0001_m_000003_0");
        assert_eq!(variables["map_input_file"], "s3://bucket/in");
        assert_eq!(variables["mapreduce_task_ismap"], "true");
    }
}
