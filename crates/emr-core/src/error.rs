//! Errors of the tools, and the exit code of each.
//!
//! An [`Error`] has three readers. A person reads one line: what failed, on which thing, why, and what to do next. A
//! script reads the exit code of its [`Outcome`]; nothing else decides exit codes. Our own code reads its causes, down
//! to what AWS or the system said: it decides by causes and not by outcomes.

mod call;
mod call_kind;
mod outcome;
mod strange_answer;

use std::error::Error as StdError;
use std::path::Path;
use std::sync::Arc;
use std::{fmt, io};

pub use call::CallError;
pub use call_kind::CallErrorKind;
pub use outcome::{EXIT_CODES, Outcome};
pub use strange_answer::StrangeAnswer;

use crate::text::one_line;

/// The cause of an error, shared by its clones.
type Source = Arc<dyn StdError + Send + Sync>;

/// A failure.
#[derive(Debug, Clone)]
pub struct Error {
    /// What a script sees.
    pub outcome: Outcome,
    /// What it failed on, outermost first.
    context: Vec<String>,
    message: String,
    advice: Option<String>,
    source: Option<Source>,
}

/// A result whose error the user sees.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error. The message is a lower-case fragment: what failed, on which thing, and why.
    pub fn new(outcome: Outcome, message: impl Into<String>) -> Self {
        Self { outcome, context: Vec::new(), message: message.into(), advice: None, source: None }
    }

    /// An error of the command line or the input.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Outcome::Usage, message)
    }

    /// An error of the configuration.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(Outcome::Config, message)
    }

    /// The error of doing `what` to the local file `path`, such as `read`.
    #[must_use]
    pub fn file(what: &str, path: &Path, cause: &io::Error) -> Self {
        let message = format!("cannot {what} {}: {}", path.display(), reason(cause));
        Self::new(Outcome::Io, message).caused_by(same(cause))
    }

    /// Adds what to do next.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// What to do next, in one line, where that is known.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        self.advice.as_ref().map(|advice| one_line(advice, QUOTED))
    }

    /// What failed, on which thing, and why, in one line without the advice.
    #[must_use]
    pub fn finding(&self) -> String {
        let parts: Vec<_> = self.context.iter().chain([&self.message]).map(String::as_str).collect();
        one_line(&parts.join(": "), QUOTED)
    }

    /// Puts `context: ` before the message: the thing that failed. A context that is there already moves to the front.
    #[must_use]
    pub fn on(mut self, context: impl fmt::Display) -> Self {
        let context = context.to_string();
        self.context.retain(|known| *known != context);
        self.context.insert(0, context);
        self
    }

    /// Sets the cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Replaces the outcome and keeps the causes.
    #[must_use]
    pub fn with_outcome(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }

    /// Its causes, nearest first.
    pub fn causes(&self) -> impl Iterator<Item = &(dyn StdError + 'static)> {
        std::iter::successors(self.source(), |&cause| cause.source())
    }

    /// Its nearest cause of type `T`. Code that handles some errors differently tests this.
    #[must_use]
    pub fn cause<T: StdError + 'static>(&self) -> Option<&T> {
        self.causes().find_map(<dyn StdError>::downcast_ref)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.finding())?;
        self.advice().map_or(Ok(()), |advice| write!(f, "; {advice}"))
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// The most characters of a message, which may quote AWS, files and users.
const QUOTED: usize = 1000;

/// The text of an I/O error without ` (os error N)`.
#[must_use]
pub fn reason(cause: &io::Error) -> String {
    let text = cause.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_lowercase(),
        None => text,
    }
}

/// A copy of an I/O error, which has no `Clone`.
fn same(cause: &io::Error) -> io::Error {
    match cause.raw_os_error() {
        Some(number) => io::Error::from_raw_os_error(number),
        None => io::Error::new(cause.kind(), cause.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_with_its_advice() {
        let error = Error::usage("bad\nname \u{1b}[31m").advise("try another");
        assert_eq!(error.to_string(), "bad name  [31m; try another");
    }

    #[test]
    fn a_context_that_is_added_again_moves_to_the_front() {
        let error = Error::usage("too long").on("i-7").on("/tmp/core");
        assert_eq!(error.to_string(), "/tmp/core: i-7: too long");
        assert_eq!(error.on("i-7").to_string(), "i-7: /tmp/core: too long");
    }

    #[test]
    fn a_file_error_names_the_file_and_no_errno() {
        let error = Error::file("read", Path::new("/nowhere"), &io::Error::from_raw_os_error(2));
        assert_eq!(error.to_string(), "cannot read /nowhere: no such file or directory");
        assert_eq!(error.outcome, Outcome::Io);
    }

    #[test]
    fn an_error_keeps_its_cause() {
        for cause in [io::Error::from_raw_os_error(2), io::Error::new(io::ErrorKind::NotFound, "gone")] {
            let error = Error::file("read", Path::new("/nowhere"), &cause);
            let error = error.on("j-A").advise("look").with_outcome(Outcome::Config);
            assert_eq!(error.cause().map(io::Error::kind), Some(io::ErrorKind::NotFound));
            assert_eq!(error.cause().map(io::Error::to_string), Some(cause.to_string()));
            assert_eq!(error.outcome, Outcome::Config);
        }
    }
}
