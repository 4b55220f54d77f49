//! Copies logs to the cluster's `LogUri`, compressed and named as on EMR.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::filesystem::Location;
use crate::s3::Store;

/// Copies every file below `dir`, if it exists, to `to`, compressed. A failure is a warning: the step does not fail
/// because of its logs.
pub(crate) fn copy(dir: &Path, store: &Store, to: &Location) {
    let copied = if dir.exists() { copy_dir(dir, store, to) } else { Ok(()) };
    if let Err(error) = copied {
        log::warn!("cannot archive the logs in {} to {}: {error}", dir.display(), to.uri());
    }
}

fn copy_dir(dir: &Path, store: &Store, to: &Location) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            copy_dir(&entry.path(), store, &to.join(&name))?;
        } else if entry.file_type()?.is_file() {
            copy_file(&entry.path(), store, &to.join(&format!("{name}.gz")))?;
        }
    }
    Ok(())
}

fn copy_file(file: &Path, store: &Store, to: &Location) -> io::Result<()> {
    let compressed = file.with_extension("gz.part");
    let mut encoder = GzEncoder::new(File::create(&compressed)?, Compression::fast());
    io::copy(&mut BufReader::new(File::open(file)?), &mut encoder)?;
    encoder.finish()?;
    let put = to.put_file(store, &compressed);
    fs::remove_file(&compressed)?;
    put
}
