//! All tools in one executable, which is what packages ship: the tools share nearly all of their code.
//!
//! Called by the name of a tool (a link named `find-pool`), or with one as its first word (`emr-tools find-pool`), it is
//! that tool. Otherwise it lists the tools. `emr-tools help` has the chapters of the manual.

mod chapter;
mod completion;
mod help;
mod mention;
mod page;
mod tool;

use std::convert::Infallible;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use emr_cli::{Choice, Text};
use emr_core::error::{Error, Outcome, Result};

use tool::TOOLS;

const EXAMPLES: &str = "\
Examples:
  emr-tools
  emr-tools find-pool --pool-name etl
  emr-tools help pools
  ln -s emr-tools find-pool && ./find-pool --pool-name etl";

/// Run one of the tools, or list them
///
/// Called by the name of a tool, as a link to this executable is, it is that tool. `emr-tools help` lists the chapters of
/// the manual. `emr-tools help TOPIC` shows one, or the help of a tool, and for any other word where it is mentioned.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Args {
    /// Name of the tool, or help; without one, the tools are listed
    #[arg(value_name = "TOOL", value_parser = names(), hide_possible_values = true)]
    tool: Option<String>,

    /// Arguments of the tool
    #[arg(value_name = "ARGUMENT", trailing_var_arg = true, allow_hyphen_values = true)]
    _arguments: Vec<OsString>,
}

/// Takes any name. Shells complete those of the tools.
fn names() -> Choice<String, Infallible> {
    Choice::new(str::parse, || TOOLS.iter().map(|tool| tool.name).chain([help::WORD]).collect())
}

/// Runs the tool that `words` name: the words of a command line, this executable's own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    let named = (0..2).find_map(|place| Some((place, tool::called(words.get(place)?)?)));
    match named {
        Some((place, tool)) => (tool.run)(words[place..].to_vec()),
        None if words.get(1).is_some_and(|word| word == help::WORD) => help::run(words[1..].to_vec()),
        None => match completion::asked(&words) {
            Some(script) => emr_cli::run_blocking(words[..1].to_vec(), |_: Args| completion::print(script)),
            None => emr_cli::run_blocking(words, emr_tools),
        },
    }
}

fn emr_tools(args: Args) -> Result<Outcome> {
    match args.tool {
        Some(name) => Err(unknown(&name)),
        None => list(),
    }
}

/// Prints each tool's name and what it does.
fn list() -> Result<Outcome> {
    let width = TOOLS.iter().map(|tool| tool.name.len()).max().unwrap_or_default();
    let mut text = Text::on_stdout();
    for tool in TOOLS {
        text.print(format!("{:width$}  {}\n", tool.name, tool.about).as_bytes());
    }
    text.end().map(|_| Outcome::Done)
}

fn unknown(name: &str) -> Error {
    let error = Error::usage(format!("there is no tool {name}"));
    match tool::nearest(name) {
        Some(near) => error.advise(format!("did you mean {near}?")),
        None => error.advise("without arguments, emr-tools lists them"),
    }
}
