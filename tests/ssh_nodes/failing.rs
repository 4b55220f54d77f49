//! What fails says so, in time.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use harness::{Hosts, Ran};

use crate::Cluster;
use crate::trusting::on_a_terminal;

#[test]
fn a_time_out_ends_the_command_on_the_node_too() {
    let Some(cluster) = Cluster::start(1) else { return };
    let ran = cluster.run(&["--role", "core", "--timeout", "1s", "--", "sleep 977 & sleep 978"]);
    assert_eq!(ran.code, Some(124), "{ran:?}");
    assert!(ran.stderr.contains("i-0slave1: not done after 1 s"), "{ran:?}");
    assert_eq!(cluster.hosts.exec(1, &["pgrep", "-af", "sleep 97"]).stdout, "");
}

#[test]
fn a_time_out_ends_what_the_command_left_in_the_background_and_no_daemon() {
    let Some(cluster) = Cluster::start(0) else { return };
    let run = |script: &str| cluster.run(&["--timeout", "2s", "--", script]);
    let ran = run("sleep 977 & echo hi");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(124), "ip-10-99-0-1: hi\n"), "{ran:?}");
    assert_eq!(cluster.hosts.exec(0, &["pgrep", "-af", "sleep 97"]).stdout, "");
    let ran = run("(trap '' TERM; while :; do sleep 977; done) & echo hi");
    assert_eq!(ran.code, Some(124), "{ran:?}");
    assert_eq!(cluster.hosts.exec(0, &["pgrep", "-af", "sleep 97"]).stdout, "");
    run("sleep 976 >/dev/null 2>&1 & echo hi").ok();
    assert!(cluster.hosts.exec(0, &["pgrep", "-af", "sleep 97"]).stdout.contains("sleep 976"));
    assert_eq!(cluster.hosts.exec(0, &["pkill", "-f", "sleep 976"]).code, Some(0));
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
fn nothing_is_left_where_connecting_is_interrupted() {
    let Some(cluster) = Cluster::start(0) else { return };
    let folder = cluster.sandbox.folder().join("tmp");
    std::fs::create_dir(&folder).unwrap();
    let begun = cluster.sandbox.folder().join("begun");
    assert!(Command::new("mkfifo").arg(&begun).status().unwrap().success());
    let ssh = cluster.sandbox.file("ssh.sh", format!("echo begun > '{}'; exec sleep 60", begun.display()));
    let mut command = cluster.hosts.tool(&cluster.sandbox, "ssh-nodes");
    command.arg("--ssh-bin").arg(format!("sh {}", ssh.display())).args([Hosts::JOB_FLOW, "--", "true"]);
    let mut child = command.env("TMPDIR", &folder).spawn().unwrap();
    assert_eq!(std::fs::read_to_string(begun).unwrap(), "begun\n");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
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
    for left in cluster.hosts.on_client("ssh") {
        let gone = Ran::of(Command::new("timeout").args(["20", "tail", "--pid", &left, "-f", "/dev/null"]));
        assert_eq!(gone.code, Some(0), "an ssh is left: {gone:?}");
    }
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
    assert!(ran.stderr.contains("ssh-nodes: i-0slave1: it does not answer"), "{ran:?}");
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
    ran.fails(77, "i-0slave1: its host key differs from the one pinned in ");
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
    let ran = on_a_terminal(&command);
    assert_eq!(ran.code, Some(77), "{ran:?}");
    assert!(ran.stdout.contains("the node does not let us in"), "{ran:?}");
    assert!(!ran.stdout.contains("assphrase for") && !ran.stdout.contains("assword:"), "{ran:?}");
}

#[test]
fn what_cannot_be_reached_says_what_to_do() {
    let Some(cluster) = Cluster::start(1) else { return };
    let ran = cluster.run(&["--direct", "--role", "core", "--ssh-connect-timeout", "2s", "--", "true"]);
    ran.fails(69, "i-0slave1: there is no way to it from here");
    let ran = cluster.run(&["--direct", "--ssh-address", "private-dns", "--role", "core", "--", "true"]);
    ran.fails(69, "i-0slave1: its name is not known here");
    cluster.hosts.kill(0);
    cluster.run(&["--", "true"]).fails(69, "i-0master: ");
}

#[test]
fn a_master_that_forbids_forwarding_is_told_with_the_way_round_it() {
    let Some(cluster) = Cluster::start(1) else { return };
    let keys = cluster.hosts.folder(0).join("home/.ssh/authorized_keys");
    let key = std::fs::read_to_string(&keys).unwrap();
    std::fs::write(&keys, format!("no-port-forwarding {key}")).unwrap();
    let ran = cluster.run(&["--", "echo here"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(77), "ip-10-99-0-1: here\n"), "{ran:?}");
    let said = ran.stderr.lines().find(|line| line.contains("i-0slave1: the master forbids forwarding")).unwrap();
    assert!(said.ends_with("--direct"), "{said}");
}

#[test]
fn a_login_shell_that_ends_before_the_command_is_told() {
    let Some(cluster) = Cluster::start(1) else { return };
    std::fs::write(cluster.hosts.folder(1).join("home/.bashrc"), "echo 'no home' >&2; exit 3\n").unwrap();
    let said = "the login shell ended with 3 before the command began (no home); look at .bashrc there";
    cluster.run(&["--role", "core", "--", "true"]).fails(69, &format!("i-0slave1: {said}"));
    std::fs::rename(cluster.hosts.folder(1).join("home/.bashrc"), cluster.hosts.folder(0).join("home/.bashrc"))
        .unwrap();
    cluster.run(&["--", "true"]).fails(69, &format!("i-0master: {said}"));
}

#[test]
fn a_link_that_is_cut_midway_is_told() {
    let Some(cluster) = Cluster::start(1) else { return };
    let mut command = cluster.hosts.tool(&cluster.sandbox, "ssh-nodes");
    command.args([Hosts::JOB_FLOW, "--role", "core", "--", "echo begun; exec sleep 977"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    assert_eq!(begun, "ip-10-99-0-11: begun");
    cluster.hosts.cut(1);
    let ended = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(69), "{ended:?}");
    assert!(ended.stderr.contains("ssh-nodes: i-0slave1: the connection was lost"), "{ended:?}");
}

#[test]
fn a_job_flow_that_has_ended_has_no_nodes() {
    let sandbox = harness::Sandbox::start(&harness::Tools::beside(crate::TOOL), &[]);
    let job_flow = sandbox.job_flow(&[]);
    sandbox.run("terminate-job-flow", &[&job_flow]).ok();
    let mut command = sandbox.tool("ssh-nodes");
    command.env("XDG_STATE_HOME", sandbox.folder()).args([&job_flow, "--", "true"]);
    Ran::of(&mut command).fails(75, "its nodes are gone");
    let mut command = sandbox.tool("ssh-nodes");
    Ran::of(command.env("XDG_STATE_HOME", sandbox.folder()).args(["s-1"])).fails(2, "a step without its job flow");
}

#[test]
fn what_is_missing_on_this_machine_is_told() {
    let Some(cluster) = Cluster::start(0) else { return };
    cluster.run(&["--ssh-bin", "/no/ssh -4", "--", "true"]).fails(78, "cannot run /no/ssh");
    let mut command = cluster.sandbox.tool("ssh-nodes");
    command.env("XDG_STATE_HOME", cluster.hosts.state()).arg(Hosts::JOB_FLOW);
    Ran::of(command.args(["--ec2-key-pair-file", "/no/key", "--", "true"]))
        .fails(74, "cannot read the private key /no/key");
    let mut command = cluster.sandbox.tool("ssh-nodes");
    Ran::of(command.env_remove("HOME").args([Hosts::JOB_FLOW, "--", "true"])).fails(78, "set HOME or XDG_STATE_HOME");
}

#[test]
fn the_configuration_names_the_key_and_ssh() {
    let Some(cluster) = Cluster::start(0) else { return };
    let folder = cluster.hosts.key_file().parent().unwrap().display().to_string();
    let conf = "runners:\n  emr:\n    ec2_key_pair_file: $KEYS/key\n    ssh_bin: [ssh, -4]\n";
    let conf = cluster.sandbox.file("mrjob.conf", conf);
    let mut command = cluster.sandbox.tool("ssh-nodes");
    command.env("XDG_STATE_HOME", cluster.hosts.state()).env("KEYS", folder).arg("--conf-path").arg(conf);
    Ran::of(command.args([Hosts::JOB_FLOW, "--ssh-config", "none", "--", "true"])).ok();
}
