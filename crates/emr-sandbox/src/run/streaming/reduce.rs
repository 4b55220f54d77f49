//! A reduce task: merges the outputs of all map tasks for it, and passes them to the reducer.

use std::path::Path;

use super::collect;
use super::job::Job;
use super::output::Part;
use super::reducing::{self, Role};
use super::sort::{Merge, Run};
use super::task::Task;
use super::variables::TaskType;
use crate::run::failure::Failure;

/// Runs the reduce task `number` over the outputs of all map tasks.
pub(super) fn run(job: &Job<'_>, number: usize, maps: &[Run], parts: &Path) -> Result<(), Failure> {
    let task = Task::new(job, TaskType::Reduce, number, maps.len(), None)?;
    let plan = job.plan;
    let segments = collect::segments(job, &task, maps, number)?;
    let merge = Merge::of(&plan.comparator, &segments);
    let mut merge = merge.map_err(|error| task.io("shuffle", &error))?;
    let part = Part::create(&plan.output_format, plan.types.output_key, parts, number);
    let mut part = part.map_err(|error| task.io("output", &error))?;
    let role = if merge.is_empty() { Role::ReducerOfNothing } else { Role::Reducer };
    reducing::run(job, &task, &plan.reducer, role, &mut merge, |key, value| part.write(key, value))?;
    part.finish().map_err(|error| task.io("output", &error))
}
