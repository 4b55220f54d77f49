//! A reduce task: merges what all map tasks have for it, and gives it to the reducer in order.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};

use memchr::memchr_iter;
use rustix::process::Signal;

use super::super::processes::Process;
use super::super::step::Failed;
use super::counters::FRAMEWORK;
use super::job::Job;
use super::task::Task;
use super::{map, shuffle};

/// Runs the reduce task `number` over what `maps` map tasks left for it.
pub(super) fn run(job: &Job<'_>, number: usize, maps: usize, parts: &Path) -> Result<(), Failed> {
    let task = Task::new(job, 'r', number, maps, None)?;
    let part = parts.join(format!("part-{number:05}"));
    let mut merge = job.shuffle.sort(&job.scratch);
    merge.arg("--merge").args((0..maps).map(|map| map::output(job, map, number)));
    // A sort without files would read its standard input.
    merge.args((maps == 0).then_some("/dev/null"));
    match &job.streaming.reducer {
        None => sort_into(job, &task, merge, &part),
        Some(reducer) => {
            let counters = ("Reduce input records", "Reduce output records");
            sort_through(job, &task, merge, reducer, &part, counters)
        }
    }
}

/// Sorts into a file.
pub(super) fn sort_into(job: &Job<'_>, task: &Task<'_>, mut sort: Command, output: &Path) -> Result<(), Failed> {
    sort.arg("--output").arg(output).stdin(Stdio::null()).stdout(Stdio::null());
    let process = spawn(job, task, sort)?;
    finish(task, process)
}

/// Sorts into the standard input of `command`, and its output into a file. `counters` names what
/// is counted: lines before and after.
pub(super) fn sort_through(
    job: &Job<'_>,
    task: &Task<'_>,
    mut sort: Command,
    command: &str,
    output: &Path,
    counters: (&str, &str),
) -> Result<(), Failed> {
    sort.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut process = spawn(job, task, sort)?;
    let sorted = process.child.stdout.take();
    let sorted = sorted.ok_or_else(|| task.io("sort", &io::Error::other("it has no output")))?;
    let file = File::create(output).map_err(|error| task.io("output", &error))?;
    let mut writer = [BufWriter::new(file)];
    let feed = |stdin| {
        let records = copy_lines(BufReader::with_capacity(1 << 16, sorted), stdin)?;
        job.count(FRAMEWORK, counters.0, records);
        Ok(())
    };
    let records = task.run(command, feed, |stdout| {
        let records = shuffle::route(stdout, &mut writer, |_| 0)?;
        writer[0].flush()?;
        Ok(records)
    })?;
    job.count(FRAMEWORK, counters.1, records);
    finish(task, process)
}

/// Copies lines and counts them. Where the reader has had enough, the rest is left.
fn copy_lines(mut from: impl BufRead, mut to: ChildStdin) -> io::Result<u64> {
    let mut lines = 0;
    loop {
        let buffer = from.fill_buf()?;
        if buffer.is_empty() {
            return Ok(lines);
        }
        to.write_all(buffer)?;
        lines += memchr_iter(b'\n', buffer).count() as u64;
        let length = buffer.len();
        from.consume(length);
    }
}

fn spawn<'a>(job: &Job<'a>, task: &Task<'_>, mut sort: Command) -> Result<Process<'a>, Failed> {
    let stderr = job.workplace.logs.append("stderr").map_err(|error| task.io("logs", &error))?;
    sort.stderr(stderr);
    job.workplace.processes.spawn(&mut sort).map_err(|error| task.io("sort", &error))
}

fn finish(task: &Task<'_>, process: Process<'_>) -> Result<(), Failed> {
    let status = process.wait().map_err(|error| task.io("sort", &error))?;
    // A reducer that has had enough before the end leaves the sort with a closed pipe.
    if status.success() || status.signal() == Some(Signal::PIPE.as_raw()) {
        return Ok(());
    }
    Err(task.io("sort", &io::Error::other(status.to_string())))
}
