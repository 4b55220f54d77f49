//! Local files that options name: what they contain, or why nothing can be read there.

use std::path::{Path, PathBuf};

use emr_aws::s3::content_of_file;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::content::Content;

use crate::conf;

/// The content of the file `path`. A variable left in the path is not set, and a glob left in it matched nothing.
pub fn content(path: &Path) -> Result<Content> {
    let text = path.to_string_lossy();
    if text.contains('$') && !path.exists() {
        return Err(Error::new(Outcome::Io, format!("no file is named {text}")).advise("is its variable set?"));
    }
    if text.contains(['*', '?', '[']) && !path.exists() {
        return Err(pattern(&text));
    }
    content_of_file(path)
}

/// Refuses `-`, which `option` names, where a file is written in place: stdout cannot stand for it.
pub(crate) fn refuse_stdout(option: &str, path: &Path) -> Result<()> {
    if path == Path::new("-") {
        let error = Error::usage(format!("{option} needs a file, and - is none"));
        return Err(error.advise("write ./- for one of that name"));
    }
    Ok(())
}

/// The paths that the glob `pattern` matches, in order of their names, and at least one.
pub fn matching(pattern: &str) -> Result<Vec<PathBuf>> {
    let found = conf::glob(pattern).map_err(|wrong| Error::usage(format!("{pattern} is no pattern: {wrong}")))?;
    let mut found = found
        .map(|path| path.map_err(|unread| Error::file("read", unread.path(), unread.error())))
        .collect::<Result<Vec<_>>>()?;
    found.sort_unstable();
    if found.is_empty() { Err(Error::new(Outcome::Io, format!("no file matches {pattern}"))) } else { Ok(found) }
}

/// The error that `text`, in which a file is named, is a pattern. Lists of files have been expanded before.
fn pattern(text: &str) -> Error {
    let found = conf::matches(text);
    match found.as_slice() {
        [] => Error::new(Outcome::Io, format!("no file matches {text}")),
        [first, ..] => Error::usage(format!("{text} is a pattern, and a command names one file at a time"))
            .advise(format!("it matches {}, such as {first}; name each", counted(found.len()))),
    }
}

fn counted(files: usize) -> String {
    if files == 1 { "one file".to_owned() } else { format!("{files} files") }
}
