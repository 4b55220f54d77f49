//! Manual pages, shown as `man` shows them.

use std::io::{self, IsTerminal};
use std::process::{Command, Stdio};

/// Shows the page `name` of `section`. Returns false if stdout is no terminal or the page is not installed.
#[must_use]
pub fn open(section: &str, name: &str) -> bool {
    if !io::stdout().is_terminal() {
        return false;
    }
    let is_installed = man(&["-w", section, name]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    is_installed.is_ok_and(|status| status.success()) && man(&[section, name]).status().is_ok()
}

fn man(args: &[&str]) -> Command {
    let mut command = Command::new("man");
    command.args(args);
    command
}
