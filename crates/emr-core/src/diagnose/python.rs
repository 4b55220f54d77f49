//! What Python says of errors.

use super::exception::essence;
use super::phrases::{self, Sureness};
use super::reason::{self, Strength};
use crate::model::cause::CauseKind;

/// What a traceback begins with.
pub(super) const TRACEBACK: &str = "Traceback (most recent call last):";

/// What an exception group begins with.
pub(super) const GROUP: &str = "+ Exception Group Traceback (most recent call last):";

/// Errors that only say that something else failed, or was stopped.
const SYMPTOMS: [&str; 4] = ["CalledProcessError", "Py4JNetworkError", "KeyboardInterrupt", "SystemExit"];

/// Words of the operating system and of AWS, which mean the same in every program.
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

/// How much an error says, and its kind.
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
    let kind = phrases::kind(error).filter(|(_, sureness)| is_plain && *sureness == Sureness::Cause);
    (Strength::Cause, kind.map_or(CauseKind::PythonTraceback, |(kind, _)| kind))
}

/// What an error of `PySpark`'s says, which is what Spark said in Java; `None` if Spark's words for it are not known.
pub(super) fn of_spark(error: &str) -> Option<(Strength, CauseKind, String)> {
    if !error.starts_with("pyspark.") {
        return None;
    }
    reason::known(essence(error)).filter(|(strength, ..)| *strength > Strength::Consequence)
}

/// Whether `text` says that the traceback which follows is of an error that came of the one before.
pub(super) fn continues(text: &str) -> bool {
    ["The above exception was the direct cause", "During handling of the above exception"]
        .iter()
        .any(|words| text.starts_with(words))
}

/// Whether a line of a traceback stands within it, and does not say what happened. Loguru marks one of its places.
pub(super) fn is_inner(text: &str) -> bool {
    text.starts_with([' ', '\t']) || text.starts_with("> File ")
}

/// The place in a program that a line of a traceback names.
pub(super) fn place(text: &str) -> Option<&str> {
    let place = text.trim_start_matches(['>', ' ', '\t']);
    (place.len() < text.len() && place.starts_with("File \"")).then_some(place)
}

/// Whether an error is its class alone, without a message.
pub(super) fn is_bare(error: &str) -> bool {
    !error.is_empty() && error.chars().all(|c| c.is_ascii_alphanumeric() || "._".contains(c))
}

/// Whether Python says that it ignores the error that follows.
pub(super) fn ignores(text: &str) -> bool {
    text.starts_with("Exception ignored ") || text.starts_with("Error in atexit._run_exitfuncs:")
}

/// Whether `text` may be the one line of an error: `BrokenPipeError: [Errno 32] Broken pipe`.
pub(super) fn is_error(text: &str) -> bool {
    text.split_once(": ")
        .is_some_and(|(class, _)| is_bare(class) && (class.ends_with("Error") || class.ends_with("Exception")))
}

/// Whether `text` says that the traceback which follows was reported and the program went on: by `logging`, or for a
/// thread, a task or a process of it.
pub(super) fn is_reported(text: &str) -> bool {
    ["ERROR", "CRITICAL", "WARNING"].iter().any(|level| text.contains(level))
        || ["Exception in ", "Task exception ", "future: ", "Process "].iter().any(|words| text.starts_with(words))
}

/// Python says of a program that it cannot read only where and what, and not how it came there.
pub(super) fn is_syntax_error(text: &str) -> bool {
    ["SyntaxError: ", "IndentationError: ", "TabError: "].iter().any(|error| text.starts_with(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_system_has_its_kind_and_one_of_the_program_is_a_traceback() {
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
    fn what_python_ignores_is_known() {
        assert!(ignores("Exception ignored in: <function Wrapper.__del__ at 0x7f0011223344>"));
        assert!(ignores("Exception ignored while calling deallocator <function f at 0x1>:"));
        assert!(!ignores("Exception in thread Thread-1:"));
        assert!(is_error("BrokenPipeError: [Errno 32] Broken pipe") && !is_error("all is well: yes"));
    }
}
