//! The reader of what others wrote, for `tests/fuzz`.

use std::path::Path;

use emr_core::error::Result;
use emr_core::model::cluster::Cluster;
use emr_core::usage::JobFlow;

use crate::archive::Archive;

/// The ids of the job flows in the archive at `path`, each once, in their order.
pub fn archived(path: &Path) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    Archive::read(path.to_owned(), |job_flow| ids.push(job_flow.job_flow_id.to_string()))?;
    Ok(ids)
}

/// Adds `cluster` to the archive at `path`.
pub fn archive(path: &Path, cluster: Cluster) -> Result<()> {
    Archive::read(path.to_owned(), drop)?.add(&JobFlow::listed(cluster))
}
