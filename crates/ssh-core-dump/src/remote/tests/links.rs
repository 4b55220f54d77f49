use std::sync::mpsc;
use std::thread;

use super::*;

#[test]
fn another_program_is_reported_with_its_last_words() {
    let run = |script: &str| connect(marked(&["sh", "-c", script])).err().unwrap().to_string();
    assert_eq!(run("echo first >&2; echo 'sudo: no password' >&2; exit 1"), "sudo: no password");
    assert_eq!(run("echo first >&2; echo 'no route' >&2; exit 255"), "first no route");
    assert_eq!(run("exit 127"), "it has no Python");
    assert_eq!(run("exit 3"), "the connection ended with 3");
    assert_eq!(
        run("printf 'A helper of another kind, which speaks first and at length'"),
        "the node sent an answer that makes no sense"
    );
}

#[test]
fn the_output_of_the_login_shell_is_skipped() {
    let noise = "echo emr-tools-test; printf 'emr-tools-test-err\\nvoid'; head -c 3000000 /dev/urandom; \
        head -c 3000000 /dev/urandom >&2; printf '\\0\\377v'";
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{noise}; {}", reach::marked(&words(false), &mark()))]);
    let (folder, _, _) = node();
    assert_eq!(find(&mut connect(command).unwrap(), folder.path()).len(), 1);

    let mut command = Command::new("sh");
    command.args(["-c", "echo welcome; head -c 3000000 /dev/zero >&2; echo 'no route' >&2; exit 255"]);
    assert!(connect(command).err().unwrap().to_string().ends_with("no route"));
}

/// Whether `said` is the error of a node that does not answer.
fn is_silence(error: &Error) -> bool {
    error.outcome == Outcome::Unavailable && error.to_string() == "it has not answered for 1 s"
}

#[test]
fn a_silent_helper_is_killed_with_all_that_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    // The first shell stands for an ssh, the second for a ProxyCommand of it, which keeps its pipes open.
    for script in ["exec sleep 3600 3>\"$0\"", "sleep 3600 3>\"$0\" & wait"] {
        let (ended, end) = mpsc::channel();
        let path = fifo.clone();
        // A FIFO ends when its last writer has ended.
        thread::spawn(move || ended.send(fs::read(path).unwrap()));
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(&fifo);
        let opened = connect_within(Duration::from_secs(1), command);
        assert!(is_silence(&opened.err().unwrap()), "{script}");
        assert_eq!(end.recv_timeout(Duration::from_secs(30)).unwrap(), b"", "{script}");
    }
}

#[test]
fn a_helper_that_stops_answering_times_out() {
    let (folder, _, _) = node();
    let mut link = helper_with(&[("def list_cores(ask):", "def list_cores(ask):\n    time.sleep(3600)")]);
    let error = list(&mut link, &[folder.path().to_str().unwrap().to_owned()]).unwrap_err();
    assert_eq!(error.to_string(), "it has not answered for 3 s");
}
