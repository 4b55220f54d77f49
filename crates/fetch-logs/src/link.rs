//! The connection to the nodes, which a log outlives: it is opened once the step has begun, and again where it broke.

use std::time::Duration;

use emr_aws::Aws;
use emr_cli::{Ssh, logs};
use emr_core::config::Config;
use emr_core::error::{Error, Result};
use emr_ssh::Session;
use tokio::time::Instant;

use crate::job_flow::JobFlow;

/// The pause between two attempts to open a connection again, while logs are read on S3.
const PAUSE: Duration = Duration::from_mins(1);

/// The way to the logs.
pub(crate) struct Way<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) config: &'a Config,
    /// `None` where logs are read on S3 alone.
    pub(crate) ssh: Option<&'a Ssh>,
    /// How long there may be no log.
    pub(crate) patience: Duration,
}

/// The connection to the nodes of one job flow.
#[derive(Default)]
pub(crate) struct Link {
    session: Option<Session>,
    is_tried: bool,
    /// When it is to be opened again, where it broke.
    again_at: Option<Instant>,
    /// How often S3 had to do instead.
    failed: u32,
}

impl Link {
    /// The session, while there is one.
    pub(crate) fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// Whether logs are read on nodes, or will be again soon.
    pub(crate) fn is_wanted(&self) -> bool {
        self.session.is_some() || self.again_at.is_some_and(|at| at <= Instant::now())
    }

    /// Opens the connection where that is due. A job flow that has ended has no nodes, one that starts has none yet, and a
    /// step that has not begun has no log.
    pub(crate) async fn open(&mut self, way: &Way<'_>, flow: &JobFlow) -> Result<()> {
        let Some(ssh) = way.ssh.filter(|_| flow.has_begun()) else { return Ok(()) };
        if flow.cluster.cluster.state.has_ended() {
            (self.session, self.again_at) = (None, None);
        } else if !self.is_tried {
            self.is_tried = true;
            self.session = Box::pin(logs::session(way.aws, &flow.cluster, ssh, way.config)).await?;
        } else if self.again_at.is_some_and(|at| at <= Instant::now()) {
            match Box::pin(logs::open(way.aws, &flow.cluster, ssh, way.config)).await {
                Ok(session) => (self.session, self.again_at) = (Some(session), None),
                Err(error) => return self.fail(error, flow),
            }
        }
        Ok(())
    }

    /// Takes in that the connection cannot be opened again. Where S3 has logs, too, they are read there meanwhile.
    fn fail(&mut self, error: Error, flow: &JobFlow) -> Result<()> {
        if flow.cluster.log_uri.is_none() {
            return Err(error);
        }
        self.read_on_s3(&error);
        self.again_at = Some(Instant::now() + PAUSE);
        Ok(())
    }

    /// Says that logs are read on S3 because of `error`: the first time as a warning.
    fn read_on_s3(&mut self, error: &Error) {
        let line = format!("{error}; reading logs on S3");
        let say = if self.failed == 0 { emr_cli::warn } else { emr_cli::detail };
        say(&line);
        self.failed += 1;
    }

    /// Takes in that a look failed with `error`, where a log is followed for the `first` time in a row. Returns whether
    /// another look is to follow at once: over a new connection, or on S3.
    pub(crate) fn lose(&mut self, error: &Error, flow: &JobFlow, first: Option<bool>) -> bool {
        if self.session.take().is_none() {
            return false;
        }
        if first == Some(true) {
            self.again_at = Some(Instant::now());
            emr_cli::detail(&format!("{error}; connecting again"));
            return true;
        }
        let on_s3 = flow.cluster.log_uri.is_some();
        if on_s3 {
            self.read_on_s3(error);
        }
        self.again_at = first.map(|_| Instant::now() + if on_s3 { PAUSE } else { Duration::ZERO });
        on_s3
    }
}
