//! Hadoop streaming without Hadoop: map, sort and reduce as processes of this machine, with Hadoop's results.
//!
//! A job:
//! - [`command_line`] parses its words, [`properties`] has its properties under old and new names
//! - [`plan`] decides what the job does, and refuses what the sandbox lacks, before anything runs
//! - [`job`] is what its tasks share, and its log; [`cache`] fetches their files and archives
//!
//! Its tasks, in the order of the data:
//! - [`phases`] runs all map tasks, then all reduce tasks, as many at once as there are processors ([`parallel`])
//! - [`input`] finds files, cuts them into splits and reads records; [`map`] passes them to the mapper
//! - [`collect`] sorts the output of mappers: [`keys`] orders keys and chooses their reducer, [`sort`] has the
//!   algorithms
//! - [`reduce`] merges it for a reducer; [`reducing`] runs reducers and combiners, or [`aggregate`]
//! - [`output`] writes the parts; [`compress`] has the codecs of inputs and outputs
//!
//! A command:
//! - [`task`] runs one in its own directory, with its own log and the [`variables`] that Hadoop sets
//! - [`pipe`] converts records for its pipes, [`counters`] adds up the counters that it reports
//!
//! The rules are those of Hadoop 3, whose classes each module names as its source. Recorded jobs of the real one are in
//! `tests/hadoop_streaming`. Unlike Hadoop, a failed task is not attempted again: it fails the job.

mod aggregate;
mod cache;
mod collect;
mod command_line;
mod compress;
mod counters;
mod input;
mod job;
mod keys;
mod map;
mod output;
mod parallel;
mod phases;
mod pipe;
mod plan;
mod properties;
mod reduce;
mod reducing;
mod sort;
mod task;
mod variables;

use std::fs;
use std::path::Path;
use std::thread;

use self::command_line::CommandLine;
use self::input::Cutting;
use self::job::Job;
use self::plan::Plan;
use super::failure::Failure;
use super::filesystem::Location;
use super::workplace::Workplace;

/// Runs a streaming job with the jar's arguments.
pub(crate) fn run(workplace: &Workplace<'_>, args: &[String]) -> Result<(), Failure> {
    let result = run_job(workplace, args);
    if let Err(failure) = &result {
        let message = format!("Error Launching job : {} {}", failure.reason, failure.message);
        workplace.log("ERROR", "org.apache.hadoop.streaming.StreamJob", &message);
        workplace.logs.write_line("stderr", &message);
        workplace.logs.write_line("stderr", "Streaming Command Failed!");
    }
    result
}

/// The number of inputs of the job with these arguments, or why there is no such job. Nothing is run.
#[cfg(feature = "untrusted")]
pub(crate) fn check(args: &[String]) -> Result<usize, String> {
    Plan::of(&CommandLine::parse(args)?).map(|plan| plan.inputs.len())
}

fn run_job(workplace: &Workplace<'_>, args: &[String]) -> Result<(), Failure> {
    let bad = |message| Failure::new("Bad arguments.", message);
    let line = CommandLine::parse(args).map_err(bad)?;
    if line.has("info") || line.has("help") {
        workplace.logs.write_line("stdout", "Usage: $HADOOP_HOME/bin/hadoop jar hadoop-streaming.jar [options]");
        return Ok(());
    }
    let mut plan = Plan::of(&line).map_err(bad)?;
    let output = workplace.location(&plan.output)?;
    if output.exists(workplace.store()) {
        let message = format!("Output directory {} already exists", plan.output);
        return Err(Failure::new("Output directory exists.", message));
    }
    let files = input::find(workplace, &plan.inputs, &plan.properties)?;
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let cutting = Cutting { tasks: workers, least: plan.least_split };
    let splits = input::split(&files, &plan.input_format, cutting);
    let splits = splits.map_err(|error| Failure::new("Bad input.", error.to_string()))?;
    plan.properties.set("mapreduce.job.maps", splits.len().to_string());
    let cache = cache::fetch(workplace, &plan)?;
    let job = Job::new(workplace, &plan, &cache);
    job.log_start(files.len());
    let ran = phases::run(&job, &files, &splits, workers);
    let committed = ran.and_then(|parts| commit(workplace, &plan, &output, &parts));
    job.clean_up();
    match committed {
        Ok(()) => job.log_success(),
        // The step has ended already, so its state cannot show the failure.
        Err(failure) if plan.is_background => job.log_background_failure(&failure),
        Err(failure) => return Err(failure),
    }
    Ok(())
}

/// Writes the parts to the output, then `_SUCCESS`: a reader that finds it finds all parts.
fn commit(workplace: &Workplace<'_>, plan: &Plan, output: &Location, parts: &Path) -> Result<(), Failure> {
    let store = workplace.store();
    let put = || -> std::io::Result<()> {
        let mut names: Vec<_> = fs::read_dir(parts)?.collect::<Result<_, _>>()?;
        names.sort_by_key(fs::DirEntry::file_name);
        for part in names {
            output.join(&part.file_name().to_string_lossy()).put_file(store, &part.path())?;
        }
        if plan.marks_success { output.join("_SUCCESS").put_empty(store) } else { Ok(()) }
    };
    put().map_err(|error| Failure::new("Cannot write the output.", format!("{}: {error}", output.uri())))
}
