//! Hadoop streaming without Hadoop: map, sort, reduce, as processes of this machine.
//!
//! - [`arguments`] reads the command line of the streaming jar
//! - [`cache`] fetches the job's files and archives for its tasks
//! - [`splits`] cuts the inputs at line ends; [`reader`] reads a split
//! - [`task`] runs one command as a task, in a directory and with a log of its own
//! - [`map`] runs the mappers, as many at once as there are processors, and sorts what they say
//! - [`reduce`] merges what all mappers said and gives it to the reducers
//! - [`shuffle`] has the rules in between: which part of a line is the key, who gets it, in which
//!   order
//! - [`counters`] counts, as tasks ask for it on their standard error
//!
//! As in Hadoop a line without a tab is a key without a value, and comes out with a tab at its
//! end. A task that fails fails the job: there are no second attempts.

mod arguments;
mod cache;
mod counters;
mod job;
mod map;
mod parallel;
mod reader;
mod reduce;
mod shuffle;
mod splits;
mod task;

use std::fs;
use std::path::Path;

use self::arguments::Streaming;
use self::job::Job;
use super::filesystem::location::{Found, Location};
use super::step::{Failed, Workplace};

/// Runs a streaming job with the jar's arguments.
pub(crate) fn run(workplace: &Workplace<'_>, args: &[String]) -> Result<(), Failed> {
    let result = run_job(workplace, args);
    if let Err(failed) = &result {
        let message = format!("Error Launching job : {} {}", failed.reason, failed.message);
        workplace.say("ERROR", "org.apache.hadoop.streaming.StreamJob", &message);
        workplace.logs.write_line("stderr", &message);
        workplace.logs.write_line("stderr", "Streaming Command Failed!");
    }
    result
}

fn run_job(workplace: &Workplace<'_>, args: &[String]) -> Result<(), Failed> {
    let streaming = Streaming::parse(args).map_err(|message| Failed::new("Bad arguments.", message))?;
    let output = workplace.location(&streaming.output)?;
    if output.exists(workplace.store()) {
        let message = format!("Output directory {} already exists", streaming.output);
        return Err(Failed::new("Output directory exists.", message));
    }
    let inputs = inputs(workplace, &streaming)?;
    let cache = cache::fetch(workplace, &streaming)?;
    let job = Job::new(workplace, &streaming, &cache);
    job.announce(inputs.len());
    let committed = job.run(&inputs).and_then(|parts| commit(workplace, &output, &parts));
    job.clean_up();
    committed?;
    job.conclude(&streaming.output);
    Ok(())
}

/// All files that the inputs mean.
fn inputs(workplace: &Workplace<'_>, streaming: &Streaming) -> Result<Vec<Found>, Failed> {
    let mut files = Vec::new();
    for input in &streaming.inputs {
        let location = workplace.location(input)?;
        let found = location.inputs(workplace.store());
        if found.is_empty() && !location.exists(workplace.store()) {
            let message = format!("Input path does not exist: {input}");
            return Err(Failed::new("Input does not exist.", message));
        }
        files.extend(found);
    }
    Ok(files)
}

/// Puts the parts where they belong and says last that they are whole.
fn commit(workplace: &Workplace<'_>, output: &Location, parts: &Path) -> Result<(), Failed> {
    let store = workplace.store();
    let put = || -> std::io::Result<()> {
        let mut names: Vec<_> = fs::read_dir(parts)?.collect::<Result<_, _>>()?;
        names.sort_by_key(fs::DirEntry::file_name);
        for part in names {
            output.join(&part.file_name().to_string_lossy()).put_file(store, &part.path())?;
        }
        output.join("_SUCCESS").put_empty(store)
    };
    put().map_err(|error| Failed::new("Output not written.", format!("{}: {error}", output.uri())))
}
