//! The logs of a step itself: one of them alone, byte by byte, or as they grow.
//!
//! A program's output must arrive whole or not at all: before anything of a step that has ended is printed, EMR has to have
//! copied all of it. Of a step that runs there is what there is, or with --follow all that comes.

use std::time::Duration;

use clap::ValueEnum;
use emr_cli::signal::Alarm;
use emr_cli::wait::{Patience, given_up, may_pass, say_again};
use emr_cli::{Commands, Text};
use emr_core::claim::pause::pauses;
use emr_core::error::{Error, Outcome, Result};
use emr_core::logs::Stream;
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::model::log::LogFile;
use emr_core::model::place::Place;
use emr_logs::{Logs, Tail};
use tokio::time::{Instant, sleep};

use crate::job_flow::JobFlow;
use crate::link::{Link, Way};
use crate::print::{Printed, none_yet};

/// Longest pause between two looks at a log on a node.
const NODE_PAUSE: Duration = Duration::from_secs(5);

/// The same on S3, to which EMR copies every five minutes.
const S3_PAUSE: Duration = Duration::from_secs(30);

/// How long S3 may lack logs of a step that has ended.
const LAG: Duration = Duration::from_mins(10);

/// A log of a step itself, by the name of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogName {
    /// What EMR says of the step
    Controller,
    /// What Hadoop says
    Syslog,
    /// What the step's program prints
    Stdout,
    /// What it says on stderr
    Stderr,
}

impl LogName {
    const ALL: [Self; 4] = [Self::Controller, Self::Syslog, Self::Stdout, Self::Stderr];

    fn stream(self) -> Stream {
        match self {
            Self::Controller => Stream::Controller,
            Self::Syslog => Stream::Syslog,
            Self::Stdout => Stream::Stdout,
            Self::Stderr => Stream::Stderr,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Controller => "controller",
            Self::Syslog => "syslog",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

/// Which of a step's own logs to print, and for how long.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Own {
    /// Print this log of a step alone, as it is and without a heading; may be repeated
    #[arg(short, long, value_enum, value_name = "LOG", conflicts_with_all = ["list", "cause"])]
    name: Vec<LogName>,

    /// Print the logs of a step, or those that --name names, as they grow, until the step has ended and all is printed
    #[arg(short = 'F', long, conflicts_with_all = ["list", "cause"])]
    follow: bool,

    /// Begin at this byte of the log that --name names
    #[arg(
        long,
        value_name = "BYTE",
        default_value_t = 0,
        hide_default_value = true,
        requires = "name",
        hide_short_help = true
    )]
    from: u64,
}

impl Own {
    /// Whether any of this is asked for.
    pub(crate) fn is_asked_for(&self) -> bool {
        self.follow || !self.name.is_empty()
    }

    /// Checks that the byte is one of one log.
    pub(crate) fn check(&self) -> Result<()> {
        if self.from > 0 && self.name.len() > 1 {
            return Err(Error::usage("--from is a byte of one log, and --name names several"));
        }
        Ok(())
    }
}

/// Prints the logs of one step after another.
pub(crate) struct OwnLogs<'a> {
    own: &'a Own,
    /// What was typed of the way to the nodes.
    ssh: Vec<String>,
    commands: Commands,
    text: Text,
    /// The step whose logs are printed.
    current: Option<(JobFlowId, StepId, Place)>,
    /// What is to be printed after it, by where it is.
    rest: Vec<(Place, Vec<String>)>,
    tails: Vec<(LogName, Tail)>,
    /// The log that was printed last.
    shown: Option<LogName>,
    /// Whether any log of the step was seen.
    has_logs: bool,
}

impl<'a> OwnLogs<'a> {
    pub(crate) fn new(own: &'a Own, ssh: Vec<String>, alarm: Alarm) -> Self {
        let (text, rest, tails) = (Text::with_alarm(alarm), Vec::new(), Vec::new());
        Self { own, ssh, commands: Commands::default(), text, current: None, rest, tails, shown: None, has_logs: false }
    }

    /// Has the commands that go on made by `commands`.
    pub(crate) fn go_on_by(&mut self, commands: Commands) {
        self.commands = commands;
    }

    /// Whether no more is printed.
    pub(crate) fn is_closed(&self) -> bool {
        self.text.is_closed()
    }

    /// Prints the logs of the step of `flow`, or returns why there is nothing to print. `rest` is to be printed after it.
    pub(crate) async fn print(
        &mut self,
        way: &Way<'_>,
        flow: JobFlow,
        rest: &[(JobFlowId, Option<StepId>)],
    ) -> Result<Printed> {
        let Some(step) = flow.step_id() else {
            return Err(Error::usage(format!("{} is a job flow, and --name and --follow are of steps", flow.id()))
                .advise("name a step, or pipe in the record of one"));
        };
        let place = |job_flow: &JobFlowId| way.aws.emr.place(job_flow).clone();
        self.begin(flow.id(), &step, place(flow.id()));
        self.rest.clear();
        for (job_flow, step) in rest {
            let place = place(job_flow);
            let ids = [job_flow.as_str()].into_iter().chain(step.as_ref().map(StepId::as_str)).map(str::to_owned);
            match self.rest.iter_mut().find(|(known, _)| *known == place) {
                Some((_, all)) => all.extend(ids),
                None => self.rest.push((place, ids.collect())),
            }
        }
        let printed = self.print_all(way, flow, &step).await?;
        if !self.is_closed() {
            self.current = None;
        }
        Ok(printed)
    }

    /// Looks until all is printed that is wanted.
    async fn print_all(&mut self, way: &Way<'_>, mut flow: JobFlow, step: &StepId) -> Result<Printed> {
        let (mut link, mut patience, mut of_emr) = (Link::default(), Patience::default(), Patience::default());
        let mut deadline = None;
        for pause in pauses(S3_PAUSE) {
            if !self.text.look_for_reader() {
                break;
            }
            if flow.is_over() || !self.own.follow {
                deadline.get_or_insert_with(|| Instant::now() + self.limit(way.patience));
            }
            let looked = match link.open(way, &flow).await {
                Ok(()) => self.look(way, &flow, &link).await,
                Err(error) => Err(error),
            };
            match looked {
                Ok(Some(printed)) => return Ok(printed),
                Ok(None) => patience.renew(),
                Err(error) if self.is_closed() => return Err(error),
                Err(error) => {
                    let is_first = patience.is_fresh();
                    let looks_elsewhere = link.lose(&error, &flow, self.own.follow.then_some(is_first));
                    // What breaks off while the step runs may be whole at the next look.
                    let may_pass = self.own.follow && (may_pass(&error, true) || !flow.is_over());
                    if !patience.bears(looks_elsewhere || may_pass) {
                        return Err(if self.own.follow { given_up(error) } else { error });
                    }
                    if looks_elsewhere {
                        continue;
                    }
                    say_again(&error, is_first);
                }
            }
            let pause = if link.is_wanted() { pause.min(NODE_PAUSE) } else { pause };
            let left = deadline.map_or(pause, |deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Ok(Err(self.too_late(&flow, step)));
            }
            sleep(pause.min(left)).await;
            flow = again(way, flow, step, &mut of_emr).await?;
        }
        Ok(Ok(()))
    }

    /// Whether anything of the log is printed that the commands would go on with.
    pub(crate) fn has_begun(&self) -> bool {
        self.tails.iter().any(|(_, tail)| tail.done() > self.own.from)
    }

    fn begin(&mut self, job_flow: &JobFlowId, step: &StepId, place: Place) {
        let names = if self.own.name.is_empty() { &LogName::ALL[..] } else { &self.own.name };
        self.tails = names.iter().map(|name| (*name, Tail::new(name.stream(), self.own.from))).collect();
        self.current = Some((job_flow.clone(), step.clone(), place));
        (self.shown, self.has_logs) = (None, false);
    }

    fn limit(&self, patience: Duration) -> Duration {
        if self.own.follow && patience.is_zero() { LAG } else { patience }
    }

    /// Looks once, and prints what there is to be printed. `None` if there is more to come.
    async fn look(&mut self, way: &Way<'_>, flow: &JobFlow, link: &Link) -> Result<Option<Printed>> {
        let Some(step) = &flow.step else { return Ok(None) };
        let is_over = flow.is_over();
        if !flow.has_begun() {
            return Ok(flow.never_began().map(Err));
        }
        let logs = flow.logs(way.aws, link.session())?;
        let files = logs.of_step_itself(&step.id).await?;
        self.has_logs |= !files.is_empty();
        let is_complete = is_over && logs.are_complete(&files, flow.ends(), way.aws.emr.now()).await?;
        let missing = self.tails.iter().find(|(_, tail)| !tail.is_among(&files)).map(|(name, _)| *name);
        let may_print = self.own.follow || missing.is_none() && (is_complete || !is_over);
        if may_print && !self.print_new(&logs, &files).await? {
            return Ok(Some(Ok(())));
        }
        if may_print
            && (is_complete || !self.own.follow)
            && let Some(short) = self.too_short(&step.id)
        {
            return Ok(Some(Err(short)));
        }
        Ok(match missing {
            Some(name) if is_complete && !self.own.name.is_empty() => Some(Err(lacking(&step.id, name))),
            _ if is_complete || may_print && !self.own.follow => Some(Ok(())),
            _ => None,
        })
    }

    /// Prints what is new, and returns whether more is wanted.
    async fn print_new(&mut self, logs: &Logs<'_>, files: &[LogFile]) -> Result<bool> {
        let Self { own, text, tails, shown, .. } = self;
        for (name, tail) in tails {
            let mut print = |bytes: &[u8]| {
                if own.name.is_empty() && *shown != Some(*name) {
                    emr_cli::say(&format!("==> {} <==", name.as_str()));
                    *shown = Some(*name);
                }
                text.print(bytes)
            };
            let read = tail.read(logs, files, &mut print).await;
            if !text.flush()? || !read? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Says which log of `step` ends before the byte that was to come next, if one does.
    fn too_short(&self, step: &StepId) -> Option<Error> {
        let (name, tail) = self.tails.iter().find(|(_, tail)| tail.length() < tail.done())?;
        let (name, length, next) = (name.as_str(), tail.length(), tail.done());
        Some(Error::new(Outcome::No, format!("the log {name} of {step} has only {length} bytes, and no byte {next}")))
    }

    /// Says why the logs of `step` are not printed, or not to their ends.
    fn too_late(&self, flow: &JobFlow, step: &StepId) -> Error {
        if !flow.is_over() || !self.has_logs {
            return none_yet(step.as_str());
        }
        let text = format!("S3 does not have all that {step} has logged yet");
        let advice = if self.own.follow {
            self.commands_for_logs().join("; then ")
        } else {
            "EMR copies logs every five minutes: try --wait-minutes 10".to_owned()
        };
        Error::new(Outcome::TryAgain, text).advise(advice)
    }

    /// The commands that go on with the logs of the step, one for each.
    fn commands_for_logs(&self) -> Vec<String> {
        let Some((job_flow, step, place)) = &self.current else { return Vec::new() };
        let of_log = |(name, tail): &(LogName, Tail)| {
            let from = tail.done().to_string();
            let of_step = ["--emr-job-flow-id", job_flow.as_str(), step.as_str()];
            self.command(&[&["--name", name.as_str(), "--from", &from][..], &of_step].concat(), place)
        };
        self.tails.iter().map(of_log).collect()
    }

    /// The command of this tool with `words`, by the same way to the nodes, on what is at `place`.
    fn command(&self, words: &[&str], place: &Place) -> String {
        let follow = self.own.follow.then_some("--follow");
        let words = ["fetch-logs"].into_iter().chain(follow).chain(words.iter().copied());
        let words: Vec<_> = words.chain(self.ssh.iter().map(String::as_str)).collect();
        self.commands.at(&words, place)
    }

    /// The commands for what was to be printed after the step whose logs are printed, one for each place.
    fn commands_for_the_rest(&self) -> Vec<String> {
        let names: Vec<_> = self.own.name.iter().flat_map(|name| ["--name", name.as_str()]).collect();
        let command = |(place, ids): &(Place, Vec<String>)| {
            let ids: Vec<_> = ids.iter().map(String::as_str).collect();
            self.command(&[names.as_slice(), &ids].concat(), place)
        };
        self.rest.iter().map(command).collect()
    }

    /// Says `why` not all is printed, and how to go on.
    pub(crate) fn give_up(&self, why: &str) {
        if self.current.is_none() {
            return;
        }
        for command in self.commands_for_logs().into_iter().chain(self.commands_for_the_rest()) {
            emr_cli::complain(&format!("{why}; go on with '{command}'"));
        }
    }
}

/// The job flow as it is now, or as it was if EMR does not say.
async fn again(way: &Way<'_>, flow: JobFlow, step: &StepId, patience: &mut Patience) -> Result<JobFlow> {
    let is_first = patience.is_fresh();
    match Box::pin(JobFlow::find(way.aws, flow.id(), Some(step))).await {
        Ok(now) => {
            patience.renew();
            Ok(now)
        }
        Err(error) if patience.bears(may_pass(&error, true)) => {
            say_again(&error, is_first);
            Ok(flow)
        }
        Err(error) => Err(given_up(error)),
    }
}

/// Says that a step whose logs are complete has not this one.
fn lacking(step: &StepId, name: LogName) -> Error {
    Error::new(Outcome::No, format!("{step} has no log {}", name.as_str()))
}
