//! What is known of an option before any source says anything of it.
//!
//! Each option is declared once, as a [`Key`] in [`options`](super::options). Look-up, `--help`, `--print-config`,
//! mrjob.conf(5) and the warnings about files all come from that declaration.

use std::marker::PhantomData;

use serde_json::Value as Json;

use super::Config;
use super::kind::{self, Kind, Rule};
use super::setting::{InFile, Origin, Setting, Source};
use crate::error::Result;

/// An option whose values are of the kind `K`.
#[derive(Debug)]
pub struct Key<K> {
    /// What is known of it, whatever the kind of its values.
    pub option: Declaration,
    kind: PhantomData<fn() -> K>,
}

/// What is known of an option.
#[derive(Debug, Clone, Copy)]
pub struct Declaration {
    /// Its name in the specification.
    pub name: &'static str,
    /// mrjob's other names for it. Of all names the newest is the last; the specification's is the oldest where it is not
    /// among them.
    pub other_names: &'static [&'static str],
    /// How the values of several sources become one.
    pub rule: Rule,
    /// Whether a configuration file may have it.
    pub is_in_files: bool,
    /// The variables of the environment that say it, the strongest first.
    pub variables: &'static [&'static str],
    /// The variables that say it where no other source does.
    pub last_variables: &'static [&'static str],
    /// How it is typed.
    pub arguments: &'static [Argument],
    /// What mrjob.conf(5) says of it: Markdown, of which `bold` is written between backquotes and *italics* between
    /// asterisks.
    pub text: &'static str,
    /// Checks what is typed, and puts it as it would be written into a file. The error is a fragment.
    pub check: fn(&str) -> std::result::Result<String, String>,
    show: fn(&Config, &Declaration) -> Result<Shown>,
}

/// The effective value of an option, for people.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The value; null where there is none.
    pub value: Json,
    /// Its sources, the weakest first; none where no source says it.
    pub origins: Vec<Origin>,
}

impl Declaration {
    /// Its effective value in `config`.
    pub fn show(&self, config: &Config) -> Result<Shown> {
        (self.show)(config, self)
    }
}

impl<K: Kind> Key<K> {
    /// An option of this name.
    pub(super) const fn named(name: &'static str) -> Self {
        let option = Declaration {
            name,
            other_names: &[],
            rule: K::RULE,
            is_in_files: true,
            variables: &[],
            last_variables: &[],
            arguments: &[],
            text: "",
            check: K::check,
            show: kind::show::<K>,
        };
        Self { option, kind: PhantomData }
    }

    /// mrjob's other names for it, the newest last.
    pub(super) const fn also(mut self, other_names: &'static [&'static str]) -> Self {
        self.option.other_names = other_names;
        self
    }

    /// It is for the command line alone.
    pub(super) const fn in_no_file(mut self) -> Self {
        self.option.is_in_files = false;
        self
    }

    /// The environment says it, too, in these variables.
    pub(super) const fn variables(mut self, names: &'static [&'static str]) -> Self {
        self.option.variables = names;
        self
    }

    /// These variables of the environment say it where nothing else does.
    pub(super) const fn last_variables(mut self, names: &'static [&'static str]) -> Self {
        self.option.last_variables = names;
        self
    }

    /// How it is typed.
    pub(super) const fn typed_as(mut self, arguments: &'static [Argument]) -> Self {
        self.option.arguments = arguments;
        self
    }

    /// What mrjob.conf(5) says of it.
    pub(super) const fn text(mut self, text: &'static str) -> Self {
        self.option.text = text;
        self
    }

    /// The option as it usually is on a command line.
    #[must_use]
    pub const fn offer(&'static self) -> Offer {
        Offer { option: &self.option, arguments: self.option.arguments }
    }

    /// The option as one tool has it on its command line.
    #[must_use]
    pub const fn offer_as(&'static self, arguments: &'static [Argument]) -> Offer {
        Offer { option: &self.option, arguments }
    }

    /// `value` as a default of the tools' own.
    pub fn by_default<T>(&self, value: T) -> Setting<T> {
        Setting { value, source: Source { option: self.option.name, origin: Origin::Default } }
    }

    /// `value` as if it had been typed.
    pub fn typed<T>(&self, value: T) -> Setting<T> {
        let argument = self.option.arguments.first().map_or(self.option.name, |argument| argument.long);
        Setting { value, source: Source { option: self.option.name, origin: Origin::CommandLine(argument) } }
    }

    /// `value` as if a file named `mrjob.conf` had it.
    pub fn in_file<T>(&self, value: T) -> Setting<T> {
        let file = InFile { path: std::path::Path::new("mrjob.conf").into(), order: 0, place: None };
        Setting { value, source: Source { option: self.option.name, origin: Origin::File(file) } }
    }
}

/// An option on the command line of a tool.
#[derive(Debug, Clone, Copy)]
pub struct Offer {
    /// The option.
    pub option: &'static Declaration,
    /// How it is typed.
    pub arguments: &'static [Argument],
}

/// An option as it is typed.
#[derive(Debug, Clone, Copy)]
pub struct Argument {
    /// Its name, which stands behind two dashes.
    pub long: &'static str,
    /// Its other names.
    pub aliases: &'static [&'static str],
    /// What is typed behind it.
    pub takes: Takes,
    /// What `--help` says of it.
    pub help: &'static str,
    /// The heading in `--help` that it stands under.
    pub heading: Option<&'static str>,
    /// Whether only `--help` has it, and not `-h`.
    pub is_long_help: bool,
    /// The arguments that it cannot stand beside.
    pub conflicts: &'static [&'static str],
    /// The arguments that it takes the place of where both are typed.
    pub overrides: &'static [&'static str],
    /// The arguments that it needs beside it.
    pub requires: &'static [&'static str],
}

/// What is typed behind an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// A value; what stands for it in `--help`.
    Value(&'static str),
    /// Several values, separated by commas.
    Values(&'static str),
    /// A number, which may begin with a minus sign.
    Number(&'static str),
    /// `KEY=VALUE`: an entry of a mapping.
    Entry(&'static str),
    /// Nothing: it stands for this value.
    Nothing(&'static str),
}

impl Argument {
    /// An argument `--LONG VALUE`.
    #[must_use]
    pub const fn new(long: &'static str, takes: Takes, help: &'static str) -> Self {
        Self {
            long,
            aliases: &[],
            takes,
            help,
            heading: None,
            is_long_help: false,
            conflicts: &[],
            overrides: &[],
            requires: &[],
        }
    }

    /// An argument `--LONG` that stands for `true`.
    #[must_use]
    pub const fn yes(long: &'static str, help: &'static str) -> Self {
        Self::new(long, Takes::Nothing("true"), help)
    }

    /// An argument `--LONG` that stands for `false`.
    #[must_use]
    pub const fn no(long: &'static str, help: &'static str) -> Self {
        Self::new(long, Takes::Nothing("false"), help)
    }

    /// Other names for it.
    #[must_use]
    pub const fn also(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// It stands under this heading in `--help`.
    #[must_use]
    pub const fn under(mut self, heading: &'static str) -> Self {
        self.heading = Some(heading);
        self
    }

    /// Only `--help` has it.
    #[must_use]
    pub const fn in_long_help(mut self) -> Self {
        self.is_long_help = true;
        self
    }

    /// It cannot stand beside these arguments.
    #[must_use]
    pub const fn conflicts_with(mut self, arguments: &'static [&'static str]) -> Self {
        self.conflicts = arguments;
        self
    }

    /// It takes the place of these arguments, and they of it: the last one counts.
    #[must_use]
    pub const fn overrides(mut self, arguments: &'static [&'static str]) -> Self {
        self.overrides = arguments;
        self
    }

    /// It needs these arguments beside it.
    #[must_use]
    pub const fn requires(mut self, arguments: &'static [&'static str]) -> Self {
        self.requires = arguments;
        self
    }
}
