//! Relative paths. Where one is that of a file here, the file is uploaded, its URI takes the place of the path, and stderr
//! says so. Where it is not, the step would fail on the cluster, and is refused. What is absolute or a URI stays as it is
//! written.

use std::collections::BTreeMap;
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
    let is_uri = first.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme));
    (!first.is_empty() && !is_uri).then(|| Path::new(text))
}

/// Whether a URI may begin with `text` and a colon.
///
/// Source: RFC 3986, section 3.1
fn is_scheme(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "+.-".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(is_plain)
}

/// Refuses a `text` that Hadoop takes for a URI and that is the path of something here.
pub(super) fn refuse_doubtful(text: &str) -> Result<()> {
    if path(text).is_some() || text.contains("://") || text.starts_with('/') || !Path::new(text).exists() {
        return Ok(());
    }
    let scheme = text.split(':').next().unwrap_or_default();
    Err(Error::usage(format!("{text} is a file here, and a URI of the scheme '{scheme}' to Hadoop"))
        .advise(format!("write ./{text} for the file")))
}

/// `text`, or the URI that the file gets of which it is the path.
pub(super) fn uploaded(text: String, files: &mut LocalFiles) -> Result<String> {
    refuse_doubtful(&text)?;
    match path(&text) {
        Some(path) if path.is_file() => added(&text, path, files),
        Some(path) if !files.leaves_missing() => Err(missing(path)),
        _ => Ok(text),
    }
}

/// The files of `list`, which commas separate, each as [`uploaded`] has it. A glob is all that it matches here. Of two
/// files with one name Hadoop would drop one without a word.
pub(super) fn all_uploaded(list: &str, name: Name, files: &mut LocalFiles) -> Result<String> {
    let mut all = Vec::new();
    let mut names = BTreeMap::new();
    for item in list.split(',') {
        let (written, given) = item.split_once('#').map_or((item, None), |(path, given)| (path, Some(given)));
        for path in found(written, files)? {
            let own_name = given.or_else(|| path.rsplit('/').next()).unwrap_or_default().to_owned();
            let other =
                names.insert(own_name.clone(), path.clone()).filter(|other| name == Name::Kept && *other != path);
            if let Some(other) = other {
                return Err(Error::usage(format!("two files have the name '{own_name}': {other} and {path}"))
                    .advise("name one of them PATH#NAME"));
            }
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
    fn two_files_of_one_name_are_refused_where_names_count() {
        let mut files = LocalFiles::new(Some("s3://b/tmp/".to_owned()));
        for list in ["src/lib.rs,s3://b/lib.rs", "src/lib.rs,src/main.rs#lib.rs", "s3://b/x,s3://b/y/x"] {
            let error = all_uploaded(list, Name::Kept, &mut files).unwrap_err();
            assert!(error.to_string().starts_with("two files have the name '"), "{error}");
            assert_eq!(error.outcome.exit_code(), 2);
            all_uploaded(list, Name::Free, &mut files).unwrap();
        }
        all_uploaded("src/lib.rs,src/lib.rs", Name::Kept, &mut files).unwrap();
    }

    #[test]
    fn a_colon_makes_a_uri_only_behind_a_scheme() {
        for text in ["2013:01.txt", "a b:c", "./a:b.txt"] {
            assert_eq!(path(text), Some(Path::new(text)));
        }
        for text in ["local:/x", "hdfs:/x", "s3://b/k", "/x:y"] {
            assert_eq!(path(text), None, "{text}");
        }
        let folder = tempfile::tempdir_in(".").unwrap();
        let name = folder.path().file_name().unwrap().to_str().unwrap();
        refuse_doubtful(name).unwrap();
        // A folder of this package, which nothing else looks at.
        let doubtful = tempfile::Builder::new().prefix("a:").tempfile_in(".").unwrap();
        let name = doubtful.path().file_name().unwrap().to_str().unwrap().to_owned();
        let error = uploaded(name.clone(), &mut LocalFiles::new(None)).unwrap_err();
        assert!(error.to_string().contains(&format!("write ./{name} for the file")), "{error}");
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
