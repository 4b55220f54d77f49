//! `mrjob.conf`: where it is found, and what it says of each option.
//!
//! The first of `$MRJOB_CONF`, `~/.mrjob.conf` and `/etc/mrjob.conf` that exists is read, or each `--conf-path`, the
//! later one winning. Only `runners: emr:` matters. Credentials are never read from here.

mod names;
mod yaml;

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::model::setting::{Setting, Source};
use names::Name;
use yaml::Value;

/// What of the environment decides where configuration is found.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// `$MRJOB_CONF`.
    pub mrjob_conf: Option<PathBuf>,
    /// `$HOME`.
    pub home: Option<PathBuf>,
}

/// The options of all configuration files, the weakest file first.
#[derive(Debug, Default)]
pub struct Config {
    files: Vec<Options>,
    warnings: Vec<String>,
    without_effect: Vec<String>,
}

/// One file's options, by their names in the specification.
#[derive(Debug)]
struct Options {
    path: PathBuf,
    values: Vec<(&'static str, Value)>,
}

impl Config {
    /// Reads `paths`, or where there are none the file that the search finds.
    pub fn load(paths: &[PathBuf], surroundings: &Surroundings) -> Result<Self> {
        let found: Vec<PathBuf>;
        let paths = if paths.is_empty() {
            found = search(surroundings).into_iter().collect();
            &found
        } else {
            paths
        };
        let mut order = Vec::new();
        for path in paths {
            expand(path, &mut Vec::new(), &mut order)?;
        }
        let mut config = Self::default();
        for (number, (real, path, document)) in order.iter().enumerate() {
            // Of a file that is named twice the later mention counts.
            if !order[number + 1..].iter().any(|(later, ..)| later == real) {
                config.add(path, document)?;
            }
        }
        Ok(config)
    }

    fn add(&mut self, path: &Path, document: &Value) -> Result<()> {
        let wrong = |what: &str| Error::config(format!("{}: {what}", path.display()));
        let section = |value: Option<_>, what| Value::entries(value).ok_or_else(|| wrong(what));
        section(Some(document), "is not a mapping with runners: in it")?;
        let runners = document.get("runners");
        section(runners, "runners: is not a mapping")?;
        let emr = runners.and_then(|runners| runners.get("emr"));
        let mut values = Vec::new();
        for (name, value) in section(emr, "runners: emr: is not a mapping of options")? {
            match names::look_up(name) {
                Name::Option(option) => values.push((option, value.clone())),
                Name::NotYet => self.without_effect.push(format!("{}: {name} has no effect yet", path.display())),
                Name::NotOurs => {}
                Name::Unknown(near) => self.warnings.push(unknown(path, name, near)),
            }
        }
        self.files.push(Options { path: path.to_owned(), values });
        Ok(())
    }

    /// What is to be said of the files, such as options that nobody knows.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// What is to be said of options that would make another cluster than the one that is started.
    #[must_use]
    pub fn without_effect(&self) -> &[String] {
        &self.without_effect
    }

    /// The scalar `option` of the strongest file that has it. `~` and `$VAR` stay as they are.
    pub fn text(&self, option: &str) -> Result<Option<Setting<String>>> {
        let Some((place, file, value)) = self.values(option).last() else { return Ok(None) };
        match value {
            Value::Scalar(text) => Ok(Some(Setting { value: text.clone(), source: Source::File(place) })),
            _ => Err(file.wrong(option, "is not a single value")),
        }
    }

    /// The whole number `option`.
    pub fn number(&self, option: &str) -> Result<Option<Setting<u32>>> {
        self.parsed(option, "is not a whole number", |text| text.parse().ok())
    }

    /// The number `option`, whole or not.
    pub fn decimal(&self, option: &str) -> Result<Option<Setting<f64>>> {
        self.parsed(option, "is not a number", |text| text.parse().ok().filter(|number: &f64| number.is_finite()))
    }

    /// The truth value `option`, in any of YAML's spellings.
    pub fn flag(&self, option: &str) -> Result<Option<bool>> {
        let truth = |text: &str| match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        };
        Ok(self.parsed(option, "is neither true nor false", truth)?.map(|setting| setting.value))
    }

    /// The lists `option` of all files, the weakest file's first; a single value is a list of one.
    pub fn list(&self, option: &str) -> Result<Vec<String>> {
        let mut all = Vec::new();
        for (_, file, value) in self.values(option) {
            for item in value.items() {
                let Value::Scalar(text) = item else { return Err(file.wrong(option, "is not a list of values")) };
                all.push(text.clone());
            }
        }
        Ok(all)
    }

    /// The mappings `option` of all files as one; for each key the strongest file's value.
    pub fn map(&self, option: &str) -> Result<Vec<(String, String)>> {
        let mut all: Vec<(String, String)> = Vec::new();
        for (_, file, value) in self.values(option) {
            let Value::Map(entries) = value else { return Err(file.wrong(option, "is not a mapping")) };
            for (key, value) in entries {
                let text = match value {
                    Value::Scalar(text) => text.clone(),
                    Value::Null => String::new(),
                    _ => return Err(file.wrong(option, "is not a mapping of single values")),
                };
                all.retain(|(known, _)| known != key);
                all.push((key.clone(), text));
            }
        }
        Ok(all)
    }

    /// The nested `option` of the strongest file that has it, every scalar as text. Text in its place is passed on, too.
    #[must_use]
    pub fn json(&self, option: &str) -> Option<Setting<serde_json::Value>> {
        let (place, _, value) = self.values(option).last()?;
        Some(Setting { value: value.to_json(), source: Source::File(place) })
    }

    fn values(&self, option: &str) -> impl Iterator<Item = (usize, &Options, &Value)> {
        self.files.iter().enumerate().flat_map(move |(place, file)| {
            let named = file.values.iter().filter(move |(name, value)| *name == option && *value != Value::Null);
            named.map(move |(_, value)| (place, file, value))
        })
    }

    fn parsed<T>(&self, option: &str, wrong: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<Setting<T>>> {
        let Some(Setting { value: text, source }) = self.text(option)? else { return Ok(None) };
        match parse(text.trim()) {
            Some(value) => Ok(Some(Setting { value, source })),
            None => Err(Error::config(format!("{}: {option}: '{text}' {wrong}", self.path(source)))),
        }
    }

    fn path(&self, source: Source) -> String {
        match source {
            Source::File(place) => {
                self.files.get(place).map_or_else(String::new, |file| file.path.display().to_string())
            }
            Source::CommandLine => "the command line".to_owned(),
        }
    }
}

impl Options {
    fn wrong(&self, option: &str, what: &str) -> Error {
        Error::config(format!("{}: {option} {what}", self.path.display()))
    }
}

/// A file that was read: what it really is, what it was named, and what is in it.
type Read = (PathBuf, PathBuf, Value);

/// Reads the file at `path` after the files that it includes, which are weaker, and adds all of them to `order`.
/// One that is `open`, because it is being read that very moment, includes itself and is passed over.
fn expand(path: &Path, open: &mut Vec<PathBuf>, order: &mut Vec<Read>) -> Result<()> {
    let unreadable = |cause| Error::file("read", path, &cause);
    let real = path.canonicalize().map_err(unreadable)?;
    if open.contains(&real) {
        return Ok(());
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let broken = |what| Error::config(format!("{}: {what}", path.display()));
    let document = yaml::parse(&text).map_err(broken)?;
    open.push(real.clone());
    for included in document.get("include").map_or(&[][..], Value::items) {
        match included {
            Value::Null => {}
            Value::Scalar(included) => expand(&real.with_file_name(included), open, order)?,
            _ => return Err(broken("include is not a path".to_owned())),
        }
    }
    open.pop();
    order.push((real, path.to_owned(), document));
    Ok(())
}

fn unknown(path: &Path, name: &str, near: Option<&str>) -> String {
    let hint = near.map_or_else(String::new, |near| format!(", did you mean {near}?"));
    format!("{}: unknown option {name}{hint}", path.display())
}

fn search(surroundings: &Surroundings) -> Option<PathBuf> {
    let home = surroundings.home.as_ref().map(|home| home.join(".mrjob.conf"));
    let candidates = [surroundings.mrjob_conf.clone(), home, Some(PathBuf::from("/etc/mrjob.conf"))];
    candidates.into_iter().flatten().find(|path| path.exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(files: &[&str]) -> Config {
        let mut config = Config::default();
        for (number, text) in files.iter().enumerate() {
            config.add(Path::new(&format!("{number}.conf")), &yaml::parse(text).unwrap()).unwrap();
        }
        config
    }

    #[test]
    fn the_later_file_wins_and_lists_and_mappings_grow() {
        let first = "runners: {emr: {aws_region: us-east-1, applications: [Hive], emr_tags: {team: a, cost: x}}}";
        let second = "runners: {emr: {region: eu-west-1, applications: Spark, tags: {team: b}}}";
        let config = config(&[first, second]);
        let region = config.text("aws_region").unwrap().unwrap();
        assert_eq!((region.value.as_str(), region.source), ("eu-west-1", Source::File(1)));
        assert_eq!(config.list("applications").unwrap(), ["Hive", "Spark"]);
        let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(config.map("emr_tags").unwrap(), [tag("cost", "x"), tag("team", "b")]);
    }

    #[test]
    fn numbers_and_truth_values_are_checked_with_file_and_option() {
        let config = config(&["runners: {emr: {num_ec2_instances: 12, visible_to_all_users: no, label: [a]}}"]);
        assert_eq!(config.number("num_ec2_instances").unwrap().unwrap().value, 12);
        assert_eq!(config.flag("visible_to_all_users").unwrap(), Some(false));
        let error = config.number("visible_to_all_users").unwrap_err();
        assert_eq!(error.to_string(), "0.conf: visible_to_all_users: 'no' is not a whole number");
        assert_eq!(config.text("label").unwrap_err().to_string(), "0.conf: label is not a single value");
    }

    #[test]
    fn nested_values_keep_their_scalars_as_written() {
        let config = config(&["runners: {emr: {instance_groups: [{InstanceCount: 1, BidPrice: 0.40, Name: ~}]}}"]);
        let expected = serde_json::json!([{ "InstanceCount": "1", "BidPrice": "0.40", "Name": null }]);
        assert_eq!(config.json("instance_groups").unwrap().value, expected);
        assert_eq!(config.json("instance_fleets"), None);
    }

    #[test]
    fn an_unknown_option_is_a_warning_and_a_broken_file_an_error() {
        let config = config(&["runners: {emr: {ec2_key_par: x, jobconf: {}}}"]);
        assert_eq!(config.warnings(), ["0.conf: unknown option ec2_key_par, did you mean ec2_key_pair?"]);
        let error = Config::default().add(Path::new("x"), &yaml::parse("runners: {emr: [1]}").unwrap()).unwrap_err();
        assert_eq!(error.outcome, crate::error::Outcome::Config);
    }

    #[test]
    fn an_included_file_is_weaker_and_beside_the_one_that_includes_it() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("base.conf", "include: a.conf\nrunners: {emr: {owner: base, label: base}}");
        write("a.conf", "include: [base.conf]\nrunners: {emr: {owner: a, num_ec2_instances: 3}}");
        let config = Config::load(&[folder.path().join("a.conf")], &Surroundings::default()).unwrap();
        let text = |option| config.text(option).unwrap().map(|setting| setting.value);
        assert_eq!((text("owner").as_deref(), text("label").as_deref()), (Some("a"), Some("base")));
        write("b.conf", "include: none.conf");
        assert!(Config::load(&[folder.path().join("b.conf")], &Surroundings::default()).is_err());
    }

    #[test]
    fn of_a_file_that_is_named_twice_the_later_mention_counts() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a", "b"].map(|name| {
            let path = folder.path().join(name);
            std::fs::write(&path, format!("runners: {{emr: {{owner: {name}}}}}")).unwrap();
            path
        });
        let [a, b] = paths;
        let config = Config::load(&[a.clone(), b, a], &Surroundings::default()).unwrap();
        assert_eq!(config.text("owner").unwrap().unwrap().value, "a");
    }

    #[test]
    fn a_file_of_another_shape_is_an_error_and_not_an_empty_one() {
        for text in ["- a", "hello", "runners: [1]", "runners: emr"] {
            let document = yaml::parse(text).unwrap();
            assert!(Config::default().add(Path::new("x"), &document).is_err(), "{text}");
        }
    }

    #[test]
    fn what_would_change_the_cluster_and_does_not_is_told() {
        let config = config(&["runners: {emr: {bootstrap_cmds: [x]}}"]);
        assert_eq!(config.without_effect(), ["0.conf: bootstrap_cmds has no effect yet"]);
    }

    #[test]
    fn a_file_without_options_for_emr_says_nothing() {
        let config = config(&["runners: {local: {}}", "", "runners: {emr: }"]);
        assert_eq!(config.text("aws_region").unwrap(), None);
    }
}
