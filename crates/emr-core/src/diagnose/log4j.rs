//! Parses log4j records of Hadoop and Spark: time, level, class, message.

/// The level of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// `ERROR` and `FATAL`.
    Error,
    /// `WARN`.
    Warn,
    /// `INFO` and below.
    Info,
}

/// The level and the message of `line`; `None` if it is not the beginning of a record.
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
    let rest = line[line.find(word)? + word.len()..].trim();
    Some((level, message(rest).unwrap_or(rest)))
}

/// The message after `[thread] some.Class (thread): `, where only the class is required, or after `some.Class - `.
/// `None` without a class, as in EMR's controller log.
fn message(rest: &str) -> Option<&str> {
    let rest = group(rest, '[', ']');
    let (class, rest) = rest.split_once(' ')?;
    if class.ends_with(':') {
        return Some(rest.trim());
    }
    let rest = group(rest.trim_start(), '(', ')');
    rest.strip_prefix(':').or_else(|| rest.strip_prefix("- ")).map(str::trim)
}

/// `text` without a leading group in brackets.
fn group(text: &str, open: char, close: char) -> &str {
    let inner = text.strip_prefix(open).and_then(|rest| rest.split_once(close));
    inner.map_or(text, |(_, rest)| rest.trim_start())
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
    fn every_form_of_a_record_is_parsed() {
        for (line, level, message) in [
            (
                "2015-12-11 22:50:01,123 INFO org.x.Job (main): Running job: job_1_2",
                Level::Info,
                "Running job: job_1_2",
            ),
            ("2015-12-11 22:50:01,123 WARN [main] org.x.YarnChild: Exception : y", Level::Warn, "Exception : y"),
            ("15/12/11 22:50:01 ERROR Executor: Exception in task 0.0", Level::Error, "Exception in task 0.0"),
            ("2015-12-11 22:50:01,123 [main] ERROR org.x.Y  - it broke", Level::Error, "it broke"),
            ("2015-12-11T22:50:01.123Z FATAL x: y", Level::Error, "y"),
            ("15/12/11 22:50:01 INFO mapreduce.Job:  map 0% reduce 0%", Level::Info, "map 0% reduce 0%"),
            (
                "2015-12-11T22:50:01.123Z INFO wait ended with exit code 1 : x",
                Level::Info,
                "wait ended with exit code 1 : x",
            ),
        ] {
            assert_eq!(record(line), Some((level, message)), "{line}");
        }
    }

    #[test]
    fn other_lines_are_none() {
        for line in
            ["", "ERROR: no time", "Error: x", "\tat a.b(C.java:1)", "2 INFO x", "2015-12-11 hello world again ERROR"]
        {
            assert_eq!(record(line), None, "{line}");
        }
    }
}
