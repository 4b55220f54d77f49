//! The collector of a map task: sorts the mapper's output by reducer and key, and runs the combiner if there is one.
//! Source: `MapTask.MapOutputBuffer`.

use std::path::PathBuf;

use super::counters::FRAMEWORK;
use super::job::Job;
use super::reducing::{self, Role};
use super::sort::{Buffer, Merge, Records, Run, RunWriter, Segment};
use super::task::Task;
use crate::run::failure::Failure;

/// From this many files on, the combiner runs again when they are merged: Hadoop's default of
/// `min.num.spills.for.combine`.
const RUNS_TO_COMBINE: usize = 3;

/// Collects the records of one map task.
pub(super) struct Collector<'a> {
    job: &'a Job<'a>,
    task: &'a Task<'a>,
    number: usize,
    buffer: Buffer,
    /// Sorted files, spilled from the buffer.
    runs: Vec<Run>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(job: &'a Job<'a>, task: &'a Task<'a>, number: usize) -> Self {
        Self { job, task, number, buffer: Buffer::default(), runs: Vec::new() }
    }

    /// Takes a record. Fails if its types differ from those that the job declares.
    pub(super) fn collect(&mut self, key: &[u8], value: &[u8]) -> Result<(), Failure> {
        let plan = self.job.plan;
        if let Some(mismatch) = &plan.types.mismatch {
            return Err(self.task.failure(&format!("java.io.IOException: {mismatch}")));
        }
        let reducer = plan.partitioner.reducer(plan.types.map_key, key, plan.reducers);
        let pushed = self.buffer.push(&plan.comparator, reducer, key, value);
        pushed.map_err(|error| self.task.io("output", &error))?;
        if self.buffer.is_full() {
            self.spill()?;
        }
        Ok(())
    }

    /// Returns the sorted output, with a segment for each reducer.
    pub(super) fn finish(mut self) -> Result<Run, Failure> {
        if !self.buffer.is_empty() || self.runs.is_empty() {
            self.spill()?;
        }
        match self.runs.pop() {
            Some(only) if self.runs.is_empty() => Ok(only),
            last => {
                self.runs.extend(last);
                self.merge()
            }
        }
    }

    /// Sorts the buffer and writes it to a file.
    fn spill(&mut self) -> Result<(), Failure> {
        self.buffer.sort(&self.job.plan.comparator);
        let mut writer = self.writer(self.runs.len())?;
        for reducer in 0..self.job.plan.reducers {
            writer.begin();
            let mut records = self.buffer.of_reducer(reducer);
            if !records.is_empty() {
                self.write(&mut records, &mut writer, true)?;
            }
        }
        self.runs.push(writer.finish().map_err(|error| self.task.io("output", &error))?);
        self.buffer.clear();
        Ok(())
    }

    /// Merges all files into one.
    fn merge(mut self) -> Result<Run, Failure> {
        let runs = std::mem::take(&mut self.runs);
        let mut writer = self.writer(runs.len())?;
        for reducer in 0..self.job.plan.reducers {
            writer.begin();
            let segments = runs.iter().filter_map(|run| run.segment(reducer));
            let merge = Merge::of(&self.job.plan.comparator, segments);
            let mut merge = merge.map_err(|error| self.task.io("output", &error))?;
            if !merge.is_empty() {
                self.write(&mut merge, &mut writer, runs.len() >= RUNS_TO_COMBINE)?;
            }
        }
        let removed = runs.into_iter().try_for_each(Run::remove);
        removed.and_then(|()| writer.finish()).map_err(|error| self.task.io("output", &error))
    }

    fn writer(&self, number: usize) -> Result<RunWriter, Failure> {
        RunWriter::create(&self.path(number)).map_err(|error| self.task.io("output", &error))
    }

    fn path(&self, number: usize) -> PathBuf {
        self.job.scratch.join(format!("map-{:05}-{number}", self.number))
    }

    /// Writes sorted records; `through_combiner`, runs the combiner on them first.
    fn write(
        &self,
        records: &mut (impl Records + Send),
        writer: &mut RunWriter,
        through_combiner: bool,
    ) -> Result<(), Failure> {
        match self.job.plan.combiner.as_ref().filter(|_| through_combiner) {
            Some(combiner) => {
                let emit = |key: &[u8], value: Option<&[u8]>| writer.write(key, value.unwrap_or_default());
                reducing::run(self.job, self.task, combiner, Role::Combiner, records, emit)
            }
            None => copy(records, writer).map_err(|error| self.task.io("output", &error)),
        }
    }
}

fn copy(records: &mut impl Records, writer: &mut RunWriter) -> std::io::Result<()> {
    while let Some((key, value)) = records.next()? {
        writer.write(key, value)?;
    }
    Ok(())
}

/// Files merged at once. Each is an open file.
const MERGED_AT_ONCE: usize = 256;

/// The segments that a reducer merges, in Hadoop's order: smallest first. More than [`MERGED_AT_ONCE`] are merged into
/// fewer before.
pub(super) fn segments(job: &Job<'_>, task: &Task<'_>, runs: &[Run], reducer: usize) -> Result<Vec<Segment>, Failure> {
    let mut segments: Vec<_> = runs.iter().filter_map(|run| run.segment(reducer).cloned()).collect();
    segments.sort_by_key(|segment| segment.size);
    let mut passes = 0;
    while segments.len() > MERGED_AT_ONCE {
        let rest = segments.split_off(MERGED_AT_ONCE);
        let path = job.scratch.join(format!("reduce-{reducer:05}-{passes}"));
        let merged = merge_into(job, &segments, &path).map_err(|error| task.io("shuffle", &error))?;
        job.count(FRAMEWORK, "Merged Map outputs", segments.len() as u64);
        segments = rest.into_iter().chain(merged.segment(0).cloned()).collect();
        passes += 1;
    }
    Ok(segments)
}

fn merge_into(job: &Job<'_>, segments: &[Segment], path: &std::path::Path) -> std::io::Result<Run> {
    let mut writer = RunWriter::create(path)?;
    writer.begin();
    copy(&mut Merge::of(&job.plan.comparator, segments)?, &mut writer)?;
    writer.finish()
}
