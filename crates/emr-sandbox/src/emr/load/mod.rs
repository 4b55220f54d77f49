//! Loads a recorded account: any output of the AWS CLI about clusters, and objects of S3 beside them.
//!
//! - [`document`] reads a file value by value, so that a file may be larger than memory
//! - [`entry`] converts one cluster to the model's shape
//! - [`loader`] collects clusters and the lists that belong to them
//! - [`left_out`] notes what cannot be kept, for a warning
//!
//! A missing member gets a default. An error names its place in the file.

mod document;
mod entry;
mod left_out;
mod loader;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use self::loader::Loader;
use crate::emr::model::cluster::Cluster;
use crate::s3::RecordedObject;

/// Bytes per read.
const BUFFER: usize = 1 << 20;

/// What a recorded account has.
pub(crate) struct Recorded {
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) objects: Vec<RecordedObject>,
}

/// Loads all `files`. Warns about what is left out.
pub(crate) fn load_all(files: &[impl AsRef<Path>]) -> Result<Recorded, String> {
    let mut loader = Loader::default();
    for file in files {
        let file = file.as_ref();
        let opened = File::open(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let read = document::read(BufReader::with_capacity(BUFFER, opened), &mut loader);
        read.map_err(|reason| format!("{}: {reason}", file.display()))?;
        for note in loader.end_file() {
            log::warn!("{}: {note}", file.display());
        }
    }
    Ok(loader.finish())
}

/// Loads the clusters of one `file`.
#[cfg(feature = "untrusted")]
pub(crate) fn read_all(file: impl std::io::Read) -> Result<Vec<Cluster>, String> {
    let mut loader = Loader::default();
    document::read(file, &mut loader)?;
    loader.end_file();
    Ok(loader.finish().clusters)
}
