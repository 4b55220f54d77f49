//! How an option is typed: plain data, of which `emr-cli` makes the parser, `--help` and the manual pages.

/// An option as it is typed.
#[derive(Debug, Clone, Copy)]
pub struct Argument {
    /// Its name, which stands behind two dashes.
    pub long: &'static str,
    /// Its name behind one dash.
    pub short: Option<char>,
    /// Its other names.
    pub aliases: &'static [&'static str],
    /// What is typed behind it.
    pub takes: Takes,
    /// What `--help` says of it.
    pub help: &'static str,
    /// The heading in `--help` that it stands under.
    pub heading: Option<&'static str>,
    /// Whether `-h` has it, which is a screenful, and not `--help` alone.
    pub is_first: bool,
    /// The arguments that it cannot stand beside.
    pub conflicts: &'static [&'static str],
    /// The arguments that it takes the place of where both are typed.
    pub overrides: &'static [&'static str],
    /// The arguments that it needs beside it.
    pub requires: &'static [&'static str],
    /// The words that it usually takes, for shells to complete; others are taken, too.
    pub usual: Option<fn() -> Vec<&'static str>>,
}

/// What is typed behind an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// A value; what stands for it in `--help`.
    Value(&'static str),
    /// JSON, or `file://PATH` for the JSON in a file.
    Json(&'static str),
    /// A list of objects: such JSON, or a word `KEY=VALUE,KEY=VALUE` for each, as the AWS CLI takes them.
    Objects(&'static str),
    /// Several values, separated by commas or blanks.
    Values(&'static str),
    /// Several values in one word, separated by commas.
    Listed(&'static str),
    /// A number, which may begin with a minus sign.
    Number(&'static str),
    /// `KEY=VALUE`: an entry of a mapping.
    Entry(&'static str),
    /// Tags, each such an entry or `Key=KEY,Value=VALUE` as the AWS CLI has it; several are separated by blanks.
    Tags(&'static str),
    /// Nothing: it stands for this value.
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

    /// A name of one letter for it.
    #[must_use]
    pub const fn short(mut self, letter: char) -> Self {
        self.short = Some(letter);
        self
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

    /// It is one of those that a user reaches for first, so `-h` has it, too.
    #[must_use]
    pub const fn first(mut self) -> Self {
        self.is_first = true;
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

    /// These are the words that it usually takes.
    #[must_use]
    pub const fn usually(mut self, words: fn() -> Vec<&'static str>) -> Self {
        self.usual = Some(words);
        self
    }

    /// It needs these arguments beside it.
    #[must_use]
    pub const fn requires(mut self, arguments: &'static [&'static str]) -> Self {
        self.requires = arguments;
        self
    }
}
