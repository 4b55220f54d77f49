//! The option for the history of locks, for the tools that take one.

use std::path::PathBuf;

use clap::Args;
use emr_core::error::Result;

use super::local_file::refuse_stdout;

/// What names the file where the option is not given.
const VARIABLE: &str = "EMR_TOOLS_LOCK_HISTORY";

/// Where requests for locks are recorded.
#[derive(Debug, Clone, Default, Args)]
pub struct History {
    #[arg(
        long,
        value_name = "FILE",
        hide_short_help = true,
        help = "Append each request for a lock, and for what is done under it, to this file, for s3-lock verify [default: \
                EMR_TOOLS_LOCK_HISTORY]"
    )]
    history: Option<PathBuf>,
}

impl History {
    /// The file, if requests are recorded, and the option or the variable that names it. Refuses `-`: other processes
    /// append to the file, too.
    pub fn file(&self) -> Result<Option<(&'static str, PathBuf)>> {
        let exported = || std::env::var_os(VARIABLE).filter(|path| !path.is_empty());
        let typed = self.history.clone().map(|path| ("--history", path));
        let named = typed.or_else(|| Some((VARIABLE, exported()?.into())));
        if let Some((source, path)) = &named {
            refuse_stdout(source, path)?;
        }
        Ok(named)
    }

    /// The same without what names it.
    pub fn path(&self) -> Result<Option<PathBuf>> {
        Ok(self.file()?.map(|(_, path)| path))
    }
}
