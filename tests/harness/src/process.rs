//! Signals to processes of a test.

use std::fs;
use std::process::Child;
use std::sync::{Arc, OnceLock};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

/// A process that is known to others as soon as it has started.
#[derive(Debug, Clone, Default)]
pub struct Process(Arc<OnceLock<u32>>);

impl Process {
    /// Makes `child` known.
    pub fn is(&self, child: &Child) {
        self.0.set(child.id()).expect("it starts once");
    }

    /// Whether both are of one start.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Kills it. It does nothing more when this returns.
    pub fn kill(&self) {
        self.send(Signal::KILL);
        self.until(|state| matches!(state, 'Z' | 'X'));
    }

    /// Stops it. It does nothing more when this returns.
    pub fn stop(&self) {
        self.send(Signal::STOP);
        self.until(|state| matches!(state, 'T' | 'Z' | 'X'));
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        self.send(Signal::TERM);
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.send(Signal::CONT);
    }

    fn send(&self, signal: Signal) {
        let pid = i32::try_from(*self.0.wait()).ok().and_then(Pid::from_raw).expect("it has a PID");
        // It may have ended by itself.
        let _ = kill_process(pid, signal);
    }

    /// Waits until the kernel has taken it out of work, which takes microseconds.
    fn until(&self, is_done: impl Fn(char) -> bool) {
        loop {
            let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.wait())).unwrap_or_default();
            let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next()).unwrap_or('X');
            if is_done(state) {
                return;
            }
            thread::yield_now();
        }
    }
}
