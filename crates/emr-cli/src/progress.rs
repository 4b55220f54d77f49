//! Progress bars, on a terminal and nowhere else.

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressStyle};

/// A line on the terminal that shows how far something is.
pub use indicatif::ProgressBar as Bar;

static BARS: OnceLock<MultiProgress> = OnceLock::new();

/// Runs `print`, which writes to the terminal, without disturbing the bars.
pub(super) fn aside(print: impl FnOnce()) {
    match BARS.get() {
        Some(bars) => bars.suspend(print),
        None => print(),
    }
}

/// Whether bars are wanted: `-q` silences them like any message.
fn wanted() -> bool {
    log::log_enabled!(log::Level::Info)
}

/// Whether bars are seen, so that lines which say the same are not wanted.
#[must_use]
pub fn is_shown() -> bool {
    wanted() && std::io::stderr().is_terminal()
}

fn bar(bar: Bar) -> Bar {
    // indicatif draws on stderr, and only where that is a terminal.
    if wanted() { BARS.get_or_init(MultiProgress::new).add(bar) } else { Bar::hidden() }
}

/// A bar for something that takes a time nobody knows.
#[must_use]
pub fn spinner(what: &str) -> Bar {
    let spinner = bar(Bar::new_spinner());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}  {msg}  {elapsed_precise}") {
        spinner.set_style(style);
    }
    spinner.set_prefix(what.to_owned());
    if !spinner.is_hidden() {
        spinner.enable_steady_tick(Duration::from_millis(120));
    }
    spinner
}

/// A line that says how many of `number` are done.
#[must_use]
pub fn tally(number: u64) -> Bar {
    let tally = bar(Bar::new(number));
    if let Ok(style) = ProgressStyle::with_template("{pos} of {len} done") {
        tally.set_style(style);
    }
    tally
}

/// A bar for `number` of `what`.
#[must_use]
pub fn count(what: &str, number: u64) -> Bar {
    let progress = bar(Bar::new(number));
    if let Ok(style) = ProgressStyle::with_template("{prefix}  {bar:30}  {pos}/{len}  {eta}") {
        progress.set_style(style);
    }
    progress.set_prefix(what.to_owned());
    progress
}

/// A bar for `bytes` bytes of `what`.
#[must_use]
pub fn bytes(what: &str, bytes: u64) -> Bar {
    let progress = bar(Bar::new(bytes));
    if let Ok(style) = ProgressStyle::with_template("{prefix}  {bar:30}  {bytes}/{total_bytes}  {bytes_per_sec}  {eta}")
    {
        progress.set_style(style);
    }
    progress.set_prefix(what.to_owned());
    progress
}
