//! A map task: passes the records of a split to the mapper, and its output to the collector, or without reducers to the
//! job's output.

use std::io::{self, Write};
use std::path::Path;
use std::process::ChildStdout;

use super::collect::Collector;
use super::counters::FRAMEWORK;
use super::input::{Lines, RecordKey, Split, SplitReader};
use super::job::Job;
use super::output::Part;
use super::plan::{Mapper, Program};
use super::sort::Run;
use super::task::Task;
use super::variables::{MapInput, TaskType};
use crate::run::failure::Failure;
use crate::run::filesystem::DataFile;

/// Runs the map task `number` over a split of `file`. Returns its sorted output; in a job without reducers it writes a
/// part of the job's output in `parts`.
pub(super) fn run(
    job: &Job<'_>,
    number: usize,
    file: &DataFile,
    split: &Split,
    parts: &Path,
) -> Result<Option<Run>, Failure> {
    let (start, length) = (split.range.start, split.range.end - split.range.start);
    let input = MapInput { uri: file.uri.clone(), start, length };
    let task = Task::new(job, TaskType::Map, number, 0, Some(input))?;
    let message = format!("Processing split: {}:{start}+{length}", file.uri);
    task.log("INFO", "org.apache.hadoop.mapred.MapTask", &message);
    let plan = job.plan;
    let reader = SplitReader::open(file, split, &plan.input_format, plan.longest_line);
    let reader = reader.map_err(|error| task.io("input", &error))?;
    let mut sink = if plan.reducers == 0 {
        let part = Part::create(&plan.output_format, plan.types.output_key, parts, number);
        Sink::Part(part.map_err(|error| task.io("output", &error))?)
    } else {
        Sink::Collector(Collector::new(job, &task, number))
    };
    let records = match &plan.mapper {
        Mapper::Command(program) => through(job, &task, reader, program, &mut sink)?,
        Mapper::Identity => identity(job, &task, reader, &mut sink)?,
    };
    job.count(FRAMEWORK, "Map output records", records);
    match sink {
        Sink::Part(part) => part.finish().map(|()| None).map_err(|error| task.io("output", &error)),
        Sink::Collector(collector) => collector.finish().map(Some),
    }
}

/// The destination of a mapper's records.
enum Sink<'a> {
    Part(Part<'a>),
    Collector(Collector<'a>),
}

impl Sink<'_> {
    fn take(&mut self, task: &Task<'_>, key: &[u8], value: Option<&[u8]>) -> Result<(), Failure> {
        match self {
            Self::Part(part) => part.write(key, value).map_err(|error| task.io("output", &error)),
            Self::Collector(collector) => collector.collect(key, value.unwrap_or_default()),
        }
    }
}

/// Runs the mapper's command. Returns the number of records in its output.
fn through(
    job: &Job<'_>,
    task: &Task<'_>,
    mut reader: SplitReader,
    program: &Program,
    sink: &mut Sink<'_>,
) -> Result<u64, Failure> {
    let feed = |stdin: &mut _| {
        let records = feed(&mut reader, program, stdin)?;
        job.count(FRAMEWORK, "Map input records", records);
        Ok(())
    };
    let take = |stdout: ChildStdout| {
        let mut lines = Lines::new(stdout);
        let mut records = 0;
        while lines.advance().map_err(|error| task.io("output", &error))? > 0 {
            let (key, value) = program.reader.split(lines.line());
            sink.take(task, key, value)?;
            records += 1;
        }
        Ok(records)
    };
    task.run(&program.command, feed, take)
}

/// Writes all records of a split to the mapper's command. Returns their number.
fn feed(reader: &mut SplitReader, program: &Program, stdin: &mut impl Write) -> io::Result<u64> {
    let mut records = 0;
    loop {
        if program.writer.leaves_out_key {
            records += reader.copy_some(stdin)?;
        }
        let Some(record) = reader.next()? else {
            return Ok(records);
        };
        let value = Some(record.value);
        match record.key {
            RecordKey::Offset(offset) => program.writer.write(stdin, &offset.to_be_bytes(), value)?,
            RecordKey::Text(key) => program.writer.write(stdin, key, value)?,
        }
        records += 1;
    }
}

/// Passes on the records of a split unchanged. Returns their number.
fn identity(job: &Job<'_>, task: &Task<'_>, mut reader: SplitReader, sink: &mut Sink<'_>) -> Result<u64, Failure> {
    let mut records = 0;
    while let Some(record) = reader.next().map_err(|error| task.io("input", &error))? {
        match record.key {
            RecordKey::Offset(offset) => sink.take(task, &offset.to_be_bytes(), Some(record.value))?,
            RecordKey::Text(key) => sink.take(task, key, Some(record.value))?,
        }
        records += 1;
    }
    job.count(FRAMEWORK, "Map input records", records);
    Ok(records)
}
