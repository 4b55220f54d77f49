//! Uploads to S3, with a bar for each on a terminal.

use emr_aws::S3;
use emr_core::error::{Error, Result};
use emr_core::model::job_flow::{Body, Upload};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{detail, progress};

/// How many uploads run side by side.
const AT_ONCE: usize = 4;

/// Uploads what is not there yet. Stops with the error of `stop` when that returns.
pub async fn upload(s3: &S3, uploads: &[Upload], stop: impl Future<Output = Error>) -> Result<()> {
    let all = stream::iter(uploads).map(|upload| put(s3, upload)).buffer_unordered(AT_ONCE).try_collect();
    let uploaded = tokio::select! {
        uploaded = all => uploaded,
        error = stop => Err(error),
    };
    s3.abort_unfinished().await;
    uploaded
}

/// The last part of where it goes.
fn name(upload: &Upload) -> String {
    upload.to.key.rsplit('/').next().unwrap_or_default().to_owned()
}

async fn put(s3: &S3, upload: &Upload) -> Result<()> {
    let (what, bytes) = match &upload.body {
        Body::Text(text) => ("the tools' own".to_owned(), text.len() as u64),
        Body::Bytes(bytes) => (name(upload), bytes.len() as u64),
        Body::File(path) => {
            let unreadable = |cause| Error::file("read", path, &cause);
            (path.display().to_string(), path.metadata().map_err(unreadable)?.len())
        }
    };
    let bar = progress::bytes(&what, bytes);
    let sent = Box::pin(s3.put(upload, &|bytes| bar.inc(bytes))).await;
    bar.finish_and_clear();
    let done = if sent? { "uploaded" } else { "there already:" };
    detail(&format!("{done} {} ({what})", upload.to));
    Ok(())
}
