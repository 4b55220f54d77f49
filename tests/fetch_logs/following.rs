//! Logs that are followed as they grow, on nodes and on S3, while everything around them breaks.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use harness::{Hosts, Ran, Sandbox, Tools};
use serde_json::json;

use crate::TOOL;
use crate::account::{STEP, copy_logs, failed, log as copy, packed, put_by, sandbox};

/// A tool that runs, what it prints, and what it says.
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
}

impl Running {
    pub(crate) fn start(tool: &mut Command) -> Self {
        let mut child = tool.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    /// Waits for the next line.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    /// Waits until it has said `words`.
    fn until_said(&mut self, words: &str) {
        // No more is read than these.
        let mut said = BufReader::with_capacity(1, self.child.stderr.as_mut().unwrap()).lines().map(Result::unwrap);
        assert!(said.any(|line| line.contains(words)), "{words}");
    }

    /// Waits until it waits for its reader, or soon will: the pipe is nearly full.
    pub(crate) fn until_blocked(&self) {
        let room = || rustix::io::ioctl_fionread(self.stdout.get_ref()).unwrap();
        while room() < 30_000 {
            std::thread::yield_now();
        }
    }

    /// Interrupts it, and returns what it said.
    pub(crate) fn interrupt(&mut self) -> String {
        drop(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status());
        self.end(143)
    }

    /// Waits until it ends with this code, and returns what it said.
    pub(crate) fn end(&mut self, code: i32) -> String {
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(code), "{said}");
        said
    }
}

/// Hosts whose master may have a log of a step, and a sandbox that knows them.
struct Cluster {
    hosts: Hosts,
    sandbox: Sandbox,
}

impl Cluster {
    /// A master with a step in this state, whose logs EMR copies to `log_uri`; none where nobody may have hosts.
    fn start(state: &str, log_uri: Option<&str>) -> Option<Self> {
        let hosts = Hosts::start(0)?;
        let mut account = hosts.cluster_json();
        account["clusters"][0]["Cluster"]["LogUri"] = json!(log_uri);
        let timeline = json!({"CreationDateTime": 2, "StartDateTime": 3});
        account["clusters"][0]["Steps"] =
            json!([{"Id": STEP, "Name": "count", "Status": {"State": state, "Timeline": timeline}}]);
        let file = hosts.folder(0).join("account.json");
        fs::write(&file, account.to_string()).unwrap();
        let sandbox = Sandbox::start(&hosts.client(&Tools::beside(TOOL)), &["--load", file.to_str().unwrap()]);
        Some(Self { hosts, sandbox })
    }

    /// The same with a log that has one line.
    fn with_log(state: &str, log_uri: Option<&str>) -> Option<Self> {
        let cluster = Self::start(state, log_uri)?;
        cluster.append(STEP, "one\n");
        Some(cluster)
    }

    /// Where the log of `step` lies.
    fn log(&self, step: &str) -> PathBuf {
        self.hosts.folder(0).join(format!("mnt/var/log/hadoop/steps/{step}/stdout"))
    }

    fn append(&self, step: &str, text: impl AsRef<[u8]>) {
        let log = self.log(step);
        fs::create_dir_all(log.parent().unwrap()).unwrap();
        let mut file = fs::File::options().append(true).create(true).open(&log).unwrap();
        file.write_all(text.as_ref()).unwrap();
    }

    /// Copies the log of `step` to S3, as EMR does while it runs.
    fn copy(&self, text: &str) {
        let curl = self.hosts.client(&Tools::beside("/usr/bin/curl")).command("curl");
        let (path, text) = copy(&format!("steps/{STEP}/stdout"), text);
        put_by(curl, &self.sandbox, &[(format!("logs/{}/{path}.gz", Hosts::JOB_FLOW), packed(&text))]);
    }

    /// A command that follows the log of `step`.
    fn tool(&self, step: &str, args: &[&str]) -> Command {
        let mut tool = self.hosts.tool(&self.sandbox, "fetch-logs");
        tool.args(["--follow", "--name", "stdout", "--job-flow-id", Hosts::JOB_FLOW, step]).args(args);
        tool
    }

    fn follow(&self, args: &[&str]) -> Running {
        Running::start(&mut self.tool(STEP, args))
    }

    /// Breaks the connections to the master that there are.
    fn break_off(&self) {
        let ended = self.hosts.exec(0, &["pkill", "-KILL", "-u", "hadoop"]);
        assert!(matches!(ended.code, Some(0 | 1)), "{ended:?}");
    }

    /// Takes the way to the master `down`, or `up` again.
    fn set_link(&self, state: &str) {
        self.hosts.exec(0, &["ip", "link", "set", "up1", state]).ok();
    }

    /// Waits until EMR was asked so often for the step.
    fn until_asked(&self, times: usize) {
        while self.sandbox.requests("ListSteps").len() < times {
            std::thread::yield_now();
        }
    }

    /// How often S3 was asked for logs.
    fn asked_s3(&self) -> usize {
        self.sandbox.requests("ListObjectsV2").len()
    }
}

#[test]
fn on_its_node_a_log_is_followed_as_it_grows_across_the_hour() {
    let Some(cluster) = Cluster::with_log("RUNNING", None) else { return };
    let mut running = cluster.follow(&[]);
    assert_eq!(running.line(), "one\n");
    cluster.append(STEP, "two\n");
    assert_eq!(running.line(), "two\n");
    let log = cluster.log(STEP);
    fs::rename(&log, log.with_file_name("stdout.2015-12-11-09")).unwrap();
    cluster.append(STEP, "three\n");
    assert_eq!(running.line(), "three\n");
    let said = running.interrupt();
    assert!(said.contains("--name stdout --from 14 --emr-job-flow-id j-HOSTS s-RECORDED --"), "{said}");
    cluster.append(STEP, "four\n");
    let mut running = cluster.follow(&["--from", "14"]);
    assert_eq!(running.line(), "four\n");
    running.interrupt();
    assert_eq!(cluster.asked_s3(), 0);
}

#[test]
fn the_log_of_a_step_that_has_ended_is_whole_on_its_node() {
    let Some(cluster) = Cluster::with_log("COMPLETED", None) else { return };
    let ran = Ran::of(cluster.tool(STEP, &["-q"]).args(["--from", "2"])).ok();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("e\n", ""));
}

#[test]
fn a_log_that_appears_late_is_followed_from_its_first_byte() {
    let Some(cluster) = Cluster::start("RUNNING", None) else { return };
    let mut running = cluster.follow(&[]);
    cluster.until_asked(3);
    // No text, a line without end, and what a terminal would take for a command.
    let hostile = [&b"\xff\x00\x1b]0;title\x07"[..], &vec![b'x'; 300_000], b"\n"].concat();
    cluster.append(STEP, &hostile);
    let mut bytes = vec![0; hostile.len()];
    running.stdout.read_exact(&mut bytes).unwrap();
    assert!(bytes == hostile, "it arrives as it is");
    running.interrupt();
}

#[test]
fn a_connection_that_breaks_is_made_again_and_no_byte_is_lost_or_doubled() {
    let Some(cluster) = Cluster::with_log("RUNNING", Some("s3://bucket/logs/")) else { return };
    let mut running = cluster.follow(&[]);
    assert_eq!(running.line(), "one\n");
    for line in ["two\n", "three\n"] {
        cluster.break_off();
        cluster.append(STEP, line);
        assert_eq!(running.line(), line);
    }
    let said = running.interrupt();
    assert!(said.contains("--from 14 ") && !said.contains("warning: "), "{said}");
    assert_eq!(cluster.asked_s3(), 0, "{said}");
}

#[test]
fn a_network_that_is_gone_for_a_while_is_waited_for() {
    let Some(cluster) = Cluster::with_log("RUNNING", None) else { return };
    let mut running = cluster.follow(&["-v", "--ssh-connect-timeout", "1s"]);
    assert_eq!(running.line(), "one\n");
    cluster.break_off();
    cluster.set_link("down");
    cluster.append(STEP, "two\n");
    running.until_said("; connecting again");
    running.until_said("; looking again");
    cluster.set_link("up");
    assert_eq!(running.line(), "two\n");
    running.interrupt();
}

#[test]
fn where_the_master_is_gone_s3_goes_on_at_the_byte() {
    let Some(cluster) = Cluster::with_log("RUNNING", Some("s3://bucket/logs/")) else { return };
    cluster.copy("on");
    let mut running = cluster.follow(&["--ssh-connect-timeout", "2s"]);
    assert_eq!(running.line(), "one\n");
    cluster.hosts.kill(0);
    cluster.copy("one\ntwo\n");
    assert_eq!(running.line(), "two\n");
    let said = running.interrupt();
    assert!(said.matches("; reading logs on S3").count() == 1 && said.contains("--from 8 "), "{said}");
}

#[test]
fn a_log_that_its_program_empties_is_read_from_its_beginning() {
    let Some(cluster) = Cluster::with_log("RUNNING", None) else { return };
    let mut running = cluster.follow(&[]);
    assert_eq!(running.line(), "one\n");
    fs::write(cluster.log(STEP), "2\n").unwrap();
    assert_eq!(running.line(), "2\n");
    let said = running.interrupt();
    assert!(said.contains("/stdout was cut to 2 bytes, and is read from its beginning"), "{said}");
}

#[test]
fn a_step_that_ends_meanwhile_is_printed_to_its_end() {
    let Some(cluster) = Cluster::start("COMPLETED", None) else { return };
    let go = cluster.sandbox.folder().join("go");
    let step =
        cluster.sandbox.shell_step(Hosts::JOB_FLOW, &format!("until [ -e {} ]; do sleep 0.05; done", go.display()));
    cluster.append(&step, "one\n");
    let mut running = Running::start(&mut cluster.tool(&step, &[]));
    assert_eq!(running.line(), "one\n");
    cluster.append(&step, "two\nthe end");
    fs::write(go, "").unwrap();
    let mut rest = String::new();
    running.stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "two\nthe end");
    running.end(0);
}

#[test]
fn a_job_flow_that_ends_meanwhile_leaves_s3() {
    let Some(cluster) = Cluster::start("COMPLETED", Some("s3://bucket/logs/")) else { return };
    let step = cluster.sandbox.shell_step(Hosts::JOB_FLOW, "echo one; echo two; exec sleep 1000");
    cluster.append(&step, "one\n");
    let mut running = Running::start(&mut cluster.tool(&step, &[]));
    assert_eq!(running.line(), "one\n");
    cluster.sandbox.run("terminate-job-flow", &[Hosts::JOB_FLOW]).ok();
    let mut rest = String::new();
    running.stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "two\n");
    running.end(0);
}

#[test]
fn a_reader_that_goes_away_ends_it_although_the_log_is_silent() {
    let Some(cluster) = Cluster::with_log("RUNNING", None) else { return };
    let mut running = cluster.follow(&[]);
    assert_eq!(running.line(), "one\n");
    let Running { mut child, stdout } = running;
    drop(stdout);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_signal_ends_it_while_its_reader_takes_its_time_and_says_the_byte() {
    let Some(cluster) = Cluster::start("RUNNING", None) else { return };
    let text: String = (0..500_000).map(|number| number.to_string() + "\n").collect();
    cluster.append(STEP, &text);
    let mut tool = cluster.tool(STEP, &[]);
    tool.arg("s-LATER");
    let mut running = Running::start(&mut tool);
    let mut begun = [0; 1];
    running.stdout.get_mut().read_exact(&mut begun).unwrap();
    running.until_blocked();
    drop(Command::new("kill").args(["-TERM", &running.child.id().to_string()]).status());
    let said = running.end(143);
    let mut rest = Vec::new();
    running.stdout.read_to_end(&mut rest).unwrap();
    let printed = [&begun[..], &rest].concat();
    assert!(text.as_bytes().starts_with(&printed));
    assert!(said.contains(&format!("--from {} ", printed.len())), "{} bytes: {said}", printed.len());
    assert!(said.contains("go on with 'fetch-logs --follow --name stdout j-HOSTS s-LATER "), "{said}");
}

#[test]
fn a_signal_that_ends_the_printing_of_a_whole_log_makes_no_damage_of_it() {
    let sandbox = sandbox(&[failed("j-A", &json!({}))], &[]);
    let text = (0..300_000).map(|number| number.to_string() + "\n").collect::<String>();
    copy_logs(&sandbox, "j-A", &[copy(&format!("steps/{STEP}/stdout"), &text)]);
    for args in [&["--cat"][..], &["--name", "stdout"]] {
        let mut tool = sandbox.tool("fetch-logs");
        let mut running = Running::start(tool.args(["--job-flow-id", "j-A", STEP]).args(args));
        running.until_blocked();
        let said = running.interrupt();
        assert!(!said.contains("breaks off") && !said.contains("has only"), "{said}");
    }
}

#[test]
fn a_log_that_nobody_may_read_ends_with_the_step() {
    let Some(cluster) = Cluster::with_log("COMPLETED", None) else { return };
    fs::set_permissions(cluster.log(STEP), fs::Permissions::from_mode(0o600)).unwrap();
    Ran::of(&mut cluster.tool(STEP, &["-q"])).fails(69, "stdout cannot be read");
}
