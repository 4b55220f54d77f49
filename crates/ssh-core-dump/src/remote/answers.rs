//! What a helper says, which may be waited for with a limit.

use std::io::{self, Read};
use std::process::ChildStdout;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// The longest limit: one that no clock can add is as good as none.
const LONGEST: Duration = Duration::from_hours(24);

/// The stdout of a helper.
pub(super) struct Answers {
    stdout: ChildStdout,
    until: Instant,
}

impl Answers {
    /// What comes from `stdout`, of which nothing is waited for until there is a limit.
    pub(super) fn new(stdout: ChildStdout) -> Self {
        Self { stdout, until: Instant::now() }
    }

    /// Lets what is read from now on fail with `TimedOut` where it is not here within `limit`.
    pub(super) fn limit(&mut self, limit: Duration) {
        let now = Instant::now();
        self.until = now.checked_add(limit).unwrap_or(now + LONGEST);
    }
}

impl Read for Answers {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = Timespec::try_from(self.until.saturating_duration_since(Instant::now())).ok();
        let mut asked = [PollFd::new(&self.stdout, PollFlags::IN)];
        if poll(&mut asked, left.as_ref())? == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stdout.read(bytes)
    }
}
