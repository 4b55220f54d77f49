//! What a helper says, which may be waited for with a limit.

use std::io::{self, Read};
use std::process::ChildStdout;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// The stdout of a helper.
pub(super) struct Answers {
    stdout: ChildStdout,
    until: Option<Instant>,
}

impl Answers {
    /// What comes from `stdout`, without a limit.
    pub(super) fn new(stdout: ChildStdout) -> Self {
        Self { stdout, until: None }
    }

    /// Lets what is read from now on fail with `TimedOut` where it is not here within `limit`; none: waits for ever.
    pub(super) fn limit(&mut self, limit: Option<Duration>) {
        self.until = limit.and_then(|limit| Instant::now().checked_add(limit));
    }
}

impl Read for Answers {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if let Some(until) = self.until {
            let left = Timespec::try_from(until.saturating_duration_since(Instant::now())).ok();
            let mut asked = [PollFd::new(&self.stdout, PollFlags::IN)];
            if poll(&mut asked, left.as_ref())? == 0 {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
        self.stdout.read(bytes)
    }
}
