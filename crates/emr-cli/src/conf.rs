//! The configuration files on this machine: where they are found, and which others they include.
//!
//! `$MRJOB_CONF` is read, or the first of `~/.mrjob.conf` and `/etc/mrjob.conf` that exists, or each `--conf-path`, the
//! later one winning.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use emr_core::config::{self, Config, Document, Surroundings, Typed};
use emr_core::error::{Error, Result};
use glob::MatchOptions;

use super::owner;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 4 << 20;

/// The environment and the files of this machine.
pub(crate) fn surroundings() -> Surroundings {
    let variables = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    Surroundings { variables: variables.collect(), matches, user: || Some(owner::in_system()) }
}

/// The configuration of the files at `paths`, or if that is empty, of the file that [`search`] finds.
pub(crate) fn load(paths: &[PathBuf], typed: Typed, surroundings: Surroundings) -> Result<Config> {
    let documents = documents(&first(paths, &surroundings)?, &surroundings)?;
    let mut config = Config::new(typed, surroundings);
    for (path, document) in &documents {
        config = config.with(path, document)?;
    }
    Ok(config)
}

/// The files that [`load`] reads, with those that they include. Pipes are left out: they can be read once only.
pub(crate) fn files(paths: &[PathBuf], surroundings: &Surroundings) -> Vec<PathBuf> {
    // What is wrong with them is said when they are loaded.
    let mut first = first(paths, surroundings).unwrap_or_default();
    first.retain(|path| path.is_file());
    match documents(&first, surroundings) {
        Ok(documents) => documents.into_iter().map(|(path, _)| path).collect(),
        Err(_) => first,
    }
}

/// The files at `paths`, or if that is empty, the one that [`search`] finds.
fn first(paths: &[PathBuf], surroundings: &Surroundings) -> Result<Vec<PathBuf>> {
    if paths.is_empty() {
        return Ok(search(surroundings)?.into_iter().collect());
    }
    Ok(paths.iter().map(|path| expanded(path, surroundings)).collect())
}

/// `$MRJOB_CONF`, or else the first of `~/.mrjob.conf` and `/etc/mrjob.conf` that exists.
///
/// A named file that does not exist is an error: with another file or none, the tool would do what nobody asked for.
fn search(surroundings: &Surroundings) -> Result<Option<PathBuf>> {
    let variable = |name: &str| surroundings.variables.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(named) = variable("MRJOB_CONF").map(|path| expanded(&path, surroundings)) {
        // Reading it reports anything else that is wrong.
        if named.try_exists().unwrap_or(true) {
            return Ok(Some(named));
        }
        let missing = Error::config(format!("MRJOB_CONF names {}, which does not exist", named.display()));
        return Err(missing.advise("unset it, or give --conf-path or --no-conf"));
    }
    let home = variable("HOME").map(|home| home.join(".mrjob.conf"));
    Ok([home, Some(PathBuf::from("/etc/mrjob.conf"))].into_iter().flatten().find(|path| path.exists()))
}

/// The files at `paths` with those that they include, the weakest first: an included file is weaker than the one that
/// includes it. Each is read once, where it is strongest.
fn documents(paths: &[PathBuf], surroundings: &Surroundings) -> Result<Vec<(PathBuf, Document)>> {
    let mut reading = Reading { surroundings, seen: Vec::new(), documents: Vec::new() };
    for path in paths.iter().rev() {
        reading.add(path)?;
    }
    reading.documents.reverse();
    Ok(reading.documents)
}

/// Files that are being read, the strongest first.
struct Reading<'a> {
    surroundings: &'a Surroundings,
    /// Their paths with symbolic links resolved.
    seen: Vec<PathBuf>,
    documents: Vec<(PathBuf, Document)>,
}

impl Reading<'_> {
    fn add(&mut self, path: &Path) -> Result<()> {
        // A pipe such as `/dev/fd/63` cannot be resolved.
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if self.seen.contains(&real) {
            return Ok(());
        }
        let document = Document::read(path, bytes(path)?)?;
        let included = document.included(path)?;
        self.seen.push(real.clone());
        self.documents.push((path.to_owned(), document));
        for name in included.iter().rev() {
            let included = real.with_file_name(config::path(name, self.surroundings));
            self.add(&included).map_err(|error| error.on(format!("included by {}", path.display())))?;
        }
        Ok(())
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>> {
    let unreadable = |cause| Error::file("read", path, &cause);
    let mut bytes = Vec::new();
    File::open(path).map_err(unreadable)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        let text = format!("{}: is too large for a file of options: more than 4 MiB", path.display());
        return Err(Error::config(text));
    }
    Ok(bytes)
}

fn expanded(path: &Path, surroundings: &Surroundings) -> PathBuf {
    path.to_str().map_or_else(|| path.to_owned(), |text| config::path(text, surroundings).into())
}

/// The files that the glob `pattern` matches, in order of their names. As in mrjob, folders that cannot be read match
/// nothing.
pub(crate) fn matches(pattern: &str) -> Vec<String> {
    let found = glob(pattern).map_or_else(|_| Vec::new(), |found| found.flatten().collect());
    let mut found: Vec<_> = found.into_iter().filter_map(|path| path.into_os_string().into_string().ok()).collect();
    found.sort_unstable();
    found
}

/// What the glob `pattern` matches. As in mrjob a `*` stays within one folder and does not match a dot at the beginning
/// of a name.
pub(crate) fn glob(pattern: &str) -> std::result::Result<glob::Paths, glob::PatternError> {
    let mut single = pattern.to_owned();
    while single.contains("**") {
        single = single.replace("**", "*");
    }
    let options =
        MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };
    glob::glob_with(&single, options)
}

#[cfg(test)]
mod tests {
    use emr_core::config::options::{LABEL, OWNER};
    use emr_core::config::setting::value;

    use super::*;

    fn of(paths: &[PathBuf]) -> Result<Config> {
        load(paths, Typed::default(), Surroundings::default())
    }

    fn owner(config: &Config) -> Option<String> {
        value(config.get(&OWNER).unwrap())
    }

    #[test]
    fn an_included_file_is_weaker_and_beside_the_one_that_includes_it() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("base.conf", "include: a.conf\nrunners: {emr: {owner: base, label: base}}");
        write("a.conf", "include: [base.conf]\nrunners: {emr: {owner: a, num_ec2_instances: 3}}");
        let config = of(&[folder.path().join("a.conf")]).unwrap();
        let label = value(config.get(&LABEL).unwrap());
        assert_eq!((owner(&config).as_deref(), label.as_deref()), (Some("a"), Some("base")));
        write("b.conf", "include: none.conf");
        assert!(of(&[folder.path().join("b.conf")]).is_err());
        let files = |name: &str| files(&[folder.path().join(name)], &Surroundings::default());
        let names =
            |files: Vec<PathBuf>| files.iter().map(|path| path.file_name().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(names(files("a.conf")), ["base.conf", "a.conf"]);
        assert_eq!(names(files("b.conf")), ["b.conf"], "it cannot be loaded, and is one all the same");
        assert!(files("none.conf").is_empty());
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
        assert_eq!(owner(&of(&[a.clone(), b, a]).unwrap()).as_deref(), Some("a"));
    }

    #[test]
    fn globs_are_sorted_and_match_no_hidden_file() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.gz", "a.gz", ".c.gz", "d.txt"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let tree = folder.path().to_str().unwrap();
        assert_eq!(matches(&format!("{tree}/*.gz")), ["/a.gz", "/b.gz"].map(|name| format!("{tree}{name}")));
        assert!(matches(&format!("{tree}/none*")).is_empty());
    }
}
