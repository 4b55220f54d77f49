//! Man pages, completions and what these complete, from the same definitions that read the arguments.

use std::io::{self, Write};

use clap::{Arg, ArgMatches, Command};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use emr_core::error::{Error, Outcome, Result};

use super::seen::{self, Kind};
use super::{completion, conf_page, exit_codes, help, options_page};

const OPTION: &str = "generate";

/// The page of the configuration, which all tools share.
const CONFIGURATION: &str = "mrjob.conf";

/// The table of the options that all tools share.
const OPTIONS: &str = "options";

/// Adds the hidden option `--generate`: a page, completions for a shell, or the words of a kind that completions offer.
pub(super) fn with_option(command: Command) -> Command {
    // A tool with subcommands says itself that one is missing, unless this is asked for instead.
    let command = command.subcommand_required(false).arg_required_else_help(false);
    let forms = ["man", CONFIGURATION, OPTIONS, "bash", "zsh", "fish", "elvish", "powershell"];
    let forms = forms.into_iter().chain(Kind::ALL.map(Kind::word));
    command.arg(Arg::new(OPTION).long(OPTION).hide(true).exclusive(true).value_parser(forms.collect::<Vec<_>>()))
}

/// What `--generate` asks for, if it was given.
pub(super) fn asked(matches: &mut ArgMatches) -> Option<String> {
    matches.remove_one(OPTION)
}

/// Prints what `--generate` asks for about `command`.
pub(super) fn print(form: &str, command: Command) -> Result<Outcome> {
    let mut text = Vec::new();
    match (form.parse::<Shell>(), Kind::named(form)) {
        (Ok(shell), _) => text = completion::script(shell, command),
        (_, Some(kind)) => text = seen::words(kind).into_bytes(),
        _ if form == CONFIGURATION => text = conf_page::page().into_bytes(),
        _ if form == OPTIONS => text = options_page::table(command).into_bytes(),
        _ => man_page(command, &mut text).map_err(|cause| failed(&cause))?,
    }
    io::stdout().lock().write_all(&text).map_err(|cause| failed(&cause))?;
    Ok(Outcome::Done)
}

fn failed(cause: &io::Error) -> Error {
    Error::new(Outcome::Io, format!("cannot write: {cause}"))
}

/// The page in the order that readers of man pages expect, with examples and exit status of its own.
fn man_page(command: Command, page: &mut Vec<u8>) -> io::Result<()> {
    let version = command.get_version().unwrap_or_default().to_owned();
    let examples = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    let shared = all_shared(&command);
    let command = with_aliases(help::without_shared(command.after_long_help("").disable_help_subcommand(true)));
    let man = Man::new(command.clone()).manual("emr-tools").source(format!("emr-tools {version}")).date("");
    man.render_title(page)?;
    name(&command, page)?;
    synopsis("SH", Some("SYNOPSIS"), command.clone(), page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    subcommands(&command, page)?;
    options_of_all_tools(&shared, page)?;
    section(page, "EXAMPLES", &examples.lines().skip(1).collect::<Vec<_>>())?;
    exit_status(command.get_name(), page)?;
    see_also(command.get_name(), page)
}

/// What the tool does, with the word by which `man -k emr` finds it.
fn name(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    Man::new(command.clone().about(format!("{about} (Amazon EMR)"))).render_name_section(page)
}

/// How the tool is called, in one line as --help has it: what each option does stands below, and there are many.
fn synopsis(control: &str, heading: Option<&str>, mut command: Command, page: &mut Vec<u8>) -> io::Result<()> {
    let usage = command.render_usage().to_string();
    let mut roff = Roff::new();
    roff.control(control, heading);
    roff.text([bold(usage.trim_start_matches("Usage: "))]);
    roff.to_writer(page)
}

/// The aliases of options are named in their help, as --help does it, for `clap_mangen` passes them over. It passes
/// over the short help of options that only --help has, too.
fn with_aliases(command: Command) -> Command {
    command.mut_args(|arg| {
        let Some(help) = arg.get_long_help().or_else(|| arg.get_help()) else { return arg };
        let aliases = arg.get_visible_aliases().unwrap_or_default();
        let aliases = if aliases.is_empty() { String::new() } else { format!(" [alias: --{}]", aliases.join(", --")) };
        let named = format!("{help}{aliases}");
        arg.long_help(named)
    })
}

/// The options of all tools that `command` or one of its subcommands has.
fn all_shared(command: &Command) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for command in [command].into_iter().chain(command.get_subcommands()) {
        names.extend(help::shared_names(command).into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>());
    }
    names
}

/// The names of the options that another page describes.
fn options_of_all_tools(names: &[String], page: &mut Vec<u8>) -> io::Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let mut roff = Roff::new();
    roff.control("SH", ["OPTIONS OF ALL TOOLS"]);
    roff.text([roman(format!("{}: see ", names.join(", "))), bold("emr-options"), roman("(7).")]);
    roff.to_writer(page)
}

/// The heading of the options that all subcommands share, which a page has once.
const ONCE: &str = ".SH ENCRYPTION";

/// A section for each subcommand: what it does, how it is called, and its options.
fn subcommands(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let mut shared = String::new();
    for subcommand in command.get_subcommands() {
        let name = format!("{} {}", command.get_name(), subcommand.get_name());
        let mut roff = Roff::new();
        roff.control("SH", [name.to_uppercase().as_str()]);
        let about = subcommand.get_long_about().or_else(|| subcommand.get_about());
        for (place, paragraph) in about.map(ToString::to_string).unwrap_or_default().split("\n\n").enumerate() {
            if place > 0 {
                roff.control("PP", []);
            }
            roff.text([roman(paragraph)]);
        }
        roff.to_writer(page)?;
        let subcommand = with_aliases(help::without_shared(subcommand.clone()))
            .display_name(&name)
            .bin_name(&name)
            .disable_help_flag(true);
        synopsis("PP", None, subcommand.clone(), page)?;
        let mut part = Vec::new();
        Man::new(subcommand).render_options_section(&mut part)?;
        let part = String::from_utf8_lossy(&part).replace(".SH OPTIONS", ".PP");
        let (own, rest) = part.find(ONCE).map_or((&*part, ""), |at| part.split_at(at));
        page.extend(own.bytes());
        if !rest.is_empty() {
            rest.clone_into(&mut shared);
        }
    }
    page.extend(shared.bytes());
    Ok(())
}

fn section(page: &mut Vec<u8>, heading: &str, lines: &[&str]) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", [heading]);
    roff.control("nf", []);
    for line in lines {
        roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
    }
    roff.control("fi", []);
    roff.to_writer(page)
}

fn exit_status(tool: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in exit_codes::of(tool) {
        roff.control("TP", []);
        roff.text([bold(code)]);
        roff.text([roman(meaning)]);
    }
    roff.to_writer(page)
}

/// The chapters that go on where the page of `tool` ends, and the page that all tools share.
fn see_also(tool: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]);
    let chapters = chapters(tool).iter().flat_map(|chapter| [bold(*chapter), roman("(7), ")]);
    let pages = [bold("emr-options"), roman("(7), "), bold("emr-tools"), roman("(7)")];
    roff.text(chapters.chain(pages).collect::<Vec<_>>());
    roff.to_writer(page)
}

/// The chapters about what `tool` does, the nearest first.
fn chapters(tool: &str) -> &'static [&'static str] {
    match tool {
        "add-step" | "wait-step" => &["emr-jobs", "emr-scripts"],
        "cancel-step" | "fetch-output" | "list-steps" | "wait-job-flow" => &["emr-jobs"],
        "create-job-flow" => &["emr-configuration", "emr-migrating"],
        "describe-job-flow" => &["emr-configuration"],
        "emr-doctor" => &["emr-configuration", "emr-cron"],
        "emr-sandbox" => &["emr-sandbox-guide"],
        "fetch-logs" | "ssh-nodes" => &["emr-nodes"],
        "fill-pool" => &["emr-pools", "emr-cron"],
        "find-pool" => &["emr-pools", "emr-configuration"],
        "audit-usage" | "s3-tmpwatch" => &["emr-costs", "emr-cron"],
        "list-job-flows" | "report-long-jobs" | "terminate-idle-job-flows" => &["emr-cron"],
        "s3-lock" => &["emr-locks", "emr-pools"],
        "ssh-core-dump" => &["emr-core-dumps", "emr-nodes"],
        _ => &["emr-scripts"],
    }
}
