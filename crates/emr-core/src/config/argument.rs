//! How an option is typed on the command line. It is plain data, from which `emr-cli` makes the parser, `--help` and
//! the manual pages.

/// An option as it is typed.
#[derive(Debug, Clone, Copy)]
pub struct Argument {
    /// Its name, without the two dashes.
    pub long: &'static str,
    /// Its one-letter name.
    pub short: Option<char>,
    /// Its other names.
    pub aliases: &'static [&'static str],
    /// What value it takes.
    pub takes: Takes,
    /// Its text in `--help`.
    pub help: &'static str,
    /// Its heading in `--help`.
    pub heading: Option<&'static str>,
    /// Whether `-h`, which is a screenful, has it, and not `--help` alone.
    pub is_first: bool,
    /// The arguments that it excludes.
    pub conflicts: &'static [&'static str],
    /// The arguments that it overrides, and that override it: the last one counts.
    pub overrides: &'static [&'static str],
    /// The arguments that must be typed with it.
    pub requires: &'static [&'static str],
    /// Common values, for shell completion. Others are accepted, too.
    pub usual: Option<fn() -> Vec<&'static str>>,
}

/// What value an argument takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// A value. Each string is the placeholder in `--help`.
    Value(&'static str),
    /// JSON, or `file://PATH` for the JSON in a file.
    Json(&'static str),
    /// A list of objects: JSON as above, or a word `KEY=VALUE,KEY=VALUE` for each, as in the AWS CLI.
    Objects(&'static str),
    /// Several values, separated by commas or blanks.
    Values(&'static str),
    /// Several values in one word, separated by commas alone.
    Listed(&'static str),
    /// A number, which may begin with a minus sign.
    Number(&'static str),
    /// `KEY=VALUE`: an entry of a mapping.
    Entry(&'static str),
    /// Tags, each `KEY=VALUE` or `Key=KEY,Value=VALUE` as in the AWS CLI, separated by blanks.
    Tags(&'static str),
    /// No value: the argument stands for this one.
    Nothing(&'static str),
}

impl Argument {
    /// An argument `--LONG VALUE`.
    #[must_use]
    pub const fn new(long: &'static str, takes: Takes, help: &'static str) -> Self {
        Self {
            long,
            short: None,
            aliases: &[],
            takes,
            help,
            heading: None,
            is_first: false,
            conflicts: &[],
            overrides: &[],
            requires: &[],
            usual: None,
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

    /// Sets its one-letter name.
    #[must_use]
    pub const fn short(mut self, letter: char) -> Self {
        self.short = Some(letter);
        self
    }

    /// Sets its other names.
    #[must_use]
    pub const fn also(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Sets its heading in `--help`.
    #[must_use]
    pub const fn under(mut self, heading: &'static str) -> Self {
        self.heading = Some(heading);
        self
    }

    /// Puts it into `-h`, for those that a user reaches for first.
    #[must_use]
    pub const fn first(mut self) -> Self {
        self.is_first = true;
        self
    }

    /// Makes it exclude these arguments.
    #[must_use]
    pub const fn conflicts_with(mut self, arguments: &'static [&'static str]) -> Self {
        self.conflicts = arguments;
        self
    }

    /// Lets it and these arguments override each other: the last one counts.
    #[must_use]
    pub const fn overrides(mut self, arguments: &'static [&'static str]) -> Self {
        self.overrides = arguments;
        self
    }

    /// Sets its common values, for shell completion.
    #[must_use]
    pub const fn usually(mut self, words: fn() -> Vec<&'static str>) -> Self {
        self.usual = Some(words);
        self
    }

    /// Makes it require these arguments.
    #[must_use]
    pub const fn requires(mut self, arguments: &'static [&'static str]) -> Self {
        self.requires = arguments;
        self
    }
}
