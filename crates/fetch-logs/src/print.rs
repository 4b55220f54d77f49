//! What is printed: records of logs, their text, or a record of a cause.

use std::time::Duration;

use emr_aws::Aws;
use emr_cli::{Failures, Output, Printer, Text};
use emr_core::claim::pause::pauses;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::id::StepId;
use emr_core::model::log::LogFile;
use emr_logs::{FoundCause, Logs, Unpacked};
use tokio::time::{Instant, sleep};

use crate::Doing;
use crate::job_flow::{Failed, JobFlow};
use crate::record::{CauseRecord, LogRecord};

/// The longest pause between two looks for logs.
const PAUSE: Duration = Duration::from_secs(30);

/// Prints what was asked for.
pub(crate) enum Printing {
    List(Printer<LogRecord>),
    /// Text, and the logs that could not be read.
    Cat(Text, Failures),
    Cause(Printer<CauseRecord>),
}

/// What came of one target: printed, or why there was nothing to print.
type Printed = std::result::Result<(), Error>;

impl Printing {
    pub(crate) fn new(output: &Output, doing: Doing) -> Self {
        match doing {
            Doing { list: true, .. } => Self::List(output.printer()),
            Doing { cause: true, .. } => Self::Cause(output.printer()),
            _ => Self::Cat(Text::on_stdout(), Failures::default()),
        }
    }

    /// Prints what was asked for of `flow`, looking again for as long as `patience` where there is nothing.
    pub(crate) async fn print(
        &mut self,
        aws: &Aws,
        flow: &JobFlow,
        logs: &Logs<'_>,
        patience: Duration,
    ) -> Result<Printed> {
        let deadline = Instant::now() + patience;
        for pause in pauses(PAUSE) {
            let nothing = match self.look(aws, flow, logs).await? {
                Ok(()) => return Ok(Ok(())),
                Err(nothing) => nothing,
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Err(nothing));
            }
            emr_cli::detail(&format!("{nothing}; looking again"));
            sleep(pause.min(left)).await;
        }
        Ok(Ok(()))
    }

    async fn look(&mut self, aws: &Aws, flow: &JobFlow, logs: &Logs<'_>) -> Result<Printed> {
        if let Self::Cause(printer) = self {
            return print_cause(printer, aws, flow, logs).await;
        }
        let Some(step) = &flow.step else { return self.print_all(flow, logs).await };
        let files = logs.of_step(&step.id).await?;
        for file in &files {
            if !self.print_log(flow, Some(&step.id), file, logs).await? {
                break;
            }
        }
        Ok(if files.is_empty() { Err(none_yet(step.id.as_str())) } else { Ok(()) })
    }

    /// Every log of the job flow.
    async fn print_all(&mut self, flow: &JobFlow, logs: &Logs<'_>) -> Result<Printed> {
        let mut any = false;
        let mut pages = logs.all();
        while let Some(page) = pages.next().await? {
            for file in page {
                any = true;
                if !self.print_log(flow, None, &file, logs).await? {
                    return Ok(Ok(()));
                }
            }
        }
        Ok(if any { Ok(()) } else { Err(none_yet(flow.id().as_str())) })
    }

    /// Prints one log, and returns whether there is any use in more.
    async fn print_log(
        &mut self,
        flow: &JobFlow,
        step: Option<&StepId>,
        file: &LogFile,
        logs: &Logs<'_>,
    ) -> Result<bool> {
        match self {
            Self::List(printer) => {
                printer.print(&LogRecord::new(flow.id().clone(), step.cloned(), file.clone()))?;
                Ok(!printer.is_closed())
            }
            Self::Cat(text, failures) => cat(text, failures, file, logs).await,
            Self::Cause(_) => Ok(false),
        }
    }

    /// Whether nobody reads any more.
    pub(crate) fn is_closed(&self) -> bool {
        match self {
            Self::List(printer) => printer.is_closed(),
            Self::Cat(text, _) => text.is_closed(),
            Self::Cause(printer) => printer.is_closed(),
        }
    }

    /// Prints what was held back, and returns what came of it all.
    pub(crate) fn finish(self) -> Result<Outcome> {
        match self {
            Self::List(mut printer) => printer.finish().map(|()| Outcome::Done),
            Self::Cat(_, failures) => Ok(failures.outcome()),
            Self::Cause(mut printer) => printer.finish().map(|()| Outcome::Done),
        }
    }
}

/// Prints the text of one log, and returns whether there is any use in more. One that cannot be read does not
/// keep the others, and is one of the `failures`.
async fn cat(text: &mut Text, failures: &mut Failures, file: &LogFile, logs: &Logs<'_>) -> Result<bool> {
    if file.is_empty() {
        return Ok(true);
    }
    emr_cli::say(&format!("==> {} <==", file.place));
    let mut unpacked = Unpacked::new(file.is_packed());
    let mut print = |bytes: &[u8]| text.print(bytes);
    let read = logs.read(file, 0, |bytes| unpacked.read(bytes, &mut print)).await;
    let is_whole = unpacked.end(&mut print);
    let is_wanted = text.end()?;
    match read {
        Err(error) => failures.add(&error),
        Ok(()) if !is_whole && is_wanted => emr_cli::warn(&format!("{} breaks off, or is damaged", file.place)),
        Ok(()) => {}
    }
    Ok(is_wanted)
}

async fn print_cause(
    printer: &mut Printer<CauseRecord>,
    aws: &Aws,
    flow: &JobFlow,
    logs: &Logs<'_>,
) -> Result<Printed> {
    let (step_id, found) = match flow.failed(aws).await? {
        Some(Failed::Step(step)) => {
            let found = Box::pin(logs.cause_of_step(&step)).await?;
            (Some(step), found)
        }
        Some(Failed::Bootstrap(failed)) => (None, Box::pin(logs.cause_of_bootstrap(&failed)).await?),
        None => return Ok(Err(Error::new(Outcome::No, flow.unfailed()))),
    };
    let what = step_id.as_ref().map_or_else(|| flow.id().as_str().to_owned(), ToString::to_string);
    let FoundCause { cause, attempts, any } = found;
    let Some(cause) = cause else {
        let none = Error::new(Outcome::No, format!("no cause of a failure is in the logs of {what}"));
        return Ok(Err(if any { none } else { none_yet(&what) }));
    };
    printer.print(&CauseRecord { job_flow_id: flow.id().clone(), step_id, cause, attempts })?;
    Ok(Ok(()))
}

/// That there is no log of `what`, as far as can be seen.
fn none_yet(what: &str) -> Error {
    Error::new(Outcome::No, format!("there is no log of {what}"))
        .advise("EMR copies logs to S3 every five minutes, and when the job flow ends: try --wait-minutes 10")
}
