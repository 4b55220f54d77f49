//! The scratch URI (`s3_scratch_uri`): the folder on S3 that a team shares.
//!
//! Logs, locks and uploads are below it. Only this module parses it and says how to set it, so that every tool finds
//! the same locks and gives the same advice. [`crate::scratch`] tells what a key below it is.

use std::str::FromStr;

use crate::error::{Error, Result};
use crate::model::run_id::RunId;
use crate::model::s3_uri::S3Uri;

/// The folder for EMR's logs.
pub(crate) const LOGS: &str = "logs/";

/// The folder for locks.
pub(crate) const LOCKS: &str = "locks/";

/// The folder for uploaded files, each in a folder named by its content.
pub(crate) const FILES: &str = "files/";

/// The folder for the outputs of runs.
pub(crate) const OUTPUTS: &str = "output/";

/// The folder for inputs of steps.
pub(crate) const INPUTS: &str = "inputs/";

/// A folder on S3, with or without a trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScratchUri(S3Uri);

impl ScratchUri {
    /// Parses the scratch URI for an upload. `what`, such as "x.sh is a local file", is the reason in the error.
    ///
    /// # Errors
    ///
    /// A configuration error if `text` is `None`, a usage error if it is not an S3 URI.
    pub fn for_upload(text: Option<&str>, what: &str) -> Result<Self> {
        Self::required(text, &format!("{what}, and there is no place to upload it to"))
    }

    /// Parses the scratch URI for the locks of pools.
    ///
    /// # Errors
    ///
    /// As for [`Self::for_upload`].
    pub fn for_locks(text: Option<&str>) -> Result<Self> {
        Self::required(text, "a pooled job flow needs a scratch URI for its locks")
    }

    /// Parses the scratch URI for an output. `what`, such as "a job without --output writes there", is the reason in
    /// the error.
    ///
    /// # Errors
    ///
    /// As for [`Self::for_upload`].
    pub fn for_output(text: Option<&str>, what: &str) -> Result<Self> {
        Self::required(text, what)
    }

    fn required(text: Option<&str>, problem: &str) -> Result<Self> {
        let advice = "give --s3-scratch-uri, or set s3_scratch_uri in mrjob.conf";
        text.ok_or_else(|| Error::config(problem).advise(advice))?.parse()
    }

    /// The folder for EMR's logs.
    #[must_use]
    pub fn logs(&self) -> S3Uri {
        self.0.join(LOGS)
    }

    /// The folder for locks of pools, also mrjob's.
    #[must_use]
    pub fn locks(&self) -> S3Uri {
        self.0.join(LOCKS)
    }

    /// The folder for uploaded files.
    #[must_use]
    pub fn files(&self) -> S3Uri {
        self.0.join(FILES)
    }

    /// The folder for the output of `run` alone.
    #[must_use]
    pub fn output(&self, run: &RunId) -> S3Uri {
        self.0.join(&format!("{OUTPUTS}{}/", run.as_str()))
    }

    /// The folder for inputs of steps, each in a folder of its own.
    #[must_use]
    pub fn inputs(&self) -> S3Uri {
        self.0.join(INPUTS)
    }
}

impl FromStr for ScratchUri {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        text.parse().map(Self).map_err(|error: Error| error.on("the scratch URI"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Outcome;

    #[test]
    fn logs_locks_and_files_are_below_it() {
        for text in ["s3://b/tmp", "s3://b/tmp/", "s3n://b/tmp"] {
            let scratch: ScratchUri = text.parse().unwrap();
            let places = [scratch.logs(), scratch.locks(), scratch.files()].map(|place| place.to_string());
            assert_eq!(places, ["s3://b/tmp/logs/", "s3://b/tmp/locks/", "s3://b/tmp/files/"], "{text}");
        }
    }

    #[test]
    fn each_run_has_its_own_output() {
        let scratch: ScratchUri = "s3://b/tmp".parse().unwrap();
        let outputs = [1, 2].map(|random| scratch.output(&RunId::from_random(random << 4)).to_string());
        assert!(outputs[0].starts_with("s3://b/tmp/output/") && outputs[0].ends_with('/'), "{outputs:?}");
        assert_ne!(outputs[0], outputs[1]);
    }

    #[test]
    fn without_one_the_error_says_where_to_set_it() {
        let error = ScratchUri::for_upload(None, "x.sh is a local file").unwrap_err();
        assert_eq!(error.outcome, Outcome::Config);
        let text = "x.sh is a local file, and there is no place to upload it to; give --s3-scratch-uri, or set \
            s3_scratch_uri in mrjob.conf";
        assert_eq!(error.to_string(), text);
        assert_eq!(ScratchUri::for_locks(None).unwrap_err().outcome, Outcome::Config);
        assert_eq!(ScratchUri::for_locks(Some("/tmp")).unwrap_err().outcome, Outcome::Usage);
    }
}
