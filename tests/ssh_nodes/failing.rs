//! What fails says so, in time.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use harness::{Hosts, Ran};

use crate::Cluster;

#[test]
fn a_time_out_ends_the_command_on_the_node_too() {
    let Some(cluster) = Cluster::start(1) else { return };
    let ran = cluster.run(&["--role", "core", "--timeout", "1s", "--", "sleep 977 & sleep 978"]);
    assert_eq!(ran.code, Some(124), "{ran:?}");
    assert!(ran.stderr.contains("i-0slave1: not done after 1 s"), "{ran:?}");
    assert_eq!(cluster.hosts.exec(1, &["pgrep", "-af", "sleep 97"]).stdout, "");
}

#[test]
fn a_command_that_does_not_want_to_end_is_killed_on_the_node() {
    let Some(cluster) = Cluster::start(0) else { return };
    let ran = cluster.run(&["--timeout", "1s", "--", "trap '' TERM; while :; do sleep 977; done"]);
    assert_eq!(ran.code, Some(124), "{ran:?}");
    assert_eq!(cluster.hosts.exec(0, &["pgrep", "-af", "sleep 97"]).stdout, "");
}

#[test]
fn ctrl_c_ends_the_commands_on_the_nodes() {
    let Some(cluster) = Cluster::start(2) else { return };
    let mut command = cluster.hosts.tool(&cluster.sandbox, "ssh-nodes");
    command.args([Hosts::JOB_FLOW, "--", "trap 'echo ending' EXIT; echo begun; sleep 977"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.by_ref().filter(|line| line.ends_with(": begun")).take(3).count(), 3);
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    for node in 0..3 {
        assert_eq!(cluster.hosts.exec(node, &["pgrep", "-af", "sleep 97"]).stdout, "", "node {node}");
    }
}

#[test]
fn the_commands_end_where_the_tool_is_killed() {
    let Some(cluster) = Cluster::start(1) else { return };
    let mut command = cluster.hosts.tool(&cluster.sandbox, "ssh-nodes");
    command.args([Hosts::JOB_FLOW, "--role", "core", "--", "echo $$; exec sleep 977"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let begun = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let process = begun.rsplit(' ').next().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let gone = cluster.hosts.exec(1, &["timeout", "20", "tail", "--pid", process, "-f", "/dev/null"]);
    assert_eq!(gone.code, Some(0), "{gone:?}");
}

#[test]
fn a_node_that_dies_midway_is_told_and_the_others_go_on() {
    let Some(cluster) = Cluster::start(2) else { return };
    let mut command = cluster.hosts.tool(&cluster.sandbox, "ssh-nodes");
    command.args([Hosts::JOB_FLOW, "--", "echo begun; until [ -e /tmp/go ]; do sleep 0.1; done; echo done"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.by_ref().filter(|line| line.ends_with(": begun")).take(3).count(), 3);
    cluster.hosts.kill(1);
    for node in [0, 2] {
        std::fs::write(cluster.hosts.folder(node).join("tmp/go"), "").unwrap();
    }
    let mut rest: Vec<_> = lines.collect();
    rest.sort();
    assert_eq!(rest, ["ip-10-99-0-12: done", "ip-10-99-0-1: done"]);
    let ended = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(69), "{ended:?}");
    assert!(ended.stderr.contains("ssh-nodes: i-0slave1: "), "{ended:?}");
}

#[test]
fn a_link_that_is_cut_is_told() {
    let Some(cluster) = Cluster::start(1) else { return };
    cluster.hosts.cut(1);
    let ran = cluster.run(&["--ssh-connect-timeout", "2s", "--", "echo here"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(69), "ip-10-99-0-1: here\n"), "{ran:?}");
    println!("{}", ran.stderr);
    cluster.hosts.mend(1);
    cluster.run(&["--", "true"]).ok();
}

#[test]
fn a_host_key_that_has_changed_stops() {
    let Some(cluster) = Cluster::start(1) else { return };
    let first = cluster.run(&["--", "true"]).ok();
    assert!(first.stderr.contains("pinned host key SHA256:") && first.stderr.contains(" of i-0slave1"), "{first:?}");
    assert_eq!(cluster.run(&["--", "true"]).ok().stderr, "", "a key is pinned once");
    cluster.hosts.kill(1);
    std::fs::remove_file(cluster.hosts.folder(1).join("host_key")).unwrap();
    std::fs::remove_file(cluster.hosts.folder(1).join("host_key.pub")).unwrap();
    cluster.hosts.restart(1);
    let ran = cluster.run(&["--role", "core", "--", "true"]);
    ran.fails(77, "i-0slave1: its host key is not the one that was pinned in ");
    let command = ran.stderr.split("if you know why it changed: ").nth(1).unwrap().trim_end();
    assert!(Command::new("sh").args(["-c", command]).output().unwrap().status.success(), "{command}");
    cluster.run(&["--role", "core", "--", "true"]).ok();
}

#[test]
fn the_wrong_key_is_denied_and_nobody_is_asked_for_a_password() {
    let Some(cluster) = Cluster::start(1) else { return };
    let key = cluster.sandbox.folder().join("other");
    let make = ["-q", "-t", "ed25519", "-N", "secret", "-f", key.to_str().unwrap()];
    assert!(Command::new("ssh-keygen").args(make).status().unwrap().success());
    let mut command = cluster.sandbox.tool("ssh-nodes");
    command.env("XDG_STATE_HOME", cluster.hosts.state()).args(["--ssh-config", "none", Hosts::JOB_FLOW]);
    command.arg("--ec2-key-pair-file").arg(&key).args(["--", "true"]);
    // A terminal on which a password could be asked for.
    let line = shell_line(&command);
    let mut terminal = Command::new("script");
    terminal
        .args(["-qec", &line, "/dev/null"])
        .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let ran = Ran::with_stdin(&mut terminal, "");
    assert_eq!(ran.code, Some(77), "{ran:?}");
    assert!(ran.stdout.contains("the node does not let us in"), "{ran:?}");
    assert!(!ran.stdout.contains("assphrase for") && !ran.stdout.contains("assword:"), "{ran:?}");
}

fn shell_line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| format!("'{}'", word.to_str().unwrap())).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_cannot_be_reached_says_what_to_do() {
    let Some(cluster) = Cluster::start(1) else { return };
    let ran = cluster.run(&["--direct", "--role", "core", "--ssh-connect-timeout", "2s", "--", "true"]);
    ran.fails(69, "i-0slave1: there is no way to it from here");
    cluster.hosts.kill(0);
    println!("{}", cluster.run(&["--ssh-connect-timeout", "2s", "--", "true"]).stderr);
}
