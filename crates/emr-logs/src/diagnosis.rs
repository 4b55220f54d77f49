//! Finds why a step failed: reads its own logs first, which name its jobs, then the tasks of these, the likeliest first,
//! and no more of them than it takes.

use std::collections::BTreeSet;

use emr_core::diagnose::{Evidence, FailedBootstrap, Scan};
use emr_core::error::{Error, Result};
use emr_core::logs::{Group, Identity, JobNumber, Stream, Subject, bootstrap, grouped, history, step, suspects, tasks};
use emr_core::model::cause::{Cause, CauseKind};
use emr_core::model::id::StepId;
use emr_core::model::log::LogFile;
use futures_util::{StreamExt, stream};

use super::Logs;
use super::text::{Lines, Unpacked};

/// How many attempts have their logs read at once.
const AT_ONCE: usize = 8;

/// The search gives up after so many attempts.
const ATTEMPTS: usize = 200;

/// Only the last so many bytes of a larger log are read, unless it is compressed.
const END: u64 = 64 << 20;

/// A log that unpacks to more bytes is read no further.
const UNPACKED: u64 = 1 << 30;

/// What the logs of a step or of a bootstrap action say about its failure.
#[derive(Debug, Default)]
pub struct Diagnosis {
    /// The probable cause.
    pub cause: Option<Cause>,
    /// The exit code of the step or bootstrap action, as EMR's controller has it.
    pub exit_code: Option<i32>,
    /// How many attempts of tasks are known to have failed.
    pub attempts: u64,
    /// Whether there is any log.
    pub has_logs: bool,
}

/// Evidence that is being gathered, and what could not be read.
#[derive(Default)]
struct Inquiry {
    evidence: Evidence,
    errors: Vec<Error>,
}

impl Inquiry {
    /// Adds what another inquiry has gathered.
    fn add(&mut self, other: Self) {
        self.evidence.add(other.evidence);
        self.errors.extend(other.errors);
    }

    /// The evidence. What could not be read is warned of, and is an error where nothing was found without it.
    fn end(self) -> Result<Evidence> {
        let mut errors = self.errors.into_iter();
        if self.evidence.finding.is_none()
            && let Some(error) = errors.next()
        {
            return Err(error);
        }
        errors.for_each(|error| log::warn!("{error}"));
        Ok(self.evidence)
    }
}

impl Logs<'_> {
    /// The probable cause of the failure of `id`.
    pub async fn cause_of_step(&self, id: &StepId) -> Result<Diagnosis> {
        let groups = grouped(self.list(&step(id)).await?);
        let has_logs = !groups.is_empty();
        let mut inquiry = self.read_groups(groups).await;
        let is_final = inquiry.evidence.is_final();
        let jobs = if is_final { BTreeSet::new() } else { inquiry.evidence.jobs.clone() };
        for job in jobs.into_iter().rev() {
            let of_tasks = self.tasks(job, &mut inquiry).await?;
            inquiry.evidence.prefer(of_tasks.evidence);
            inquiry.errors.extend(of_tasks.errors);
            if inquiry.evidence.is_convincing() {
                break;
            }
        }
        let evidence = inquiry.end()?;
        let attempts = evidence.failed.iter().filter(|id| id.starts_with("attempt_")).count() as u64;
        let cause = evidence.finding.map(|finding| finding.cause);
        Ok(Diagnosis { cause, exit_code: evidence.exit_code, attempts, has_logs })
    }

    /// The logs of `id`, of the tasks of its jobs, and the history of these.
    pub async fn of_step(&self, id: &StepId) -> Result<Vec<LogFile>> {
        let mut files = self.list(&step(id)).await?;
        let inquiry = self.read_groups(grouped(files.clone())).await;
        inquiry.errors.iter().for_each(|error| log::warn!("{error}"));
        for job in inquiry.evidence.jobs.into_iter().rev() {
            let histories = self.list(&history(self.generation, job)).await?;
            files.extend(self.list(&tasks(self.generation, job)).await?);
            let of_job = |file: &LogFile| Identity::of(file.place.path()).subject == Subject::History(job);
            files.extend(histories.into_iter().filter(of_job));
        }
        let groups = grouped(files).into_iter();
        Ok(groups.flat_map(|group| group.logs).map(|(_, file)| file).collect())
    }

    /// Why a bootstrap action failed.
    pub async fn cause_of_bootstrap(&self, failed: &FailedBootstrap) -> Result<Diagnosis> {
        let groups = grouped(self.list(&bootstrap(&failed.node, failed.action)).await?);
        let has_logs = !groups.is_empty();
        let evidence = self.read_groups(groups).await.end()?;
        let cause = evidence.finding.map(|finding| Cause { kind: CauseKind::BootstrapFailure, ..finding.cause });
        Ok(Diagnosis { cause, exit_code: evidence.exit_code, attempts: 0, has_logs })
    }

    /// What the logs of several subjects say.
    async fn read_groups(&self, groups: Vec<Group>) -> Inquiry {
        let mut inquiry = Inquiry::default();
        for group in groups {
            inquiry.add(self.read_group(&group.with_text()).await);
        }
        inquiry
    }

    /// What the tasks of `job` say. `known` has the attempts that are known to have failed, and gets what the history of
    /// the job adds to them.
    async fn tasks(&self, job: JobNumber, known: &mut Inquiry) -> Result<Inquiry> {
        let histories = self.list(&history(self.generation, job)).await?;
        for history in grouped(histories).into_iter().filter(|group| group.subject == Subject::History(job)) {
            known.add(self.read_group(&history).await);
        }
        let groups = suspects(grouped(self.list(&tasks(self.generation, job)).await?), &known.evidence.failed);
        let read = groups.into_iter().take(ATTEMPTS).map(|group| async move { self.read_group(&group).await });
        let mut inquiry = Inquiry::default();
        let mut read = stream::iter(read).buffered(AT_ONCE);
        while let Some(one) = read.next().await {
            inquiry.add(one);
            if inquiry.evidence.is_convincing() {
                break;
            }
        }
        Ok(inquiry)
    }

    /// What the logs of one subject say together. What it printed is read where the others do not convince, and of Spark's
    /// driver always: in cluster mode a Python program and the virtual machine say there what ended them.
    async fn read_group(&self, group: &Group) -> Inquiry {
        let (printed, said): (Vec<_>, Vec<_>) =
            group.logs.iter().partition(|(identity, _)| identity.stream == Stream::Stdout);
        let is_history = matches!(group.subject, Subject::History(_));
        let is_master = matches!(&group.subject, Subject::Attempt(attempt) if attempt.is_master());
        let said = said.into_iter().filter(|(identity, _)| is_history || identity.stream != Stream::Other);
        let mut inquiry = Inquiry::default();
        for logs in [said.collect(), printed] {
            let mut read = stream::iter(logs).map(|(_, file)| self.read_log(file)).buffered(AT_ONCE);
            while let Some(read) = read.next().await {
                match read {
                    Ok(evidence) => inquiry.evidence.add(evidence),
                    Err(error) => inquiry.errors.push(error),
                }
            }
            if inquiry.evidence.is_convincing() && !is_master {
                break;
            }
        }
        inquiry
    }

    /// What one log says.
    pub(super) async fn read_log(&self, file: &LogFile) -> Result<Evidence> {
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
        self.read(file, from, |bytes| unpacked.read(bytes, &mut each)).await?;
        let is_whole = unpacked.end(&mut each);
        if !is_whole && left > 0 {
            log::warn!("{} breaks off, or is damaged", file.place);
        }
        if lines.has_begun() {
            lines.end(&mut |line| scan.line(line));
        }
        Ok(scan.evidence())
    }
}
