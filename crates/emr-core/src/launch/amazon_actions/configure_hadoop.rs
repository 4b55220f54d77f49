//! Replaces `configure-hadoop`, whose arguments are properties for Hadoop's files: `-m KEY=VALUE` or
//! `--mapred-key-value KEY=VALUE`.

use super::replacement::Replacement;
use crate::error::{Error, Result};
use crate::model::job_flow::Software;

/// Hadoop's files: the letter and the word in the options, and the classification.
///
/// Source: <https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-3x-customizeappconfig.html>
const FILES: &[(char, &str, &str)] = &[
    ('c', "core", "core-site"),
    ('e', "emrfs", "emrfs-site"),
    ('h', "hdfs", "hdfs-site"),
    ('l', "log4j", "hadoop-log4j"),
    ('m', "mapred", "mapred-site"),
    ('t', "httpfs", "httpfs-site"),
    ('y', "yarn", "yarn-site"),
    ('z', "capacity", "capacity-scheduler"),
];

/// The configurations that replace `configure-hadoop` with `args` on the release `software`.
pub(super) fn replacement(software: &Software, args: &[String]) -> Result<Replacement> {
    let mut made = Replacement::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let (option, joined) = match arg.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option, Some(value)),
            _ => (arg.as_str(), None),
        };
        let property = joined.or_else(|| args.clone().next().map(String::as_str)).unwrap_or_default();
        let classification = classification(option, property)?;
        if joined.is_none() {
            args.next();
        }
        let (key, value) = property.split_once('=').filter(|(key, _)| !key.is_empty()).ok_or_else(|| {
            let wrong = format!("the bootstrap action configure-hadoop: '{property}' after {option} is not KEY=VALUE");
            Error::usage(wrong).advise("write -m KEY=VALUE")
        })?;
        made.warnings.extend(without_effect(software, key));
        made.configurations.entry(classification).or_default().insert(key.to_owned(), value.to_owned());
    }
    let names: Vec<_> = made.configurations.keys().copied().collect();
    if !names.is_empty() {
        let warning = format!("{software} has the configuration of {} in place of configure-hadoop", names.join(", "));
        made.warnings.insert(0, warning);
    }
    Ok(made)
}

/// The classification that `option` sets `property` in.
fn classification(option: &str, property: &str) -> Result<&'static str> {
    let is = |letter: char, word: &str| option == format!("-{letter}") || option == format!("--{word}-key-value");
    if is('s', "site") {
        return Ok(of_site(property));
    }
    if let Some((.., classification)) = FILES.iter().find(|(letter, word, _)| is(*letter, word)) {
        return Ok(classification);
    }
    let is_file = option.ends_with("-config-file") || option.len() == 2 && option.ends_with(char::is_uppercase);
    let why = if is_file { "takes a file, which release labels do not" } else { "is not known" };
    Err(Error::usage(format!("the bootstrap action configure-hadoop: {option} {why}"))
        .advise("write each property as -m KEY=VALUE (c, h, m, y …), or use --emr-configuration"))
}

/// The file of a property from `hadoop-site.xml`, which was later split by component.
fn of_site(property: &str) -> &'static str {
    match property.split(['.', '=']).next() {
        Some("dfs") => "hdfs-site",
        Some("mapred" | "mapreduce") => "mapred-site",
        Some("yarn") => "yarn-site",
        _ => "core-site",
    }
}

/// A warning about properties of the old task tracker, which YARN ignores.
fn without_effect(software: &Software, key: &str) -> Option<String> {
    let is_old = key.starts_with("mapred.tasktracker.") || key.starts_with("mapreduce.tasktracker.");
    let instead = "mapreduce.map.memory.mb and mapreduce.reduce.memory.mb decide how many tasks a node runs";
    is_old.then(|| format!("{key} means nothing on YARN, which {software} runs: {instead}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(args: &[&str]) -> Result<Replacement> {
        let software = Software::Release { label: "emr-7.1.0".to_owned(), applications: Vec::new() };
        replacement(&software, &args.iter().map(|&arg| arg.to_owned()).collect::<Vec<_>>())
    }

    fn properties(args: &[&str]) -> Vec<(&'static str, String, String)> {
        let all = of(args).unwrap().configurations.into_iter();
        all.flat_map(|(name, properties)| properties.into_iter().map(move |(key, value)| (name, key, value))).collect()
    }

    fn property(file: &'static str, key: &str, value: &str) -> (&'static str, String, String) {
        (file, key.to_owned(), value.to_owned())
    }

    #[test]
    fn each_letter_and_word_stands_for_a_file() {
        let args = ["-m", "a=1", "--core-key-value", "b=2", "--hdfs-key-value=c=3=4", "-y", "d=", "-z", "e=5"];
        let expected = [
            property("capacity-scheduler", "e", "5"),
            property("core-site", "b", "2"),
            property("hdfs-site", "c", "3=4"),
            property("mapred-site", "a", "1"),
            property("yarn-site", "d", ""),
        ];
        assert_eq!(properties(&args), expected);
    }

    #[test]
    fn a_property_of_hadoop_site_goes_to_the_file_of_its_component() {
        let args = ["-s", "dfs.replication=2", "--site-key-value", "mapred.x=1", "-s", "io.file.buffer.size=65536"];
        let expected = [
            property("core-site", "io.file.buffer.size", "65536"),
            property("hdfs-site", "dfs.replication", "2"),
            property("mapred-site", "mapred.x", "1"),
        ];
        assert_eq!(properties(&args), expected);
    }

    #[test]
    fn a_property_without_effect_on_yarn_is_set_with_a_warning() {
        let made =
            of(&["-m", "mapred.tasktracker.map.tasks.maximum=1", "-m", "mapred.tasktracker.reduce.tasks.maximum=1"]);
        let made = made.unwrap();
        assert_eq!(made.configurations["mapred-site"].len(), 2);
        assert_eq!(made.warnings[0], "emr-7.1.0 has the configuration of mapred-site in place of configure-hadoop");
        assert!(made.warnings[1].starts_with("mapred.tasktracker.map.tasks.maximum means nothing on YARN"));
        assert_eq!(made.warnings.len(), 3);
    }

    #[test]
    fn files_and_unknown_arguments_are_refused_with_advice() {
        for args in [
            &["-M", "s3://b/x.xml"][..],
            &["--mapred-config-file", "s3://b/x.xml"],
            &["-q", "a=b"],
            &["-m"],
            &["-m", "a"],
            &["-m", "=b"],
            &["a=b"],
        ] {
            let error = of(args).unwrap_err().to_string();
            assert!(error.contains("configure-hadoop: ") && error.contains("write "), "{error}");
        }
    }
}
