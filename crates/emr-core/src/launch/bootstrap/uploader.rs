//! Collects the uploads of bootstrapping: each file once, below the scratch URI.

use crate::error::Result;
use crate::model::job_flow::JobFlow;
use crate::model::scratch_uri::ScratchUri;
use crate::setup::Source;
use crate::upload;

/// Adds uploads to a job flow.
pub(super) struct Uploader<'a> {
    /// The job flow.
    pub(super) job_flow: &'a mut JobFlow,
    /// The scratch URI, if set.
    pub(super) scratch_uri: Option<&'a str>,
}

impl Uploader<'_> {
    /// The URI of `source`, which a local file has after its upload.
    pub(super) fn place(&mut self, source: &Source) -> Result<String> {
        let (path, content) = match source {
            Source::Remote(uri) => return Ok(uri.clone()),
            Source::Local { path, content } => (path, content),
        };
        let scratch = self.scratch(&format!("{} is a local file", path.display()))?;
        let upload = upload::file(path, *content, &scratch);
        let uri = upload.to.to_string();
        if !self.job_flow.uploads.iter().any(|known| known.to == upload.to) {
            self.job_flow.uploads.push(upload);
        }
        Ok(uri)
    }

    /// The scratch URI. The error without one names `what` needs it.
    pub(super) fn scratch(&self, what: &str) -> Result<ScratchUri> {
        ScratchUri::for_upload(self.scratch_uri, what)
    }
}
