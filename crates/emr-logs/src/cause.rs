//! Finding why a step failed: its own logs first, which name its jobs; then the tasks of these, the likeliest first, and
//! no more of them than it takes.

use emr_core::diagnose::{FailedBootstrap, Finding, Scan, Told, Weight};
use emr_core::error::{Error, Result};
use emr_core::logs::{Group, Identity, JobNumber, Stream, Subject, bootstrap, grouped, history, step, suspects, tasks};
use emr_core::model::cause::{Cause, CauseKind};
use emr_core::model::id::StepId;
use emr_core::model::log::LogFile;
use futures_util::{StreamExt, stream};

use super::Logs;
use super::text::{Lines, Unpacked};

/// Attempts whose logs are read side by side.
const LOGS_AT_ONCE: usize = 8;

/// Attempts that are read before it is enough.
const ATTEMPTS: usize = 200;

/// Of a larger log only so much of the end is read, where it can be read from there.
const END: u64 = 64 << 20;

/// What unpacks to more is left.
const UNPACKED: u64 = 1 << 30;

/// What was found in the logs of a step.
#[derive(Debug, Default)]
pub struct FoundCause {
    /// The probable cause.
    pub cause: Option<Cause>,
    /// How many attempts of tasks are known to have failed.
    pub attempts: u64,
    /// Whether there was any log.
    pub any: bool,
}

impl Logs<'_> {
    /// The probable cause of the failure of `id`.
    pub async fn cause_of_step(&self, id: &StepId) -> Result<FoundCause> {
        let mut told = Told::default();
        let mut any = false;
        let mut errors = Vec::new();
        for group in grouped(self.list(&step(id)).await?) {
            any = true;
            told.add(self.group_tells(&group.with_text(), &mut errors).await);
        }
        for job in told.jobs.clone().into_iter().rev() {
            let of_tasks = self.tasks_tell(job, &mut told, &mut errors).await?;
            // A task knows best why it failed. What weighs the same and was said of it stands behind that.
            let own = told.finding.take();
            told.add(of_tasks);
            told.weigh(own);
            if told.is_convincing() {
                break;
            }
        }
        tell(&told, errors)?;
        let attempts = told.failed.iter().filter(|id| id.starts_with("attempt_")).count() as u64;
        Ok(FoundCause { cause: told.finding.map(|finding| finding.cause), attempts, any })
    }

    /// The logs of `id`, of the tasks of its jobs, and the history of these.
    pub async fn of_step(&self, id: &StepId) -> Result<Vec<LogFile>> {
        let own = self.list(&step(id)).await?;
        let mut told = Told::default();
        let mut errors = Vec::new();
        for group in grouped(own.clone()) {
            told.add(self.group_tells(&group.with_text(), &mut errors).await);
        }
        for error in errors {
            log::warn!("{error}");
        }
        let mut files = own;
        for job in told.jobs.into_iter().rev() {
            let histories = self.list(&history(self.generation, job)).await?;
            files.extend(self.list(&tasks(self.generation, job)).await?);
            let of_job = |file: &LogFile| Identity::of(file.place.path()).subject == Subject::History(job);
            files.extend(histories.into_iter().filter(of_job));
        }
        let groups = grouped(files).into_iter();
        Ok(groups.flat_map(|group| group.logs).map(|(_, file)| file).collect())
    }

    /// Why a bootstrap action failed.
    pub async fn cause_of_bootstrap(&self, failed: &FailedBootstrap) -> Result<FoundCause> {
        let mut told = Told::default();
        let mut any = false;
        let mut errors = Vec::new();
        for group in grouped(self.list(&bootstrap(&failed.node, failed.action)).await?) {
            any = true;
            told.add(self.group_tells(&group.with_text(), &mut errors).await);
        }
        tell(&told, errors)?;
        let cause = told.finding.map(|finding| Cause { kind: CauseKind::BootstrapFailure, ..finding.cause });
        Ok(FoundCause { cause, attempts: 0, any })
    }

    /// What the tasks of `job` tell, of which `known` has those that are known to have failed; it gets what the job's
    /// history adds to that.
    async fn tasks_tell(&self, job: JobNumber, known: &mut Told, errors: &mut Vec<Error>) -> Result<Told> {
        let histories = self.list(&history(self.generation, job)).await?;
        let histories = grouped(histories).into_iter().filter(|group| group.subject == Subject::History(job));
        for history in histories {
            known.add(self.group_tells(&history, errors).await);
        }
        let groups = suspects(grouped(self.list(&tasks(self.generation, job)).await?), &known.failed);
        let read = groups.into_iter().take(ATTEMPTS).map(|group| async move {
            let mut errors = Vec::new();
            let told = self.group_tells(&group, &mut errors).await;
            (told, errors)
        });
        let mut told = Told::default();
        let mut read = stream::iter(read).buffered(LOGS_AT_ONCE);
        while let Some((one, failures)) = read.next().await {
            errors.extend(failures);
            told.add(one);
            if told.is_convincing() {
                break;
            }
        }
        Ok(told)
    }

    /// What the logs of one subject tell together. What it printed is read where the others say little.
    async fn group_tells(&self, group: &Group, errors: &mut Vec<Error>) -> Told {
        let (printed, said): (Vec<_>, Vec<_>) =
            group.logs.iter().partition(|(identity, _)| identity.stream == Stream::Stdout);
        let is_history = matches!(group.subject, Subject::History(_));
        let said = said.into_iter().filter(|(identity, _)| is_history || identity.stream != Stream::Other);
        let mut told = Told::default();
        for logs in [said.collect(), printed] {
            let tellings = stream::iter(logs).map(|(_, file)| self.log_tells(file)).buffered(LOGS_AT_ONCE);
            let tellings: Vec<_> = tellings.collect().await;
            for telling in tellings {
                match telling {
                    Ok(telling) => told.add(telling),
                    Err(error) => errors.push(error),
                }
            }
            if told.finding.as_ref().is_some_and(|Finding { weight, .. }| *weight >= Weight::Likely) {
                break;
            }
        }
        told
    }

    /// What one log tells.
    async fn log_tells(&self, file: &LogFile) -> Result<Told> {
        let from = if file.is_packed() { 0 } else { file.bytes.saturating_sub(END) };
        let mut scan = Scan::of(&file.place, from == 0);
        let mut lines = Lines::default();
        let mut unpacked = Unpacked::new(file.is_packed());
        let mut left = UNPACKED;
        let mut each = |bytes: &[u8]| {
            left = left.saturating_sub(bytes.len() as u64);
            lines.read(bytes, &mut |line| scan.line(line));
            left > 0
        };
        let read = self.read(file, from, |bytes| unpacked.read(bytes, &mut each));
        read.await?;
        let is_whole = unpacked.end(&mut each);
        if !is_whole && left > 0 {
            log::warn!("{} breaks off, or is damaged", file.place);
        }
        if lines.has_begun() {
            lines.end(&mut |line| scan.line(line));
        }
        Ok(scan.told())
    }
}

/// Warns of what could not be read, which is an error where nothing was found without it.
fn tell(told: &Told, errors: Vec<Error>) -> Result<()> {
    let mut errors = errors.into_iter();
    match errors.next() {
        Some(error) if told.finding.is_none() => Err(error),
        Some(error) => {
            for error in std::iter::once(error).chain(errors) {
                log::warn!("{error}");
            }
            Ok(())
        }
        None => Ok(()),
    }
}
