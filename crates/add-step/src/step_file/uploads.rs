//! The local files that a step in JSON names by a relative path: where it says that something is a file.

use emr_core::error::Result;
use emr_core::model::step::NewStep;
use emr_core::streaming_step::is_streaming;

use super::streaming_words;
use crate::files::LocalFiles;
use crate::relative::uploaded;
use crate::{command_runner, spark};

/// `step`, with the URIs of local files in place of their relative paths.
pub(super) fn with_uploads(step: NewStep, files: &mut LocalFiles) -> Result<NewStep> {
    let is_runner = command_runner::runs(&step);
    let jar = if is_runner { step.jar } else { uploaded(step.jar, files)? };
    let runs = |program: &str| is_runner && step.args.first().is_some_and(|arg| arg == program);
    let args = if is_streaming(&jar, &step.args) {
        streaming_words::with_uploads(step.args, files)?
    } else if runs("hive-script") || runs("pig-script") {
        behind("-f", step.args, files)?
    } else if jar.ends_with("/script-runner.jar") {
        // What it runs itself is the first; what that is told is its own affair, but for the scripts of AWS's.
        let mut args = step.args.into_iter();
        let script = args.next().map(|script| uploaded(script, files)).transpose()?;
        let rest: Vec<String> = args.collect();
        let words: Vec<String> = script.into_iter().chain(rest).collect();
        let is_of_aws = words.iter().any(|word| word == "--run-hive-script" || word == "--run-pig-script");
        if is_of_aws { behind("-f", words, files)? } else { spark::with_uploads(words, files)? }
    } else if is_runner {
        spark::with_uploads(step.args, files)?
    } else {
        step.args
    };
    Ok(NewStep { jar, args, ..step })
}

/// `args`, with the URI of each local file behind `option`.
fn behind(option: &str, args: Vec<String>, files: &mut LocalFiles) -> Result<Vec<String>> {
    let mut done: Vec<String> = Vec::new();
    for arg in args {
        let arg = if done.last().is_some_and(|last| last == option) { uploaded(arg, files)? } else { arg };
        done.push(arg);
    }
    Ok(done)
}
