//! A log that grows, and is moved from its node to S3 while it does: what is new of it since the last look.
//!
//! A log is the hours into which EMR cuts it, one behind the other, so that a byte of it has one number wherever it is read.
//! S3 lags behind the node: a copy that is shorter than what is known already has nothing new.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use emr_core::error::{Error, Outcome, Result};
use emr_core::logs::{Stream, hours, step};
use emr_core::model::id::StepId;
use emr_core::model::log::{LogFile, Place};

use super::Logs;
use super::text::Unpacked;

/// How long after the end EMR may take to copy logs: twice the five minutes between its copies.
const LAG: TimeDelta = TimeDelta::minutes(10);

/// Bytes that are passed on at once: whole, or not at all where no more is wanted.
const PIECE: usize = 4096;

/// When a step and its job flow ended, as far as they did.
#[derive(Debug, Clone, Copy)]
pub struct Ends {
    /// When the step ended.
    pub step: Option<DateTime<Utc>>,
    /// When its job flow did.
    pub job_flow: Option<DateTime<Utc>>,
}

/// One log of a step, and how much of it was passed on.
#[derive(Debug)]
pub struct Tail {
    stream: Stream,
    done: u64,
    /// How long the log was at the last look.
    length: u64,
    /// The files that were read to their ends, as they were then, and the length of their text.
    read: BTreeMap<Place, (LogFile, u64)>,
    /// The hours that the log had on its node at the last look there, and how long the newest was.
    on_node: Option<(Vec<Place>, u64)>,
}

impl Tail {
    /// The log `stream`, from the byte `from` on.
    #[must_use]
    pub fn new(stream: Stream, from: u64) -> Self {
        Self { stream, done: from, length: 0, read: BTreeMap::new(), on_node: None }
    }

    /// Which log it is.
    #[must_use]
    pub fn stream(&self) -> Stream {
        self.stream
    }

    /// The byte that comes next.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done
    }

    /// How long the log was at the last look, in bytes, where it was read to its end.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Whether it is among `files`.
    #[must_use]
    pub fn is_among(&self, files: &[LogFile]) -> bool {
        !hours(files, self.stream).is_empty()
    }

    /// Passes what is new in `files`, those of its step, to `each`, until that returns false. Returns whether more is wanted.
    /// A log that breaks off is an error, and is passed on as far as it goes.
    pub async fn read(
        &mut self,
        logs: &Logs<'_>,
        files: &[LogFile],
        each: &mut impl FnMut(&[u8]) -> bool,
    ) -> Result<bool> {
        let mut begins = 0;
        let files = hours(files, self.stream);
        self.look_for_a_cut(&files);
        for file in files {
            let known = self.read.get(&file.place).filter(|(seen, _)| *seen == file).map(|(_, length)| *length);
            let length = known.or((!file.is_packed()).then_some(file.bytes));
            match length {
                Some(length) if begins + length <= self.done => begins += length,
                _ => {
                    let Some(ends) = self.read_file(logs, &file, begins, each).await? else { return Ok(false) };
                    self.read.insert(file.place.clone(), (file, ends - begins));
                    begins = ends;
                }
            }
        }
        self.length = begins;
        Ok(true)
    }

    /// Begins again with the newest hour where that has become shorter on its node: its program has emptied it. S3 has a
    /// shorter one because it lags.
    fn look_for_a_cut(&mut self, hours: &[LogFile]) {
        let Some((newest, older)) = hours.split_last() else { return };
        if !matches!(newest.place, Place::Node { .. }) {
            return;
        }
        let places: Vec<_> = hours.iter().map(|file| file.place.clone()).collect();
        let is_cut = |(before, bytes): &(Vec<Place>, u64)| *before == places && newest.bytes < *bytes;
        let is_cut = self.on_node.as_ref().is_some_and(is_cut);
        self.on_node = Some((places, newest.bytes));
        let length = |file: &LogFile| self.read.get(&file.place).map_or(file.bytes, |(_, length)| *length);
        let begins = older.iter().map(length).sum();
        if is_cut && self.done > begins {
            log::warn!("{} was cut to {} bytes, and is read from its beginning", newest.place, newest.bytes);
            self.done = begins;
        }
    }

    /// Passes on what is new in `file`, which begins at the byte `begins` of the log. Returns where it ends; `None` if no
    /// more is wanted.
    async fn read_file(
        &mut self,
        logs: &Logs<'_>,
        file: &LogFile,
        begins: u64,
        each: &mut impl FnMut(&[u8]) -> bool,
    ) -> Result<Option<u64>> {
        let from = if file.is_packed() { 0 } else { self.done.saturating_sub(begins) };
        let (mut at, mut is_wanted) = (begins + from, true);
        let mut pass = |text: &[u8]| {
            let old = usize::try_from(self.done.saturating_sub(at)).unwrap_or(usize::MAX).min(text.len());
            at += text.len() as u64;
            for piece in text[old..].chunks(PIECE) {
                is_wanted = each(piece);
                if !is_wanted {
                    break;
                }
                self.done += piece.len() as u64;
            }
            is_wanted
        };
        let mut unpacked = Unpacked::new(file.is_packed());
        logs.read(file, from, |bytes| unpacked.read(bytes, &mut pass)).await?;
        let is_whole = unpacked.end(&mut pass);
        if is_wanted && !is_whole {
            return Err(broken(&file.place));
        }
        Ok(is_wanted.then_some(at))
    }
}

/// The error that the log at `place` is not all of it.
#[must_use]
pub fn broken(place: &Place) -> Error {
    Error::new(Outcome::No, format!("{place} breaks off, or is damaged"))
}

impl Logs<'_> {
    /// The logs of `id` itself, without those of its tasks. That its node does not answer is an error: S3 may lack what is
    /// there.
    pub async fn of_step_itself(&self, id: &StepId) -> Result<Vec<LogFile>> {
        let folders = step(id);
        let mut on_nodes = self.list_on_nodes(&folders).await;
        match on_nodes.errors.pop() {
            Some(error) => Err(error),
            None => self.add_those_on_s3(on_nodes, &folders).await,
        }
    }

    /// Whether `files` are all that a step has written, by `now`. On its node a log is; of S3 the controller's tells, which
    /// EMR writes last: it is newer than the end, or has the exit code. One that was stopped with its job flow has neither:
    /// then S3 has what it will ever have once EMR has had its time.
    pub async fn are_complete(&self, files: &[LogFile], ends: Ends, now: DateTime<Utc>) -> Result<bool> {
        let controller = hours(files, Stream::Controller).pop();
        let is_on_node = |file: &LogFile| matches!(file.place, Place::Node { .. });
        if files.iter().any(is_on_node) && controller.as_ref().is_none_or(is_on_node) {
            return Ok(true);
        }
        let is_late = !files.is_empty() && ends.job_flow.is_some_and(|ended| now - ended >= LAG);
        let Some(controller) = controller.filter(|_| !is_late) else { return Ok(is_late) };
        let seconds = |time: Option<DateTime<Utc>>| time.map(|time| time.timestamp());
        let ended = ends.step.or(ends.job_flow);
        if ended.is_some() && seconds(controller.time) >= seconds(ended) {
            return Ok(true);
        }
        Ok(self.read_log(&controller).await?.exit_code.is_some())
    }
}
