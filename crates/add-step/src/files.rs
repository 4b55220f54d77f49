//! The local files that steps need, and where each will be on S3.

use std::path::Path;

use emr_aws::s3::content_of_file;
use emr_core::error::{Error, Outcome, Result, reason};
use emr_core::model::job_flow::{Body, Upload};
use emr_core::model::scratch_uri::ScratchUri;
use emr_core::setup::Source;
use emr_core::upload;
use tempfile::TempDir;

use crate::input::{self, InputFile};
use crate::pack;
use crate::streaming::Subfolders;

/// Local files, each with its place below the scratch URI.
pub(crate) struct LocalFiles {
    scratch: Option<String>,
    leaves_missing: bool,
    uploads: Vec<Upload>,
    /// Where the archives of directories are until they are uploaded.
    packed: Option<TempDir>,
}

impl LocalFiles {
    pub(crate) fn new(scratch: Option<String>) -> Self {
        Self { scratch, leaves_missing: false, uploads: Vec::new(), packed: None }
    }

    /// The same, where a step's relative path of no file here stays as it is.
    pub(crate) fn leaving_missing(self, leaves_missing: bool) -> Self {
        Self { leaves_missing, ..self }
    }

    /// Whether a step's relative path of no file here stays as it is.
    pub(crate) fn leaves_missing(&self) -> bool {
        self.leaves_missing
    }

    /// What has to be uploaded.
    pub(crate) fn uploads(&self) -> &[Upload] {
        &self.uploads
    }

    /// Notes `path` for the upload and returns the URI that it will have.
    pub(crate) fn add(&mut self, path: &Path) -> Result<String> {
        let upload = upload::file(path, content_of_file(path)?, &self.scratch(path)?);
        Ok(self.note(upload))
    }

    /// Notes the input `path`, a file, a folder or a glob, for the upload, and returns the URIs of the folders that it will
    /// be. In them each file has its own name, from which Hadoop tells what is packed, and which tasks may look at.
    pub(crate) fn add_input(&mut self, path: &Path, subfolders: Subfolders) -> Result<Vec<String>> {
        input::folders(path, subfolders)?.into_iter().map(|files| self.add_folder(path, files)).collect()
    }

    /// Notes `files` of the input `path`, and returns the URI of the folder that they will be in.
    fn add_folder(&mut self, path: &Path, files: Vec<InputFile>) -> Result<String> {
        let contents: Vec<_> = files.iter().map(|file| content_of_file(&file.path)).collect::<Result<_>>()?;
        let names = files.iter().map(|file| file.name.as_str());
        let folder = upload::input_folder(names.zip(&contents), &self.scratch(path)?);
        for (file, content) in files.into_iter().zip(contents) {
            let to = folder.join(&file.name);
            self.note(Upload { body: Body::File(file.path), content, to });
        }
        Ok(format!("{folder}/"))
    }

    /// The URI that `source` has, or will have once it is uploaded.
    pub(crate) fn place(&mut self, source: &Source) -> Result<String> {
        match source {
            Source::Remote(uri) => Ok(uri.clone()),
            Source::Local { path, content } => {
                let upload = upload::file(path, *content, &self.scratch(path)?);
                Ok(self.note(upload))
            }
        }
    }

    /// Notes a `text` of the tools' own, named `name`, for the upload, and returns the URI that it will have.
    pub(crate) fn add_text(&mut self, text: String, name: &str) -> Result<String> {
        let scratch = ScratchUri::for_upload(self.scratch.as_deref(), "a script for the tasks has to be uploaded")?;
        let upload = upload::text(text, name, &scratch);
        Ok(self.note(upload))
    }

    /// Notes `bytes` of the tools' own making, named `name`, for the upload, and returns the URI that they will have.
    pub(crate) fn add_bytes(&mut self, bytes: Vec<u8>, name: &str) -> Result<String> {
        let what = format!("{name} has to be uploaded for the tasks");
        let upload = upload::bytes(bytes, name, &ScratchUri::for_upload(self.scratch.as_deref(), &what)?);
        Ok(self.note(upload))
    }

    /// Packs the directory `path` into an archive of its name.
    pub(crate) fn pack(&mut self, path: &Path) -> Result<Source> {
        if !path.is_dir() {
            return Err(Error::usage(format!("{} is not a directory", path.display())));
        }
        let real = path.canonicalize().map_err(|cause| Error::file("read", path, &cause))?;
        let name = real.file_name().map_or_else(|| "root".into(), |name| name.to_string_lossy());
        let name = path.file_name().map_or(name, |name| name.to_string_lossy());
        // A folder of its own for each, because two may have one name.
        let folder = tempfile::tempdir_in(self.packed()?).map_err(|cause| unpacked(&cause))?.keep();
        let archive = folder.join(format!("{name}.tar.gz"));
        pack::pack(path, &archive)?;
        Ok(Source::Local { content: content_of_file(&archive)?, path: archive })
    }

    fn packed(&mut self) -> Result<&Path> {
        let packed = match self.packed.take() {
            Some(packed) => packed,
            None => tempfile::tempdir().map_err(|cause| unpacked(&cause))?,
        };
        Ok(self.packed.insert(packed).path())
    }

    /// Notes `upload`, unless it is noted, and returns the URI that it will have.
    fn note(&mut self, upload: Upload) -> String {
        let uri = upload.to.to_string();
        if !self.uploads.iter().any(|known| known.to == upload.to) {
            self.uploads.push(upload);
        }
        uri
    }

    fn scratch(&self, path: &Path) -> Result<ScratchUri> {
        ScratchUri::for_upload(self.scratch.as_deref(), &format!("{} is a local file", path.display()))
    }
}

fn unpacked(cause: &std::io::Error) -> Error {
    Error::new(Outcome::Io, format!("cannot make a temporary directory for archives: {}", reason(cause)))
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
        let mut add = |path: &Path| {
            let uris = files.add_input(path, Subfolders::Refuse).unwrap();
            assert_eq!(uris.len(), 1);
            (uris[0].clone(), files.uploads().iter().map(|upload| upload.to.to_string()).collect::<Vec<_>>())
        };
        let (uri, places) = add(folder.path());
        assert_eq!(places, [format!("{uri}b 1"), format!("{uri}b,1.gz")]);
        let (single, places) = add(&folder.path().join("b,1.gz"));
        assert_ne!(single, uri, "an input has no file of another");
        assert_eq!(places[2], format!("{single}b,1.gz"));
        assert_eq!(add(&folder.path().join("b*")).0, uri, "what a glob matches is one folder, too");
    }

    #[test]
    fn a_directory_is_one_archive_of_its_name_however_it_is_spelt() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("lib")).unwrap();
        std::fs::write(folder.path().join("lib/a.py"), "a").unwrap();
        let mut files = files();
        for spelling in ["lib", "lib/", "lib/../lib", "lib/."] {
            let source = files.pack(&folder.path().join(spelling)).unwrap();
            let uri = files.place(&source).unwrap();
            assert!(uri.starts_with("s3://b/tmp/files/") && uri.ends_with("/lib.tar.gz"), "{uri}");
        }
        assert_eq!(files.uploads().len(), 1);
        assert!(files.pack(&folder.path().join("lib/a.py")).unwrap_err().to_string().contains("not a directory"));
    }

    #[test]
    fn without_a_scratch_uri_nothing_goes_anywhere() {
        let error = LocalFiles::new(None).add(Path::new("/etc/passwd")).unwrap_err();
        assert_eq!(error.outcome.exit_code(), 78);
    }
}
