//! The configuration files: where they are found, which others they include, and what in them is for EMR.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::expand::{self, Surroundings};
use super::value::Value;
use super::yaml::{self, Document};
use crate::error::{Error, Result};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 4 << 20;

/// `$MRJOB_CONF`, or else the first of `~/.mrjob.conf` and `/etc/mrjob.conf` that exists.
///
/// A file that is named and is not there is an error: with the options of another file, or with none, a tool would do
/// what nobody asked for.
pub(super) fn search(surroundings: &Surroundings) -> Result<Option<PathBuf>> {
    if let Some(named) = surroundings.path("MRJOB_CONF").map(|path| expanded(&path, surroundings)) {
        // Whatever else is wrong with it, reading it says so.
        if named.try_exists().unwrap_or(true) {
            return Ok(Some(named));
        }
        let missing = Error::config(format!("MRJOB_CONF names {}, which does not exist", named.display()));
        return Err(missing.advise("unset it, or give --conf-path or --no-conf"));
    }
    let home = surroundings.path("HOME").map(|home| home.join(".mrjob.conf"));
    Ok([home, Some(PathBuf::from("/etc/mrjob.conf"))].into_iter().flatten().find(|path| path.exists()))
}

/// The files at `paths` with those that they include, the weakest first: an included file is weaker than the one that
/// includes it. Each is read once, where it is strongest.
pub(super) fn documents(paths: &[PathBuf], surroundings: &Surroundings) -> Result<Vec<(PathBuf, Document)>> {
    let mut reading = Reading { surroundings, seen: Vec::new(), documents: Vec::new() };
    for path in paths.iter().rev() {
        reading.add(&expanded(path, surroundings))?;
    }
    reading.documents.reverse();
    Ok(reading.documents)
}

/// Files that are being read, the strongest first.
struct Reading<'a> {
    surroundings: &'a Surroundings,
    /// What the files really are, behind symbolic links.
    seen: Vec<PathBuf>,
    documents: Vec<(PathBuf, Document)>,
}

impl Reading<'_> {
    fn add(&mut self, path: &Path) -> Result<()> {
        // A pipe has a path that leads nowhere.
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if self.seen.contains(&real) {
            return Ok(());
        }
        let document = read(path)?;
        let included = included(path, &document.value)?;
        self.seen.push(real.clone());
        self.documents.push((path.to_owned(), document));
        for name in included.iter().rev() {
            let included = real.with_file_name(expand::path(name, self.surroundings));
            self.add(&included).map_err(|error| error.on(format!("included by {}", path.display())))?;
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<Document> {
    let unreadable = |cause| Error::file("read", path, &cause);
    let wrong = |what: &str| Error::config(format!("{}: {what}", path.display()));
    let mut bytes = Vec::new();
    File::open(path).map_err(unreadable)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(wrong("is too large for a file of options: more than 4 MiB"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.split(|byte| *byte == b'\n').count();
        wrong(&format!("line {line}: is not text in UTF-8"))
    })?;
    yaml::parse(&text).map_err(|what| wrong(&what))
}

/// The paths that the document in `path` includes.
fn included(path: &Path, document: &Value) -> Result<Vec<String>> {
    let items = document.get("include").map_or(&[][..], Value::items);
    let text = |item: &Value| {
        let text = item.text().map(str::to_owned);
        text.ok_or_else(|| wrong(path, item, "include: is neither a path nor a list of paths"))
    };
    items.iter().map(text).collect()
}

/// The options under `runners: emr:` of the document in `path`.
pub(super) fn options<'a>(path: &Path, document: &'a Value) -> Result<&'a [(String, Value)]> {
    let section = |value: Option<&'a Value>, what| {
        value.map_or(Ok(&[][..]), |value| value.entries().ok_or_else(|| wrong(path, value, what)))
    };
    section(Some(document), "is not a mapping with runners: in it")?;
    let runners = document.get("runners");
    section(runners, "runners: is not a mapping")?;
    let emr = runners.and_then(|runners| runners.get("emr"));
    section(emr, "runners: emr: is not a mapping of options")
}

/// What is to be said of a document that has something, but no place for options.
pub(super) fn doubt(path: &Path, document: &Value) -> Option<String> {
    let is_for_others = document.get("runners").is_none() && document.get("include").is_none();
    let (name, value) = document.entries()?.first().filter(|_| is_for_others)?;
    Some(at(path, value, &format!("{name}: is not read; options stand under runners: and there under emr:")))
}

fn wrong(path: &Path, value: &Value, what: &str) -> Error {
    Error::config(at(path, value, what))
}

/// `what`, said of `value` in the file `path`.
pub(super) fn at(path: &Path, value: &Value, what: &str) -> String {
    match value.place {
        Some(place) => format!("{}: {place}: {what}", path.display()),
        None => format!("{}: {what}", path.display()),
    }
}

fn expanded(path: &Path, surroundings: &Surroundings) -> PathBuf {
    path.to_str().map_or_else(|| path.to_owned(), |text| expand::path(text, surroundings).into())
}
