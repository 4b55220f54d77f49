//! A map task: feeds a split to the mapper, and sorts what it says for each reducer.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::super::filesystem::location::Found;
use super::super::step::Failed;
use super::counters::FRAMEWORK;
use super::job::Job;
use super::reduce;
use super::task::Task;
use super::{reader, shuffle};

/// What a mapper that is not given does.
const IDENTITY: &str = "cat";

/// Runs the map task `number` over a part of `input`. Without reducers its output is a part of
/// the job's; else it waits in the job's scratch directory, see [`output`].
pub(super) fn run(job: &Job<'_>, number: usize, input: &Found, range: Range<u64>, parts: &Path) -> Result<(), Failed> {
    let task = Task::new(job, 'm', number, 0, Some(&input.uri))?;
    let split = format!("{}:{}+{}", input.uri, range.start, range.end - range.start);
    task.say("INFO", "org.apache.hadoop.mapred.MapTask", &format!("Processing split: {split}"));
    let is_last = job.shuffle.reducers == 0;
    let outputs: Vec<_> = if is_last {
        vec![parts.join(format!("part-{number:05}"))]
    } else {
        (0..job.shuffle.reducers).map(|reducer| unsorted(job, number, reducer)).collect()
    };
    map(job, &task, input, range, &outputs)?;
    if is_last {
        return Ok(());
    }
    for (reducer, unsorted) in outputs.iter().enumerate() {
        sort(job, &task, unsorted, &output(job, number, reducer))?;
    }
    Ok(())
}

/// Where the sorted output of a map task for a reducer waits.
pub(super) fn output(job: &Job<'_>, number: usize, reducer: usize) -> PathBuf {
    job.scratch.join(format!("map-{number:05}-{reducer:05}"))
}

fn unsorted(job: &Job<'_>, number: usize, reducer: usize) -> PathBuf {
    job.scratch.join(format!("map-{number:05}-{reducer:05}.unsorted"))
}

fn map(job: &Job<'_>, task: &Task<'_>, input: &Found, range: Range<u64>, outputs: &[PathBuf]) -> Result<(), Failed> {
    let files: io::Result<Vec<_>> = outputs.iter().map(File::create).collect();
    let files = files.map_err(|error| task.io("output", &error))?;
    let mut writers: Vec<_> = files.into_iter().map(BufWriter::new).collect();
    let command = job.streaming.mapper.as_deref().unwrap_or(IDENTITY);
    let feed = |mut stdin| {
        let records = reader::copy(input, range, &mut stdin)?;
        job.count(FRAMEWORK, "Map input records", records);
        Ok(())
    };
    let records = task.run(command, feed, |stdout| {
        let records = shuffle::route(stdout, &mut writers, |line| job.shuffle.reducer(line))?;
        writers.iter_mut().try_for_each(io::Write::flush)?;
        Ok(records)
    })?;
    job.count(FRAMEWORK, "Map output records", records);
    Ok(())
}

/// Sorts what a mapper said for one reducer, combined if there is a combiner.
fn sort(job: &Job<'_>, task: &Task<'_>, unsorted: &Path, sorted: &Path) -> Result<(), Failed> {
    let mut sort = job.shuffle.sort(&job.scratch);
    sort.arg(unsorted);
    match &job.streaming.combiner {
        None => reduce::sort_into(job, task, sort, sorted)?,
        Some(combiner) => {
            let unordered = sorted.with_extension("combined");
            let counters = ("Combine input records", "Combine output records");
            reduce::sort_through(job, task, sort, combiner, &unordered, counters)?;
            let mut sort = job.shuffle.sort(&job.scratch);
            sort.arg(&unordered);
            reduce::sort_into(job, task, sort, sorted)?;
            fs::remove_file(unordered).map_err(|error| task.io("scratch", &error))?;
        }
    }
    fs::remove_file(unsorted).map_err(|error| task.io("scratch", &error))
}
