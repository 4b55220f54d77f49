//! The readers of what others wrote, as functions of text, for `tests/fuzz`.

use emr_core::error::Result;
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::step::{ActionOnFailure, NewStep};

use crate::files::LocalFiles;
use crate::mrjob;
use crate::step_file::{Defaults, StepText, read};

/// The steps in `text`, the content of `steps.json`, for `cluster`. Files that are not here stay as they are named.
pub fn steps(text: String, cluster: &ClusterDetail) -> Result<Vec<NewStep>> {
    let defaults = Defaults { action_on_failure: ActionOnFailure::Continue, cluster, region: "us-east-1" };
    let mut files = LocalFiles::new(Some("s3://bucket/tmp/".to_owned())).leaving_missing(true);
    read(&StepText { text, origin: "steps.json".to_owned() }, &defaults, &mut files)
}

/// Checks `line`, with which a job of mrjob describes itself.
pub fn job_description(line: &[u8]) -> Result<()> {
    mrjob::check_description(line)
}
