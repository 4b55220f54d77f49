//! What `-h` and `--help` show.
//!
//! `-h` is a screenful: the options that a user reaches for first, a line each. `--help` has all that is the tool's own,
//! with its exit codes and examples. Both name the options that all tools share, which emr-options(7) describes.

use std::ffi::OsString;

use clap::{Arg, Command};
use emr_core::config::options::SHARED;

use super::exit_codes;
use super::table::wrapped;

/// The columns of a screen.
const COLUMNS: usize = 80;

/// What ends `-h` of a tool that asks AWS for something.
const SEE_OPTIONS: &str = "Options of all tools (--region, --output, -q, -v and more): emr-options(7)";

/// `command` with the help that `words` ask for, if they ask for any: to prepare it takes time.
pub(super) fn prepared(command: Command, words: &[OsString]) -> Command {
    let name = command.get_name().to_owned();
    let before_dashes = words.iter().skip(1).take_while(|word| *word != "--").filter_map(|word| word.to_str());
    for word in before_dashes {
        match word.strip_prefix('-') {
            _ if word == "--help" || word == "help" => return long(command, &name),
            Some(letters) if !letters.starts_with('-') && letters.contains('h') => return short(command, &name),
            _ => {}
        }
    }
    command
}

/// `command`, whose `--help` shows all that is its own.
fn long(command: Command, tool: &str) -> Command {
    let shared = shared_names(&command);
    let described = format!("Options of all tools, which emr-options(7) describes:\n{}", indented(&shared.join(", ")));
    let codes: Vec<_> =
        exit_codes::of(tool).iter().map(|(code, meaning)| entry(&format!("{code:<5}"), meaning, 9)).collect();
    let codes = format!("Exit codes:\n{}", codes.join("\n"));
    let examples = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    let shared = if shared.is_empty() { String::new() } else { described };
    let parts: Vec<_> = [shared, codes, examples].into_iter().filter(|part| !part.is_empty()).collect();
    without_shared(command).after_long_help(parts.join("\n\n")).mut_subcommands(|command| long(command, tool))
}

/// `command` without the options of all tools, for pages that only name them.
pub(super) fn without_shared(command: Command) -> Command {
    command.mut_args(|arg| if is_shared(&arg) { arg.hide(true) } else { arg })
}

/// The options of all tools that `command` has: `--region`, `--conf-path (-c)`.
pub(super) fn shared_names(command: &Command) -> Vec<String> {
    command.get_arguments().filter(|arg| is_shared(arg)).filter_map(name).collect()
}

fn is_shared(arg: &Arg) -> bool {
    arg.get_help_heading() == Some(SHARED)
}

fn name(arg: &Arg) -> Option<String> {
    let long = arg.get_long()?;
    Some(arg.get_short().map_or_else(|| format!("--{long}"), |short| format!("--{long} (-{short})")))
}

/// `command`, whose `-h` is a screenful. `path` is what it is called by: the tool, and the subcommand behind it.
fn short(command: Command, path: &str) -> Command {
    let screen = screen(&command, path);
    command.override_help(screen).mut_subcommands(|command| {
        let path = format!("{path} {}", command.get_name());
        short(command, &path)
    })
}

/// The screenful about `command`.
fn screen(command: &Command, path: &str) -> String {
    let mut built = command.clone().bin_name(path);
    let usage = built.render_usage().ansi().to_string();
    let about = wrapped(&built.get_about().map(ToString::to_string).unwrap_or_default(), COLUMNS).join("\n");
    let (positional, options): (Vec<&Arg>, Vec<&Arg>) = first(&built).partition(|arg| arg.is_positional());
    let own = [("-h, --help".to_owned(), "Print this; --help prints more".to_owned())];
    let sections: [(&str, Vec<Row>); 3] = [
        (
            "Commands",
            built.get_subcommands().filter(|command| command.get_name() != "help").map(row_of_command).collect(),
        ),
        ("Arguments", positional.into_iter().map(row).collect()),
        ("Options", options.into_iter().map(row).chain(own).collect()),
    ];
    let sections = sections.iter().filter(|(_, rows)| !rows.is_empty());
    let section = |(title, rows): &(&str, Vec<Row>)| {
        format!("{0}{title}:{0:#}\n{1}", built.get_styles().get_header(), lines(&built, rows))
    };
    let tool = path.split(' ').next().unwrap_or(path);
    let more = format!("More: {path} --help, or man {tool}");
    let more = if shared_names(command).is_empty() { more } else { format!("{SEE_OPTIONS}\n{more}") };
    [about, usage].into_iter().chain(sections.map(section)).chain([more]).collect::<Vec<_>>().join("\n\n") + "\n"
}

/// What a user of `command` reaches for first.
fn first(command: &Command) -> impl Iterator<Item = &Arg> {
    let is_first = |arg: &&Arg| !is_shared(arg) && !arg.is_hide_set() && !arg.is_hide_short_help_set();
    command.get_arguments().filter(is_first).filter(|arg| !["help", "version"].contains(&arg.get_id().as_str()))
}

/// What is typed, and what it does.
type Row = (String, String);

fn row_of_command(command: &Command) -> Row {
    (command.get_name().to_owned(), command.get_about().map(ToString::to_string).unwrap_or_default())
}

fn row(arg: &Arg) -> Row {
    let typed = arg.to_string();
    let typed = match (arg.get_short(), arg.get_long()) {
        (Some(short), Some(_)) => format!("-{short}, {typed}"),
        (None, Some(_)) => format!("    {typed}"),
        _ => typed,
    };
    (typed, arg.get_help().map(ToString::to_string).unwrap_or_default() + &preset(arg))
}

/// The value that `arg` has unless it is typed, where its text does not say it.
fn preset(arg: &Arg) -> String {
    let values: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    let says_nothing = values.is_empty() || arg.is_hide_default_value_set() || !arg.get_action().takes_values();
    if says_nothing { String::new() } else { format!(" [default: {}]", values.join(" ")) }
}

/// `rows` in two columns.
fn lines(command: &Command, rows: &[Row]) -> String {
    let wide = rows.iter().map(|(typed, _)| typed.chars().count()).max().unwrap_or_default();
    let literal = command.get_styles().get_literal();
    let line = |(typed, text): &Row| {
        let text = summary(text, COLUMNS - wide - 4);
        entry(&format!("{literal}{typed:wide$}{literal:#}"), &text, wide + 4)
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Where a text may end and still say something.
const ENDS: [&str; 5] = ["; ", ". ", ": ", ", ", " ("];

/// As much of `text` as one line of `width` columns has room for: up to an end of its first words that fit, with the
/// default if that fits, too. The first words alone may be more than a line.
fn summary(text: &str, width: usize) -> String {
    let (text, preset) = text.split_once(" [default: ").unwrap_or((text, ""));
    let preset = if preset.is_empty() { String::new() } else { format!(" [default: {preset}") };
    let fits = |text: &str| text.chars().count() <= width;
    let mut ends: Vec<usize> = ENDS.iter().flat_map(|end| text.match_indices(end).map(|(at, _)| at)).collect();
    ends.sort_unstable();
    let parts = ends.into_iter().map(|end| &text[..end]).filter(|part| !is_within_list(part));
    let parts: Vec<&str> = parts.chain([text.trim_end_matches('.')]).collect();
    let longest = parts.iter().rfind(|part| fits(part)).or(parts.first()).copied().unwrap_or(text);
    let with_preset = format!("{longest}{preset}");
    if fits(&with_preset) { with_preset } else { longest.to_owned() }
}

/// Whether a text that ends with `part` would break off behind a colon or within parentheses.
fn is_within_list(part: &str) -> bool {
    let sentence = part.rsplit([';', '.']).next().unwrap_or(part);
    sentence.contains(": ") || part.matches('(').count() > part.matches(')').count()
}

/// An entry of a list: `head`, and `text` beside it in further lines that begin at `column`.
fn entry(head: &str, text: &str, column: usize) -> String {
    let gap = format!("\n{:column$}", "");
    format!("  {head}  {}", wrapped(text, COLUMNS - column).join(&gap))
}

fn indented(text: &str) -> String {
    wrapped(text, COLUMNS - 2).iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_as_much_as_fits_and_ends_where_it_makes_sense() {
        let text = "Stop waiting after this time; the steps go on [default: no limit]";
        assert_eq!(summary(text, 80), text);
        assert_eq!(summary(text, 50), "Stop waiting after this time; the steps go on");
        assert_eq!(summary(text, 48), "Stop waiting after this time; the steps go on");
        assert_eq!(summary("Run a jar, on S3 or local; its words [default: x]", 30), "Run a jar, on S3 or local");
        assert_eq!(summary("Run a jar, on S3 or local; its words [default: x]", 4), "Run a jar");
        assert_eq!(summary("Folder for what is kept: uploads, locks, logs", 40), "Folder for what is kept");
        assert_eq!(summary("Python file (.zip, .egg or .py) that tasks import", 30), "Python file");
    }

    #[test]
    fn help_is_prepared_for_those_who_ask_for_it_alone() {
        let command = || Command::new("t").arg(Arg::new("x").long("x").help("X.\n\nY"));
        let shows = |words: &[&str]| {
            let words: Vec<_> = words.iter().map(OsString::from).collect();
            let mut command = prepared(command(), &words);
            (command.render_help().to_string().contains("man t"), command.get_after_long_help().is_some())
        };
        assert_eq!(shows(&["t", "-qh"]), (true, false));
        assert_eq!(shows(&["t", "--help"]), (false, true));
        assert_eq!([shows(&["t", "--x", "h"]), shows(&["t", "--", "-h"]), shows(&["-h"])], [(false, false); 3]);
    }
}
