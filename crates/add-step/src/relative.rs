//! Local files that a step's own arguments name by a relative path.
//!
//! Such a path means nothing on the master, where a step runs in a directory of its own. Where it is that of a file here,
//! the file is uploaded, its URI takes the place of the path, and stderr says so. What is absolute, a URI, or not here
//! stays as it is written.

use std::path::PathBuf;

use emr_core::error::Result;
use emr_core::upload::Item;

use crate::files::LocalFiles;

/// What becomes of the name of a file in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    /// The list says it behind a `#`, and so the file keeps its own.
    Kept,
    /// Nobody asks for it.
    Free,
}

/// The relative path that `text` is, if something is there.
pub(crate) fn local(text: &str) -> Option<PathBuf> {
    match Item::read(text) {
        Item::Local(path) if !text.starts_with("file:") && path.is_relative() && path.exists() => Some(path),
        _ => None,
    }
}

/// `text`, or the URI that the file gets of which it is the path.
pub(crate) fn uploaded(text: String, files: &mut LocalFiles) -> Result<String> {
    match local(&text).filter(|path| path.is_file()) {
        None => Ok(text),
        Some(path) => {
            let uri = files.add(&path)?;
            emr_cli::say(&format!("{text} is a local file: the step gets {uri}"));
            Ok(uri)
        }
    }
}

/// The files of `list`, which commas separate, each as [`uploaded`] has it.
pub(crate) fn all_uploaded(list: &str, name: Name, files: &mut LocalFiles) -> Result<String> {
    let one = |item: &str| {
        let (path, given) = item.split_once('#').map_or((item, None), |(path, given)| (path, Some(given)));
        let uri = uploaded(path.to_owned(), files)?;
        let own = path.rsplit('/').next().filter(|_| uri != path && name == Name::Kept);
        Ok(match given.or(own) {
            Some(name) => format!("{uri}#{name}"),
            None => uri,
        })
    };
    Ok(list.split(',').map(one).collect::<Result<Vec<_>>>()?.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_relative_path_of_a_file_stays() {
        let mut files = LocalFiles::new(None);
        for text in ["s3://b/job.py", "/etc/passwd", "file:///etc/passwd", "none.py", "src", ".", ""] {
            assert_eq!(uploaded(text.to_owned(), &mut files).unwrap(), text);
        }
        assert_eq!(
            all_uploaded("s3://b/a#x,none,/etc/passwd#y", Name::Kept, &mut files).unwrap(),
            "s3://b/a#x,none,/etc/passwd#y"
        );
    }

    #[test]
    fn a_file_keeps_its_name_where_that_counts() {
        let mut files = LocalFiles::new(Some("s3://b/tmp/".to_owned()));
        let named = all_uploaded("src/lib.rs,src/lib.rs#x,s3://b/y", Name::Kept, &mut files).unwrap();
        let uri = files.uploads()[0].to.to_string();
        assert_eq!(named, format!("{uri}#lib.rs,{uri}#x,s3://b/y"));
        assert_eq!(all_uploaded("src/lib.rs", Name::Free, &mut files).unwrap(), uri);
    }
}
