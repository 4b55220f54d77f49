//! Relative paths. Where one is that of a file here, the file is uploaded, its URI takes the place of the path, and stderr
//! says so. Where it is not, the step would fail on the cluster, and is refused. What is absolute or a URI stays as it is
//! written.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use emr_cli::local_file;
use emr_core::error::{Error, Result};
use emr_core::hadoop_glob;

use crate::files::LocalFiles;

/// What becomes of the name of a file in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// The list says it behind a `#`, and so the file keeps its own.
    Kept,
    /// Nobody asks for it.
    Free,
}

/// The relative path that `text` is; `None` for an absolute one, a URI (`s3://…`, `local:/…`) or nothing.
pub(super) fn path(text: &str) -> Option<&Path> {
    let first = text.split('/').next().unwrap_or_default();
    (!first.is_empty() && !first.contains(':')).then(|| Path::new(text))
}

/// `text`, or the URI that the file gets of which it is the path.
pub(super) fn uploaded(text: String, files: &mut LocalFiles) -> Result<String> {
    match path(&text) {
        Some(path) if path.is_file() => added(&text, path, files),
        Some(path) if !files.leaves_missing() => Err(missing(path)),
        _ => Ok(text),
    }
}

/// The files of `list`, which commas separate, each as [`uploaded`] has it. A glob is all that it matches here.
pub(super) fn all_uploaded(list: &str, name: Name, files: &mut LocalFiles) -> Result<String> {
    let mut all = Vec::new();
    for item in list.split(',') {
        let (written, given) = item.split_once('#').map_or((item, None), |(path, given)| (path, Some(given)));
        for path in found(written, files)? {
            let uri = uploaded(path.clone(), files)?;
            let own = path.rsplit('/').next().filter(|_| uri != path && name == Name::Kept);
            all.push(match given.or(own) {
                Some(name) => format!("{uri}#{name}"),
                None => uri,
            });
        }
    }
    Ok(all.join(","))
}

/// The paths that `written` stands for: itself, or what a relative glob matches.
fn found(written: &str, files: &LocalFiles) -> Result<Vec<String>> {
    let is_glob = hadoop_glob::is_glob(written) && path(written).is_some_and(|path| !path.exists());
    if files.leaves_missing() || !is_glob {
        return Ok(vec![written.to_owned()]);
    }
    let text = |path: PathBuf| {
        let unnamed =
            |path: OsString| Error::usage(format!("{} cannot be named in a list", Path::new(&path).display()));
        path.into_os_string().into_string().map_err(unnamed)
    };
    local_file::matching(written)?.into_iter().map(text).collect()
}

/// Notes the file `path`, which is written as `text`, for the upload, and says where it goes.
fn added(text: &str, path: &Path, files: &mut LocalFiles) -> Result<String> {
    let uri = files.add(path)?;
    emr_cli::say(&format!("{text} is a local file: the step gets {uri}"));
    Ok(uri)
}

/// The error that the relative `path` is not that of a file here.
pub(super) fn missing(path: &Path) -> Error {
    let (shown, is_folder) = (path.display(), path.is_dir());
    let what = if is_folder { "is a directory" } else { "is not here" };
    Error::usage(format!("{shown} {what}, and the step begins in an empty directory on the master")).advise(
        "give a file that is here, a URI, or the absolute path of a file on the master; --no-check-input-paths adds the \
         step without this look",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_relative_path_stays_and_one_of_no_file_is_refused() {
        let mut files = LocalFiles::new(None);
        for text in ["s3://b/job.py", "/etc/passwd", "/none.py", "file:///etc/passwd", "local:/opt/x.jar", ""] {
            assert_eq!(uploaded(text.to_owned(), &mut files).unwrap(), text);
        }
        let listed = "s3://b/a#x,/etc/passwd#y";
        assert_eq!(all_uploaded(listed, Name::Kept, &mut files).unwrap(), listed);
        for (text, words) in
            [("none.py", "none.py is not here"), ("src", "src is a directory"), ("./x/none", "./x/none is not here")]
        {
            let error = uploaded(text.to_owned(), &mut files).unwrap_err();
            assert!(error.to_string().starts_with(words), "{error}");
            assert_eq!(error.outcome.exit_code(), 2);
        }
        let mut lax = LocalFiles::new(None).leaving_missing(true);
        assert_eq!(all_uploaded("none.py,*.none", Name::Kept, &mut lax).unwrap(), "none.py,*.none");
    }

    #[test]
    fn a_file_keeps_its_name_where_that_counts() {
        let mut files = LocalFiles::new(Some("s3://b/tmp/".to_owned()));
        let named = all_uploaded("src/lib.rs,src/lib.rs#x,s3://b/y", Name::Kept, &mut files).unwrap();
        let uri = files.uploads()[0].to.to_string();
        assert_eq!(named, format!("{uri}#lib.rs,{uri}#x,s3://b/y"));
        assert_eq!(all_uploaded("src/l?b.rs", Name::Free, &mut files).unwrap(), uri);
    }
}
