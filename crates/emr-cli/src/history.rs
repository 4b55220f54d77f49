//! The option for the history of locks, for the tools that take one.

use std::path::PathBuf;

use clap::Args;

/// Where requests for locks are recorded.
#[derive(Debug, Clone, Default, Args)]
pub struct History {
    /// Append each request for a lock, and for what is done under it, to this file, for s3-lock verify [default:
    /// EMR_TOOLS_LOCK_HISTORY]
    #[arg(long = "history", value_name = "FILE", hide_short_help = true)]
    path: Option<PathBuf>,
}

impl History {
    /// The file, if requests are recorded.
    #[must_use]
    pub fn path(&self) -> Option<PathBuf> {
        let exported = || std::env::var_os("EMR_TOOLS_LOCK_HISTORY").filter(|path| !path.is_empty()).map(PathBuf::from);
        self.path.clone().or_else(exported)
    }
}
