//! What a run of a tool came to, and the exit code that says so.
//!
//! An [`Error`] is one line for a person: what failed, on which thing, why, and what to do next. Its [`Outcome`] is what
//! a script can tell apart; no other place decides an exit code. What it came from is what the code itself can tell
//! apart: an error keeps its source, down to what AWS or the system said, and control flow rests on that alone.

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

/// What an error came from, shared by its clones.
type Source = Arc<dyn StdError + Send + Sync>;

/// A failure, worded for the person who ran the tool.
#[derive(Debug, Clone)]
pub struct Error {
    /// What a script can tell apart.
    pub outcome: Outcome,
    /// On which things it failed, the outermost first.
    context: Vec<String>,
    message: String,
    advice: Option<String>,
    source: Option<Source>,
}

/// The result of anything that can fail in a way that ends a tool.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with this outcome and message: a lowercase fragment that says what failed, on which thing, and why.
    pub fn new(outcome: Outcome, message: impl Into<String>) -> Self {
        Self { outcome, context: Vec::new(), message: message.into(), advice: None, source: None }
    }

    /// The command line or the input is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Outcome::Usage, message)
    }

    /// The configuration is wrong or lacks something.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(Outcome::Config, message)
    }

    /// Doing `what` to the local file `path` failed.
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

    /// Puts `context: ` before the message, for whoever knows on which thing it failed. A context that is there already
    /// moves to the front.
    #[must_use]
    pub fn on(mut self, context: impl fmt::Display) -> Self {
        let context = context.to_string();
        self.context.retain(|known| *known != context);
        self.context.insert(0, context);
        self
    }

    /// Keeps what it came from.
    #[must_use]
    pub fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Tells scripts `outcome`, for whoever knows better what the failure means to them. What it came from stays.
    #[must_use]
    pub fn with_outcome(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }

    /// What it came from, the nearest cause first.
    pub fn causes(&self) -> impl Iterator<Item = &(dyn StdError + 'static)> {
        std::iter::successors(self.source(), |&cause| cause.source())
    }

    /// The nearest cause of this type: what control flow rests on.
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

/// Messages quote AWS, files and users, who may say more than anyone wants to read.
const QUOTED: usize = 1000;

/// The reason of an I/O error without the ` (os error N)` that says nothing to a person.
#[must_use]
pub fn reason(cause: &io::Error) -> String {
    let text = cause.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_lowercase(),
        None => text,
    }
}

/// The same I/O error once more, which cannot be cloned.
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
    fn a_context_that_is_given_twice_stands_once_and_in_front() {
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
    fn an_error_keeps_its_cause_whatever_is_said_about_it() {
        for cause in [io::Error::from_raw_os_error(2), io::Error::new(io::ErrorKind::NotFound, "gone")] {
            let error = Error::file("read", Path::new("/nowhere"), &cause);
            let error = error.on("j-A").advise("look").with_outcome(Outcome::Config);
            assert_eq!(error.cause().map(io::Error::kind), Some(io::ErrorKind::NotFound));
            assert_eq!(error.cause().map(io::Error::to_string), Some(cause.to_string()));
            assert_eq!(error.outcome, Outcome::Config);
        }
    }
}
