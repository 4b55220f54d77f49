//! Commands under the lock, without a terminal.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use harness::Sandbox;

use crate::{LOCK, lock, sandbox};

/// A command under the lock that says `started` and goes on until it is ended.
fn long_run(sandbox: &Sandbox, args: &[&str], script: &str) -> (Child, BufReader<ChildStdout>) {
    start(sandbox.tool("s3-lock"), args, script)
}

fn start(mut command: Command, args: &[&str], script: &str) -> (Child, BufReader<ChildStdout>) {
    command.args(["run", LOCK]).args(args).args(["--", "sh", "-c", script]).stdin(Stdio::null());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert_eq!(line, "started\n");
    (child, said)
}

/// Sends `signal` to a process.
fn kill(signal: &str, pid: &str) {
    assert!(Command::new("kill").args([signal, pid]).status().unwrap().success(), "{pid} is there to get {signal}");
}

/// The next line that a command says.
fn line(said: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// Waits until nobody has the stdout of a command open any more, and returns what was said meanwhile.
fn silence(mut said: BufReader<ChildStdout>) -> String {
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    rest
}

/// Starts a sleep in a session of its own, whose parent ends at once, which makes it an orphan.
const DAEMON: &str = "(setsid sh -c 'trap : TERM; sleep 60; sleep 60' &)";

#[test]
fn what_a_command_has_started_ends_when_a_signal_ends_it_wherever_it_went() {
    for (signal, code) in [("-TERM", 143), ("-INT", 130), ("-HUP", 129)] {
        let sandbox = sandbox(&[]);
        let script = format!("{DAEMON}; setsid sleep 60 & echo started; wait");
        let (mut child, said) = long_run(&sandbox, &["--ttl", "6"], &script);
        kill(signal, &child.id().to_string());
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert_eq!(lock(&sandbox, &["show", LOCK]).ok().record()["state"], "free");
        silence(said);
    }
}

#[test]
fn what_a_command_has_started_ends_when_the_lock_is_lost_wherever_it_went() {
    let sandbox = sandbox(&[]);
    let script = format!("{DAEMON}; setsid sleep 60 & echo started; wait");
    let (mut child, said) = long_run(&sandbox, &["--ttl", "3", "--token", "mine"], &script);
    let began = Instant::now();
    lock(&sandbox, &["release", LOCK, "--token", "mine"]).ok();
    assert_eq!(child.wait().unwrap().code(), Some(75));
    silence(said);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn what_a_command_leaves_behind_when_it_ends_by_itself_goes_on_without_the_lock() {
    let sandbox = sandbox(&[]);
    let made = Command::new("mkfifo").arg(sandbox.folder().join("fifo")).status().unwrap();
    assert!(made.success());
    let script = "(read word < fifo; echo \"$word\") & echo started";
    let (mut child, mut said) = long_run(&sandbox, &[], script);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(lock(&sandbox, &["show", LOCK]).ok().record()["state"], "free");
    fs::write(sandbox.folder().join("fifo"), "still there\n").unwrap();
    assert_eq!(line(&mut said), "still there");
}

#[test]
fn a_command_does_not_outlive_an_s3_lock_that_is_killed() {
    let sandbox = sandbox(&[]);
    let (mut child, said) = long_run(&sandbox, &[], "trap '' HUP INT TERM; echo started; exec sleep 60");
    kill("-KILL", &child.id().to_string());
    child.wait().unwrap();
    silence(said);
}

#[test]
fn signals_are_passed_on_one_by_one() {
    let sandbox = sandbox(&[]);
    let names =
        ["HUP", "INT", "QUIT", "ABRT", "USR1", "USR2", "ALRM", "TERM", "CONT", "URG", "XCPU", "PROF", "WINCH", "IO"];
    let traps: String = names.iter().map(|name| format!("trap 'echo {name}' {name}; ")).collect();
    let (mut child, mut said) =
        long_run(&sandbox, &[], &format!("{traps} echo started; while :; do sleep 60 & wait; done"));
    for name in names {
        kill(&format!("-{name}"), &child.id().to_string());
        assert_eq!(line(&mut said), name);
    }
    kill("-KILL", &child.id().to_string());
    child.wait().unwrap();
}

#[test]
fn a_signal_that_whoever_started_it_wants_ignored_stays_ignored() {
    let sandbox = sandbox(&[]);
    let tool = sandbox.tool("s3-lock");
    let mut nohup = Command::new("sh");
    nohup.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(tool.get_program());
    nohup.envs(tool.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(sandbox.folder());
    let (mut child, mut said) = start(
        nohup,
        &[],
        "trap 'echo TERM; exit 3' TERM; echo started; kill -HUP $$; while :; do sleep 60 & wait; done",
    );
    kill("-HUP", &child.id().to_string());
    kill("-TERM", &child.id().to_string());
    assert_eq!(line(&mut said), "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(3));
}

#[test]
fn what_a_shell_had_started_before_it_became_s3_lock_is_not_the_command_s() {
    let sandbox = sandbox(&[]);
    let tool = sandbox.tool("s3-lock");
    let mut shell = Command::new("sh");
    let became = "(trap 'echo ended' TERM; read word < fifo; echo \"$word\") & exec \"$0\" \"$@\"";
    shell.args(["-c", &format!("mkfifo fifo; {became}")]).arg(tool.get_program());
    shell.envs(tool.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(sandbox.folder());
    let (mut child, mut said) = start(shell, &["--ttl", "6"], "echo started; sleep 60");
    kill("-TERM", &child.id().to_string());
    assert_eq!(child.wait().unwrap().code(), Some(143));
    fs::write(sandbox.folder().join("fifo"), "still there\n").unwrap();
    assert_eq!(line(&mut said), "still there");
}

#[test]
fn a_script_without_a_first_line_for_the_kernel_is_run_by_the_shell() {
    let sandbox = sandbox(&[]);
    let script = sandbox.file("script", "exit 4\n");
    assert!(Command::new("chmod").arg("+x").arg(&script).status().unwrap().success());
    assert_eq!(lock(&sandbox, &["run", LOCK, "--", "./script"]).code, Some(4));
    assert_eq!(lock(&sandbox, &["run", LOCK, "-qq", "--", "./nowhere"]).stderr, "");
}

#[test]
fn a_command_runs_under_the_lock_and_its_exit_code_is_passed_on() {
    let sandbox = sandbox(&[]);
    let script = "echo $S3_LOCK_URI $S3_LOCK_TOKEN $S3_LOCK_GENERATION; exit 5";
    let ran = lock(&sandbox, &["run", LOCK, "--token", "t", "--", "sh", "-c", script]);
    assert_eq!(ran.code, Some(5), "{ran:?}");
    assert!(ran.stdout.starts_with(&format!("{LOCK} t 1")), "{ran:?}");
    assert_eq!(lock(&sandbox, &["show", LOCK]).ok().record()["state"], "free");
    assert_eq!(lock(&sandbox, &["run", LOCK, "--", "sh", "-c", "kill -9 $$"]).code, Some(137));
    lock(&sandbox, &["run", LOCK, "--", "/nowhere"]).fails(127, "cannot run /nowhere");
    lock(&sandbox, &["run", LOCK, "--", "/etc/passwd"]).fails(126, "cannot run /etc/passwd");
    assert_eq!(lock(&sandbox, &["show", LOCK]).ok().record()["state"], "free", "also after a failure to run");
}

#[test]
fn the_lease_is_renewed_while_the_command_runs() {
    let sandbox = sandbox(&[]);
    let script = "echo started; read x < fifo";
    let made = Command::new("mkfifo").arg(sandbox.folder().join("fifo")).status().unwrap();
    assert!(made.success());
    let (mut child, _said) = long_run(&sandbox, &["--ttl", "2"], script);
    let waited = lock(&sandbox, &["acquire", LOCK, "--wait", "5s"]);
    assert_eq!(waited.code, Some(1), "longer than the time to live, and still held: {waited:?}");
    fs::write(sandbox.folder().join("fifo"), "go\n").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_command_whose_lock_is_lost_is_ended() {
    let sandbox = sandbox(&[]);
    let (mut child, mut said) = long_run(
        &sandbox,
        &["--ttl", "3", "--token", "t"],
        "trap 'echo ended; exit 3' TERM; echo started; sleep 60 & wait",
    );
    lock(&sandbox, &["release", LOCK, "--token", "t"]).ok();
    lock(&sandbox, &["acquire", LOCK]).ok();
    assert_eq!(child.wait().unwrap().code(), Some(75));
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert_eq!(line, "ended\n");
}

#[test]
fn what_a_command_left_behind_is_ended_when_the_lock_is_lost() {
    let sandbox = sandbox(&[]);
    let script = "(trap '' TERM; echo started; exec sleep 20) & sleep 20";
    let (mut child, mut said) = long_run(&sandbox, &["--ttl", "3", "--token", "mine"], script);
    let began = Instant::now();
    lock(&sandbox, &["release", LOCK, "--token", "mine"]).ok();
    assert_eq!(child.wait().unwrap().code(), Some(75));
    said.read_line(&mut String::new()).unwrap();
    assert!(began.elapsed() < Duration::from_secs(10), "nobody has its stdout open any more");
}

#[test]
fn a_lock_is_given_back_while_the_lease_lasts_and_no_longer() {
    let sandbox = sandbox(&["--fault", "PutObject:delay:3:0", "--fault", "PutObject:delay:99:60000"]);
    let began = Instant::now();
    let ran = lock(&sandbox, &["run", LOCK, "--ttl", "3", "--", "sh", "-c", "exit 7"]);
    assert_eq!(ran.code, Some(7), "{ran:?}");
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}

#[test]
fn a_signal_reaches_the_command_and_the_lock_is_given_back() {
    let sandbox = sandbox(&[]);
    let (mut child, _said) = long_run(&sandbox, &[], "trap 'exit 9' TERM; echo started; sleep 60 & wait");
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(9));
    assert_eq!(lock(&sandbox, &["show", LOCK]).ok().record()["state"], "free");
}
