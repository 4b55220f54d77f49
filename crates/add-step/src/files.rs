//! The local files that steps need: where each will be on S3, and the upload.

use std::fmt::Write;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use emr_core::aws::S3;
use emr_core::cli::{self, progress};
use emr_core::error::{Error, Result};
use emr_core::model::s3_uri::S3Uri;
use emr_core::policy::upload;
use futures_util::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};

/// Files uploaded side by side.
const AT_ONCE: usize = 4;

/// Local files, each with its place below the scratch URI.
pub(crate) struct LocalFiles {
    scratch: Option<S3Uri>,
    files: Vec<(PathBuf, S3Uri)>,
}

impl LocalFiles {
    pub(crate) fn new(scratch: Option<S3Uri>) -> Self {
        Self { scratch, files: Vec::new() }
    }

    /// Notes `path` for the upload and returns the URI that it will have.
    pub(crate) fn add(&mut self, path: &Path) -> Result<String> {
        let scratch = self.scratch.as_ref().ok_or_else(|| {
            Error::config(format!("{} is a local file, and there is no place to upload it to", path.display()))
                .advise("give --s3-scratch-uri, or set s3_scratch_uri in mrjob.conf")
        })?;
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let uri = scratch.join(&upload::key(&sha256(path)?, &name));
        if !self.files.iter().any(|(_, known)| *known == uri) {
            self.files.push((path.to_owned(), uri.clone()));
        }
        Ok(uri.to_string())
    }

    /// Notes the files in the directory `path`, not those in directories below it, as Hadoop reads directories.
    pub(crate) fn add_directory(&mut self, path: &Path) -> Result<Vec<String>> {
        let unreadable = |cause: io::Error| Error::file("read", path, &cause);
        let entries: io::Result<Vec<_>> = std::fs::read_dir(path).map_err(unreadable)?.collect();
        let mut files: Vec<_> = entries.map_err(unreadable)?.into_iter().map(|entry| entry.path()).collect();
        files.retain(|file| file.is_file());
        files.sort();
        if files.is_empty() {
            return Err(Error::usage(format!("the directory {} contains no file", path.display())));
        }
        files.iter().map(|file| self.add(file)).collect()
    }

    /// Uploads the files that are not there yet, several side by side.
    pub(crate) async fn upload(&self, s3: &S3) -> Result<()> {
        let uploads = stream::iter(&self.files).map(|(path, to)| put(s3, path, to));
        uploads.buffer_unordered(AT_ONCE).try_collect().await
    }
}

async fn put(s3: &S3, path: &Path, to: &S3Uri) -> Result<()> {
    let bytes = path.metadata().map_err(|cause| Error::file("read", path, &cause))?.len();
    let bar = progress::bytes(&path.display().to_string(), bytes);
    let sent = Box::pin(s3.put_file(path, to, &|bytes| bar.inc(bytes))).await;
    bar.finish_and_clear();
    let what = if sent? { "uploaded" } else { "there already:" };
    cli::detail(&format!("{what} {to} ({})", path.display()));
    Ok(())
}

/// The SHA-256 of the file's content, in hexadecimal.
fn sha256(path: &Path) -> Result<String> {
    let unreadable = |cause: io::Error| Error::file("read", path, &cause);
    let file = File::open(path).map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(Error::usage(format!("{} is not a regular file", path.display())));
    }
    let mut hasher = Sha256::new();
    let mut file = BufReader::with_capacity(1 << 20, file);
    loop {
        let block = file.fill_buf().map_err(unreadable)?;
        if block.is_empty() {
            break;
        }
        hasher.update(block);
        let length = block.len();
        file.consume(length);
    }
    Ok(hasher.finalize().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_content_under_two_names_has_one_hash_and_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(&path).unwrap(), expected);
        let mut files = LocalFiles::new(Some("s3://b/tmp/".parse().unwrap()));
        assert_eq!(files.add(&path).unwrap(), format!("s3://b/tmp/files/{expected}/abc"));
        files.add(&path).unwrap();
        assert_eq!(files.files.len(), 1);
    }

    #[test]
    fn a_directory_is_no_file_and_without_a_scratch_uri_nothing_goes_anywhere() {
        let dir = tempfile::tempdir().unwrap();
        assert!(sha256(dir.path()).unwrap_err().to_string().contains("not a regular file"));
        let error = LocalFiles::new(None).add(Path::new("x")).unwrap_err();
        assert_eq!(error.outcome.exit_code(), 78);
    }
}
