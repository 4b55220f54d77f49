//! `emr-tools help`: a chapter of the manual, or the help of a tool, as a page where it is installed, else as text.
//! Any other word is looked for in the manual.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use emr_cli::{Text, manual};
use emr_core::error::{Error, Outcome, Result};

use super::chapter::{self, CHAPTERS};
use super::mention::{self, Mention};
use super::page;
use super::tool::{self, TOOLS, Tool};

/// The word that asks for it.
pub(crate) const WORD: &str = "help";

/// Show a chapter of the manual, or the help of a tool
///
/// On a terminal it is shown by man(1) where its page is installed. Elsewhere it is text. Without a topic the chapters
/// are listed. Of any other words, such as lock or exit code, the sections that mention them are listed.
#[derive(Debug, Parser)]
#[command(name = "emr-tools", bin_name = "emr-tools help")]
struct Args {
    /// Topic of a chapter, such as pools, name of a tool, or words to look for
    topic: Vec<String>,

    /// Print the source of the chapter's page
    #[arg(long, hide = true, requires = "topic")]
    roff: bool,
}

/// Runs it with these words, [`WORD`] first.
pub(crate) fn run(words: Vec<OsString>) -> ExitCode {
    let named = match words.as_slice() {
        [_, word] => tool::called(word),
        _ => None,
    };
    match named {
        Some(tool) => of_tool(tool),
        None => emr_cli::run_blocking(words, help),
    }
}

/// Shows the page of `tool`, or runs its `--help`.
fn of_tool(tool: &Tool) -> ExitCode {
    if manual::open("1", tool.name) {
        return ExitCode::SUCCESS;
    }
    (tool.run)(vec![tool.name.into(), "--help".into()])
}

fn help(args: Args) -> Result<Outcome> {
    let Args { topic, roff } = args;
    if topic.is_empty() {
        return print(&chapters());
    }
    let topic = topic.join(" ");
    let Some(chapter) = chapter::called(&topic.replace(' ', "-")) else {
        return if roff { Err(unknown(&topic)) } else { mentions(&topic) };
    };
    if roff {
        return print(&page::of(chapter));
    }
    if manual::open("7", chapter.page) { Ok(Outcome::Done) } else { print(chapter.text) }
}

fn print(text: &str) -> Result<Outcome> {
    let mut out = Text::on_stdout();
    out.print(text.as_bytes());
    out.end().map(|_| Outcome::Done)
}

/// Each chapter's topic and what it is about.
fn chapters() -> String {
    listed(&CHAPTERS.each_ref().map(|chapter| Mention { name: chapter.topic, about: chapter.about() }))
}

/// Prints where the manual mentions `word`.
fn mentions(word: &str) -> Result<Outcome> {
    let found = mention::of(word);
    if found.is_empty() {
        return Err(unknown(word));
    }
    let head = format!("No chapter is called '{word}'. These mention it; emr-tools help NAME shows one of them:\n\n");
    print(&(head + &listed(&found)))
}

/// A line for each, in two columns.
fn listed(entries: &[Mention]) -> String {
    let width = entries.iter().map(|entry| entry.name.len()).max().unwrap_or_default();
    let lines: Vec<_> = entries.iter().map(|entry| format!("{:width$}  {}", entry.name, entry.about)).collect();
    lines.join("\n") + "\n"
}

fn unknown(topic: &str) -> Error {
    let error = Error::usage(format!("no chapter, no tool and no section of the manual has '{topic}'"));
    let names = CHAPTERS.iter().map(|chapter| chapter.topic).chain(TOOLS.iter().map(|tool| tool.name));
    match tool::nearest_of(topic, names) {
        Some(near) => error.advise(format!("did you mean {near}?")),
        None => error.advise("emr-tools help lists the chapters, and emr-tools the tools"),
    }
}
