//! Runs sort(1) for a task: into a file, or into the standard input of the task's command.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::Signal;

use super::counters::FRAMEWORK;
use super::job::Job;
use super::lines;
use super::task::Task;
use crate::run::failure::Failure;
use crate::run::processes::Process;

/// Sorts into a file.
pub(super) fn to_file(job: &Job<'_>, task: &Task<'_>, mut sort: Command, output: &Path) -> Result<(), Failure> {
    sort.arg("--output").arg(output).stdin(Stdio::null()).stdout(Stdio::null());
    let process = spawn(job, task, sort)?;
    finish(task, process)
}

/// Sorts into the standard input of `command`, and its output into a file. `counters` names the
/// counters of lines before and after.
pub(super) fn through(
    job: &Job<'_>,
    task: &Task<'_>,
    mut sort: Command,
    command: &str,
    output: &Path,
    counters: (&str, &str),
) -> Result<(), Failure> {
    sort.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut process = spawn(job, task, sort)?;
    let sorted = process.child.stdout.take();
    let sorted = sorted.ok_or_else(|| task.io("sort", &io::Error::other("it has no output")))?;
    let file = File::create(output).map_err(|error| task.io("output", &error))?;
    let mut writer = [BufWriter::new(file)];
    let feed = |mut stdin| {
        let records = lines::copy(sorted, &mut stdin)?;
        job.count(FRAMEWORK, counters.0, records);
        Ok(())
    };
    let records = task.run(command, feed, |stdout| {
        let records = lines::route(stdout, &mut writer, |_| 0)?;
        writer[0].flush()?;
        Ok(records)
    })?;
    job.count(FRAMEWORK, counters.1, records);
    finish(task, process)
}

fn spawn<'a>(job: &Job<'a>, task: &Task<'_>, mut sort: Command) -> Result<Process<'a>, Failure> {
    let stderr = job.workplace.logs.append("stderr").map_err(|error| task.io("logs", &error))?;
    sort.stderr(stderr);
    job.workplace.processes.spawn(&mut sort).map_err(|error| task.io("sort", &error))
}

fn finish(task: &Task<'_>, process: Process<'_>) -> Result<(), Failure> {
    let status = process.wait().map_err(|error| task.io("sort", &error))?;
    // A command that stops reading before the end leaves the sort with a closed pipe.
    if status.success() || status.signal() == Some(Signal::PIPE.as_raw()) {
        return Ok(());
    }
    Err(task.io("sort", &io::Error::other(status.to_string())))
}
