//! The local files that steps need, and where each will be on S3.

use std::io;
use std::path::Path;

use emr_aws::s3::content_of_file;
use emr_core::error::{Error, Result};
use emr_core::model::content::Content;
use emr_core::model::job_flow::{Body, Upload};
use emr_core::model::scratch_uri::ScratchUri;
use emr_core::upload;

/// Local files, each with its place below the scratch URI.
pub(crate) struct LocalFiles {
    scratch: Option<String>,
    uploads: Vec<Upload>,
}

impl LocalFiles {
    pub(crate) fn new(scratch: Option<String>) -> Self {
        Self { scratch, uploads: Vec::new() }
    }

    /// What has to be uploaded.
    pub(crate) fn uploads(&self) -> &[Upload] {
        &self.uploads
    }

    /// Notes `path` for the upload and returns the URI that it will have.
    pub(crate) fn add(&mut self, path: &Path) -> Result<String> {
        let upload = upload::file(path, content_of_file(path)?, &self.scratch(path)?);
        let uri = upload.to.to_string();
        self.note(upload);
        Ok(uri)
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
        let contents: Vec<_> = files.iter().map(|file| content_of_file(file)).collect::<Result<_>>()?;
        let names: Vec<_> = files.iter().map(|file| name(file)).collect();
        let listing = Content::of_all(names.iter().map(String::as_str).zip(&contents));
        let directory = upload::place(&listing, &name(path), &self.scratch(path)?);
        for (number, (file, content)) in files.into_iter().zip(contents).enumerate() {
            self.note(Upload { body: Body::File(file), content, to: directory.join(&format!("{number:05}")) });
        }
        Ok(format!("{directory}/"))
    }

    fn note(&mut self, upload: Upload) {
        if !self.uploads.iter().any(|known| known.to == upload.to) {
            self.uploads.push(upload);
        }
    }

    fn scratch(&self, path: &Path) -> Result<ScratchUri> {
        ScratchUri::for_upload(self.scratch.as_deref(), &format!("{} is a local file", path.display()))
    }
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> LocalFiles {
        LocalFiles::new(Some("s3://b/tmp/".to_owned()))
    }

    #[test]
    fn the_same_content_is_noted_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        let mut files = files();
        let uri = files.add(&path).unwrap();
        assert!(uri.starts_with("s3://b/tmp/files/ba7816bf") && uri.ends_with("/abc"), "{uri}");
        files.add(&path).unwrap();
        assert_eq!(files.uploads().len(), 1);
    }

    #[test]
    fn a_directory_is_one_place_whatever_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b,1", "b 1", "_hidden"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        std::fs::create_dir(folder.path().join("below")).unwrap();
        let mut files = files();
        let uri = files.add_directory(folder.path()).unwrap();
        assert!(files.uploads().iter().all(|upload| upload.to.to_string().starts_with(&uri)));
        let mut places: Vec<_> = files.uploads().iter().map(|upload| upload.to.clone()).collect();
        places.dedup();
        assert_eq!(places.len(), 3);
    }

    #[test]
    fn without_a_scratch_uri_nothing_goes_anywhere() {
        let error = LocalFiles::new(None).add(Path::new("/etc/passwd")).unwrap_err();
        assert_eq!(error.outcome.exit_code(), 78);
    }
}
