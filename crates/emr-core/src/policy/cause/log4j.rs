//! The lines by which Hadoop and Spark log: a time, a level, who speaks, and a message.

/// How bad a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// It ends or spoils something: `ERROR` and `FATAL`.
    Error,
    /// `WARN`.
    Warn,
    /// Anything less.
    Info,
}

/// The level and the message of `line`, where it begins a record.
///
/// The forms are `2015-12-11 22:50:01,123 INFO some.Class (main): text`, `… WARN [main] some.Class: text`,
/// `… [main] ERROR some.Class - text`, and Spark's `15/12/11 22:50:01 ERROR Executor: text`.
pub(super) fn record(line: &str) -> Option<(Level, &str)> {
    let line = line.trim_start();
    let date = line.split(' ').next()?;
    if !line.starts_with(|c: char| c.is_ascii_digit()) || !date.contains(['-', '/']) {
        return None;
    }
    let words = line.split(' ').filter(|word| !word.is_empty());
    let (level, word) = words.skip(1).take(3).find_map(|word| Some((level(word)?, word)))?;
    let rest = &line[line.find(word)? + word.len()..];
    let ends = [": ", " - "].iter().filter_map(|mark| Some(rest.find(mark)? + mark.len()));
    let message = ends.min().map_or(rest, |end| &rest[end..]);
    Some((level, message.trim()))
}

fn level(word: &str) -> Option<Level> {
    match word {
        "FATAL" | "ERROR" => Some(Level::Error),
        "WARN" => Some(Level::Warn),
        "INFO" | "DEBUG" | "TRACE" => Some(Level::Info),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_record_is_read() {
        for (line, level, message) in [
            ("2015-12-11 22:50:01,123 INFO org.x.Job (main): Running job: job_1_2", Level::Info, "Running job: job_1_2"),
            ("2015-12-11 22:50:01,123 WARN [main] org.x.YarnChild: Exception : y", Level::Warn, "Exception : y"),
            ("15/12/11 22:50:01 ERROR Executor: Exception in task 0.0", Level::Error, "Exception in task 0.0"),
            ("2015-12-11 22:50:01,123 [main] ERROR org.x.Y  - it broke", Level::Error, "it broke"),
            ("2015-12-11T22:50:01.123Z FATAL x: y", Level::Error, "y"),
        ] {
            assert_eq!(record(line), Some((level, message)), "{line}");
        }
    }

    #[test]
    fn other_lines_are_none() {
        for line in ["", "ERROR: no time", "Error: x", "\tat a.b(C.java:1)", "2 INFO x", "2015-12-11 hello world again ERROR"] {
            assert_eq!(record(line), None, "{line}");
        }
    }
}
