//! The local files that steps need, and where each will be on S3.

use std::path::Path;

use emr_aws::s3::content_of_file;
use emr_core::error::Result;
use emr_core::model::job_flow::{Body, Upload};
use emr_core::model::scratch_uri::ScratchUri;
use emr_core::upload;

use crate::input;
use crate::streaming::Subfolders;

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

    /// Notes the input `path`, a file or a folder, for the upload, and returns the URI of the folder that it will be. In
    /// it each file has its own name, from which Hadoop tells what is packed, and which tasks may look at.
    pub(crate) fn add_input(&mut self, path: &Path, subfolders: Subfolders) -> Result<String> {
        let files = input::files(path, subfolders)?;
        let contents: Vec<_> = files.iter().map(|file| content_of_file(&file.path)).collect::<Result<_>>()?;
        let names = files.iter().map(|file| file.name.as_str());
        let folder = upload::input_folder(names.zip(&contents), &self.scratch(path)?);
        for (file, content) in files.into_iter().zip(contents) {
            let to = folder.join(&file.name);
            self.note(Upload { body: Body::File(file.path), content, to });
        }
        Ok(format!("{folder}/"))
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
    fn an_input_is_one_folder_whatever_it_holds_and_its_files_keep_their_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b,1.gz", "b 1"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        let mut files = files();
        let uri = files.add_input(folder.path(), Subfolders::Refuse).unwrap();
        let places: Vec<_> = files.uploads().iter().map(|upload| upload.to.to_string()).collect();
        assert_eq!(places, [format!("{uri}b 1"), format!("{uri}b,1.gz")]);
        let single = files.add_input(&folder.path().join("b,1.gz"), Subfolders::Refuse).unwrap();
        assert_ne!(single, uri, "an input has no file of another");
        assert_eq!(files.uploads()[2].to.to_string(), format!("{single}b,1.gz"));
    }

    #[test]
    fn without_a_scratch_uri_nothing_goes_anywhere() {
        let error = LocalFiles::new(None).add(Path::new("/etc/passwd")).unwrap_err();
        assert_eq!(error.outcome.exit_code(), 78);
    }
}
