//! The words by which Hadoop, YARN, Spark, S3 and shells say what went wrong.

use crate::model::cause::CauseKind::{
    self, BadJar, CommandNotFound, DiskFull, LostNodes, MissingInput, OutOfMemory, OutputExists, PermissionDenied,
    TimeOut,
};

/// Each kind by words that stand in its lines, in this order; the more special come first.
const PHRASES: [(&[&str], CauseKind); 42] = [
    (&["Output directory ", " already exists"], OutputExists),
    (&["FileAlreadyExistsException"], OutputExists),
    (&["path ", " already exists."], OutputExists),
    (&["Input path does not exist"], MissingInput),
    (&["Input Pattern ", "matches 0 files"], MissingInput),
    (&["Path does not exist: "], MissingInput),
    (&["Timed out after ", " secs"], TimeOut),
    (&["failed to report status for ", " seconds"], TimeOut),
    (&["Task timeout after "], TimeOut),
    (&["running beyond ", " memory limits"], OutOfMemory),
    (&["exceeding ", "memory limits"], OutOfMemory),
    (&["OutOfMemoryError"], OutOfMemory),
    (&["GC overhead limit exceeded"], OutOfMemory),
    (&["Cannot allocate memory"], OutOfMemory),
    (&["insufficient memory for the Java Runtime"], OutOfMemory),
    (&["Cannot run program ", "error=12,"], OutOfMemory),
    (&["released on a *lost* node"], LostNodes),
    (&["Exit status: -100"], LostNodes),
    (&["ExecutorLostFailure", "lost"], LostNodes),
    (&["Lost task tracker"], LostNodes),
    (&["lost node"], LostNodes),
    (&["oo many fetch-failures"], LostNodes),
    (&["oo many fetch failures"], LostNodes),
    (&["No space left on device"], DiskFull),
    (&["DiskErrorException"], DiskFull),
    (&["local-dirs are bad"], DiskFull),
    (&["Cannot run program ", "error=2,"], CommandNotFound),
    (&["Cannot run program ", "error=13,"], PermissionDenied),
    (&["command not found"], CommandNotFound),
    (&["sh: ", ": not found"], CommandNotFound),
    (&["env: ", "No such file or directory"], CommandNotFound),
    (&["bad interpreter"], CommandNotFound),
    (&["Permission denied"], PermissionDenied),
    (&["AccessDenied"], PermissionDenied),
    (&["AccessControlException"], PermissionDenied),
    (&["Access Denied"], PermissionDenied),
    (&["not authorized to perform"], PermissionDenied),
    (&["Not a valid JAR"], BadJar),
    (&["Error opening job jar"], BadJar),
    (&["ClassNotFoundException"], BadJar),
    (&["NoClassDefFoundError"], BadJar),
    (&["FileNotFoundException"], MissingInput),
];

/// The kind of cause that `text` speaks of.
pub(super) fn kind(text: &str) -> Option<CauseKind> {
    PHRASES.iter().find(|(words, _)| stand_in(words, text)).map(|(_, kind)| *kind)
}

/// Whether `words` stand in `text` one after the other.
fn stand_in(words: &[&str], text: &str) -> bool {
    let mut rest = text;
    words.iter().all(|word| match rest.split_once(word) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_say_is_understood() {
        for (text, expected) in [
            ("Output directory s3://b/out already exists", OutputExists),
            ("org.apache.spark.sql.AnalysisException: path s3://b/out already exists.", OutputExists),
            ("Input path does not exist: s3://b/in", MissingInput),
            ("Input Pattern s3://b/*.x matches 0 files", MissingInput),
            ("AttemptID:attempt_1_0001_m_000000_0 Timed out after 600 secs", TimeOut),
            ("Task attempt_1_0001_m_000000_0 failed to report status for 601 seconds. Killing!", TimeOut),
            ("Container [pid=1,containerID=c] is running beyond physical memory limits. Current usage", OutOfMemory),
            ("Container killed by YARN for exceeding memory limits. 5.5 GB of 5.5 GB", OutOfMemory),
            ("Exit status: -100. Diagnostics: Container released on a *lost* node", LostNodes),
            ("java.io.IOException: No space left on device", DiskFull),
            (r#"Cannot run program "x": error=2, No such file or directory"#, CommandNotFound),
            (r#"Cannot run program "x": error=13, Permission denied"#, PermissionDenied),
            ("/usr/bin/env: 'python2': No such file or directory", CommandNotFound),
            ("sh: 1: nosuch: not found", CommandNotFound),
            ("Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied)", PermissionDenied),
            ("Not a valid JAR: /x.jar", BadJar),
        ] {
            assert_eq!(kind(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_they_say_otherwise_is_not() {
        for text in ["", "all is well", "already exists Output directory", "Timed out", "error=2, Cannot run program "]
        {
            assert_eq!(kind(text), None, "{text}");
        }
    }
}
