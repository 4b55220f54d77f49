//! A command of the master bootstrap script, and paths to files in the script's folder.

use crate::shell;

/// A command of the master bootstrap script.
pub(super) struct Instruction {
    /// What the user wrote, for messages.
    pub(super) written: String,
    /// What the shell runs.
    pub(super) run: String,
}

impl Instruction {
    /// A command that messages show as it runs.
    pub(super) fn plain(command: &str) -> Self {
        Self { written: command.to_owned(), run: command.to_owned() }
    }
}

/// The path of the file `name` in the folder of the script, quoted for the shell.
pub(super) fn in_folder(name: &str) -> String {
    format!("\"$bootstrap_dir\"/{}", shell::quote(name))
}
