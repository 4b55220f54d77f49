//! Parses the words of a streaming job: first the options of all Hadoop programs, then streaming's own.
//!
//! As on Hadoop, whose two commons-cli parsers run one after the other, an option of the first kind is unknown after
//! one of the second.

use emr_core::streaming_step::{Values, generic_option, own_option};

use super::properties::Properties;

/// The words of a job, sorted by option.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CommandLine {
    /// From `-D` and `-jobconf`.
    pub(super) properties: Properties,
    /// The comma-separated lists of `-files` and `-libjars`.
    pub(super) files: Option<String>,
    pub(super) libjars: Option<String>,
    pub(super) archives: Option<String>,
    /// Streaming's own options with their values, in order.
    own: Vec<(&'static str, String)>,
}

impl CommandLine {
    /// Parses the words. The error names the bad one, in Hadoop's words if Hadoop has some.
    pub(super) fn parse(words: &[String]) -> Result<Self, String> {
        let mut line = Self::default();
        let rest = line.take_generic(words)?;
        line.take_own(rest)?;
        Ok(line)
    }

    /// The first value of an option.
    pub(super) fn one(&self, option: &str) -> Option<&str> {
        self.all(option).next()
    }

    /// All values of an option.
    pub(super) fn all<'a>(&'a self, option: &str) -> impl Iterator<Item = &'a str> {
        self.own.iter().filter(move |(name, _)| *name == option).map(|(_, value)| value.as_str())
    }

    /// Whether the option is present.
    pub(super) fn has(&self, option: &str) -> bool {
        self.one(option).is_some()
    }

    /// Takes the options of all Hadoop programs from the front. Returns the other words.
    fn take_generic<'a>(&mut self, mut words: &'a [String]) -> Result<&'a [String], String> {
        while let Some((name, joined)) = words.first().and_then(|word| generic_option(word)) {
            let (value, used) = match (joined, words.get(1)) {
                (Some(value), _) => (value.to_owned(), 1),
                (None, Some(value)) => (unquoted(value).to_owned(), 2),
                (None, None) => return Err(format!("Missing argument for option: {name}")),
            };
            self.set_generic(name, value)?;
            words = &words[used..];
        }
        Ok(words)
    }

    fn set_generic(&mut self, name: &str, value: String) -> Result<(), String> {
        match name {
            // A word without `=` sets nothing.
            "D" => {
                if let Some((name, value)) = value.split_once('=') {
                    self.properties.set(name, value);
                }
            }
            "files" => self.files = Some(value),
            "libjars" => self.libjars = Some(value),
            "archives" => self.archives = Some(value),
            // The sandbox has a single resource manager.
            "jt" => {}
            _ => return Err(format!("the sandbox does not support the option -{name} {value}")),
        }
        Ok(())
    }

    fn take_own(&mut self, words: &[String]) -> Result<(), String> {
        let mut words = words.iter().peekable();
        let mut unexpected = Vec::new();
        while let Some(word) = words.next() {
            if !word.starts_with('-') || word == "-" {
                unexpected.push(word.as_str());
                continue;
            }
            let (name, values) = own_option(word).ok_or_else(|| format!("Unrecognized option: {word}"))?;
            if values == Values::None {
                self.own.push((name, String::new()));
                continue;
            }
            let before = self.own.len();
            while let Some(value) =
                words.next_if(|word| self.own.len() - before < values.most() && own_option(word).is_none())
            {
                self.own.push((name, unquoted(value).to_owned()));
            }
            if self.own.len() == before {
                return Err(format!("Missing argument for option: {name}"));
            }
        }
        if unexpected.is_empty() {
            return self.set_jobconf();
        }
        Err(format!("Found {} unexpected arguments on the command line {unexpected:?}", unexpected.len()))
    }

    fn set_jobconf(&mut self) -> Result<(), String> {
        let settings: Vec<_> = self.all("jobconf").map(str::to_owned).collect();
        for setting in settings {
            let (name, value) = setting.split_once('=').ok_or_else(|| format!("-jobconf {setting}: `=` is missing"))?;
            self.properties.set(name, value);
        }
        Ok(())
    }
}

/// A value without the quotes around it, which commons-cli removes.
fn unquoted(value: &str) -> &str {
    let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    inner.filter(|inner| !inner.contains('"')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<CommandLine, String> {
        CommandLine::parse(&emr_core::shell::split(line).unwrap())
    }

    #[test]
    fn shared_options_come_first() {
        let line =
            parse("-Da=1 -D b=2=3 -files x,y#z -D none -input i -output o -jobconf mapred.reduce.tasks=2").unwrap();
        assert_eq!(line.properties.get("a").as_deref(), Some("1"));
        assert_eq!(line.properties.get("b").as_deref(), Some("2=3"));
        assert_eq!(line.properties.number("mapreduce.job.reduces"), Ok(Some(2)));
        assert_eq!(line.files.as_deref(), Some("x,y#z"));
        for late in ["-D a=1", "-Da=1", "-files x", "-libjars x"] {
            let error = parse(&format!("-input i -mapper cat {late}")).unwrap_err();
            assert!(error.starts_with("Unrecognized option: -"), "{error}");
        }
    }

    #[test]
    fn an_option_takes_one_value_or_many_or_none() {
        let line = parse("-input a b -input c --output o -mapper -x -reducer '\"q r\"' -lazyOutput").unwrap();
        assert_eq!(line.all("input").collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!((line.one("mapper"), line.one("reducer")), (Some("-x"), Some("q r")));
        assert!(line.has("lazyOutput") && !line.has("verbose"));
    }

    #[test]
    fn a_wrong_word_is_named() {
        for (line, part) in [
            ("-mapper cat word -input i", "Found 1 unexpected arguments"),
            ("-what x", "Unrecognized option: -what"),
            ("-input i -output", "Missing argument for option: output"),
            ("-input -output o", "Missing argument for option: input"),
            ("-fs hdfs://x -input i", "-fs"),
            ("-conf x.xml -input i", "-conf"),
            ("-jobconf x", "-jobconf x"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
