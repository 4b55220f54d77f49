//! A terminal for a test, and the program on it.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

/// The longest time that a test waits for text on a terminal.
const PATIENCE: Duration = Duration::from_secs(30);

/// After how long a key is pressed again, and how often it is pressed at most.
const AGAIN: Duration = Duration::from_secs(10);
const PRESSES: usize = 3;

/// A terminal, and the leader of its session. Typed text is not echoed.
#[derive(Debug)]
pub struct Terminal {
    keys: File,
    shown: Receiver<Vec<u8>>,
    unread: String,
    leader: Child,
}

impl Terminal {
    /// Starts `command` as the leader of a session on a new terminal.
    #[must_use]
    pub fn start(command: &Command) -> Self {
        let keys = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a terminal");
        grantpt(&keys).and_then(|()| unlockpt(&keys)).expect("a terminal to open");
        let path = ptsname(&keys, Vec::new()).expect("a terminal has a path").into_string().expect("a path is text");
        let tty = File::options().read(true).write(true).open(path).expect("the terminal opens");
        let mut modes = tcgetattr(&tty).expect("a terminal has modes");
        modes.local_modes -= LocalModes::ECHO;
        tcsetattr(&tty, OptionalActions::Now, &modes).expect("the modes are set");
        let leader = on(&tty, command).spawn().expect("the program starts");
        let keys = File::from(keys);
        let shown = read(keys.try_clone().expect("a terminal for two"));
        Self { keys, shown, unread: String::new(), leader }
    }

    /// Starts an interactive bash with the environment of `command`, and waits for its prompt.
    #[must_use]
    pub fn with_shell(command: &Command) -> Self {
        let mut shell = Command::new("bash");
        shell.args(["--norc", "--noprofile", "--noediting", "-i"]).env("TERM", "dumb");
        shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.current_dir(command.get_current_dir().expect("the command has a folder"));
        let mut terminal = Self::start(&shell);
        terminal.type_line("PS1=ready' '");
        terminal.until("ready ");
        terminal
    }

    /// Types `keys`: ctrl-C is `\x03`, ctrl-Z is `\x1a`.
    pub fn type_keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Types `line` and the enter key.
    pub fn type_line(&mut self, line: &str) {
        self.type_keys(&format!("{line}\n"));
    }

    /// Types `keys` until `words` are shown: as long as the shell has not handed the terminal over, it takes them itself.
    pub fn press(&mut self, keys: &str, words: &str) {
        for _ in 0..PRESSES {
            if self.unread.contains(words) {
                break;
            }
            self.type_keys(keys);
            let again = Instant::now() + AGAIN;
            while !self.unread.contains(words) && self.receive(again) {}
        }
        self.until(words);
    }

    /// Waits until `words` are shown, and returns the text before them since the last wait.
    pub fn until(&mut self, words: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some((before, after)) = self.unread.split_once(words) {
                let (before, after) = (before.to_owned(), after.to_owned());
                self.unread = after;
                return before;
            }
            assert!(self.receive(deadline), "'{words}' is not shown, but: {}", self.unread);
        }
    }

    /// Takes in what is shown next. The answer is no if that is nothing until `deadline`, or nothing more at all.
    fn receive(&mut self, deadline: Instant) -> bool {
        let shown = self.shown.recv_timeout(deadline.saturating_duration_since(Instant::now()));
        if let Ok(bytes) = &shown {
            self.unread.push_str(&String::from_utf8_lossy(bytes));
        }
        shown.is_ok()
    }

    /// Waits until the program has ended, and returns the text since the last wait.
    pub fn rest(&mut self) -> String {
        drop(self.leader.wait());
        while self.receive(Instant::now() + PATIENCE) {}
        std::mem::take(&mut self.unread)
    }

    /// Waits until the program has ended, and returns its exit code.
    pub fn exit_code(&mut self) -> Option<i32> {
        self.leader.wait().expect("the program ends").code()
    }

    /// The PID of the leader of the session.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.leader.id()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.leader.kill());
        drop(self.leader.wait());
    }
}

/// The command that runs `command` in a new session controlled by `tty`.
fn on(tty: &File, command: &Command) -> Command {
    let end = || Stdio::from(tty.try_clone().expect("a terminal for three"));
    let mut session = Command::new("setsid");
    session.arg("--ctty").arg(command.get_program()).args(command.get_args()).stdin(end()).stdout(end()).stderr(end());
    session.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        session.current_dir(folder);
    }
    session
}

/// Sends what a terminal shows, as it arrives.
fn read(mut terminal: File) -> Receiver<Vec<u8>> {
    let (sender, shown) = channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = terminal.read(&mut buffer) {
            if sender.send(buffer[..length].to_vec()).is_err() {
                return;
            }
        }
    });
    shown
}
