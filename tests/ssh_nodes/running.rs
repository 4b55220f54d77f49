//! Commands, and what comes of them.

use std::process::Stdio;

use harness::{Hosts, Ran};
use serde_json::json;

use crate::{Cluster, sorted};

#[test]
fn a_command_runs_on_every_node_and_its_lines_say_where() {
    let Some(cluster) = Cluster::start(3) else { return };
    let ran = cluster.run(&["--", "hostname"]).ok();
    let expected = [
        "ip-10-99-0-11: ip-10-99-0-11.ec2.internal",
        "ip-10-99-0-12: ip-10-99-0-12.ec2.internal",
        "ip-10-99-0-13: ip-10-99-0-13.ec2.internal",
        "ip-10-99-0-1: ip-10-99-0-1.ec2.internal",
    ];
    assert_eq!(sorted(&ran.stdout), expected, "{ran:?}");
}

#[test]
fn what_a_command_says_stays_on_stderr_and_nothing_else_is_there() {
    let Some(cluster) = Cluster::start(1) else { return };
    let noisy = cluster.hosts.folder(1).join("home/.bashrc");
    std::fs::write(noisy, "echo welcome >&2\n").unwrap();
    cluster.run(&["--", "true"]).ok();
    let ran = cluster.run(&["--node", "10.99.0.11", "--", "echo out; echo oops >&2; printf rest"]).ok();
    assert_eq!(ran.stdout, "ip-10-99-0-11: out\nip-10-99-0-11: rest\n");
    assert_eq!(ran.stderr, "ip-10-99-0-11: oops\n");
}

#[test]
fn a_login_shell_that_prints_adds_no_byte_in_any_manner() {
    let Some(cluster) = Cluster::start(1) else { return };
    (0..2).for_each(|node| cluster.hosts.make_noisy(node));
    // Host keys are pinned, and that is said.
    cluster.run(&["--", "true"]).ok();
    let out = cluster.sandbox.folder().join("out");
    let script = "printf 'a\\0b\\nrest'; echo oops >&2; exit 3";
    let run = |args: &[&str]| {
        let ran = cluster.run(&[args, &["--role", "core", "--", script]].concat());
        assert_eq!(ran.code, Some(3), "{ran:?}");
        ran
    };
    let lines = run(&[]);
    let said = "ip-10-99-0-11: a\0b\nip-10-99-0-11: rest\n";
    assert_eq!((lines.stdout.as_str(), lines.stderr.as_str()), (said, "ip-10-99-0-11: oops\n"));
    let record = run(&["--output", "json"]).record();
    assert_eq!((&record["stdout"], &record["stderr"]), (&json!("a\0b\nrest"), &json!("oops\n")));
    let group = run(&["--group"]).stdout;
    assert!(group.ends_with("(1)\n---------------\na\0b\nrestoops\n") && group.starts_with("-----"), "{group}");
    run(&["--output-dir", out.to_str().unwrap()]);
    assert_eq!(std::fs::read_to_string(out.join("i-0slave1.out")).unwrap(), "a\0b\nrest");
    assert_eq!(std::fs::read_to_string(out.join("i-0slave1.err")).unwrap(), "oops\n");
    let own = cluster.run(&["--output", "json", "--role", "core", "--", "exit 255"]);
    assert_eq!((own.code, &own.record()["exit_code"]), (Some(255), &json!(255)), "{own:?}");
}

#[test]
fn words_arrive_as_they_are() {
    let Some(cluster) = Cluster::start(1) else { return };
    let words = [
        "a b",
        "",
        "it's",
        "\"q\"",
        "$(touch /tmp/pwned)",
        "`id`",
        "two\nlines",
        "*",
        "~",
        "\\n",
        "-n",
        "ü",
        "!!",
        "#x",
        ";&|",
    ];
    let script = "import sys, json; print(json.dumps(sys.argv[1:]))";
    let args = [&["--output", "json", "--", "python3", "-c", script], &words[..]].concat();
    for record in cluster.run(&args).ok().records() {
        let arrived: Vec<String> = serde_json::from_str(record["stdout"].as_str().unwrap()).unwrap();
        assert_eq!(arrived, words, "{}", record["node"]);
    }
    assert!(!cluster.hosts.folder(0).join("tmp/pwned").exists());
}

#[test]
fn one_word_is_a_line_for_the_shell_and_stdin_is_empty() {
    let Some(cluster) = Cluster::start(0) else { return };
    let mut command = cluster.hosts.tool(&cluster.sandbox, "ssh-nodes");
    command.args(["--output", "json", "--", "cat; echo $((6 * 7)) | tr 2 3"]);
    let record = Ran::with_stdin(&mut command, Hosts::JOB_FLOW).ok().record();
    assert_eq!(record["stdout"], "43\n");
}

#[test]
fn the_largest_exit_code_counts_and_255_may_be_a_command_s_own() {
    let Some(cluster) = Cluster::start(2) else { return };
    let ran = cluster.run(&["--output", "json", "--", "case $(hostname) in *-1.*) exit 3;; *-11.*) exit 255;; esac"]);
    assert_eq!(ran.code, Some(255), "{ran:?}");
    let mut codes: Vec<_> =
        ran.records().iter().map(|record| (record["role"].clone(), record["exit_code"].clone())).collect();
    codes.sort_by_key(|(role, _)| role.to_string());
    assert_eq!(codes, [(json!("core"), json!(255)), (json!("master"), json!(3)), (json!("task"), json!(0))]);
    assert_eq!(ran.records()[0].get("error"), None);
    assert_eq!(cluster.run(&["--role", "task", "--", "kill -TERM $$"]).code, Some(143));
    assert_eq!(cluster.run(&["--role", "task", "--", "no-such-command"]).code, Some(127));
}

#[test]
fn equal_outputs_are_one_under_the_names_of_their_nodes() {
    let Some(cluster) = Cluster::start(4) else { return };
    let ran = cluster.run(&["--group", "--", "case $(hostname) in *-12.*) echo odd;; *) echo same;; esac"]).ok();
    let groups: Vec<_> = ran.stdout.split("---------------\n").collect();
    let same = groups.iter().position(|group| *group == "ip-10-99-0-[1,11,13-14] (4)\n").unwrap();
    assert_eq!(groups[same + 1], "same\n");
    let odd = groups.iter().position(|group| *group == "ip-10-99-0-12 (1)\n").unwrap();
    assert_eq!(groups[odd + 1], "odd\n");
}

#[test]
fn files_have_the_outputs_and_nobody_else_reads_them() {
    use std::os::unix::fs::PermissionsExt;
    let Some(cluster) = Cluster::start(1) else { return };
    let folder = cluster.sandbox.folder().join("out");
    let ran = cluster.run(&["--output-dir", folder.to_str().unwrap(), "--", "echo out; echo err >&2"]).ok();
    for record in ran.records() {
        let file = record["file"].as_str().unwrap();
        assert_eq!(std::fs::read_to_string(file).unwrap(), "out\n");
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_to_string(file.replace(".out", ".err")).unwrap(), "err\n");
    }
    let mut names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["i-0master.err", "i-0master.out", "i-0slave1.err", "i-0slave1.out"]);
    let ran = cluster.run(&["--output-dir", folder.to_str().unwrap(), "--timeout", "1s", "--", "echo half; sleep 977"]);
    assert_eq!(ran.code, Some(124));
    assert!(ran.records().iter().all(|record| record.get("file").is_none()), "{ran:?}");
    assert_eq!(std::fs::read_to_string(folder.join("i-0slave1.out")).unwrap(), "out\n", "half an output replaces none");
}

#[test]
fn forty_nodes_answer_through_one_connection_to_the_master() {
    let Some(cluster) = Cluster::start(40) else { return };
    let ran = cluster.run(&["--fan-out", "41", "--output", "json", "--", "echo $SSH_CONNECTION"]).ok();
    let records = ran.records();
    assert_eq!(records.len(), 41);
    let from_master = |record: &serde_json::Value| record["stdout"].as_str().unwrap().starts_with("10.99.0.1 ");
    assert_eq!(records.iter().filter(|record| from_master(record)).count(), 40);
    let log = std::fs::read_to_string(cluster.hosts.folder(0).join("../log")).unwrap();
    assert_eq!(log.matches("Accepted publickey for hadoop from 198.51.100.2").count(), 1, "{log}");
}

#[test]
fn a_reader_that_goes_away_ends_the_commands() {
    let Some(cluster) = Cluster::start(1) else { return };
    let mut command = cluster.hosts.tool(&cluster.sandbox, "ssh-nodes");
    command.args([Hosts::JOB_FLOW, "--", "exec yes"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let ended = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(cluster.hosts.exec(1, &["pgrep", "-x", "yes"]).code, Some(1));
}
