//! Deletes old files below the scratch URI.
//!
//! Each page of the list is swept while the next ones are listed, by the rules of `emr_core::scratch`. Memory holds a few
//! pages, however many files there are.

mod args;
mod lifecycle;
mod live;
mod page;
mod record;
mod report;

use std::ffi::OsString;
use std::process::ExitCode;

use emr_aws::Aws;
use emr_aws::s3::AgedObjects;
use emr_cli::signal;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::s3_uri::S3Uri;
use emr_core::scratch::FLOOR;
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::{Mutex, watch};

use crate::args::Args;
use crate::live::Living;
use crate::page::Sweeper;
use crate::report::Report;

/// Pages that are swept at once.
const PAGES_AT_ONCE: usize = 4;

/// Runs the tool with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, s3_tmpwatch)
}

async fn s3_tmpwatch(args: Args) -> Result<Outcome> {
    let config = args.account.config_with(args.typed())?;
    let folders = args.folders(&config)?;
    let scratch = Args::scratch(&config)?;
    let limits = args.limits();
    if limits.age < FLOOR {
        emr_cli::warn("nothing younger than two days is deleted");
    }
    if args.print_lifecycle_rule {
        return lifecycle::print(&folders, limits.age());
    }
    let aws = args.account.connect(&config).await?;
    let stop = watch::Sender::new(false);
    let mut report = Report::new(&args.output, args.dry_run);
    let wind_up = || {
        stop.send_replace(true);
    };
    let sweeping = Box::pin(sweep(&aws, &args, (&folders, scratch.as_ref()), &stop, &mut report));
    let unknown = "some files may be deleted that no record names";
    let ((), signal) = signal::hold(sweeping, wind_up, unknown).await?;
    let outcome = signal::ended_by(report.finish(), signal)?;
    Ok(signal.map_or(outcome, Outcome::Signal))
}

/// Sweeps `folders`, one after the other. A folder that cannot be listed does not stop the others; that records cannot be
/// printed stops all, once what is under way has ended.
async fn sweep(
    aws: &Aws,
    args: &Args,
    (folders, scratch): (&[S3Uri], Option<&S3Uri>),
    stop: &watch::Sender<bool>,
    report: &mut Report,
) {
    let living = Living::new(&aws.emr);
    for folder in folders {
        let (limits, dry_run, alone) = (args.limits(), args.dry_run, Mutex::default());
        let sweeper = Sweeper { s3: &aws.s3, living: &living, folder, scratch, limits, dry_run, stop, alone };
        let swept = pages(aws, folder, stop).map(async |page: Result<(Option<String>, AgedObjects)>| {
            let (after, page) = page?;
            if after.is_none() && page.is_last && page.objects.is_empty() {
                emr_cli::say(&format!("nothing lies below {folder}"));
            }
            Ok::<_, Error>(sweeper.sweep(after.as_deref(), &page).await)
        });
        let mut swept = std::pin::pin!(swept.buffer_unordered(PAGES_AT_ONCE));
        while let Some(page) = swept.next().await {
            match page {
                Ok(swept) => {
                    if !report.add(folder, swept) {
                        stop.send_replace(true);
                    }
                }
                Err(error) => report.fail(&error),
            }
        }
    }
}

/// The pages of the list of `folder`, each with the key that it begins after, until `stop` is sent.
fn pages(
    aws: &Aws,
    folder: &S3Uri,
    stop: &watch::Sender<bool>,
) -> impl Stream<Item = Result<(Option<String>, AgedObjects)>> {
    stream::unfold(Some(None), async move |after: Option<Option<String>>| {
        let after = after.filter(|_| !*stop.borrow())?;
        match aws.s3.aged_objects(folder, after.as_deref()).await {
            Ok(page) => {
                let last = page.objects.last().filter(|_| !page.is_last).map(|object| Some(object.key.clone()));
                Some((Ok((after, page)), last))
            }
            Err(error) => Some((Err(error), None)),
        }
    })
}
