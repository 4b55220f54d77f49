//! The configuration files: where they are found, which others they include, and what in them is for EMR.

use std::path::{Path, PathBuf};

use super::expand::Surroundings;
use super::yaml::{self, Value};
use crate::error::{Error, Result};

/// A file that was read: what it was named, and what is in it.
type Document = (PathBuf, Value);

/// What is in `paths`, or where there are none in the file that the search finds, the weakest file first.
pub(super) fn documents(paths: &[PathBuf], surroundings: &Surroundings) -> Result<Vec<Document>> {
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
    let mut documents = Vec::new();
    while let Some((real, path, document)) = order.pop() {
        // Of a file that is named twice the later mention counts.
        order.retain(|(other, ..)| *other != real);
        documents.push((path, document));
    }
    documents.reverse();
    Ok(documents)
}

/// The options under `runners: emr:` of `document`, which stands in `path`.
pub(super) fn options<'a>(path: &Path, document: &'a Value) -> Result<&'a [(String, Value)]> {
    let wrong = |what: &str| Error::config(format!("{}: {what}", path.display()));
    let section = |value: Option<&'a Value>, what| Value::entries(value).ok_or_else(|| wrong(what));
    section(Some(document), "is not a mapping with runners: in it")?;
    let runners = document.get("runners");
    section(runners, "runners: is not a mapping")?;
    let emr = runners.and_then(|runners| runners.get("emr"));
    section(emr, "runners: emr: is not a mapping of options")
}

/// What is said of the option `name`, which nobody knows.
pub(super) fn unknown(path: &Path, name: &str, near: Option<&str>) -> String {
    let hint = near.map_or_else(String::new, |near| format!(", did you mean {near}?"));
    format!("{}: unknown option {name}{hint}", path.display())
}

/// What a file really is, what it was named, and what is in it.
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

fn search(surroundings: &Surroundings) -> Option<PathBuf> {
    let home = surroundings.path("HOME").map(|home| home.join(".mrjob.conf"));
    let candidates = [surroundings.path("MRJOB_CONF"), home, Some(PathBuf::from("/etc/mrjob.conf"))];
    candidates.into_iter().flatten().find(|path| path.exists())
}
