//! Runs one command as a task: in its own directory with the job's files, with the job's properties in its environment,
//! and with its standard error in a container's log.

use std::fs::{self, Permissions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;

use emr_core::hadoop_words;

use super::counters::Counters;
use super::job::Job;
use super::variables::{MapInput, TaskId, TaskType};
use crate::run::failure::Failure;
use crate::run::logs::{self, Logs};
use crate::run::program;

/// The size of the buffer before a command's standard input.
const INPUT_BUFFER: usize = 128 * 1024;

/// The mode of a command among the job's files.
const EXECUTABLE: u32 = 0o755;

/// The name of a task's directory for temporary files.
const TEMPORARY: &str = "tmp";

/// A task of a job.
pub(super) struct Task<'a> {
    job: &'a Job<'a>,
    id: TaskId,
    /// What a mapper reads.
    input: Option<MapInput>,
    dir: PathBuf,
    /// The logs of its container.
    logs: Logs,
}

impl<'a> Task<'a> {
    /// Makes the task's directories. YARN numbers containers: first the application master's, then the mappers', then,
    /// after `before` of them, the reducers'.
    pub(super) fn new(
        job: &'a Job<'a>,
        task_type: TaskType,
        number: usize,
        before: usize,
        input: Option<MapInput>,
    ) -> Result<Self, Failure> {
        let id = TaskId { job: job.number.clone(), task_type, number };
        let container = format!("container_{}_01_{:06}", id.job, before + number + 2);
        let application = job.workplace.containers.join(format!("application_{}", id.job));
        let dir = job.scratch.join(id.short());
        let made = fs::create_dir_all(dir.join(TEMPORARY))
            .and_then(|()| job.cache.link_into(&dir))
            .and_then(|()| Logs::create(&application.join(container), &logs::CONTAINER));
        let logs = made.map_err(|error| Failure::io("a task's directory", &error))?;
        Ok(Self { job, id, input, dir, logs })
    }

    /// Writes a line to the task's own `syslog`.
    pub(super) fn log(&self, level: &str, class: &str, message: &str) {
        self.logs.log("syslog", level, class, message);
    }

    /// Runs `command`: `feed` writes its standard input, `take` reads its standard output. Both run at once, so that a
    /// full pipe cannot block the command.
    pub(super) fn run<T>(
        &self,
        command: &str,
        feed: impl FnOnce(&mut BufWriter<ChildStdin>) -> io::Result<()> + Send,
        take: impl FnOnce(ChildStdout) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut command_line = self.command(command)?;
        let process = self.job.workplace.processes.spawn(&mut command_line);
        let mut process = process.map_err(|error| self.not_started(command, &error))?;
        let (stdin, stdout, stderr) =
            (process.child.stdin.take(), process.child.stdout.take(), process.child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = (stdin, stdout, stderr) else {
            return Err(self.failure("a pipe is missing"));
        };
        let (sent, taken, counted) = thread::scope(|scope| {
            let feeder = scope.spawn(|| feed_through(stdin, feed));
            let counter = scope.spawn(|| self.keep_stderr(stderr));
            let taken = take(stdout);
            (feeder.join(), taken, counter.join())
        });
        let status = process.wait().map_err(|error| self.failure(&error.to_string()))?;
        // If `take` failed, its error is the cause of the command's.
        let taken = taken?;
        if !status.success() && self.job.plan.exit_codes_count {
            return Err(self.exit_failure(status));
        }
        let panicked = |_| Err(io::Error::other("the thread panicked"));
        sent.unwrap_or_else(panicked).map_err(|error| self.input_failure(&error))?;
        let counted = counted.unwrap_or_else(|_| Err(io::Error::other("the thread panicked")));
        self.job.merge(counted.map_err(|error| self.io("standard error", &error))?);
        Ok(taken)
    }

    fn command(&self, command: &str) -> Result<Command, Failure> {
        let words = hadoop_words::split(command);
        let [program, args @ ..] = words.as_slice() else {
            return Err(self.failure("java.lang.ArrayIndexOutOfBoundsException: there is no command to run"));
        };
        // As in Hadoop, the job's files precede the `PATH` and need no execute permission.
        let own = self.dir.join(program);
        let mut command = if own.is_file() && !program.starts_with('/') {
            let made = fs::set_permissions(&own, Permissions::from_mode(EXECUTABLE));
            made.map_err(|error| self.io(program, &error))?;
            Command::new(own)
        } else {
            Command::new(program)
        };
        let plan = self.job.plan;
        command.args(args).current_dir(&self.dir).envs(self.id.variables(&plan.properties, self.input.as_ref()));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env("HADOOP_ROOT_LOGGER", "").env("TMPDIR", self.dir.join(TEMPORARY));
        self.job.workplace.machine.environment().set_on(&mut command);
        command.envs(plan.environment.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }

    /// Copies standard error to the container's log, except the counters, which it returns.
    fn keep_stderr(&self, stderr: impl Read) -> io::Result<Counters> {
        let mut counters = Counters::default();
        let mut log = BufWriter::new(self.logs.append("stderr")?);
        let mut lines = BufReader::new(stderr);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            if !counters.take(&self.job.plan.reporter_prefix, String::from_utf8_lossy(&line).trim_end()) {
                log.write_all(&line)?;
            }
            line.clear();
        }
        log.flush()?;
        Ok(counters)
    }

    /// The failure of a command with an error status. Readers of logs search for Hadoop's words.
    fn exit_failure(&self, status: ExitStatus) -> Failure {
        // Java adds 128 to the number of a signal.
        let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or_default();
        let message = format!(
            "Exception running child : java.lang.RuntimeException: \
             PipeMapRed.waitOutputThreads(): subprocess failed with code {code}"
        );
        self.log("WARN", "org.apache.hadoop.mapred.YarnChild", &message);
        self.failure(&program::failure("Task", status, &self.logs.path("stderr")).message)
    }

    /// The failure of a task whose input could not be read, or whose command stopped reading it.
    fn input_failure(&self, error: &io::Error) -> Failure {
        if error.kind() != io::ErrorKind::BrokenPipe {
            return self.io("input", error);
        }
        let cause = "java.io.IOException: Broken pipe";
        self.log("WARN", "org.apache.hadoop.mapred.YarnChild", &format!("Exception running child : {cause}"));
        self.failure(&format!("{cause}: the command ended before it had read all of its input"))
    }

    /// The failure of a command that did not start, in Java's words.
    fn not_started(&self, command: &str, error: &io::Error) -> Failure {
        let program = command.split(' ').next().unwrap_or_default();
        let number = error.raw_os_error().unwrap_or_default();
        let text = error.to_string();
        let reason = text.split(" (os error").next().unwrap_or_default();
        let cause = format!("java.io.IOException: Cannot run program \"{program}\": error={number}, {reason}");
        let message = format!(
            "Exception running child : java.lang.RuntimeException: Error in configuring object\n\
             \tat org.apache.hadoop.util.ReflectionUtils.setJobConf(ReflectionUtils.java:112)\n\
             Caused by: {cause}\n\tat java.lang.ProcessBuilder.start(ProcessBuilder.java:1048)"
        );
        self.log("WARN", "org.apache.hadoop.mapred.YarnChild", &message);
        self.failure(&cause)
    }

    /// The failure of this task. It is also logged in the job's log.
    pub(super) fn failure(&self, message: &str) -> Failure {
        let attempt = self.id.attempt();
        let logged = format!("Task Id : {attempt}, Status : FAILED\nError: {message}");
        self.job.workplace.log("INFO", "org.apache.hadoop.mapreduce.Job", &logged);
        let reason = match self.id.task_type {
            TaskType::Map => "A map task failed.",
            TaskType::Reduce => "A reduce task failed.",
        };
        Failure::new(reason, format!("{attempt}: {message}"))
    }

    /// The failure of this task because of an I/O error of the sandbox.
    pub(super) fn io(&self, doing: &str, error: &io::Error) -> Failure {
        self.failure(&format!("{doing}: {error}"))
    }
}

/// Feeds a command through a buffer of Hadoop's size. As on Hadoop, a command may only stop reading once its remaining
/// input fits in the buffer.
fn feed_through(stdin: ChildStdin, feed: impl FnOnce(&mut BufWriter<ChildStdin>) -> io::Result<()>) -> io::Result<()> {
    let mut stdin = BufWriter::with_capacity(INPUT_BUFFER, stdin);
    let sent = feed(&mut stdin);
    match stdin.into_inner() {
        Ok(_) => sent,
        // The rest of the buffer must not be written again on drop.
        Err(error) => {
            let (error, buffer) = error.into_parts();
            drop(buffer.into_parts());
            sent.and(if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
        }
    }
}
