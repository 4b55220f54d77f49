//! Options as typed keys: the look-up of an undeclared option does not compile.
//!
//! Each option is declared once, as a [`Key`] in [`options`](super::options). Look-up, `--help`, `--print-config`,
//! mrjob.conf(5) and the warnings about files all come from that declaration.

use std::marker::PhantomData;

use super::argument::Argument;
use super::declaration::{Declaration, Offer};
use super::kind::{self, Kind};
use super::setting::{InFile, Origin, Setting, Source};

/// An option whose values are of the kind `K`.
#[derive(Debug)]
pub struct Key<K> {
    /// Its declaration, without the type of its values.
    pub option: Declaration,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> Key<K> {
    /// Declares an option of this name.
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

    /// Sets mrjob's names for it, the newest last.
    pub(super) const fn also(mut self, other_names: &'static [&'static str]) -> Self {
        self.option.other_names = other_names;
        self
    }

    /// Makes it invalid in files.
    pub(super) const fn in_no_file(mut self) -> Self {
        self.option.is_in_files = false;
        self
    }

    /// Lets these environment variables set it.
    pub(super) const fn variables(mut self, names: &'static [&'static str]) -> Self {
        self.option.variables = names;
        self
    }

    /// Lets these environment variables set it if nothing else does.
    pub(super) const fn last_variables(mut self, names: &'static [&'static str]) -> Self {
        self.option.last_variables = names;
        self
    }

    /// Sets its arguments.
    pub(super) const fn typed_as(mut self, arguments: &'static [Argument]) -> Self {
        self.option.arguments = arguments;
        self
    }

    /// Sets its text in mrjob.conf(5).
    pub(super) const fn text(mut self, text: &'static str) -> Self {
        self.option.text = text;
        self
    }

    /// The option with its usual arguments.
    #[must_use]
    pub const fn offer(&'static self) -> Offer {
        Offer { option: &self.option, arguments: self.option.arguments }
    }

    /// The option with the arguments of one tool.
    #[must_use]
    pub const fn offer_as(&'static self, arguments: &'static [Argument]) -> Offer {
        Offer { option: &self.option, arguments }
    }

    /// `value` as a default.
    pub fn by_default<T>(&self, value: T) -> Setting<T> {
        Setting { value, source: Source { option: self.option.name, origin: Origin::Default } }
    }

    /// `value` as if typed.
    pub fn typed<T>(&self, value: T) -> Setting<T> {
        let argument = self.option.arguments.first().map_or(self.option.name, |argument| argument.long);
        Setting { value, source: Source { option: self.option.name, origin: Origin::CommandLine(argument) } }
    }

    /// `value` as if from a file `mrjob.conf`.
    pub fn in_file<T>(&self, value: T) -> Setting<T> {
        let file = InFile { path: std::path::Path::new("mrjob.conf").into(), order: 0, place: None };
        Setting { value, source: Source { option: self.option.name, origin: Origin::File(file) } }
    }
}
