//! The value of an option together with where it came from, because the later source wins.

/// Where a value came from, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A configuration file, by its place in the order of loading: the later wins.
    File(usize),
    /// A variable of the environment.
    Environment,
    /// The command line.
    CommandLine,
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
    /// A value from the command line.
    pub fn typed(value: T) -> Self {
        Self { value, source: Source::CommandLine }
    }
}

/// Where the setting came from; an unset one is weaker than any source.
#[must_use]
pub fn strength<T>(setting: Option<&Setting<T>>) -> Option<Source> {
    setting.map(|setting| setting.source)
}
