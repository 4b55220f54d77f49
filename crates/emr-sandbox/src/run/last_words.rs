//! Finds the error in the logs of a failed program, among the lines that follow it or only report progress.
//!
//! After an error Spark logs for another second. It also writes a Python program's standard error, with its traceback,
//! to the standard output.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// Bytes at the end of a log that are searched.
const TAIL: u64 = 256 * 1024;

/// The first line of a Python traceback.
const TRACEBACK: &str = "Traceback (most recent call last):";

/// The error in the logs of a program, as one line; `None` if both logs are empty.
pub(crate) fn last_words(stdout: &Path, stderr: &Path) -> Option<String> {
    let (stdout, stderr) = (tail(stdout).unwrap_or_default(), tail(stderr).unwrap_or_default());
    let is_elsewhere = lines(&stderr).next().is_none_or(is_remark);
    let traceback = traceback(&stderr).or_else(|| traceback(&stdout).filter(|_| is_elsewhere));
    let error = || lines(&stderr).find(|line| !is_remark(line) && !line.starts_with(char::is_whitespace));
    let found = traceback.or_else(error).or_else(|| lines(&stderr).next());
    found.map(|line| line.trim().to_owned())
}

fn tail(file: &Path) -> io::Result<String> {
    let mut file = File::open(file)?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    Ok(String::from_utf8_lossy(&tail).into_owned())
}

/// The non-blank lines, last one first.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().rev().filter(|line| !line.trim().is_empty())
}

/// The exception of the last traceback. If it only wraps a Java exception, the latter.
fn traceback(text: &str) -> Option<&str> {
    let (_, after) = text.rsplit_once(TRACEBACK)?;
    let mut below = after.lines().skip(1).filter(|line| !line.trim().is_empty());
    let exception = below.find(|line| !line.starts_with(char::is_whitespace))?;
    let thrown = below.next().and_then(|line| line.strip_prefix(": "));
    thrown.filter(|_| exception.contains("Py4JJavaError")).or(Some(exception))
}

/// Whether a line is from log4j and below ERROR: a date, a time, then the level.
fn is_remark(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    let mut next_begins_with_digit = || words.next().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let has_time = next_begins_with_digit() && next_begins_with_digit();
    has_time && words.next().is_some_and(|level| ["TRACE", "DEBUG", "INFO", "WARN"].contains(&level))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn said(stdout: &str, stderr: &str) -> Option<String> {
        let dir = tempfile::tempdir().unwrap();
        let (out, err) = (dir.path().join("stdout"), dir.path().join("stderr"));
        fs::write(&out, stdout).unwrap();
        fs::write(&err, stderr).unwrap();
        last_words(&out, &err)
    }

    const REMARKS: &str = "26/11/29 00:00:01 INFO SparkContext: Invoking stop() from shutdown hook\n\n\
                           26/11/29 00:00:01 WARN Utils: slow\n";

    #[test]
    fn a_traceback_is_found_before_log_lines_and_in_the_output_of_spark() {
        let traceback = "Traceback (most recent call last):\n  File \"job.py\", line 3, in <module>\n    f()\n\
                         ValueError: no\nmore of it\n";
        assert_eq!(said("", &format!("{traceback}{REMARKS}")).as_deref(), Some("ValueError: no"));
        assert_eq!(said(traceback, REMARKS).as_deref(), Some("ValueError: no"));
        assert_eq!(said(traceback, "sort: cannot read\n").as_deref(), Some("sort: cannot read"));
    }

    #[test]
    fn a_java_exception_wrapped_by_python_is_the_error() {
        let traceback = "Traceback (most recent call last):\n  File \"job.py\", line 3, in <module>\n\
                         py4j.protocol.Py4JJavaError: An error occurred while calling o1.save.\n\
                         : a.FileAlreadyExistsException: Output directory s3://b/o already exists\n\tat a.b(C.java:1)\n";
        let wanted = "a.FileAlreadyExistsException: Output directory s3://b/o already exists";
        assert_eq!(said(traceback, REMARKS).as_deref(), Some(wanted));
        let worker = ": e.SparkException: Job aborted: f.PythonException: Traceback (most recent call last):\n  \
                      File \"worker.py\", line 1\nZeroDivisionError: division by zero\n\n\tat x.y(Z.java:1)\n";
        let both =
            traceback.replace(": a.FileAlreadyExistsException", &format!("{worker}: a.FileAlreadyExistsException"));
        assert_eq!(said(&both, REMARKS).as_deref(), Some("ZeroDivisionError: division by zero"));
    }

    #[test]
    fn the_last_cause_of_a_java_exception_is_the_error() {
        let text = "Exception in thread \"main\" a.B: no\n\tat a.C.d(C.java:1)\nCaused by: e.F: so\n\t... 3 more\n";
        assert_eq!(said("", &format!("{text}{REMARKS}")).as_deref(), Some("Caused by: e.F: so"));
        assert_eq!(
            said("", "2026-11-29 00:00:01,000 ERROR x: bad\n").as_deref(),
            Some("2026-11-29 00:00:01,000 ERROR x: bad")
        );
    }

    #[test]
    fn a_log_line_is_reported_if_there_is_no_error() {
        assert_eq!(said("", "26/11/29 00:00:01 INFO A: b\n\n").as_deref(), Some("26/11/29 00:00:01 INFO A: b"));
        assert_eq!(said("fine\n", "\n"), None);
    }
}
