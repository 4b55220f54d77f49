//! Recognizes Python's error messages.

use super::exception::essence;
use super::phrases::{self, Certainty};
use super::reason::{self, Strength};
use crate::model::cause::CauseKind;

/// The first line of a traceback.
pub(super) const TRACEBACK: &str = "Traceback (most recent call last):";

/// The first line of an exception group.
pub(super) const GROUP: &str = "+ Exception Group Traceback (most recent call last):";

/// Errors that only say that something else failed or was stopped.
const SYMPTOMS: [&str; 4] = ["CalledProcessError", "Py4JNetworkError", "KeyboardInterrupt", "SystemExit"];

/// Texts of the operating system and of AWS, which mean the same in every program.
const PLAIN: [&str; 11] = [
    "No space left on device",
    "Disk quota exceeded",
    "Cannot allocate memory",
    "(AccessDenied",
    "Access Denied",
    "not authorized to perform",
    "(SlowDown)",
    "(ThrottlingException)",
    "(NoSuchKey)",
    "(NoSuchBucket)",
    "(ExpiredToken",
];

/// The strength of an error, and its kind.
pub(super) fn kind(error: &str) -> (Strength, CauseKind) {
    let class = error.split(':').next().unwrap_or_default();
    if SYMPTOMS.iter().any(|symptom| class.ends_with(symptom)) {
        let signal = reason::known(error).filter(|(strength, ..)| *strength == Strength::Symptom);
        return (Strength::Symptom, signal.map_or(CauseKind::PythonTraceback, |(_, kind, _)| kind));
    }
    if class.ends_with("MemoryError") {
        return (Strength::Cause, CauseKind::OutOfMemory);
    }
    let is_plain = PLAIN.iter().any(|words| error.contains(words));
    let kind = phrases::kind(error).filter(|(_, certainty)| is_plain && *certainty == Certainty::Cause);
    (Strength::Cause, kind.map_or(CauseKind::PythonTraceback, |(kind, _)| kind))
}

/// The meaning of a `PySpark` error, which quotes Spark's Java error; `None` if that is not a known phrase.
pub(super) fn of_spark(error: &str) -> Option<(Strength, CauseKind, String)> {
    if !error.starts_with("pyspark.") {
        return None;
    }
    reason::known(essence(error)).filter(|(strength, ..)| *strength > Strength::Consequence)
}

/// Whether `text` says that the next traceback belongs to an error caused by the previous one.
pub(super) fn continues(text: &str) -> bool {
    ["The above exception was the direct cause", "During handling of the above exception"]
        .iter()
        .any(|words| text.starts_with(words))
}

/// Whether a line is inside a traceback, before the error. Loguru marks a place with `>`.
pub(super) fn is_inner(text: &str) -> bool {
    text.starts_with([' ', '\t']) || text.starts_with("> File ")
}

/// The place in the program in a line of a traceback.
pub(super) fn place(text: &str) -> Option<&str> {
    let place = text.trim_start_matches(['>', ' ', '\t']);
    (place.len() < text.len() && place.starts_with("File \"")).then_some(place)
}

/// Whether an error is only its class, without a message.
pub(super) fn is_bare(error: &str) -> bool {
    !error.is_empty() && error.chars().all(|c| c.is_ascii_alphanumeric() || "._".contains(c))
}

/// Whether Python says that it ignores the next error.
pub(super) fn ignores(text: &str) -> bool {
    text.starts_with("Exception ignored ") || text.starts_with("Error in atexit._run_exitfuncs:")
}

/// Whether `text` may be an error in one line, such as `BrokenPipeError: [Errno 32] Broken pipe`.
pub(super) fn is_error(text: &str) -> bool {
    text.split_once(": ")
        .is_some_and(|(class, _)| is_bare(class) && (class.ends_with("Error") || class.ends_with("Exception")))
}

/// Whether `text` says that the next traceback is reported while the program goes on: by `logging`, or from a thread, a
/// task or a child process.
pub(super) fn is_reported(text: &str) -> bool {
    ["ERROR", "CRITICAL", "WARNING"].iter().any(|level| text.contains(level))
        || ["Exception in ", "Task exception ", "future: ", "Process "].iter().any(|words| text.starts_with(words))
}

/// Whether `text` is a syntax error, which has no traceback.
pub(super) fn is_syntax_error(text: &str) -> bool {
    ["SyntaxError: ", "IndentationError: ", "TabError: "].iter().any(|error| text.starts_with(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_error_has_its_kind_and_a_program_error_is_a_traceback() {
        for (error, expected) in [
            ("KeyError: 'Access'", CauseKind::PythonTraceback),
            ("ModuleNotFoundError: No module named 'pandas'", CauseKind::PythonTraceback),
            ("FileNotFoundError: [Errno 2] No such file or directory: 'x'", CauseKind::PythonTraceback),
            ("MemoryError", CauseKind::OutOfMemory),
            ("numpy.core._exceptions._ArrayMemoryError: Unable to allocate 7 GiB", CauseKind::OutOfMemory),
            ("OSError: [Errno 28] No space left on device", CauseKind::DiskFull),
            (
                "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the GetObject operation: Access Denied",
                CauseKind::PermissionDenied,
            ),
            (
                "subprocess.CalledProcessError: Command '['x']' died with <Signals.SIGKILL: 9>.",
                CauseKind::KilledBySignal,
            ),
        ] {
            assert_eq!(kind(error).1, expected, "{error}");
        }
    }

    #[test]
    fn ignored_errors_are_recognized() {
        assert!(ignores("Exception ignored in: <function Wrapper.__del__ at 0x7f0011223344>"));
        assert!(ignores("Exception ignored while calling deallocator <function f at 0x1>:"));
        assert!(!ignores("Exception in thread Thread-1:"));
        assert!(is_error("BrokenPipeError: [Errno 32] Broken pipe") && !is_error("all is well: yes"));
    }
}
