//! Declared options on the command line: their definitions for `clap`, and what was typed.
//!
//! A tool has one or more groups of options. Each is a list of keys of [`emr_core::config::options`], so that names,
//! help and look-up cannot differ from one another.

use std::marker::PhantomData;

use clap::builder::TypedValueParser;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use emr_core::config::{Argument, Declaration, Offer, Rule, Takes, Typed, shorthand};
use emr_core::error::{Error, Result};
use emr_core::model::tag;

use super::choice::Choice;

/// A list of options that stand together on the command line of a tool.
pub trait Group {
    /// The options, in the order of `--help`.
    const OFFERS: &'static [Offer];
}

/// What was typed of the options of a group.
#[derive(Debug, Clone)]
pub struct Options<G> {
    typed: Typed,
    group: PhantomData<fn() -> G>,
}

impl<G> Options<G> {
    /// What was typed.
    #[must_use]
    pub fn typed(&self) -> &Typed {
        &self.typed
    }

    /// Takes away what was typed for `option`.
    pub(super) fn forget(&mut self, option: &Declaration) {
        self.typed.forget(option);
    }
}

impl<G: Group> Args for Options<G> {
    fn augment_args(command: Command) -> Command {
        let mut added: Vec<&str> = Vec::new();
        let all = G::OFFERS.iter().flat_map(|offer| offer.arguments.iter().map(|argument| (offer.option, argument)));
        all.fold(command, |command, (option, argument)| {
            // Several options may share an argument, such as `--endpoint-url`.
            if added.contains(&argument.long) {
                return command;
            }
            added.push(argument.long);
            command.arg(arg(option, argument))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<G: Group> FromArgMatches for Options<G> {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let mut typed = Typed::default();
        for Offer { option, arguments } in G::OFFERS {
            typed.offer(option);
            for argument in *arguments {
                collect(matches, option, argument, &mut typed);
            }
        }
        Ok(Self { typed, group: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The definition of an argument for `clap`.
fn arg(option: &Declaration, argument: &Argument) -> Arg {
    let arg = Arg::new(argument.long)
        .long(argument.long)
        .short(argument.short)
        .visible_aliases(argument.aliases)
        .help(argument.help)
        .help_heading(argument.heading)
        .hide_short_help(!argument.is_first)
        .conflicts_with_all(argument.conflicts)
        .overrides_with_all(argument.overrides);
    let arg = argument.requires.iter().fold(arg, |arg, other| arg.requires(*other));
    let is_single = matches!(option.rule, Rule::Value | Rule::Path);
    let action = if is_single { ArgAction::Set } else { ArgAction::Append };
    let words = argument.usual.unwrap_or(Vec::new);
    let taking = |arg: Arg, name| arg.value_name(name).action(action).value_parser(Choice::new(option.check, words));
    match argument.takes {
        Takes::Nothing(_) => arg.action(ArgAction::SetTrue),
        Takes::Value(name) => taking(arg, name).hide_possible_values(true),
        Takes::Entry(name) => taking(arg, name).value_parser(Choice::new(option.check, words).try_map(with_value)),
        Takes::Json(name) => taking(arg, name).value_parser(json),
        Takes::Objects(name) => taking(arg, name).num_args(1..).value_parser(objects),
        Takes::Tags(name) => taking(arg, name).num_args(1..).value_parser(tag_entry),
        Takes::Values(name) => taking(arg, name).num_args(1..).value_delimiter(','),
        Takes::Listed(name) => taking(arg, name).value_delimiter(','),
        Takes::Number(name) => taking(arg, name).allow_negative_numbers(true),
    }
}

/// `KEY=VALUE`. `KEY` alone is refused, because it is more often a mistake than an empty value, which is `KEY=`.
fn with_value(text: String) -> Result<String> {
    if text.contains('=') { Ok(text) } else { Err(Error::usage(format!("'{text}' has no value; write KEY=VALUE"))) }
}

/// A tag in either shape, as `KEY=VALUE`.
fn tag_entry(text: &str) -> Result<String> {
    tag::pair(text).map(|(key, value)| format!("{key}={value}"))
}

/// The JSON of a list of objects, or of one of them.
fn objects(text: &str) -> Result<String> {
    shorthand::object(&json(text)?)
}

/// JSON as typed, or the content of a file named `file://PATH`, as with the AWS CLI.
fn json(text: &str) -> Result<String> {
    match text.strip_prefix("file://") {
        Some(path) => std::fs::read_to_string(path).map_err(|cause| Error::file("read", path.as_ref(), &cause)),
        None => Ok(text.to_owned()),
    }
}

/// Adds what was typed by the name `argument` to `typed`.
fn collect(matches: &ArgMatches, option: &'static Declaration, argument: &Argument, typed: &mut Typed) {
    let long = argument.long;
    if let Takes::Nothing(text) = argument.takes {
        if matches.get_flag(long) {
            typed.value(option, long, text);
        }
        return;
    }
    let Some(values) = matches.get_many::<String>(long) else { return };
    let values: Vec<String> = values.cloned().collect();
    if matches!(argument.takes, Takes::Objects(_)) {
        return typed.value(option, long, &shorthand::list(&values));
    }
    match option.rule {
        Rule::Value | Rule::Path => values.iter().for_each(|text| typed.value(option, long, text)),
        Rule::List | Rule::Paths => typed.items(option, long, &values),
        Rule::Map => typed.entries(option, long, values.iter().map(|text| entry(text)).collect()),
    }
}

/// `KEY=VALUE`; `KEY` alone has an empty value.
fn entry(text: &str) -> (String, String) {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    (key.to_owned(), value.to_owned())
}
