//! What a tool acts on: its arguments, or stdin.
//!
//! To a tool that carries the result of one job, such as wait-step, an empty stdin means that the tool before it failed.
//! To one that acts on each of a list, such as terminate-job-flow, it means that there is nothing to do.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;

use emr_core::error::{Error, Outcome, Result};
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::stdin::{self, NamedOutput, Places, Target};

/// Reads the targets that `args` name, or with no arguments or `-`, those on stdin. An empty stdin has none.
///
/// Everything is read before anything is done, so that a broken line stops a tool before it acts.
pub fn targets(args: &[String]) -> Result<Vec<Target>> {
    let usual = "name an id, or pipe records or ids into stdin";
    all(args, usual, from_stdin, stdin::read_argument)
}

/// The outputs of steps that `args` or stdin name, in the same way. It is an error if there is none.
pub fn outputs(args: &[String]) -> Result<Vec<NamedOutput>> {
    let usual = "pipe in the records of steps, as wait-step prints them, or name s3://bucket/output/";
    let outputs = all(args, usual, || stdin::read_outputs(io::stdin().lock()), stdin::read_output_argument)?;
    if outputs.is_empty() { Err(nothing_came("step whose output to fetch")) } else { Ok(outputs) }
}

fn all<T>(
    args: &[String],
    usual: &str,
    of_stdin: impl Fn() -> Result<Vec<T>>,
    of_argument: impl Fn(&str) -> Result<Vec<T>>,
) -> Result<Vec<T>> {
    if args.is_empty() {
        if io::stdin().is_terminal() {
            return Err(Error::usage("nothing to act on").advise(usual));
        }
        return of_stdin();
    }
    let mut all = Vec::new();
    for arg in args {
        all.extend(if arg == "-" { of_stdin()? } else { of_argument(arg)? });
    }
    Ok(all)
}

/// Reads what `args` or stdin name, as [`targets`] does, for a tool that needs a `what`.
pub fn some_targets(args: &[String], what: &str) -> Result<Vec<Target>> {
    let targets = targets(args)?;
    if targets.is_empty() { Err(nothing_came(what)) } else { Ok(targets) }
}

/// The job flows that `args` or stdin name, each once, in their order, and where they are. The record of a step names
/// its job flow.
pub fn job_flows(args: &[String]) -> Result<(Vec<JobFlowId>, Places)> {
    let targets = targets(args)?;
    let places = Places::of(&targets)?;
    let (mut ids, mut known) = (Vec::new(), HashSet::new());
    for Target { job_flow, step, .. } in targets {
        let unknown = || {
            let step = step.as_ref().map_or("", StepId::as_str);
            Error::usage(format!("{step} is a step without its job flow, and names none"))
                .advise("name the job flow, or pipe in the record of the step")
        };
        let id = job_flow.ok_or_else(unknown)?;
        if known.insert(id.clone()) {
            ids.push(id);
        }
    }
    Ok((ids, places))
}

/// What stdin names; `None` if stdin is a terminal, or the `/dev/null` that cron gives.
///
/// An empty pipe or file is an empty list, and not `None`: its writer failed.
pub fn piped() -> Result<Option<Vec<Target>>> {
    let stdin = io::stdin().as_fd().try_clone_to_owned().map(File::from).and_then(|stdin| stdin.metadata());
    if stdin.is_ok_and(|stdin| stdin.file_type().is_char_device()) { Ok(None) } else { from_stdin().map(Some) }
}

/// The error of a tool that needs a `what` where stdin is empty.
#[must_use]
pub fn nothing_came(what: &str) -> Error {
    Error::new(Outcome::NoInput, format!("nothing came on stdin: there is no {what}"))
        .advise("what was to write there failed, or found none")
}

/// The outcome of a tool that acts on each of a list where stdin is empty.
#[must_use]
pub fn nothing_to_do() -> Outcome {
    super::detail("nothing came on stdin, so there is nothing to do");
    Outcome::Done
}

fn from_stdin() -> Result<Vec<Target>> {
    stdin::read(io::stdin().lock())
}
