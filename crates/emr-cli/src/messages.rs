//! Messages for people, on stderr: `-qq` none, `-q` errors, by default what happened, `-v` details, `-vv` each API call.

use std::io::Write;
use std::sync::OnceLock;

use emr_core::error::Error;
use emr_core::text::one_line;
use log::{Level, LevelFilter, Log, Metadata, Record};

use super::progress;

struct Stderr {
    tool: String,
}

static STDERR: OnceLock<Stderr> = OnceLock::new();

/// Starts messages of `tool`, `louder` levels louder (or quieter, where negative) than by default.
pub(super) fn start(tool: &str, louder: i16) {
    let stderr = STDERR.get_or_init(|| Stderr { tool: tool.to_owned() });
    let level = match louder {
        ..=-2 => LevelFilter::Off,
        -1 => LevelFilter::Error,
        0 => LevelFilter::Info,
        1 => LevelFilter::Debug,
        2.. => LevelFilter::Trace,
    };
    if log::set_logger(stderr).is_ok() {
        log::set_max_level(level);
    }
}

/// Tells the user what happened.
pub fn say(message: &str) {
    log::info!("{message}");
}

/// Tells the user who asked for it (`-v`) a detail.
pub fn detail(message: &str) {
    log::debug!("{message}");
}

/// Warns the user of what may be wrong.
pub fn warn(message: &str) {
    log::warn!("{message}");
}

/// Tells the user what went wrong with something else than this run.
pub fn complain(message: &str) {
    log::error!("{message}");
}

/// Tells the user of an error, and who asked for it (`-vv`) what it came from.
pub fn report(error: &Error) {
    log::error!("{error}");
    for cause in error.causes() {
        log::trace!("caused by {cause}");
    }
}

impl Log for Stderr {
    /// Only messages of these tools: libraries speak to developers.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("emr_")
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        // Whatever a message quotes, it stays one line.
        let text = one_line(&record.args().to_string(), 4000);
        let line = match record.level() {
            Level::Warn => format!("{}: warning: {text}", self.tool),
            Level::Info => text,
            Level::Error | Level::Debug | Level::Trace => format!("{}: {text}", self.tool),
        };
        // Where stderr is closed there is nobody to tell.
        progress::aside(|| drop(writeln!(std::io::stderr().lock(), "{line}")));
    }

    fn flush(&self) {}
}
