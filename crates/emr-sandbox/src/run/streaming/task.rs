//! One command as a task: in a directory of its own that has the job's files, with the job's
//! properties in its environment, and its standard error as the log of a container.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead as _, BufReader, BufWriter, Read, Write};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;

use super::super::logs::{self, Logs};
use super::super::step::{Failed, failed_process};
use super::counters::Counters;
use super::job::Job;

/// A task of a job.
pub(super) struct Task<'a> {
    job: &'a Job<'a>,
    /// `m` or `r`.
    kind: char,
    number: usize,
    /// The file or object that a mapper reads.
    input: Option<&'a str>,
    dir: PathBuf,
    /// Its container's.
    logs: Logs,
}

impl<'a> Task<'a> {
    /// Makes the task's directories. Containers are numbered as YARN does: the first is the
    /// application's own, then come mappers, then `before` of them the reducers.
    pub(super) fn new(
        job: &'a Job<'a>,
        kind: char,
        number: usize,
        before: usize,
        input: Option<&'a str>,
    ) -> Result<Self, Failed> {
        let name = &job.number;
        let container = format!("container_{name}_01_{:06}", before + number + 2);
        let application = job.workplace.containers.join(format!("application_{name}"));
        let dir = job.scratch.join(format!("{kind}{number:05}"));
        let made = fs::create_dir_all(&dir)
            .and_then(|()| job.cache.link_into(&dir))
            .and_then(|()| Logs::create(&application.join(container), &logs::CONTAINER));
        let logs = made.map_err(|error| Failed::io("a task's directory", &error))?;
        Ok(Self { job, kind, number, input, dir, logs })
    }

    /// Says a line in the task's own log.
    pub(super) fn say(&self, level: &str, class: &str, message: &str) {
        self.logs.say("syslog", level, class, message);
    }

    /// Runs `command`: `feed` writes its standard input, `take` reads its standard output.
    pub(super) fn run<T>(
        &self,
        command: &str,
        feed: impl FnOnce(ChildStdin) -> io::Result<()> + Send,
        take: impl FnOnce(BufReader<ChildStdout>) -> io::Result<T>,
    ) -> Result<T, Failed> {
        let mut command_line = self.command(command)?;
        let process = self.job.workplace.processes.spawn(&mut command_line);
        let mut process = process.map_err(|error| self.not_started(command, &error))?;
        let (stdin, stdout, stderr) =
            (process.child.stdin.take(), process.child.stdout.take(), process.child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = (stdin, stdout, stderr) else {
            return Err(self.failed("a pipe is missing"));
        };
        let (sent, taken, listened) = thread::scope(|scope| {
            let feeder = scope.spawn(|| feed(stdin));
            let listener = scope.spawn(|| self.listen(stderr));
            let taken = take(BufReader::with_capacity(1 << 16, stdout));
            (feeder.join(), taken, listener.join())
        });
        let status = process.wait().map_err(|error| self.failed(&error.to_string()))?;
        if !status.success() {
            return Err(self.failed_with(status));
        }
        let sent = sent.unwrap_or_else(|_| Err(io::Error::other("the feeding thread failed")));
        sent.or_else(unless_closed).map_err(|error| self.failed(&format!("input: {error}")))?;
        match listened {
            Ok(Ok(counters)) => self.job.merge(counters),
            Ok(Err(error)) => return Err(self.failed(&format!("standard error: {error}"))),
            Err(_) => return Err(self.failed("the listening thread failed")),
        }
        taken.map_err(|error| self.failed(&format!("output: {error}")))
    }

    fn command(&self, command: &str) -> Result<Command, Failed> {
        let words = shell_words::split(command).map_err(|error| self.failed(&error.to_string()))?;
        let [program, args @ ..] = words.as_slice() else {
            return Err(self.failed("there is no command to run"));
        };
        // As in Hadoop, a program among the job's files goes before one of the machine.
        let own = self.dir.join(program);
        let is_own = !program.contains('/') && own.is_file();
        let mut command = if is_own { Command::new(own) } else { Command::new(program) };
        command.args(args).current_dir(&self.dir).envs(self.environment());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        self.job.workplace.machine.point_here(&mut command);
        command.envs(self.job.streaming.environment.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }

    /// The job's properties and the task's own, spelled as Hadoop spells them for commands.
    fn environment(&self) -> BTreeMap<String, String> {
        let streaming = self.job.streaming;
        let mut environment: BTreeMap<_, _> =
            streaming.properties.iter().map(|(name, value)| (variable(name), value.clone())).collect();
        let job = &self.job.number;
        let (kind, number) = (self.kind, self.number);
        let task = format!("task_{job}_{kind}_{number:06}");
        let mut set = |name: &str, value: String| environment.insert(name.to_owned(), value);
        for prefix in ["mapreduce_job", "mapred_job"] {
            set(&format!("{prefix}_id"), format!("job_{job}"));
        }
        for (task_id, attempt_id) in
            [("mapreduce_task_id", "mapreduce_task_attempt_id"), ("mapred_tip_id", "mapred_task_id")]
        {
            set(task_id, task.clone());
            set(attempt_id, self.attempt());
        }
        set("mapreduce_task_partition", number.to_string());
        set("mapreduce_task_ismap", (kind == 'm').to_string());
        for name in ["mapreduce_map_input_file", "map_input_file"] {
            if let Some(input) = self.input {
                set(name, input.to_owned());
            }
        }
        environment
    }

    fn attempt(&self) -> String {
        format!("attempt_{}_{}_{:06}_0", self.job.number, self.kind, self.number)
    }

    /// Keeps the task's standard error, and counts what it asks to be counted.
    fn listen(&self, stderr: impl Read) -> io::Result<Counters> {
        let mut counters = Counters::default();
        let mut log = BufWriter::new(self.logs.append("stderr")?);
        let mut lines = BufReader::new(stderr);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            if !counters.take(String::from_utf8_lossy(&line).trim_end()) {
                log.write_all(&line)?;
            }
            line.clear();
        }
        log.flush()?;
        Ok(counters)
    }

    /// The failure of the task's command, told in the words by which others find it.
    fn failed_with(&self, status: ExitStatus) -> Failed {
        // As Java tells of a process that a signal ended.
        let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or_default();
        let told = format!(
            "Exception running child : java.lang.RuntimeException: \
             PipeMapRed.waitOutputThreads(): subprocess failed with code {code}"
        );
        self.say("WARN", "org.apache.hadoop.mapred.YarnChild", &told);
        self.failed(&failed_process("Task", status, &self.logs.path("stderr")).message)
    }

    /// The failure of a command that cannot be run, told as Java tells it.
    fn not_started(&self, command: &str, error: &io::Error) -> Failed {
        let program = command.split(' ').next().unwrap_or_default();
        let number = error.raw_os_error().unwrap_or_default();
        let text = error.to_string();
        let reason = text.split(" (os error").next().unwrap_or_default();
        let cause = format!("java.io.IOException: Cannot run program \"{program}\": error={number}, {reason}");
        let told = format!(
            "Exception running child : java.lang.RuntimeException: Error in configuring object\n\
             \tat org.apache.hadoop.util.ReflectionUtils.setJobConf(ReflectionUtils.java:112)\n\
             Caused by: {cause}\n\tat java.lang.ProcessBuilder.start(ProcessBuilder.java:1048)"
        );
        self.say("WARN", "org.apache.hadoop.mapred.YarnChild", &told);
        self.failed(&cause)
    }

    /// The failure of this task, which is told in the job's log too.
    fn failed(&self, message: &str) -> Failed {
        let attempt = self.attempt();
        let told = format!("Task Id : {attempt}, Status : FAILED\nError: {message}");
        self.job.workplace.say("INFO", "org.apache.hadoop.mapreduce.Job", &told);
        let kind = if self.kind == 'm' { "A map task" } else { "A reduce task" };
        Failed::new(format!("{kind} failed."), format!("{attempt}: {message}"))
    }

    /// A failure of the machine that the task met.
    pub(super) fn io(&self, doing: &str, error: &io::Error) -> Failed {
        self.failed(&format!("{doing}: {error}"))
    }
}

/// A command need not read all that it is given.
fn unless_closed(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }
}

/// A property's name as a variable of the environment.
fn variable(property: &str) -> String {
    property.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}
