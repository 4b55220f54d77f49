//! A streaming job as a whole: what its tasks share, and what it tells of its course.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::super::filesystem::location::Found;
use super::super::step::{Failed, Workplace};
use super::arguments::Streaming;
use super::cache::Cache;
use super::counters::Counters;
use super::shuffle::Shuffle;
use super::splits::Split;
use super::{map, parallel, reader, reduce, splits};

use crate::lock::lock;

const JOB_CLASS: &str = "org.apache.hadoop.mapreduce.Job";

/// What all tasks of a job share.
pub(super) struct Job<'a> {
    pub(super) workplace: &'a Workplace<'a>,
    pub(super) streaming: &'a Streaming,
    pub(super) cache: &'a Cache,
    pub(super) shuffle: Shuffle,
    /// What is the same in the ids of the application, the job and its tasks.
    pub(super) number: String,
    /// For what tasks hand on; gone with the job.
    pub(super) scratch: PathBuf,
    counters: Mutex<Counters>,
}

impl<'a> Job<'a> {
    pub(super) fn new(workplace: &'a Workplace<'a>, streaming: &'a Streaming, cache: &'a Cache) -> Self {
        Self {
            workplace,
            streaming,
            cache,
            shuffle: Shuffle::of(streaming),
            number: workplace.machine.new_application(),
            scratch: workplace.dir.join("scratch"),
            counters: Mutex::default(),
        }
    }

    /// Says what Hadoop says before a job, in which others look for its ids.
    pub(super) fn announce(&self, inputs: usize) {
        let number = &self.number;
        let say = |class, message: String| self.workplace.say("INFO", class, &message);
        say("org.apache.hadoop.mapred.FileInputFormat", format!("Total input files to process : {inputs}"));
        say(
            "org.apache.hadoop.yarn.client.api.impl.YarnClientImpl",
            format!("Submitted application application_{number}"),
        );
        say(JOB_CLASS, format!("Running job: job_{number}"));
    }

    /// Runs all tasks; answers the directory that has the parts of the output.
    pub(super) fn run(&self, inputs: &[Found]) -> Result<PathBuf, Failed> {
        let parts = self.scratch.join("parts");
        fs::create_dir_all(&parts).map_err(|error| Failed::io("scratch", &error))?;
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let sizes: Vec<_> = inputs.iter().map(|input| (input.size, reader::can_be_cut(input))).collect();
        let splits = splits::cut(&sizes, workers);
        let reducers = self.shuffle.reducers;
        self.each("map", splits.len(), workers, |task| {
            let Split { input, range } = &splits[task];
            map::run(self, task, &inputs[*input], range.clone(), &parts)
        })?;
        self.each("reduce", reducers, workers, |task| reduce::run(self, task, splits.len(), &parts))?;
        Ok(parts)
    }

    /// Runs the tasks of one kind, saying how far they are.
    fn each(
        &self,
        kind: &str,
        count: usize,
        workers: usize,
        work: impl Fn(usize) -> Result<(), Failed> + Sync,
    ) -> Result<(), Failed> {
        let done = AtomicUsize::new(0);
        parallel::each(count, workers, |task| {
            work(task)?;
            let percent = (done.fetch_add(1, Ordering::Relaxed) + 1) * 100 / count;
            let (map, reduce) = if kind == "map" { (percent, 0) } else { (100, percent) };
            self.workplace.say("INFO", JOB_CLASS, &format!(" map {map}% reduce {reduce}%"));
            Ok(())
        })?;
        self.count("Job Counters", &format!("Launched {kind} tasks"), count as u64);
        Ok(())
    }

    /// Counts for the whole job.
    pub(super) fn count(&self, group: &str, counter: &str, amount: u64) {
        let amount = i64::try_from(amount).unwrap_or(i64::MAX);
        lock(&self.counters).add(group, counter, amount);
    }

    /// Adds what a task counted.
    pub(super) fn merge(&self, counters: Counters) {
        lock(&self.counters).merge(counters);
    }

    /// Says what Hadoop says after a job that succeeded.
    pub(super) fn conclude(&self, output: &str) {
        let summary = lock(&self.counters).summary();
        let number = &self.number;
        let say = |class, message: String| self.workplace.say("INFO", class, &message);
        say(JOB_CLASS, format!("Job job_{number} completed successfully"));
        say(JOB_CLASS, summary);
        say("org.apache.hadoop.streaming.StreamJob", format!("Output directory: {output}"));
    }

    /// Removes what tasks handed on and the job's copies of its files.
    pub(super) fn clean_up(&self) {
        if let Err(error) = fs::remove_dir_all(&self.workplace.dir) {
            log::warn!("{}: {error}", self.workplace.dir.display());
        }
    }
}
