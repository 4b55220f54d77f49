//! Uploads to S3, with a bar for each on a terminal.

use std::pin::pin;
use std::time::Duration;

use emr_aws::{S3, monotonic};
use emr_core::error::{Error, Result};
use emr_core::model::job_flow::{Body, Upload};
use emr_core::scratch::COUNTS_FOR;
use futures_util::{StreamExt, TryStreamExt, stream};
use log::Level;

use super::{detail, progress};

/// How many uploads run side by side.
const AT_ONCE: usize = 4;

/// How often all uploads are looked at. What takes half a day each time is a file that is too large to be copied.
const PASSES: u32 = 3;

/// Uploads what is not there yet. Stops with the error of `stop` when that returns.
pub async fn upload(s3: &S3, uploads: &[Upload], stop: impl Future<Output = Error>) -> Result<()> {
    let all = async || {
        stream::iter(uploads).map(|upload| put(s3, upload)).buffer_unordered(AT_ONCE).try_collect::<()>().await
    };
    let tell = |level: Level, text: &'static str| log::log!(level, "{text}");
    let uploaded = tokio::select! {
        uploaded = while_it_counts(monotonic::now, all, tell) => uploaded,
        error = pin!(stop) => Err(error),
    };
    s3.abort_unfinished().await;
    uploaded
}

/// Does `pass` again if it took so long that what it found first may not count any more.
async fn while_it_counts(
    now: impl Fn() -> Duration,
    pass: impl AsyncFn() -> Result<()>,
    tell: impl Fn(Level, &'static str),
) -> Result<()> {
    for left in (0..PASSES).rev() {
        let began = now();
        pass().await?;
        if now().saturating_sub(began) <= COUNTS_FOR {
            break;
        }
        if left > 0 {
            tell(Level::Debug, "the uploads have taken half a day: looking again whether all are there");
        } else {
            tell(
                Level::Warn,
                "the uploads take half a day each time: s3-tmpwatch may delete some before they are used",
            );
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use futures_util::FutureExt;

    use super::*;

    /// How many passes there are if they take so many hours, and what is told.
    async fn passes(hours: &[u64]) -> (usize, Vec<(Level, &'static str)>) {
        let (now, done, told) = (Cell::new(Duration::ZERO), Cell::new(0), RefCell::new(Vec::new()));
        let pass = async || {
            now.set(now.get() + Duration::from_hours(hours[done.get()]));
            done.set(done.get() + 1);
            Ok(())
        };
        let tell = |level: Level, text: &'static str| told.borrow_mut().push((level, text));
        while_it_counts(|| now.get(), pass, tell).await.unwrap();
        (done.get(), told.into_inner())
    }

    #[test]
    fn uploads_that_take_longer_than_they_count_are_looked_at_again() {
        let again = (Level::Debug, "the uploads have taken half a day: looking again whether all are there");
        let never = "the uploads take half a day each time: s3-tmpwatch may delete some before they are used";
        for (hours, expected, counts) in
            [(&[12, 1, 1][..], 1, true), (&[30, 1, 1], 2, true), (&[30, 13, 1, 1], 3, true), (&[30; 5], 3, false)]
        {
            let mut words = vec![again; expected - 1];
            words.extend((!counts).then_some((Level::Warn, never)));
            assert_eq!(passes(hours).now_or_never(), Some((expected, words)), "{hours:?}");
        }
    }
}
