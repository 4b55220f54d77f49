//! Reads the output of a helper, with a time limit.

use std::io::{self, Read};
use std::process::ChildStdout;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Replaces a limit that the clock cannot add.
const LONGEST: Duration = Duration::from_hours(24);

/// The stdout of a helper.
pub(super) struct Answers {
    stdout: ChildStdout,
    until: Instant,
}

impl Answers {
    /// Reads `stdout`. Until [`Answers::limit`] is called, a read without data fails at once.
    pub(super) fn new(stdout: ChildStdout) -> Self {
        Self { stdout, until: Instant::now() }
    }

    /// From now on, a read fails with `TimedOut` if no data arrives before `limit` has passed.
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
