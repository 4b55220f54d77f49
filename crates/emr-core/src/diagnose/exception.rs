//! Parses the text of a Java exception: prefixes, class and message.

/// Prefixes that Java, Hadoop, Spark and `Py4J` put before an exception.
const PREFIXES: [&str; 11] = [
    "Caused by: ",
    "Error Launching job : ",
    "Exception running child : ",
    "Error running child : ",
    "Error: ",
    "Stack trace: ",
    "Uncaught exception: ",
    "Application diagnostics message: ",
    "Diagnostics message: ",
    "diagnostics: ",
    ": ",
];

/// YARN's prefix for the exception that ended an application's main class.
const USER_CLASS: &str = "User class threw exception: ";

/// `text` without prefixes.
pub(super) fn essence(text: &str) -> &str {
    stages(text).last().unwrap_or(text)
}

/// Whether `text` begins with an exception, after any prefixes.
pub(super) fn begins(text: &str) -> bool {
    stages(text).any(|stage| split(stage).is_some())
}

/// `text`, then `text` without its first prefix, and so on.
fn stages(text: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(text.trim()), |stage| {
        let prefix = PREFIXES.iter().find_map(|prefix| stage.strip_prefix(prefix));
        let others = || in_thread(stage).or_else(|| lost_task(stage)).or_else(|| of_user_class(stage));
        prefix.or_else(others).map(str::trim_start)
    })
}

/// The exception after the name of the thread that it ended.
fn in_thread(text: &str) -> Option<&str> {
    Some(text.strip_prefix("Exception in thread \"")?.split_once("\" ")?.1)
}

/// The failure of the last task in Spark's message about a stage: `… most recent failure: Lost task 3.3 in stage 2.0
/// (TID 40) (ip-10-0-0-12.ec2.internal executor 5): reason`.
fn lost_task(text: &str) -> Option<&str> {
    let task = text.split_once("most recent failure: ").map_or(text, |(_, task)| task);
    let reason =
        task.strip_prefix("Lost task ").and_then(|task| Some(task.split_once("(TID ")?.1.split_once("): ")?.1));
    reason.or_else(|| (task.len() < text.len()).then_some(task))
}

/// The exception of the main class in YARN's message about an application.
fn of_user_class(text: &str) -> Option<&str> {
    Some(text.split_once(USER_CLASS)?.1)
}

/// Whether `text` is about an uncaught exception: on Java's main thread, or of an application's main class.
pub(super) fn is_uncaught(text: &str) -> bool {
    ["Exception in thread \"main\" ", "Exception in thread \"Driver\" "].iter().any(|words| text.starts_with(words))
        || text.contains(USER_CLASS)
}

/// The class and the message of the exception that `essence` begins with.
pub(super) fn split(essence: &str) -> Option<(&str, &str)> {
    let end = essence.find(|c: char| !c.is_ascii_alphanumeric() && !"._$".contains(c)).unwrap_or(essence.len());
    let (class, rest) = essence.split_at(end);
    let is_class = class.starts_with(|c: char| c.is_ascii_alphabetic())
        && (class.contains('.') || class.ends_with("Exception"))
        && ["Exception", "Error", "Throwable", "Failure"].iter().any(|name| class.ends_with(name));
    let message = rest.strip_prefix(':').or_else(|| rest.strip_prefix(' ')).unwrap_or(rest);
    let is_exception = is_class && (rest.is_empty() || rest.starts_with([':', ' ', '(']));
    is_exception.then(|| (class, message.trim()))
}

/// Whether the exception in `essence` has a message, other than the class of the exception that it wraps.
pub(super) fn has_message(essence: &str) -> bool {
    match split(essence) {
        Some((_, "")) => false,
        Some((_, message)) if message.len() < essence.len() => has_message(message),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_an_exception_are_removed() {
        for text in [
            "java.lang.Odd$Exception: it is odd",
            "Exception in thread \"main\" java.lang.Odd$Exception: it is odd",
            "Caused by: java.lang.Odd$Exception: it is odd",
            ": org.apache.spark.SparkException: Job aborted due to stage failure: Task 3 in stage 2.0 failed 4 times, \
             most recent failure: Lost task 3.3 in stage 2.0 (TID 40) (ip-1 executor 5): java.lang.Odd$Exception: it is odd",
            "Lost task 1.0 in stage 9.0 (TID 408, localhost, executor driver): java.lang.Odd$Exception: it is odd",
            "\t diagnostics: User class threw exception: java.lang.Odd$Exception: it is odd",
        ] {
            assert_eq!(essence(text), "java.lang.Odd$Exception: it is odd", "{text}");
        }
        assert_eq!(essence("nothing: of the kind"), "nothing: of the kind");
    }

    #[test]
    fn an_exception_is_a_class_and_a_message() {
        assert_eq!(split("java.io.EOFException"), Some(("java.io.EOFException", "")));
        assert_eq!(split("a.b.OddError: x: y"), Some(("a.b.OddError", "x: y")));
        assert_eq!(split("ExitCodeException exitCode=1: "), Some(("ExitCodeException", "exitCode=1:")));
        for text in
            ["", "KeyError: 'a'", "a.b.c", "see java.io.EOFException", "com.example.Main: hello", ".Exception: x"]
        {
            assert_eq!(split(text), None, "{text}");
        }
    }

    #[test]
    fn the_class_of_a_wrapped_exception_is_not_a_message() {
        assert!(!has_message("java.lang.RuntimeException: java.lang.NullPointerException"));
        assert!(has_message("java.lang.RuntimeException: java.lang.OddException: it is odd"));
        assert!(has_message("anything else"));
    }

    #[test]
    fn only_an_exception_that_ends_the_program_is_uncaught() {
        assert!(is_uncaught("Exception in thread \"main\" java.io.EOFException"));
        assert!(is_uncaught("User class threw exception: java.io.EOFException"));
        assert!(!is_uncaught("Exception in thread \"dispatcher-1\" java.io.EOFException"));
    }
}
