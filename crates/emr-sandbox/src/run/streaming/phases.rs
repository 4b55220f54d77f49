//! The two phases of a job: all map tasks, then all reduce tasks, as many at once as there are processors.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::input::Split;
use super::job::Job;
use super::sort::Run;
use super::{map, parallel, reduce};
use crate::lock::lock;
use crate::run::failure::Failure;
use crate::run::filesystem::DataFile;

/// Runs all tasks of a job, `workers` at once. Returns the directory with the parts of the output.
pub(super) fn run(job: &Job<'_>, files: &[DataFile], splits: &[Split], workers: usize) -> Result<PathBuf, Failure> {
    let parts = job.make_parts()?;
    let maps = run_maps(job, files, splits, workers, &parts)?;
    run_phase(job, Phase::Reduce, job.plan.reducers, workers, |task| reduce::run(job, task, &maps, &parts))?;
    Ok(parts)
}

/// Runs the map tasks. Returns their outputs for the reducers, in order.
fn run_maps(
    job: &Job<'_>,
    files: &[DataFile],
    splits: &[Split],
    workers: usize,
    parts: &Path,
) -> Result<Vec<Run>, Failure> {
    let outputs: Vec<_> = splits.iter().map(|_| Mutex::new(None)).collect();
    run_phase(job, Phase::Map, splits.len(), workers, |task| {
        let split = &splits[task];
        *lock(&outputs[task]) = map::run(job, task, &files[split.file], split, parts)?;
        Ok(())
    })?;
    Ok(outputs.iter().filter_map(|output| lock(output).take()).collect())
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
