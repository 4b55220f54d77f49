//! The local files that steps need: where each will be on S3, and the upload.

use std::io;
use std::path::{Path, PathBuf};

use emr_core::aws::S3;
use emr_core::aws::s3::Content;
use emr_core::cli::{self, progress};
use emr_core::error::{Error, Result};
use emr_core::model::s3_uri::S3Uri;
use emr_core::policy::upload;
use futures_util::{StreamExt, TryStreamExt, stream};

/// Files uploaded side by side.
const AT_ONCE: usize = 4;

/// Local files, each with its place below the scratch URI.
pub(crate) struct LocalFiles {
    scratch: Option<S3Uri>,
    files: Vec<LocalFile>,
}

struct LocalFile {
    path: PathBuf,
    content: Content,
    to: S3Uri,
}

impl LocalFiles {
    pub(crate) fn new(scratch: Option<S3Uri>) -> Self {
        Self { scratch, files: Vec::new() }
    }

    /// Notes `path` for the upload and returns the URI that it will have.
    pub(crate) fn add(&mut self, path: &Path) -> Result<String> {
        let content = Content::of(path)?;
        let to = self.scratch(path)?.join(&upload::key(&content.to_string(), &name(path)));
        self.note(path, content, to.clone());
        Ok(to.to_string())
    }

    /// Notes the files in the directory `path`, not those in directories below it, as Hadoop reads directories, and
    /// returns the URI that the directory will have.
    pub(crate) fn add_directory(&mut self, path: &Path) -> Result<String> {
        let unreadable = |cause: io::Error| Error::file("read", path, &cause);
        let entries: io::Result<Vec<_>> = std::fs::read_dir(path).map_err(unreadable)?.collect();
        let mut files: Vec<_> = entries.map_err(unreadable)?.into_iter().map(|entry| entry.path()).collect();
        files.retain(|file| file.is_file());
        files.sort();
        if files.is_empty() {
            return Err(Error::usage(format!("the directory {} contains no file", path.display())));
        }
        let contents: Vec<_> = files.iter().map(|file| Content::of(file)).collect::<Result<_>>()?;
        let names: Vec<_> = files.iter().map(|file| name(file)).collect();
        let listing = Content::of_all(names.iter().map(String::as_str).zip(&contents));
        let directory = self.scratch(path)?.join(&upload::key(&listing.to_string(), &name(path)));
        for (number, (file, content)) in files.iter().zip(contents).enumerate() {
            self.note(file, content, directory.join(&format!("{number:05}")));
        }
        Ok(format!("{directory}/"))
    }

    fn note(&mut self, path: &Path, content: Content, to: S3Uri) {
        if !self.files.iter().any(|known| known.to == to) {
            self.files.push(LocalFile { path: path.to_owned(), content, to });
        }
    }

    fn scratch(&self, path: &Path) -> Result<&S3Uri> {
        self.scratch.as_ref().ok_or_else(|| {
            Error::config(format!("{} is a local file, and there is no place to upload it to", path.display()))
                .advise("give --s3-scratch-uri, or set s3_scratch_uri in mrjob.conf")
        })
    }

    /// Uploads the files that are not there yet, several side by side.
    pub(crate) async fn upload(&self, s3: &S3) -> Result<()> {
        let uploads = stream::iter(&self.files).map(|file| put(s3, file));
        uploads.buffer_unordered(AT_ONCE).try_collect().await
    }
}

async fn put(s3: &S3, LocalFile { path, content, to }: &LocalFile) -> Result<()> {
    let bytes = path.metadata().map_err(|cause| Error::file("read", path, &cause))?.len();
    let bar = progress::bytes(&path.display().to_string(), bytes);
    let sent = Box::pin(s3.put_file(path, content, to, &|bytes| bar.inc(bytes))).await;
    bar.finish_and_clear();
    let what = if sent? { "uploaded" } else { "there already:" };
    cli::detail(&format!("{what} {to} ({})", path.display()));
    Ok(())
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_content_is_noted_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        let mut files = LocalFiles::new(Some("s3://b/tmp/".parse().unwrap()));
        let uri = files.add(&path).unwrap();
        assert!(uri.starts_with("s3://b/tmp/files/ba7816bf") && uri.ends_with("/abc"), "{uri}");
        files.add(&path).unwrap();
        assert_eq!(files.files.len(), 1);
    }

    #[test]
    fn a_directory_is_one_place_whatever_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b,1", "b 1", "_hidden"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        std::fs::create_dir(folder.path().join("below")).unwrap();
        let mut files = LocalFiles::new(Some("s3://b/tmp/".parse().unwrap()));
        let uri = files.add_directory(folder.path()).unwrap();
        assert!(files.files.iter().all(|file| file.to.to_string().starts_with(&uri)));
        let mut places: Vec<_> = files.files.iter().map(|file| file.to.clone()).collect();
        places.dedup();
        assert_eq!(places.len(), 3);
    }

    #[test]
    fn without_a_scratch_uri_nothing_goes_anywhere() {
        let error = LocalFiles::new(None).add(Path::new("/etc/passwd")).unwrap_err();
        assert_eq!(error.outcome.exit_code(), 78);
    }
}
