//! The value of an option together with its source.
//!
//! A value keeps its source through all rules. Precedence depends on it, and an error can name the file and line to
//! correct.

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
    /// This environment variable.
    Environment(&'static str),
    /// The command line, with the argument as typed, without dashes.
    CommandLine(&'static str),
}

/// A place in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InFile {
    /// The file.
    pub path: Arc<Path>,
    /// Its position in the order of loading: the later file wins.
    pub order: usize,
    /// Line and column of the value.
    pub place: Option<Place>,
}

/// The precedence of a source, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// A default.
    Default,
    /// A configuration file, by its position in the order of loading.
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

/// An option and the origin of its value.
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

    /// An error about the value, with the fragment `what`, such as `is not a number`. It names file, line and column,
    /// or the typed option.
    #[must_use]
    pub fn wrong(&self, what: impl fmt::Display) -> Error {
        self.outcome(Error::usage(format!("{self} {what}")))
    }

    /// Prefixes `error`, which this value caused, with this source. A usage error becomes a configuration error unless
    /// the value was typed.
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

    /// An error about this value; see [`Source::wrong`].
    #[must_use]
    pub fn wrong(&self, what: impl fmt::Display) -> Error {
        self.source.wrong(what)
    }

    /// Prefixes `error` with the source of this value; see [`Source::blame`].
    #[must_use]
    pub fn blame(&self, error: Error) -> Error {
        self.source.blame(error)
    }

    /// Converts the value by `read` and keeps the source. An error of `read` is blamed on it.
    pub fn try_map<U>(self, read: impl FnOnce(T) -> Result<U, Error>) -> Result<Setting<U>, Error> {
        match read(self.value) {
            Ok(value) => Ok(Setting { value, source: self.source }),
            Err(error) => Err(self.source.blame(error)),
        }
    }
}

/// The precedence of a setting; `None`, for an unset one, is the lowest.
#[must_use]
pub fn strength<T>(setting: Option<&Setting<T>>) -> Option<Strength> {
    setting.map(|setting| setting.source.strength())
}

/// Blames `error` on `setting` if there is one; see [`Source::blame`].
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
