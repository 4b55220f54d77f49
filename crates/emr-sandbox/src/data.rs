//! The directory for objects, logs and working files of steps.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// Attempts to remove the directory, as a killed step may still write to it: 20 × 50 ms is one second.
const ATTEMPTS: u32 = 20;

/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// The directory while the sandbox runs.
pub(crate) enum Data {
    /// The user's, which stays at the end.
    Kept(PathBuf),
    /// Removed at the end.
    Temporary(TempDir),
}

impl Data {
    /// Opens `dir`, creating it if it is missing, or a temporary directory.
    pub(crate) fn open(dir: Option<&Path>) -> Result<Self, String> {
        let Some(dir) = dir else {
            let made = tempfile::Builder::new().prefix("emr-sandbox-").tempdir();
            return made.map(Self::Temporary).map_err(|error| format!("cannot create a temporary directory: {error}"));
        };
        let made = fs::create_dir_all(dir).and_then(|()| dir.canonicalize());
        made.map(Self::Kept).map_err(|error| format!("{}: {error}", dir.display()))
    }

    pub(crate) fn path(&self) -> PathBuf {
        match self {
            Self::Kept(dir) => dir.clone(),
            Self::Temporary(dir) => dir.path().to_owned(),
        }
    }

    /// Removes a temporary directory.
    #[expect(clippy::disallowed_methods, reason = "nothing signals the end of the processes that still write there")]
    pub(crate) fn close(self) {
        let Self::Temporary(dir) = self else {
            return;
        };
        let dir = dir.keep();
        for _ in 0..ATTEMPTS {
            if fs::remove_dir_all(&dir).is_ok() || !dir.exists() {
                return;
            }
            thread::sleep(PAUSE);
        }
        log::warn!("could not remove {}", dir.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporary_data_is_removed_and_the_users_is_kept() {
        let temporary = Data::open(None).unwrap();
        let kept = temporary.path().join("kept");
        let path = temporary.path();
        Data::open(Some(&kept)).unwrap().close();
        assert!(kept.is_dir());
        temporary.close();
        assert!(!path.exists());
    }
}
