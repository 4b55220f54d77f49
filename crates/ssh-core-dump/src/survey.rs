//! Surveys job flows: first searches all nodes at once, then fetches from all of them at once.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use emr_aws::Aws;
use emr_cli::progress::{self, Bar};
use emr_cli::{Failures, Printer, clock};
use emr_core::config::Config;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::id::JobFlowId;
use emr_ssh::Session;
use futures_util::{StreamExt, stream};
use tokio::task::spawn_blocking;

use crate::args::{Args, Backtrace};
use crate::node::{self, Search, SearchedNode};
use crate::record::{CoreRecord, signal_name};
use crate::remote::{FoundCore, Passed};
use crate::summary::{self, Summary};
use crate::{file_name, local, vault};

/// The number of nodes that are connected to at once.
const NODES_AT_ONCE: usize = 32;

pub(crate) struct Survey<'a> {
    args: &'a Args,
    printer: Printer<CoreRecord>,
    summary: Summary,
    failures: Failures,
    found_any: bool,
    /// Whether a file was reported that cannot be fetched.
    passed_any: bool,
}

/// A core dump, and its record so far.
struct Task {
    core: FoundCore,
    record: CoreRecord,
}

/// What to do with each core dump; owned, because the threads need it for longer than a borrow.
#[derive(Debug, Clone)]
struct Plan {
    delete_after: bool,
    backtrace: Backtrace,
    /// The folder for executables and libraries.
    binaries: PathBuf,
}

/// The result for a node: its records and errors.
type Come = (Vec<CoreRecord>, Vec<Error>);

impl<'a> Survey<'a> {
    pub(crate) fn new(args: &'a Args) -> Self {
        let printer = args.output.printer();
        let (summary, failures) = (Summary::default(), Failures::default());
        Self { args, printer, summary, failures, found_any: false, passed_any: false }
    }

    /// Lists the core dumps of `id`, and fetches them unless only the list is wanted.
    pub(crate) async fn job_flow(&mut self, aws: &Aws, config: &Config, id: &JobFlowId) -> Result<()> {
        let cluster = Box::pin(aws.emr.describe_cluster(id)).await?;
        let nodes = Box::pin(aws.emr.nodes(&cluster)).await?;
        let chosen = self.args.choice.of(&nodes)?;
        let reach = self.args.ssh.reach(config, id)?;
        let session = Session::open(&nodes, &reach).await?;
        let wanted = Search { folders: self.args.folders.clone(), delete: self.args.delete_after };
        let looks = chosen.iter().map(|node| node::look(&session, node, &reach, wanted.clone()));
        let looks = stream::iter(looks).map(async |look| in_thread(look?).await?);
        let looks: Vec<Result<SearchedNode>> = looks.buffer_unordered(NODES_AT_ONCE).collect().await;
        let mut work = Vec::new();
        for look in looks {
            match look {
                Ok(looked) => work.push(self.tasks(id, looked)),
                Err(error) => self.failures.add(&error),
            }
        }
        work.sort_by(|(left, _), (right, _)| left.id().cmp(right.id()));
        self.say_where_else(&work);
        if self.args.list { self.list(work) } else { self.fetch(work).await }
    }

    /// The core dumps of a node that the options select.
    fn tasks(&mut self, id: &JobFlowId, mut looked: SearchedNode) -> (SearchedNode, Vec<Task>) {
        for failure in &looked.listing.failures {
            self.failures.add(&failure.clone().on(looked.id()));
        }
        for unreadable in &looked.listing.unreadable {
            let denied =
                Error::new(Outcome::Denied, format!("{} belongs to another user", path(unreadable))).on(looked.id());
            self.failures
                .add(&denied.advise("let sudo run without a password, or log in as that user with --ssh-user"));
        }
        self.say_passed(&looked);
        let found = std::mem::take(&mut looked.listing.found);
        let mut tasks = Vec::new();
        for core in found {
            let record = self.record(id, &looked, &core);
            if self.is_wanted(&record) {
                tasks.push(Task { core, record });
            }
        }
        self.found_any |= !tasks.is_empty();
        (looked, tasks)
    }

    fn record(&self, job_flow: &JobFlowId, looked: &SearchedNode, core: &FoundCore) -> CoreRecord {
        let [bytes, written, _] = core.identity.numbers;
        let file = node::place(&self.args.output_dir, job_flow.as_str(), looked.id(), core);
        let known = vault::look_up(&file, bytes).unwrap_or_default();
        CoreRecord {
            job_flow_id: job_flow.clone(),
            node: looked.id().clone(),
            path: path(&core.identity.path),
            bytes,
            signal: core.header.signal,
            signal_name: core.header.signal.and_then(signal_name),
            pid: core.header.pid,
            program: core.header.program.clone(),
            executable: core.header.executable.clone(),
            time: time(written),
            partial: core.header.is_partial(bytes),
            file: file.to_string_lossy().into_owned(),
            sha256: known.sha256,
            backtrace: known.backtrace,
        }
    }

    /// Reports files that are core dumps but cannot be fetched as such.
    fn say_passed(&mut self, looked: &SearchedNode) {
        let after = self.args.newer_than.map(|time| time.at(clock::now()).timestamp());
        let is_new =
            |passed: &&Passed| after.is_none_or(|after| i64::try_from(passed.written).is_ok_and(|at| at > after));
        let listing = &looked.listing;
        for (passed, why) in [
            (&listing.empty, "empty: a crash whose core dump did not fit on the disk, or into a limit"),
            (&listing.packed, "compressed, so it is not read: decompress it there, or copy it"),
        ] {
            let paths: Vec<_> = passed.iter().filter(is_new).map(|file| path(&file.path)).collect();
            if paths.is_empty() {
                continue;
            }
            let count = if paths.len() == 1 { "1 file is".to_owned() } else { format!("{} files are", paths.len()) };
            emr_cli::warn(&format!("{}: {count} {why}: {}", looked.id(), summary::few(&paths)));
            self.passed_any = true;
        }
    }

    fn is_wanted(&self, record: &CoreRecord) -> bool {
        let after = self.args.newer_than.map(|time| time.at(clock::now()));
        if record.bytes > self.args.max_bytes {
            emr_cli::say(&format!("{}: {} is too long: {} bytes", record.node, record.path, record.bytes));
            return false;
        }
        after.is_none_or(|after| record.time.is_none_or(|time| time > after))
    }

    /// Reports where the kernel of nodes without core dumps writes them.
    fn say_where_else(&self, work: &[(SearchedNode, Vec<Task>)]) {
        let without = work.iter().filter(|(_, tasks)| tasks.is_empty() && self.args.folders.is_empty());
        let mut elsewhere: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (looked, _) in without {
            if let Some(place) = looked.elsewhere() {
                elsewhere.entry(place).or_default().push(looked.id().to_string());
            }
        }
        for (place, nodes) in elsewhere {
            emr_cli::warn(&format!(
                "the kernel of {} {place}; start job flows with --core-dumps, or core_dumps in mrjob.conf, and \
                 they are in /tmp/cores",
                summary::few(&nodes)
            ));
        }
    }

    fn list(&mut self, work: Vec<(SearchedNode, Vec<Task>)>) -> Result<()> {
        let records = work.into_iter().flat_map(|(_, tasks)| tasks).map(|task| task.record);
        records.into_iter().try_for_each(|record| self.printer.print(&record))
    }

    async fn fetch(&mut self, work: Vec<(SearchedNode, Vec<Task>)>) -> Result<()> {
        let missing = |task: &&Task| task.record.sha256.is_none();
        let missing = work.iter().flat_map(|(_, tasks)| tasks).filter(missing);
        let bytes = missing.fold(0, |sum: u64, task| sum.saturating_add(task.record.bytes));
        let total = progress::bytes("total", bytes);
        let plan = Plan {
            delete_after: self.args.delete_after,
            backtrace: self.args.backtrace,
            binaries: self.args.output_dir.join("binaries"),
        };
        let nodes = work.into_iter().filter(|(_, tasks)| !tasks.is_empty()).map(|(looked, mut tasks)| {
            // Small files come first: a huge file made of holes takes long to hash.
            tasks.sort_by_key(|task| task.record.bytes);
            let (plan, total) = (plan.clone(), total.clone());
            in_thread(move || fetch_all(looked, tasks, &plan, &total))
        });
        let mut come = stream::iter(nodes.collect::<Vec<_>>()).buffer_unordered(NODES_AT_ONCE);
        while let Some(come) = come.next().await {
            let (records, errors) = come?;
            for error in &errors {
                self.failures.add(error);
            }
            for record in records {
                self.summary.add(&record);
                self.printer.print(&record)?;
            }
        }
        total.finish_and_clear();
        Ok(())
    }

    /// Reports an error that does not end the run.
    pub(crate) fn fail(&mut self, error: &Error) {
        self.failures.add(error);
    }

    /// Prints the records that were held back and the summary, and returns the outcome.
    pub(crate) fn finish(mut self) -> Result<Outcome> {
        self.printer.finish()?;
        self.summary.say();
        if self.failures.is_empty() && !self.found_any {
            if !self.passed_any {
                emr_cli::say("there is no core dump");
            }
            return Ok(Outcome::No);
        }
        Ok(self.failures.outcome())
    }
}

/// Fetches the missing core dumps of a node, one after another, as they share one link.
fn fetch_all(mut looked: SearchedNode, tasks: Vec<Task>, plan: &Plan, total: &Bar) -> Come {
    let (mut records, mut errors) = Come::default();
    for mut task in tasks {
        match fetch_one(&mut looked, &mut task, plan, total) {
            Ok(()) => records.push(task.record),
            Err(error) => {
                if task.record.sha256.is_some() {
                    records.push(task.record);
                }
                errors.push(error);
            }
        }
    }
    (records, errors)
}

fn fetch_one(looked: &mut SearchedNode, task: &mut Task, plan: &Plan, total: &Bar) -> Result<()> {
    let Task { core, record } = task;
    let is_new = record.sha256.is_none();
    if is_new {
        let bar = progress::bytes(&format!("{} {}", record.node, file_name::plain(&record.program)), record.bytes);
        let fetched = looked.fetch(core, &PathBuf::from(&record.file), &bar);
        bar.finish_and_clear();
        total.inc(record.bytes);
        record.sha256 = Some(fetched?);
        vault::write_down(record)?;
    }
    if record.backtrace.is_none() && plan.backtrace != Backtrace::None {
        // The core dump is fetched, so a missing backtrace is only a warning.
        record.backtrace = backtrace(looked, core, record, plan).unwrap_or_else(|error| {
            emr_cli::warn(&format!("no backtrace of {}: {error}", record.file));
            None
        });
        if record.backtrace.is_some() {
            vault::write_down(record)?;
        }
    }
    if plan.delete_after {
        if !is_new && !vault::is_sound(record) {
            let changed =
                format!("{} has changed since it was fetched, so it is not deleted on {}", record.file, record.node);
            return Err(Error::new(Outcome::Io, changed));
        }
        looked.delete(core)?;
    }
    Ok(())
}

fn backtrace(
    looked: &mut SearchedNode,
    core: &FoundCore,
    record: &CoreRecord,
    plan: &Plan,
) -> Result<Option<Vec<String>>> {
    match plan.backtrace {
        Backtrace::None => Ok(None),
        Backtrace::Remote => looked.backtrace(core),
        Backtrace::Local => {
            let file = PathBuf::from(&record.file);
            let binaries = looked.fetch_binaries(core, &file, &plan.binaries)?;
            local::backtrace(&core.header, &file, &plan.binaries.join(&binaries.build), &binaries)
        }
    }
}

/// Runs `work`, which blocks, on a thread of its own.
async fn in_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let done = spawn_blocking(work).await;
    done.map_err(|cause| Error::new(Outcome::Bug, format!("a thread ended early: {cause}")))
}

/// A path on a node as text.
fn path(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn time(nanoseconds: u64) -> Option<DateTime<Utc>> {
    i64::try_from(nanoseconds).ok().map(DateTime::from_timestamp_nanos)
}
