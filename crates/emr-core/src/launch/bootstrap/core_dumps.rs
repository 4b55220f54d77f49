//! The bootstrap action for core dumps: crashing processes leave them in `/tmp/cores`, where ssh-core-dump finds them.

use crate::error::Result;
use crate::model::job_flow::{BootstrapAction, JobFlow};
use crate::model::scratch_uri::ScratchUri;
use crate::upload;

/// The script of the bootstrap action.
const SCRIPT: &str = include_str!("core_dumps/core-dumps.sh");

/// Makes the nodes of `job_flow` leave core dumps.
pub(super) fn add(job_flow: &mut JobFlow, scratch_uri: Option<&str>) -> Result<()> {
    let scratch = ScratchUri::for_upload(scratch_uri, "core dumps need a script on each node")?;
    let script = upload::text(SCRIPT.to_owned(), "core-dumps.sh", &scratch);
    job_flow.bootstrap_actions.push(BootstrapAction {
        name: "core dumps".to_owned(),
        path: script.to.to_string(),
        args: Vec::new(),
        identity: script.content.to_string(),
    });
    job_flow.uploads.push(script);
    Ok(())
}
