//! A streaming job: what its tasks share, and what Hadoop logs about it.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use super::cache::Cache;
use super::counters::Counters;
use super::plan::Plan;
use crate::lock::lock;
use crate::run::failure::Failure;
use crate::run::workplace::Workplace;

const JOB_CLASS: &str = "org.apache.hadoop.mapreduce.Job";

/// What all tasks of a job share.
pub(super) struct Job<'a> {
    pub(super) workplace: &'a Workplace<'a>,
    pub(super) plan: &'a Plan,
    pub(super) cache: &'a Cache,
    /// The common part of the ids of the application, the job and its tasks: `1763791200000_0001`.
    pub(super) number: String,
    /// The directory for data between tasks; removed at the end of the job.
    pub(super) scratch: PathBuf,
    counters: Mutex<Counters>,
}

impl<'a> Job<'a> {
    pub(super) fn new(workplace: &'a Workplace<'a>, plan: &'a Plan, cache: &'a Cache) -> Self {
        Self {
            workplace,
            plan,
            cache,
            number: workplace.machine.new_application(),
            scratch: workplace.dir.join("scratch"),
            counters: Mutex::default(),
        }
    }

    /// Makes the directory for the parts of the output, and returns it.
    pub(super) fn make_parts(&self) -> Result<PathBuf, Failure> {
        let parts = self.scratch.join("parts");
        fs::create_dir_all(&parts).map_err(|error| Failure::io("scratch", &error))?;
        Ok(parts)
    }

    /// Logs what Hadoop logs before a job. Readers of logs find the job's ids there.
    pub(super) fn log_start(&self, inputs: usize) {
        let number = &self.number;
        let log = |class, message: String| self.workplace.log("INFO", class, &message);
        log("org.apache.hadoop.mapred.FileInputFormat", format!("Total input files to process : {inputs}"));
        log(
            "org.apache.hadoop.yarn.client.api.impl.YarnClientImpl",
            format!("Submitted application application_{number}"),
        );
        log(JOB_CLASS, format!("Running job: job_{number}"));
    }

    /// Logs the progress of the job.
    pub(super) fn log_progress(&self, map_percent: usize, reduce_percent: usize) {
        self.workplace.log("INFO", JOB_CLASS, &format!(" map {map_percent}% reduce {reduce_percent}%"));
    }

    /// Logs what Hadoop logs after a successful job.
    pub(super) fn log_success(&self) {
        let summary = lock(&self.counters).summary();
        let log = |class, message: String| self.workplace.log("INFO", class, &message);
        log(JOB_CLASS, format!("Job job_{} completed successfully", self.number));
        log(JOB_CLASS, summary);
        log("org.apache.hadoop.streaming.StreamJob", format!("Output directory: {}", self.plan.output));
    }

    /// Logs the failure of a background job.
    pub(super) fn log_background_failure(&self, failure: &Failure) {
        let message = format!("Job job_{} failed: {} {}", self.number, failure.reason, failure.message);
        self.workplace.log("INFO", JOB_CLASS, &message);
    }

    /// Adds to a counter of the job.
    pub(super) fn count(&self, group: &str, counter: &str, amount: u64) {
        let amount = i64::try_from(amount).unwrap_or(i64::MAX);
        lock(&self.counters).add(group, counter, amount);
    }

    /// Adds the counters of a task.
    pub(super) fn merge(&self, counters: Counters) {
        lock(&self.counters).merge(counters);
    }

    /// Removes the data between tasks and the job's copies of its files.
    pub(super) fn clean_up(&self) {
        if let Err(error) = fs::remove_dir_all(&self.workplace.dir) {
            log::warn!("cannot remove the job's directory {}: {error}", self.workplace.dir.display());
        }
    }
}
