//! A reduce task: merges the outputs of all map tasks for it, and feeds them to the reducer.

use std::path::Path;

use super::job::Job;
use super::sort;
use super::task::Task;
use super::variables::TaskType;
use crate::run::failure::Failure;

/// Runs the reduce task `number` after `maps` map tasks.
pub(super) fn run(job: &Job<'_>, number: usize, maps: usize, parts: &Path) -> Result<(), Failure> {
    let task = Task::new(job, TaskType::Reduce, number, maps, None)?;
    let part = parts.join(format!("part-{number:05}"));
    let mut merge = job.shuffle.sort(&job.scratch);
    merge.arg("--merge").args((0..maps).map(|map| job.map_output(map, number)));
    // A sort without files would read its standard input.
    merge.args((maps == 0).then_some("/dev/null"));
    match &job.arguments.reducer {
        None => sort::to_file(job, &task, merge, &part),
        Some(reducer) => {
            let counters = ("Reduce input records", "Reduce output records");
            sort::through(job, &task, merge, reducer, &part, counters)
        }
    }
}
