//! A process that is struck at one of its requests.

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use harness::{Passing, Process, Proxy, Ran, Sandbox};

/// A moment in the life of a process: at its request of this number, right before that reaches the service, or right
/// after the service has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Boundary {
    pub(crate) number: usize,
    pub(crate) is_answered: bool,
}

impl Boundary {
    fn is(self, passing: &Passing) -> bool {
        passing.number == self.number && passing.status.is_some() == self.is_answered
    }
}

fn start(sandbox: &Sandbox, proxy: &Proxy, process: &Process, mut command: Command, stdin: &str) -> Child {
    sandbox.point(&mut command);
    proxy.point(&mut command);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    process.is(&child);
    drop(child.stdin.take().unwrap().write_all(stdin.as_bytes()));
    child
}

/// Runs `command` to its end, and returns how many requests it made.
pub(crate) fn requests(sandbox: &Sandbox, command: Command, stdin: &str) -> usize {
    let proxy = Proxy::start(sandbox.endpoint(), |_| true);
    let child = start(sandbox, &proxy, &Process::default(), command, stdin);
    Ran::from(child.wait_with_output().unwrap()).ok();
    proxy.asked()
}

/// Runs `command`, and kills it at `at`. What it asks for then is lost, or it never sees the answer.
pub(crate) fn kill(sandbox: &Sandbox, command: Command, stdin: &str, at: Boundary) -> Ran {
    strike(sandbox, command, stdin, at, |victim| {
        victim.kill();
        false
    })
}

/// Runs `command`, and asks it to end at `at`, by SIGTERM. Its network is as it was.
pub(crate) fn terminate(sandbox: &Sandbox, command: Command, stdin: &str, at: Boundary) -> Ran {
    strike(sandbox, command, stdin, at, |victim| {
        victim.terminate();
        true
    })
}

/// Runs `command`, and does `what` to it at `at`, which says whether the request or answer is passed on.
fn strike(sandbox: &Sandbox, command: Command, stdin: &str, at: Boundary, what: fn(&Process) -> bool) -> Ran {
    let process = Process::default();
    let victim = process.clone();
    let proxy = Proxy::start(sandbox.endpoint(), move |passing| !at.is(passing) || what(&victim));
    Ran::from(start(sandbox, &proxy, &process, command, stdin).wait_with_output().unwrap())
}

/// A process that is stopped, or has ended before it came that far.
pub(crate) struct Stopped {
    child: Child,
    _proxy: Proxy,
    process: Process,
    /// The operations that it has asked for since.
    since: Arc<Mutex<Vec<String>>>,
    /// Lets the request that was held back go on.
    go_on: Sender<()>,
    pub(crate) is_struck: bool,
}

/// Starts `command`, and stops it at the first request for which `is_it`. The request is held back as well, where it
/// has not reached the service.
pub(crate) fn stop(
    sandbox: &Sandbox,
    command: Command,
    stdin: &str,
    is_it: impl Fn(&Passing) -> bool + Send + Sync + 'static,
) -> Stopped {
    let process = Process::default();
    let victim = process.clone();
    let since = Arc::<Mutex<Vec<String>>>::default();
    let seen = Arc::clone(&since);
    let (struck, is_struck): (Sender<()>, Receiver<()>) = channel();
    let (go_on, goes_on) = channel();
    // Who waits for the channel to close learns that the process has ended.
    let struck = Mutex::new(Some((struck, goes_on)));
    let proxy = Proxy::start(sandbox.endpoint(), move |passing| {
        let mut armed = struck.lock().unwrap();
        if !is_it(passing) || armed.is_none() {
            if armed.is_none() && passing.status.is_none() {
                seen.lock().unwrap().push(passing.operation.clone());
            }
            return true;
        }
        let Some((struck, goes_on)) = armed.take() else { return true };
        drop(armed);
        victim.stop();
        struck.send(()).unwrap();
        if passing.status.is_none() {
            let _ = goes_on.recv();
        }
        true
    });
    let mut child = start(sandbox, &proxy, &process, command, stdin);
    let is_struck = loop {
        match is_struck.recv_timeout(std::time::Duration::from_millis(50)) {
            Ok(()) => break true,
            Err(_) if child.try_wait().unwrap().is_some() => break false,
            Err(_) => {}
        }
    };
    Stopped { child, _proxy: proxy, process, since, go_on, is_struck }
}

impl Stopped {
    /// Lets it go on, and its request as well. Returns what came of it, and what it asked for since it was stopped.
    pub(crate) fn end(self) -> (Ran, Vec<String>) {
        self.process.go_on();
        let _ = self.go_on.send(());
        let ran = Ran::from(self.child.wait_with_output().unwrap());
        let since = self.since.lock().unwrap().clone();
        (ran, since)
    }
}
