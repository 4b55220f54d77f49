//! Commands under the lock, on a terminal.

use std::process::Command;

use harness::{Sandbox, Terminal, Tools};

use crate::{LOCK, TOOL, lock, sandbox};

const CTRL_C: &str = "\x03";
const CTRL_Z: &str = "\x1a";

/// A shell on a terminal that finds the tools and the sandbox.
fn shell(sandbox: &Sandbox) -> Terminal {
    let mut command = sandbox.tool("s3-lock");
    command.env("PATH", Tools::beside(TOOL).path(&[]));
    Terminal::with_shell(&command)
}

/// A script in the folder of the sandbox, that is to be run as `./NAME`.
fn script(sandbox: &Sandbox, name: &str, text: &str) {
    let path = sandbox.file(name, format!("#!/bin/sh\n{text}\n"));
    assert!(Command::new("chmod").arg("+x").arg(path).status().unwrap().success());
}

/// A sandbox, and on its terminal `line`, which runs the script `./job`, that has said that it started.
fn started(job: &str, line: &str) -> (Sandbox, Terminal) {
    let sandbox = sandbox(&[]);
    script(&sandbox, "job", job);
    let mut terminal = shell(&sandbox);
    terminal.type_line(line);
    terminal.until("started");
    (sandbox, terminal)
}

/// Types `echo` of the last exit code, and returns it.
fn exit_code(terminal: &mut Terminal) -> String {
    terminal.type_line("echo \"code=$?.\"");
    terminal.until("code=");
    terminal.until(".")
}

/// Reads lines from the terminal, and says each.
const READER: &str = "echo started; while read word; do echo \"<$word>\"; done";

#[test]
fn a_command_reads_from_the_terminal_and_ctrl_c_ends_it() {
    let (sandbox, mut terminal) = started(READER, &format!("s3-lock run {LOCK} -- ./job"));
    terminal.type_line("hello");
    terminal.until("<hello>");
    terminal.type_keys(CTRL_C);
    terminal.until("ready ");
    assert_eq!(exit_code(&mut terminal), "130");
    assert_eq!(lock(&sandbox, &["show", LOCK]).ok().record()["state"], "free");
}

#[test]
fn ctrl_c_ends_what_the_command_has_started_in_another_session_as_well() {
    let (sandbox, mut terminal) = started(
        "mkfifo fifo; setsid sh -c 'trap : HUP INT TERM; exec 3> fifo; sleep 60; sleep 60' & echo started; wait",
        &format!("s3-lock run --ttl 6 {LOCK} -- ./job"),
    );
    let open = std::fs::File::open(sandbox.folder().join("fifo")).unwrap();
    terminal.type_keys(CTRL_C);
    terminal.until("ready ");
    assert_eq!(exit_code(&mut terminal), "130");
    // Which ends once nobody could write any more.
    assert_eq!(std::io::read_to_string(open).unwrap(), "");
}

#[test]
fn ctrl_z_stops_both_and_fg_continues_both() {
    let (_sandbox, mut terminal) = started(READER, &format!("s3-lock run {LOCK} -- ./job"));
    for word in ["one", "two"] {
        terminal.press(CTRL_Z, "Stopped");
        terminal.until("ready ");
        terminal.type_line("fg");
        terminal.until("s3-lock run");
        terminal.type_line(word);
        terminal.until(&format!("<{word}>"));
    }
    terminal.type_keys("\x04");
    terminal.until("ready ");
    assert_eq!(exit_code(&mut terminal), "0");
}

#[test]
fn a_command_whose_lock_was_lost_while_it_was_stopped_is_ended_and_not_continued() {
    let (sandbox, mut terminal) = started(
        "trap 'echo went on > mark' CONT TERM; echo started; while :; do sleep 60 & wait; done",
        &format!("s3-lock run --ttl 2s {LOCK} -- ./job"),
    );
    terminal.press(CTRL_Z, "Stopped");
    lock(&sandbox, &["acquire", LOCK, "--wait", "20s"]).ok();
    terminal.type_line("fg");
    terminal.until("the lock ran out");
    terminal.until("ready ");
    assert_eq!(exit_code(&mut terminal), "75");
    assert!(!sandbox.folder().join("mark").exists());
    assert_eq!(lock(&sandbox, &["show", LOCK]).ok().record()["ttl_s"], 60, "the other holder's");
}

#[test]
fn a_stopped_command_goes_on_in_the_background_with_bg() {
    let (_sandbox, mut terminal) = started(
        "trap 'echo finished; exit 6' USR1; echo started; while :; do sleep 60 & wait; done",
        &format!("s3-lock run {LOCK} -- ./job"),
    );
    terminal.press(CTRL_Z, "Stopped");
    terminal.until("ready ");
    terminal.type_line("bg; kill -USR1 %1; wait %1");
    terminal.until("finished");
    assert_eq!(exit_code(&mut terminal), "6");
}

#[test]
fn a_command_whose_lock_is_lost_is_ended_on_a_terminal_too_and_leaves_it_as_it_was() {
    let (sandbox, mut terminal) = started(
        "trap '' TERM; stty raw; echo started; while :; do sleep 60 & wait; done",
        &format!("s3-lock run --ttl 3s --token mine {LOCK} -- ./job"),
    );
    lock(&sandbox, &["release", LOCK, "--token", "mine"]).ok();
    terminal.until("not held under this token");
    terminal.until("ready ");
    assert_eq!(exit_code(&mut terminal), "75");
    terminal.type_line("stty -a");
    terminal.until(" icanon");
}

#[test]
fn a_signal_to_s3_lock_in_a_script_on_a_terminal_ends_what_the_command_has_started() {
    let (sandbox, mut terminal) = started(
        "mkfifo fifo; sh -c 'exec 3> fifo; sleep 60; :' & echo started; wait",
        &format!("bash -c 's3-lock run --ttl 6 {LOCK} -- ./job; echo \"code=$?.\"'"),
    );
    let open = std::fs::File::open(sandbox.folder().join("fifo")).unwrap();
    assert!(
        Command::new("pkill")
            .args(["-TERM", "-x", "s3-lock", "-s", &terminal.pid().to_string()])
            .status()
            .unwrap()
            .success()
    );
    terminal.until("code=143.");
    assert_eq!(std::io::read_to_string(open).unwrap(), "");
    terminal.until("ready ");
}

#[test]
fn ctrl_c_ends_the_script_that_runs_s3_lock_as_well() {
    let sandbox = sandbox(&[]);
    script(&sandbox, "reader", READER);
    script(&sandbox, "script", &format!("s3-lock run {LOCK} -- ./reader; echo went on"));
    let mut terminal = shell(&sandbox);
    terminal.type_line("./script");
    terminal.until("started");
    terminal.type_keys(CTRL_C);
    assert!(!terminal.until("ready ").contains("went on"));
    assert_eq!(exit_code(&mut terminal), "130");
}

#[test]
fn ctrl_z_stops_a_script_that_runs_s3_lock_and_fg_continues_it() {
    let sandbox = sandbox(&[]);
    script(&sandbox, "reader", READER);
    script(&sandbox, "script", &format!("s3-lock run {LOCK} -- ./reader; echo went on"));
    let mut terminal = shell(&sandbox);
    terminal.type_line("./script");
    terminal.until("started");
    terminal.press(CTRL_Z, "Stopped");
    terminal.type_line("fg");
    terminal.type_line("hello");
    terminal.until("<hello>");
    terminal.type_keys("\x04");
    terminal.until("went on");
    terminal.until("ready ");
}

#[test]
fn in_a_pipeline_a_command_has_the_terminal_once_it_asks_for_it() {
    let (_sandbox, mut terminal) = started(READER, &format!("s3-lock run {LOCK} -- ./job | cat"));
    terminal.type_line("hello");
    terminal.until("<hello>");
    terminal.type_keys(CTRL_C);
    terminal.until("ready ");
    terminal.type_line("echo \"codes=${PIPESTATUS[0]}.\"");
    terminal.until("codes=130.");
}

#[test]
fn in_a_pipeline_ctrl_c_and_ctrl_z_reach_the_command() {
    let (sandbox, mut terminal) =
        started("echo started; while :; do sleep 60 & wait; done", &format!("s3-lock run {LOCK} -- ./job | cat"));
    terminal.press(CTRL_Z, "Stopped");
    terminal.until("ready ");
    terminal.type_line("fg");
    terminal.until("cat");
    terminal.press(CTRL_C, "ready ");
    assert_eq!(lock(&sandbox, &["show", LOCK]).ok().record()["state"], "free");
}

#[test]
fn where_no_shell_could_continue_it_ctrl_z_does_nothing() {
    let sandbox = sandbox(&[]);
    script(&sandbox, "reader", READER);
    let mut command = sandbox.tool("s3-lock");
    command.args(["run", LOCK, "--", "./reader"]);
    let mut terminal = Terminal::start(&command);
    terminal.until("started");
    terminal.type_keys(CTRL_Z);
    terminal.type_line("hello");
    terminal.until("<hello>");
    terminal.type_keys(CTRL_C);
    assert_eq!(terminal.exit_code(), Some(130));
}
