//! The two phases of a job: all map tasks, then all reduce tasks, as many at once as there are
//! processors.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::job::Job;
use super::splits::Split;
use super::{map, parallel, reader, reduce, splits};
use crate::run::failure::Failure;
use crate::run::filesystem::DataFile;

/// Runs all tasks of a job. Returns the directory with the parts of the output.
pub(super) fn run(job: &Job<'_>, inputs: &[DataFile]) -> Result<PathBuf, Failure> {
    let parts = job.make_parts()?;
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let sizes: Vec<_> = inputs.iter().map(|input| (input.size, reader::can_be_cut(input))).collect();
    let splits = splits::cut(&sizes, workers);
    run_phase(job, Phase::Map, splits.len(), workers, |task| {
        let Split { input, range } = &splits[task];
        map::run(job, task, &inputs[*input], range.clone(), &parts)
    })?;
    run_phase(job, Phase::Reduce, job.shuffle.reducers, workers, |task| reduce::run(job, task, splits.len(), &parts))?;
    Ok(parts)
}

#[derive(Clone, Copy)]
enum Phase {
    Map,
    Reduce,
}

/// Runs `count` tasks, and logs the progress after each.
fn run_phase(
    job: &Job<'_>,
    phase: Phase,
    count: usize,
    workers: usize,
    run: impl Fn(usize) -> Result<(), Failure> + Sync,
) -> Result<(), Failure> {
    let done = AtomicUsize::new(0);
    parallel::each(count, workers, |task| {
        run(task)?;
        let percent = (done.fetch_add(1, Ordering::Relaxed) + 1) * 100 / count;
        match phase {
            Phase::Map => job.log_progress(percent, 0),
            Phase::Reduce => job.log_progress(100, percent),
        }
        Ok(())
    })?;
    let counter = match phase {
        Phase::Map => "Launched map tasks",
        Phase::Reduce => "Launched reduce tasks",
    };
    job.count("Job Counters", counter, count as u64);
    Ok(())
}
