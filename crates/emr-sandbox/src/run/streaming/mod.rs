//! Hadoop streaming without Hadoop: map, sort and reduce as processes of this machine.
//!
//! - [`arguments`] parses the command line of the streaming jar
//! - [`cache`] fetches the job's files and archives for its tasks
//! - [`job`] is what the tasks of a job share, and its log; [`phases`] runs all map tasks, then all
//!   reduce tasks, as many at once as there are processors
//! - [`task`] runs one command as a task: in a directory and with a log of its own, and with the
//!   [`variables`] that Hadoop sets
//! - [`map`] feeds a split to the mapper; [`splits`] cuts the inputs, [`reader`] reads a split
//! - [`reduce`] merges the outputs of all map tasks and feeds them to the reducer
//! - [`shuffle`] has the rules in between: which part of a line is the key, which reducer gets it,
//!   in which order; [`sort`] runs sort(1) by them
//! - [`counters`] counts, as tasks ask for it on their standard error
//!
//! As in Hadoop a line without a tab is a key without a value, and gets a tab at its end. A task
//! that fails fails the job: there is no second attempt.

mod arguments;
mod cache;
mod counters;
mod job;
mod lines;
mod map;
mod parallel;
mod phases;
mod reader;
mod reduce;
mod shuffle;
mod sort;
mod splits;
mod task;
mod variables;

use std::fs;
use std::path::Path;

use self::arguments::Arguments;
use self::job::Job;
use super::failure::Failure;
use super::filesystem::{DataFile, Location};
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

fn run_job(workplace: &Workplace<'_>, args: &[String]) -> Result<(), Failure> {
    let arguments = Arguments::parse(args).map_err(|message| Failure::new("Bad arguments.", message))?;
    let output = workplace.location(&arguments.output)?;
    if output.exists(workplace.store()) {
        let message = format!("Output directory {} already exists", arguments.output);
        return Err(Failure::new("Output directory exists.", message));
    }
    let inputs = inputs(workplace, &arguments)?;
    let cache = cache::fetch(workplace, &arguments)?;
    let job = Job::new(workplace, &arguments, &cache);
    job.log_start(inputs.len());
    let committed = phases::run(&job, &inputs).and_then(|parts| commit(workplace, &output, &parts));
    job.clean_up();
    committed?;
    job.log_success();
    Ok(())
}

/// The files of all inputs.
fn inputs(workplace: &Workplace<'_>, arguments: &Arguments) -> Result<Vec<DataFile>, Failure> {
    let mut files = Vec::new();
    for input in &arguments.inputs {
        let location = workplace.location(input)?;
        let of_input = location.inputs(workplace.store());
        let of_input = of_input.map_err(|message| Failure::new("Bad input.", message))?;
        if of_input.is_empty() && !location.exists(workplace.store()) {
            let message = format!("Input path does not exist: {input}");
            return Err(Failure::new("Input does not exist.", message));
        }
        files.extend(of_input);
    }
    Ok(files)
}

/// Writes the parts to the output, and `_SUCCESS` last: who finds it finds all of them.
fn commit(workplace: &Workplace<'_>, output: &Location, parts: &Path) -> Result<(), Failure> {
    let store = workplace.store();
    let put = || -> std::io::Result<()> {
        let mut names: Vec<_> = fs::read_dir(parts)?.collect::<Result<_, _>>()?;
        names.sort_by_key(fs::DirEntry::file_name);
        for part in names {
            output.join(&part.file_name().to_string_lossy()).put_file(store, &part.path())?;
        }
        output.join("_SUCCESS").put_empty(store)
    };
    put().map_err(|error| Failure::new("Output not written.", format!("{}: {error}", output.uri())))
}
