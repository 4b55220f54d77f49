//! Prints records of logs, their text, or the record of a cause, and looks again while there is nothing to print.

use std::time::Duration;

use emr_aws::Aws;
use emr_cli::signal::Alarm;
use emr_cli::{Failures, Output, Printer, Text};
use emr_core::claim::pause::pauses;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::id::StepId;
use emr_core::model::log::LogFile;
use emr_logs::{Diagnosis, Logs, Unpacked, broken};
use tokio::time::{Instant, sleep};

use crate::Doing;
use crate::job_flow::{Failed, JobFlow};
use crate::record::{CauseRecord, LogRecord};

/// Longest pause between two looks for logs.
const PAUSE: Duration = Duration::from_secs(30);

/// Prints what was asked for.
pub(crate) enum Printing {
    List(Printer<LogRecord>),
    /// Text, and the logs that could not be read.
    Cat(Text, Failures),
    Cause(Printer<CauseRecord>),
}

/// What came of one target: it was printed, or the reason why there was nothing to print.
pub(crate) type Printed = std::result::Result<(), Error>;

impl Printing {
    pub(crate) fn new(output: &Output, doing: Doing, alarm: Alarm) -> Self {
        match doing {
            Doing { list: true, .. } => Self::List(output.printer()),
            Doing { cause: true, .. } => Self::Cause(output.printer()),
            _ => Self::Cat(Text::with_alarm(alarm), Failures::default()),
        }
    }

    /// Prints what was asked for of `flow`, looking again for as long as `patience` where there is nothing. There are `logs`
    /// unless EMR alone can say why the job flow failed.
    pub(crate) async fn print(
        &mut self,
        aws: &Aws,
        flow: &JobFlow,
        logs: Option<&Logs<'_>>,
        patience: Duration,
    ) -> Result<Printed> {
        let deadline = Instant::now() + patience;
        for pause in pauses(PAUSE) {
            let left = deadline.saturating_duration_since(Instant::now());
            let nothing = match (&mut *self, logs) {
                (Self::Cause(printer), _) => {
                    Searching { aws, flow, logs, is_last: left.is_zero() }.print(printer).await?
                }
                (_, Some(logs)) => self.look(flow, logs).await?,
                (_, None) => Err(none_yet(flow.id().as_str())),
            };
            let Err(nothing) = nothing else { return Ok(Ok(())) };
            if left.is_zero() {
                return Ok(Err(nothing));
            }
            emr_cli::detail(&format!("{nothing}; looking again"));
            sleep(pause.min(left)).await;
        }
        Ok(Ok(()))
    }

    async fn look(&mut self, flow: &JobFlow, logs: &Logs<'_>) -> Result<Printed> {
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

    /// Prints one log, and returns whether more are wanted.
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

    /// Whether the reader has closed the pipe.
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
        Ok(()) if !is_whole && is_wanted => failures.add(&broken(&file.place)),
        Ok(()) => {}
    }
    Ok(is_wanted)
}

/// A search for the cause of a failure.
struct Searching<'a> {
    aws: &'a Aws,
    flow: &'a JobFlow,
    logs: Option<&'a Logs<'a>>,
    /// Whether there will be no other look at the logs.
    is_last: bool,
}

impl Searching<'_> {
    /// Prints the cause that the logs tell, or else, once they have had their time, the reason that EMR gives.
    async fn print(&self, printer: &mut Printer<CauseRecord>) -> Result<Printed> {
        let Some(failed) = self.flow.failed(self.aws).await? else {
            return Ok(Err(Error::new(Outcome::No, self.flow.unfailed())));
        };
        if let (Failed::Step(_), Some(never)) = (&failed, self.flow.never_began()) {
            return Ok(Err(never));
        }
        let diagnosis = self.diagnosis(&failed).await?;
        let failure = self.flow.failure().filter(|_| self.is_last || matches!(failed, Failed::JobFlow));
        let is_of_emr = diagnosis.cause.is_none();
        let Some(cause) = diagnosis.cause.or(failure) else {
            let what = match &failed {
                Failed::Step(step) => step.as_str(),
                _ => self.flow.id().as_str(),
            };
            let none = Error::new(Outcome::No, format!("no cause of a failure is in the logs of {what}"));
            return Ok(Err(if diagnosis.has_logs { none } else { none_yet(what) }));
        };
        let cluster = &self.flow.cluster.cluster;
        printer.print(&CauseRecord {
            job_flow_id: self.flow.id().clone(),
            step_id: if let Failed::Step(step) = failed { Some(step) } else { self.flow.step_id() },
            reason_code: cluster.reason_code.clone().filter(|_| is_of_emr),
            error_details: if is_of_emr { cluster.error_details.clone() } else { Vec::new() },
            exit_code: diagnosis.exit_code,
            cause,
            attempts: diagnosis.attempts,
        })?;
        Ok(Ok(()))
    }

    /// What the logs tell. That they cannot be read is a warning where EMR has a reason of its own.
    async fn diagnosis(&self, failed: &Failed) -> Result<Diagnosis> {
        let Some(logs) = self.logs else { return Ok(Diagnosis::default()) };
        let read = match failed {
            Failed::Step(step) => Box::pin(logs.cause_of_step(step)).await,
            Failed::Bootstrap(failed) => Box::pin(logs.cause_of_bootstrap(failed)).await,
            Failed::JobFlow => Ok(Diagnosis::default()),
        };
        read.or_else(|error| {
            self.flow.failure().ok_or(error.clone())?;
            emr_cli::warn(&error.to_string());
            Ok(Diagnosis::default())
        })
    }
}

/// Says that there is no log of `what` yet.
pub(crate) fn none_yet(what: &str) -> Error {
    Error::new(Outcome::No, format!("there is no log of {what}"))
        .advise("EMR copies logs to S3 every five minutes, and when the job flow ends: try --wait-minutes 10")
}
