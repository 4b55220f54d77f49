//! The local files that the words of a step name: those of a command, a jar, or JSON. What lies on S3 takes their place.
//!
//! Only where a word has to be the name of a file is it looked at: what follows `-files` of streaming, the program of
//! `spark-submit`, and so on. A relative path there means nothing on the master, where a step begins in an empty
//! directory of its own. So it has to be that of a file here.

mod program;
mod relative;
mod spark_words;
mod streaming_words;

use emr_core::error::Result;
use emr_core::model::step::NewStep;
use emr_core::streaming_step::is_streaming;

use crate::command_runner;
use crate::files::LocalFiles;
use relative::uploaded;

/// `step`, with the URIs of local files in place of their relative paths.
pub(crate) fn with_uploads(step: NewStep, files: &mut LocalFiles) -> Result<NewStep> {
    let is_runner = command_runner::runs(&step);
    // A jar may also be a class that every cluster has.
    let is_file = step.jar.contains('/') || step.jar.to_ascii_lowercase().ends_with(".jar");
    let jar = if is_runner || !is_file { step.jar } else { uploaded(step.jar, files)? };
    let runs = |program: &str| is_runner && step.args.first().is_some_and(|arg| arg == program);
    let args = if is_streaming(&jar, &step.args) {
        streaming_words::with_uploads(step.args, files)?
    } else if runs("hive-script") || runs("pig-script") {
        behind("-f", step.args, files)?
    } else if jar.ends_with("/script-runner.jar") {
        // What it runs itself is the first; what that is told is its own affair, but for the scripts of AWS's.
        let mut args = step.args.into_iter();
        let script = args.next().map(|script| uploaded(script, files)).transpose()?;
        let words: Vec<String> = script.into_iter().chain(args).collect();
        let is_of_aws = words.iter().any(|word| word == "--run-hive-script" || word == "--run-pig-script");
        if is_of_aws { behind("-f", words, files)? } else { spark_words::with_uploads(words, files)? }
    } else if is_runner {
        if !files.leaves_missing() {
            program::check(&step.args)?;
        }
        spark_words::with_uploads(step.args, files)?
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
