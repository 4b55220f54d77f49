//! A map task: feeds a split to the mapper, and sorts its output for each reducer.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::counters::FRAMEWORK;
use super::job::Job;
use super::task::Task;
use super::variables::TaskType;
use super::{lines, reader, sort};
use crate::run::failure::Failure;
use crate::run::filesystem::DataFile;

/// What runs in the place of an identity mapper.
const IDENTITY: &str = "cat";

/// Runs the map task `number` over a part of `input`. In a job without reducers its output is a
/// part of the job's; else it waits at [`Job::map_output`].
pub(super) fn run(
    job: &Job<'_>,
    number: usize,
    input: &DataFile,
    range: Range<u64>,
    parts: &Path,
) -> Result<(), Failure> {
    let task = Task::new(job, TaskType::Map, number, 0, Some(&input.uri))?;
    let split = format!("{}:{}+{}", input.uri, range.start, range.end - range.start);
    task.log("INFO", "org.apache.hadoop.mapred.MapTask", &format!("Processing split: {split}"));
    let is_last = job.shuffle.reducers == 0;
    let outputs: Vec<_> = if is_last {
        vec![parts.join(format!("part-{number:05}"))]
    } else {
        (0..job.shuffle.reducers).map(|reducer| job.map_output(number, reducer).with_extension("unsorted")).collect()
    };
    map(job, &task, input, range, &outputs)?;
    if is_last {
        return Ok(());
    }
    for (reducer, unsorted) in outputs.iter().enumerate() {
        combine_and_sort(job, &task, unsorted, &job.map_output(number, reducer))?;
    }
    Ok(())
}

fn map(
    job: &Job<'_>,
    task: &Task<'_>,
    input: &DataFile,
    range: Range<u64>,
    outputs: &[PathBuf],
) -> Result<(), Failure> {
    let files: io::Result<Vec<_>> = outputs.iter().map(File::create).collect();
    let files = files.map_err(|error| task.io("output", &error))?;
    let mut writers: Vec<_> = files.into_iter().map(BufWriter::new).collect();
    let command = job.arguments.mapper.as_deref().unwrap_or(IDENTITY);
    let feed = |mut stdin| {
        let records = reader::copy(input, range, &mut stdin)?;
        job.count(FRAMEWORK, "Map input records", records);
        Ok(())
    };
    let records = task.run(command, feed, |stdout| {
        let records = lines::route(stdout, &mut writers, |line| job.shuffle.reducer(line))?;
        writers.iter_mut().try_for_each(io::Write::flush)?;
        Ok(records)
    })?;
    job.count(FRAMEWORK, "Map output records", records);
    Ok(())
}

/// Sorts the output of a mapper for one reducer, through the combiner if there is one.
fn combine_and_sort(job: &Job<'_>, task: &Task<'_>, unsorted: &Path, sorted: &Path) -> Result<(), Failure> {
    let mut sort = job.shuffle.sort(&job.scratch);
    sort.arg(unsorted);
    match &job.arguments.combiner {
        None => sort::to_file(job, task, sort, sorted)?,
        Some(combiner) => {
            let unordered = sorted.with_extension("combined");
            let counters = ("Combine input records", "Combine output records");
            sort::through(job, task, sort, combiner, &unordered, counters)?;
            let mut sort = job.shuffle.sort(&job.scratch);
            sort.arg(&unordered);
            sort::to_file(job, task, sort, sorted)?;
            fs::remove_file(unordered).map_err(|error| task.io("scratch", &error))?;
        }
    }
    fs::remove_file(unsorted).map_err(|error| task.io("scratch", &error))
}
