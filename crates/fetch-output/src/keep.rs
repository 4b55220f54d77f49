//! Part files in a folder instead of on stdout, and what follows: they may be deleted on S3, once all are safe here.

use std::path::Path;
use std::sync::Arc;

use emr_aws::S3;
use emr_aws::s3::Version;
use emr_cli::{Failures, progress};
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::s3_uri::S3Uri;
use futures_util::{StreamExt, stream};

use crate::folder::{Folder, Kept};
use crate::parts::Part;
use crate::pieces::Pieces;
use crate::tally::{Tally, count};
use crate::transfer::transfer;

/// Objects that are deleted side by side.
const DELETES_AT_ONCE: usize = 8;

/// Keeps `all` in the folder `path`. What is there, whole and unchanged, is not fetched again.
pub(crate) async fn keep(s3: &S3, path: &Path, all: &[Kept], tally: &Arc<Tally>) -> Result<Folder> {
    let mut folder = Folder::open(path)?;
    for kept in all {
        folder.check_place(kept)?;
    }
    let new: Vec<Kept> = all.iter().filter(|kept| !folder.has(kept)).cloned().collect();
    let parts: Vec<Part> = new.iter().map(|kept| kept.part.clone()).collect();
    let bar = progress::bytes("output", parts.iter().map(|part| part.version.bytes).sum());
    let (fetched, written) = (new.len(), Arc::clone(tally));
    let take = move |mut pieces: Pieces| {
        for kept in &new {
            folder.write(kept, &mut pieces)?;
            written.add_file();
        }
        Ok(folder)
    };
    let kept = Box::pin(transfer(s3, &parts, bar.clone(), take)).await;
    bar.finish_and_clear();
    let folder = kept.map_err(|error| {
        error.on(format!("kept {} of {}, then failed", tally.files(), count(fetched as u64, "file")))
    })?;
    folder.sync(all)?;
    let (before, files) = (all.len() - fetched, count(all.len() as u64, "file"));
    emr_cli::say(&format!("{} has {files}: {fetched} fetched, {before} there already", path.display()));
    Ok(folder)
}

/// Removes from `folder` what earlier runs fetched from the outputs of these `marks` and is gone from there. An output
/// without any part file takes nothing with it.
pub(crate) fn tidy(folder: &mut Folder, all: &[Kept], marks: &[Version]) -> Result<()> {
    let is_below = |kept: &Kept, whole: &S3Uri| {
        let at = &kept.part.version.at;
        at.bucket == whole.bucket && at.key.starts_with(&whole.key)
    };
    let whole = marks.iter().map(|mark| parent(&mark.at));
    let whole: Vec<_> = whole.filter(|whole| all.iter().any(|kept| is_below(kept, whole))).collect();
    let removed = folder.remove_gone(&whole, all)?;
    if removed > 0 {
        folder.sync(all)?;
        emr_cli::say(&format!("removed {} of an earlier run, no longer on S3", count(removed, "file")));
    }
    Ok(())
}

/// The folder that `at` lies in.
fn parent(at: &S3Uri) -> S3Uri {
    let end = at.key.rfind('/').map_or(0, |slash| slash + 1);
    S3Uri { bucket: at.bucket.clone(), key: at.key[..end].to_owned() }
}

/// Checks what [`keep`] would refuse in the folder `path`, and changes nothing.
pub(crate) fn check(path: &Path, all: &[Kept]) -> Result<Folder> {
    let folder = Folder::look(path)?;
    for kept in all {
        folder.check_place(kept)?;
    }
    Ok(folder)
}

/// Deletes on S3 what is kept in `folder`: `all`, or nothing. The `marks` of whole outputs go first, because what is left of
/// an output must not pass for a whole one.
pub(crate) async fn delete(s3: &S3, folder: &mut Folder, all: &[Kept], marks: &[Version]) -> Result<Outcome> {
    check_whole(folder, all)?;
    if let Some(lost) = all.iter().find(|kept| !folder.has(kept)) {
        let text = format!("{} has changed since it was fetched; nothing is deleted on S3", lost.name);
        return Err(Error::new(Outcome::Io, text));
    }
    folder.set_deleted(all)?;
    let mut failures = Failures::default();
    let mut gone = delete_versions(s3, marks, &mut failures).await;
    if failures.is_empty() {
        gone += delete_versions(s3, all.iter().map(|kept| &kept.part.version), &mut failures).await;
    }
    let objects = count((all.len() + marks.len()) as u64, "object");
    emr_cli::say(&format!("deleted {gone} of {objects} on S3"));
    Ok(failures.outcome())
}

/// Refuses to delete what may still be written to. What an earlier run began to delete was whole then.
pub(crate) fn check_whole(folder: &Folder, all: &[Kept]) -> Result<()> {
    match all.iter().find(|kept| !kept.part.is_whole && !folder.is_deleted(kept)) {
        Some(kept) => {
            let text = format!("nothing is deleted on S3: the output of {} has no _SUCCESS", kept.part.version.at);
            Err(Error::new(Outcome::No, text).advise("its job may still write; try again once it has ended"))
        }
        None => Ok(()),
    }
}

/// Deletes `versions`, and returns how many are gone.
async fn delete_versions(s3: &S3, versions: impl IntoIterator<Item = &Version>, failures: &mut Failures) -> usize {
    let calls = stream::iter(versions).map(|version| s3.delete_version(version));
    let mut calls = Box::pin(calls.buffer_unordered(DELETES_AT_ONCE));
    let mut gone = 0;
    while let Some(done) = calls.next().await {
        match done {
            Ok(()) => gone += 1,
            Err(error) => failures.add(&error),
        }
    }
    gone
}
