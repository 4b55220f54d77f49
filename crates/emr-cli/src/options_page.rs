//! The table in emr-options(7): the options that all tools share, in Markdown.

use clap::builder::PossibleValue;
use clap::{Arg, Command};
use emr_core::config::options::SHARED;

/// A row for each of the options of all tools that `command` has.
pub(super) fn table(mut command: Command) -> String {
    command.build();
    let shared = command.get_arguments().filter(|arg| arg.get_help_heading() == Some(SHARED));
    shared.map(row).collect()
}

fn row(arg: &Arg) -> String {
    let typed = arg.to_string().replace(['<', '>'], "");
    let typed = typed.trim_end_matches("...");
    let short = arg.get_short().map_or_else(String::new, |short| format!("`-{short}`, "));
    let text = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let (text, preset) = text.split_at(text.find(" [default: ").unwrap_or(text.len()));
    format!("| {short}`{typed}` | {text}{}{}{preset} |\n", choices(arg), aliases(arg))
}

/// The words that `arg` takes, where it takes no others.
fn choices(arg: &Arg) -> String {
    let listed = if arg.is_hide_possible_values_set() { Vec::new() } else { arg.get_possible_values() };
    let word = |value: PossibleValue| {
        let help = value.get_help().map(|help| format!(" ({})", uncapitalized(&help.to_string()))).unwrap_or_default();
        format!("`{}`{help}", value.get_name())
    };
    let words: Vec<_> = listed.into_iter().map(word).collect();
    if words.is_empty() { String::new() } else { format!(": {}", words.join(", ")) }
}

fn uncapitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn aliases(arg: &Arg) -> String {
    let also = |name: &str| format!("; also `--{name}`");
    arg.get_visible_aliases().unwrap_or_default().into_iter().map(also).collect()
}
