//! Logs on the nodes of a job flow that lives.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use harness::{Hosts, Ran, Sandbox, Tools};
use serde_json::{Value, json};

use crate::TOOL;
use crate::account::{STEP, log, packed, put_by};

const JOB: &str = "1701449857544_0001";
const TRACEBACK: &str = "Traceback (most recent call last):\n  File \"m.py\", line 1, in <module>\nKeyError: 'x'\n";

/// Hosts, and a sandbox that knows them, with a step that failed.
struct Cluster {
    sandbox: Sandbox,
    hosts: Hosts,
}

impl Cluster {
    /// A master and two slaves; none where nobody may have hosts.
    fn start(log_uri: Option<&str>) -> Option<Self> {
        let hosts = Hosts::start(2)?;
        let mut account = hosts.cluster_json();
        account["clusters"][0]["Cluster"]["LogUri"] = json!(log_uri);
        let step = json!({"Id": STEP, "Name": "count", "Status": {"State": "FAILED"}});
        account["clusters"][0]["Steps"] = json!([step]);
        let file = hosts.folder(0).join("account.json");
        fs::write(&file, account.to_string()).unwrap();
        let tools = hosts.client(&Tools::beside(TOOL));
        let sandbox = Sandbox::start(&tools, &["--load", file.to_str().unwrap()]);
        let started = format!("23/12/01 07:10:02 INFO mapreduce.Job: Running job: job_{JOB}\n");
        let cluster = Self { sandbox, hosts };
        cluster.write(0, &format!("hadoop/steps/{STEP}/syslog"), &started);
        Some(cluster)
    }

    /// Writes a log on a node.
    fn write(&self, node: usize, path: &str, text: &str) {
        let path = self.hosts.folder(node).join("mnt/var/log").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Copies a log to S3.
    fn copy(&self, (path, text): &(String, Vec<u8>)) {
        let curl = self.hosts.client(&Tools::beside("/usr/bin/curl")).command("curl");
        let key = format!("logs/{}/{path}.gz", Hosts::JOB_FLOW);
        put_by(curl, &self.sandbox, &[(key, packed(text))]);
    }

    fn tool(&self, args: &[&str]) -> Command {
        let mut tool = self.hosts.tool(&self.sandbox, "fetch-logs");
        tool.args(["--job-flow-id", Hosts::JOB_FLOW, STEP]).args(args);
        tool
    }

    fn run(&self, args: &[&str]) -> Ran {
        Ran::of(&mut self.tool(args))
    }
}

fn container(number: usize, name: &str) -> String {
    format!("application_{JOB}/container_{JOB}_01_{number:06}/{name}")
}

fn on_node(number: usize, name: &str) -> String {
    format!("hadoop-yarn/containers/{}", container(number, name))
}

fn place(record: &Value) -> (&str, &str) {
    (record["node"].as_str().unwrap_or_default(), record["path"].as_str().unwrap_or_default())
}

#[test]
fn the_cause_is_found_on_a_task_node_where_nothing_is_on_s3() {
    let Some(cluster) = Cluster::start(None) else { return };
    cluster.write(1, &on_node(2, "stderr"), "fine\n");
    cluster.write(2, &on_node(3, "stderr"), TRACEBACK);
    let record = cluster.run(&["--cause"]).ok().record();
    assert_eq!(record["message"], "KeyError: 'x'");
    let path = format!("/mnt/var/log/{}", on_node(3, "stderr"));
    assert_eq!(place(&record), (Hosts::id(2).as_str(), path.as_str()));
    assert_eq!(cluster.sandbox.requests("ListObjectsV2").len(), 0);
    let listed = cluster.run(&["--list"]).ok().records();
    assert_eq!(listed.len(), 3, "{listed:?}");
    assert!(listed.iter().all(|record| record["bytes"].as_u64().unwrap() > 0 && record["time"].is_string()));
}

#[test]
fn a_login_shell_that_prints_is_in_no_log_and_no_list() {
    let Some(cluster) = Cluster::start(None) else { return };
    cluster.write(2, &on_node(3, "stderr"), TRACEBACK);
    let quiet = [&["--cause"][..], &["--list"], &["--cat"]].map(|args| cluster.run(args).ok().stdout);
    (0..3).for_each(|node| cluster.hosts.make_noisy(node));
    let noisy = [&["--cause"][..], &["--list"], &["--cat"]].map(|args| cluster.run(args).ok().stdout);
    assert_eq!(noisy, quiet);
}

#[test]
fn a_node_that_died_is_warned_of_and_its_logs_are_read_on_s3() {
    let Some(cluster) = Cluster::start(Some("s3://bucket/logs/")) else { return };
    cluster.write(1, &on_node(2, "stderr"), "fine\n");
    cluster.copy(&log(&format!("containers/{}", container(2, "stderr")), "fine, and a copy\n"));
    cluster.copy(&log(&format!("containers/{}", container(3, "stderr")), TRACEBACK));
    cluster.hosts.kill(2);
    let ran = cluster.run(&["--cause"]).ok();
    assert!(ran.stderr.contains("warning: ") && ran.stderr.contains(&Hosts::id(2)), "{ran:?}");
    assert!(ran.record()["uri"].as_str().unwrap().ends_with(&format!("{}.gz", container(3, "stderr"))), "{ran:?}");
    let text = cluster.run(&[]).ok().stdout;
    assert!(text.contains("fine\n") && !text.contains("a copy"), "what is on a node is not read again: {text}");
}

#[test]
fn a_master_that_does_not_answer_leaves_s3() {
    let Some(cluster) = Cluster::start(Some("s3://bucket/logs/")) else { return };
    cluster.copy(&log(&format!("steps/{STEP}/stderr"), TRACEBACK));
    cluster.hosts.kill(0);
    let ran = cluster.run(&["--cause", "--ssh-connect-timeout", "2s"]).ok();
    assert!(ran.stderr.contains("; reading logs on S3"), "{ran:?}");
    assert!(ran.record()["uri"].is_string());
    assert_eq!(cluster.run(&["--cause", "--no-ssh"]).ok().stderr, "");
}

#[test]
fn names_of_files_on_nodes_do_no_harm() {
    let Some(cluster) = Cluster::start(None) else { return };
    let hostile = "stderr.$(touch \\t pwned)\n;x \u{1b}[2J' \"";
    cluster.write(0, &format!("hadoop/steps/{STEP}/{hostile}"), "text of it\n");
    let ran = cluster.run(&[]).ok();
    assert!(ran.stdout.contains("text of it\n"), "{ran:?}");
    let is_ours =
        |line: &str| ["==> ", "pinned host key "].iter().any(|words| line.starts_with(&format!("fetch-logs: {words}")));
    assert!(!ran.stderr.contains('\u{1b}') && ran.stderr.lines().all(is_ours), "{ran:?}");
    let listed = cluster.run(&["--list"]).ok().records();
    assert!(listed.iter().any(|record| place(record).1.ends_with(hostile)), "{listed:?}");
    assert!(!cluster.hosts.folder(0).join("home/pwned").exists());
}

#[test]
fn of_a_log_without_end_no_more_is_read_than_is_wanted() {
    let Some(cluster) = Cluster::start(None) else { return };
    cluster.write(0, &format!("hadoop/steps/{STEP}/stderr"), "begun\n");
    let log = cluster.hosts.folder(0).join(format!("mnt/var/log/hadoop/steps/{STEP}/stderr"));
    fs::OpenOptions::new().write(true).open(log).unwrap().set_len(8 << 30).unwrap();
    let mut child = cluster.tool(&["--cat", "-q"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 6];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success() && first == *b"begun\n", "{ended:?}");
}

#[test]
fn waiting_for_a_step_tells_the_cause_on_its_nodes() {
    let Some(cluster) = Cluster::start(None) else { return };
    cluster.write(2, &on_node(3, "stderr"), TRACEBACK);
    let mut tool = cluster.hosts.tool(&cluster.sandbox, "wait-step");
    let ran = Ran::of(tool.args(["--emr-job-flow-id", Hosts::JOB_FLOW, STEP]));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.record()["cause"]["node"], Hosts::id(2));
    assert!(ran.stderr.contains("probable cause of the failure of s-RECORDED: KeyError: 'x'"), "{ran:?}");
}

#[test]
fn a_log_that_cannot_be_read_does_not_keep_the_others_and_is_no_success() {
    let Some(cluster) = Cluster::start(None) else { return };
    cluster.write(0, &format!("hadoop/steps/{STEP}/stderr"), "secret\n");
    let theirs = cluster.hosts.folder(0).join(format!("mnt/var/log/hadoop/steps/{STEP}/stderr"));
    fs::set_permissions(theirs, fs::Permissions::from_mode(0o600)).unwrap();
    let ran = cluster.run(&[]);
    assert_eq!(ran.code, Some(69), "{ran:?}");
    assert!(ran.stdout.contains("Running job: ") && ran.stderr.contains("/stderr cannot be read: "), "{ran:?}");
}

#[test]
fn a_log_that_cannot_be_read_on_its_node_is_read_on_s3() {
    let Some(cluster) = Cluster::start(Some("s3://bucket/logs/")) else { return };
    cluster.write(0, &format!("hadoop/steps/{STEP}/stderr"), "secret\n");
    let theirs = cluster.hosts.folder(0).join(format!("mnt/var/log/hadoop/steps/{STEP}/stderr"));
    fs::set_permissions(theirs, fs::Permissions::from_mode(0o600)).unwrap();
    cluster.copy(&log(&format!("steps/{STEP}/stderr"), TRACEBACK));
    let record = cluster.run(&["--cause"]).ok().record();
    assert_eq!(record["message"], "KeyError: 'x'");
    assert!(record["uri"].as_str().unwrap().ends_with("/stderr.gz"), "{record}");
    let text = cluster.run(&[]).ok().stdout;
    assert!(text.contains("KeyError") && text.contains("Running job: "), "{text}");
}

#[test]
fn links_are_no_logs() {
    let Some(cluster) = Cluster::start(None) else { return };
    cluster.write(1, &on_node(2, "stderr"), "fine\n");
    let folder = cluster.hosts.folder(1).join("mnt/var/log").join(on_node(2, ""));
    symlink("/etc/passwd", folder.join("stdout")).unwrap();
    symlink("/etc", folder.join("more")).unwrap();
    let listed = cluster.run(&["--list"]).ok().records();
    assert_eq!(listed.len(), 2, "{listed:?}");
}
