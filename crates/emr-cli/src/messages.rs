//! Messages for people, on stderr: `-qq` none, `-q` errors, by default what happened, `-v` details, `-vv` each API call.
//!
//! Each begins with the name of its tool, so that the messages of a pipeline can be told apart.

use std::io::Write;
use std::sync::OnceLock;

use emr_core::error::{Error, Outcome};
use emr_core::text::{escaped, one_line};
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

/// The name of the tool whose messages have been started; empty before.
pub(super) fn tool() -> &'static str {
    STDERR.get().map_or("", |stderr| &stderr.tool)
}

/// The log target of messages whose text the specification fixes.
const SPECIFIED: &str = "emr_cli::specified";

/// Tells the user what happened, in the words of the specification. Scripts look for them at the beginning of a line, so
/// the tool's name is left out.
pub fn announce(message: &str) {
    log::info!(target: SPECIFIED, "{message}");
}

/// Tells the user what happened.
pub fn say(message: &str) {
    log::info!("{message}");
}

/// Tells the user how long something will take: on a terminal, where somebody waits, and elsewhere with `-v`. A line of
/// cron must not send mail because of it.
pub fn foretell(message: &str) {
    if progress::is_shown() { say(message) } else { detail(message) }
}

/// Tells the user a detail, with `-v`.
pub fn detail(message: &str) {
    log::debug!("{message}");
}

/// Whether details are told.
pub(super) fn tells_details() -> bool {
    log::max_level() >= LevelFilter::Debug
}

/// Warns the user of what may be wrong.
pub fn warn(message: &str) {
    log::warn!("{message}");
}

/// Reports a failure that does not decide the exit code.
pub fn complain(message: &str) {
    log::error!("{message}");
}

/// Reports an error, and with `-vv` its causes.
pub fn report(error: &Error) {
    log::error!("{error}");
    for cause in error.causes() {
        log::trace!("caused by {cause}");
    }
}

/// Prints help on stdout, or a usage error on stderr in the form of every other message. Returns the exit code.
pub(super) fn report_usage(tool: &str, error: &clap::Error) -> u8 {
    if !error.use_stderr() {
        // If stdout is closed, nobody reads the help.
        drop(error.print());
        return Outcome::Done.exit_code();
    }
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").map_or_else(|| text.clone(), |text| format!("{tool}: {text}"));
    // The error quotes the command line, which may have control characters.
    let text: String = text.lines().map(|line| escaped(line) + "\n").collect();
    drop(std::io::stderr().lock().write_all(text.as_bytes()));
    Outcome::Usage.exit_code()
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
        // A quoted text may have line breaks.
        let text = one_line(&record.args().to_string(), 4000);
        let line = match record.level() {
            _ if record.target() == SPECIFIED => text,
            Level::Warn => format!("{}: warning: {text}", self.tool),
            Level::Error | Level::Info | Level::Debug | Level::Trace => format!("{}: {text}", self.tool),
        };
        // If stderr is closed, nobody reads the message.
        progress::aside(|| drop(writeln!(std::io::stderr().lock(), "{line}")));
    }

    fn flush(&self) {}
}
