//! Progress bars, on a terminal and nowhere else.

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::Duration;

use emr_core::text::plain;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// A line on the terminal that shows how far something is. Control characters in its texts are escaped.
#[derive(Debug, Clone)]
pub struct Bar(ProgressBar);

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

/// Whether bars are shown, so that log lines with the same content are not needed.
#[must_use]
pub fn is_shown() -> bool {
    wanted() && std::io::stderr().is_terminal()
}

fn bar(bar: ProgressBar, what: &str, template: &str) -> Bar {
    // indicatif draws on stderr, and only where that is a terminal.
    let bar = if wanted() { BARS.get_or_init(MultiProgress::new).add(bar) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_prefix(plain(what));
    Bar(bar)
}

impl Bar {
    /// A bar that nobody sees.
    #[must_use]
    pub fn hidden() -> Self {
        Self(ProgressBar::hidden())
    }

    /// Notes that `more` is done.
    pub fn inc(&self, more: u64) {
        self.0.inc(more);
    }

    /// Notes that so much is done in all.
    pub fn set_position(&self, done: u64) {
        self.0.set_position(done);
    }

    /// Notes how much is to be done in all.
    pub fn set_length(&self, all: u64) {
        self.0.set_length(all);
    }

    /// Notes that `more` is to be done.
    pub fn add_length(&self, more: u64) {
        self.0.inc_length(more);
    }

    /// Says `message` beside what it is.
    pub fn set_message(&self, message: &str) {
        self.0.set_message(plain(message));
    }

    /// Says how long what it shows has taken so far.
    pub fn set_elapsed(&self, elapsed: Duration) {
        self.0.set_elapsed(elapsed);
    }

    /// Takes it off the terminal.
    pub fn finish_and_clear(&self) {
        self.0.finish_and_clear();
    }
}

/// A bar for something of unknown length.
#[must_use]
pub fn spinner(what: &str) -> Bar {
    let spinner = bar(ProgressBar::new_spinner(), what, "{spinner} {prefix}  {msg}  {elapsed_precise}");
    if !spinner.0.is_hidden() {
        spinner.0.enable_steady_tick(Duration::from_millis(120));
    }
    spinner
}

/// The line that says how many of several things are done.
#[derive(Debug, Default)]
pub struct Tally(Option<Bar>);

impl Tally {
    /// Shows that `done` of `all` are.
    pub fn show(&mut self, done: usize, all: usize) {
        if all < 2 {
            return;
        }
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let new = || bar(ProgressBar::new(number(all)), "", "{pos} of {len} done");
        let bar = self.0.get_or_insert_with(new);
        bar.set_length(number(all));
        bar.set_position(number(done));
    }

    /// Takes it off the terminal.
    pub fn clear(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// A bar for `number` of `what`.
#[must_use]
pub fn count(what: &str, number: u64) -> Bar {
    bar(ProgressBar::new(number), what, "{prefix}  {bar:30}  {pos}/{len}  {eta}")
}

/// A bar for `bytes` bytes of `what`.
#[must_use]
pub fn bytes(what: &str, bytes: u64) -> Bar {
    let template = "{prefix}  {bar:30}  {bytes}/{total_bytes}  {bytes_per_sec}  {eta}";
    bar(ProgressBar::new(bytes), what, template)
}
