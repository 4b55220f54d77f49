//! The value of an option together with where it came from.
//!
//! The stronger source wins, and whoever refuses a value later says where it has to be put right: that is why a value
//! carries its source through all rules.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::value::Place;
use crate::error::{Error, Outcome};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The tools' own default.
    Default,
    /// A configuration file.
    File(InFile),
    /// This variable of the environment.
    Environment(&'static str),
    /// The command line; the option as it is typed, without its dashes.
    CommandLine(&'static str),
}

/// A place in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InFile {
    /// The file.
    pub path: Arc<Path>,
    /// Its place in the order of loading: the later file wins.
    pub order: usize,
    /// Line and column of the value.
    pub place: Option<Place>,
}

/// How strong a source is, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// A default.
    Default,
    /// A configuration file, by its place in the order of loading.
    File(usize),
    /// The environment.
    Environment,
    /// The command line.
    CommandLine,
}

impl Origin {
    /// How strong this source is.
    #[must_use]
    pub fn strength(&self) -> Strength {
        match self {
            Self::Default => Strength::Default,
            Self::File(file) => Strength::File(file.order),
            Self::Environment(_) => Strength::Environment,
            Self::CommandLine(_) => Strength::CommandLine,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(file) => file.path.display().fmt(f),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::CommandLine(_) => f.write_str("command line"),
        }
    }
}

/// The option that has a value, and where that came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The option, by its name in the specification.
    pub option: &'static str,
    /// Where its value came from.
    pub origin: Origin,
}

impl Source {
    /// How strong this source is.
    #[must_use]
    pub fn strength(&self) -> Strength {
        self.origin.strength()
    }

    /// Whether it is the command line.
    #[must_use]
    pub fn is_typed(&self) -> bool {
        self.strength() == Strength::CommandLine
    }

    /// The error that the value from here `what`, a fragment such as `is not a number`. It names file, line and column,
    /// or the option that was typed.
    #[must_use]
    pub fn wrong(&self, what: impl fmt::Display) -> Error {
        self.outcome(Error::usage(format!("{self} {what}")))
    }

    /// `error`, which the value from here led to, with this source before it. What would be a usage error is an error of
    /// the configuration where the value was not typed.
    #[must_use]
    pub fn blame(&self, error: Error) -> Error {
        self.outcome(error.on(self))
    }

    fn outcome(&self, mut error: Error) -> Error {
        if error.outcome == Outcome::Usage && !self.is_typed() {
            error.outcome = Outcome::Config;
        }
        error
    }
}

/// `mrjob.conf: line 3, column 5: label`, `--name`, `AWS_REGION`.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::Default => f.write_str(self.option),
            Origin::File(InFile { path, place: Some(place), .. }) => {
                write!(f, "{}: {place}: {}", path.display(), self.option)
            }
            Origin::File(file) => write!(f, "{}: {}", file.path.display(), self.option),
            Origin::Environment(name) => f.write_str(name),
            Origin::CommandLine(argument) => write!(f, "--{argument}"),
        }
    }
}

/// A value and its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub source: Source,
}

impl<T> Setting<T> {
    /// Whether it was typed.
    #[must_use]
    pub fn is_typed(&self) -> bool {
        self.source.is_typed()
    }

    /// The error that this value `what`; see [`Source::wrong`].
    #[must_use]
    pub fn wrong(&self, what: impl fmt::Display) -> Error {
        self.source.wrong(what)
    }

    /// `error` with the source of this value before it; see [`Source::blame`].
    #[must_use]
    pub fn blame(&self, error: Error) -> Error {
        self.source.blame(error)
    }

    /// What `read` makes of the value, from the same source. An error of `read` is blamed on it.
    pub fn try_map<U>(self, read: impl FnOnce(T) -> Result<U, Error>) -> Result<Setting<U>, Error> {
        match read(self.value) {
            Ok(value) => Ok(Setting { value, source: self.source }),
            Err(error) => Err(self.source.blame(error)),
        }
    }
}

/// How strong the source of a setting is; an unset one is weaker than any.
#[must_use]
pub fn strength<T>(setting: Option<&Setting<T>>) -> Option<Strength> {
    setting.map(|setting| setting.source.strength())
}

/// `error`, blamed on `setting` where there is one; see [`Source::blame`].
#[must_use]
pub fn blame<T>(setting: Option<&Setting<T>>, error: Error) -> Error {
    match setting {
        Some(setting) => setting.blame(error),
        None => error,
    }
}

/// The value of a setting.
#[must_use]
pub fn value<T>(setting: Option<Setting<T>>) -> Option<T> {
    setting.map(|setting| setting.value)
}
