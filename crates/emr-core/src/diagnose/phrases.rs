//! The phrases by which Hadoop, YARN, Spark, S3, Python, the JVM and shells name a cause.

use std::sync::LazyLock;

use super::needles::Needles;
use crate::model::cause::CauseKind::{
    self, BadJar, CommandNotFound, DiskFull, KilledBySignal, LostNodes, MissingInput, OutOfMemory, OutputExists,
    PermissionDenied, ProgramError, PythonTraceback, Throttled, TimeOut,
};

/// Words that a line contains in this order, and the kind of cause.
type Phrase = (&'static [&'static str], CauseKind);

/// Phrases that name a cause. More specific ones come first.
const CAUSES: &[Phrase] = &[
    (&["Output directory ", " already exists"], OutputExists),
    (&["FileAlreadyExistsException"], OutputExists),
    (&["path ", " already exists."], OutputExists),
    (&["[PATH_ALREADY_EXISTS]"], OutputExists),
    (&["Input path does not exist"], MissingInput),
    (&["Input Pattern ", "matches 0 files"], MissingInput),
    (&["Path does not exist: "], MissingInput),
    (&["[PATH_NOT_FOUND]"], MissingInput),
    (&["(404) when calling "], MissingInput),
    (&["NoSuchKey"], MissingInput),
    (&["NoSuchBucket"], MissingInput),
    (&["The specified key does not exist"], MissingInput),
    (&["The specified bucket does not exist"], MissingInput),
    (&["Timed out after ", " secs"], TimeOut),
    (&["failed to report status for ", " seconds"], TimeOut),
    (&["Task timeout after "], TimeOut),
    (&["running ", "beyond ", " memory limit"], OutOfMemory),
    (&["exceeding ", "memory limits"], OutOfMemory),
    (&["OutOfMemoryError"], OutOfMemory),
    (&["GC overhead limit exceeded"], OutOfMemory),
    (&["Java heap space"], OutOfMemory),
    (&["Cannot allocate memory"], OutOfMemory),
    (&["insufficient memory for the Java Runtime"], OutOfMemory),
    (&["Could not reserve enough space for "], OutOfMemory),
    (&["Cannot run program ", "error=12,"], OutOfMemory),
    (&["std::bad_alloc"], OutOfMemory),
    (&["ut of memory: Kill"], OutOfMemory),
    (&["OOMKilled"], OutOfMemory),
    (&["exitCode: -104"], OutOfMemory),
    (&["exitCode: -103"], OutOfMemory),
    (&["Exit status: -104"], OutOfMemory),
    (&["Exit status: -103"], OutOfMemory),
    (&["released on a *lost* node"], LostNodes),
    (&["exitCode: -100"], LostNodes),
    (&["Exit status: -100"], LostNodes),
    (&[" preempted"], LostNodes),
    (&["Exit status: -102"], LostNodes),
    (&["decommission"], LostNodes),
    (&["ExecutorLostFailure", " lost"], LostNodes),
    (&["Lost task tracker"], LostNodes),
    (&["lost node"], LostNodes),
    (&["No space left on device"], DiskFull),
    (&["Disk quota exceeded"], DiskFull),
    (&["DiskErrorException"], DiskFull),
    (&["local-dirs are bad"], DiskFull),
    (&["local-dirs ", "usable space"], DiskFull),
    (&["exitCode: -101"], DiskFull),
    (&["Exit status: -101"], DiskFull),
    (&["Cannot run program ", "error=2,"], CommandNotFound),
    (&["Cannot run program ", "error=13,"], PermissionDenied),
    (&["command not found"], CommandNotFound),
    (&["sh: ", ": not found"], CommandNotFound),
    (&["sh: 0: ", "open "], MissingInput),
    (&["env: ", "No such file or directory"], CommandNotFound),
    (&["can't open file ", "No such file or directory"], MissingInput),
    (&["Can't open ", "No such file or directory"], MissingInput),
    (&["bash: ", "No such file or directory"], CommandNotFound),
    (&["python", ": No module named "], CommandNotFound),
    (&["can't find '__main__' module"], CommandNotFound),
    (&["bad interpreter"], CommandNotFound),
    (&["SlowDown"], Throttled),
    (&["Slow Down"], Throttled),
    (&["reduce your request rate"], Throttled),
    (&["ThrottlingException"], Throttled),
    (&["Rate exceeded"], Throttled),
    (&["RequestLimitExceeded"], Throttled),
    (&["TooManyRequestsException"], Throttled),
    (&["ProvisionedThroughputExceededException"], Throttled),
    (&["Permission denied"], PermissionDenied),
    (&["AccessDenied"], PermissionDenied),
    (&["AccessControlException"], PermissionDenied),
    (&["Access Denied"], PermissionDenied),
    (&["not authorized to perform"], PermissionDenied),
    (&["(403)"], PermissionDenied),
    (&["Status Code: 403"], PermissionDenied),
    (&["ExpiredToken"], PermissionDenied),
    (&["InvalidAccessKeyId"], PermissionDenied),
    (&["SignatureDoesNotMatch"], PermissionDenied),
    (&["Not a valid JAR"], BadJar),
    (&["Error opening job jar"], BadJar),
    (&["JAR does not exist"], BadJar),
    (&["Unable to access jarfile"], BadJar),
    (&["error in opening zip file"], BadJar),
    (&["no main manifest attribute"], BadJar),
    (&["No main class set in JAR"], BadJar),
    (&["load main class"], BadJar),
    (&["Failed to load class "], BadJar),
    (&["Main method not found in class "], BadJar),
    (&["ClassNotFoundException"], BadJar),
    (&["NoClassDefFoundError"], BadJar),
    (&["UnsupportedClassVersionError"], BadJar),
    (&["Fatal Python error: ", "Segmentation fault"], KilledBySignal),
    (&["Fatal Python error: ", "Aborted"], KilledBySignal),
    (&["Fatal Python error: ", "Bus error"], KilledBySignal),
    (&["Fatal Python error: "], ProgramError),
    (&["ModuleNotFoundError: "], PythonTraceback),
    (&["ImportError: No module named "], PythonTraceback),
    (&["FileNotFoundException"], MissingInput),
];

/// Phrases that name only a symptom. The logs of a lost node, for example, may name its cause.
const SYMPTOMS: &[Phrase] = &[
    (&["Python worker exited unexpectedly"], ProgramError),
    (&["Python worker failed to connect back"], ProgramError),
    (&["oo many fetch-failures"], LostNodes),
    (&["oo many fetch failures"], LostNodes),
    (&["FetchFailed"], LostNodes),
    (&["Missing an output location for shuffle"], LostNodes),
    (&["Remote RPC client disassociated"], LostNodes),
    (&["xecutor heartbeat timed out"], TimeOut),
    (&["Max number of executor failures"], LostNodes),
    (&["ExecutorLostFailure"], LostNodes),
];

/// How certain a phrase is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    /// It names the cause.
    Cause,
    /// It names a symptom.
    Symptom,
}

/// The first words of all phrases.
static FIRST: LazyLock<Needles> =
    LazyLock::new(|| Needles::new(CAUSES.iter().chain(SYMPTOMS).map(|(words, _)| words[0])));

/// The kind of cause in `text`.
pub(super) fn kind(text: &str) -> Option<(CauseKind, Certainty)> {
    FIRST.candidates(text).into_iter().find_map(|number| {
        let certainty = if number < CAUSES.len() { Certainty::Cause } else { Certainty::Symptom };
        let (words, kind) = CAUSES.iter().chain(SYMPTOMS).nth(number)?;
        contains_in_order(words, text).then_some((*kind, certainty))
    })
}

/// Whether `text` contains `words` in this order.
fn contains_in_order(words: &[&str], text: &str) -> bool {
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
    fn phrases_name_their_cause() {
        for (text, expected) in [
            ("Output directory s3://b/out already exists", OutputExists),
            ("org.apache.spark.sql.AnalysisException: path s3://b/out already exists.", OutputExists),
            ("Input path does not exist: s3://b/in", MissingInput),
            ("Input Pattern s3://b/*.x matches 0 files", MissingInput),
            ("AttemptID:attempt_1_0001_m_000000_0 Timed out after 600 secs", TimeOut),
            ("Task attempt_1_0001_m_000000_0 failed to report status for 601 seconds. Killing!", TimeOut),
            ("Container [pid=1,containerID=c] is running beyond physical memory limits. Current usage", OutOfMemory),
            ("Container [pid=1,containerID=c] is running 8192B beyond the 'PHYSICAL' memory limit.", OutOfMemory),
            ("Container killed by YARN for exceeding memory limits. 5.5 GB of 5.5 GB", OutOfMemory),
            ("Application a failed 2 times due to AM Container for b exited with  exitCode: -104", OutOfMemory),
            ("Exit status: -100. Diagnostics: Container released on a *lost* node", LostNodes),
            ("Container container_1_2_01_000004 on host: ip-1 was preempted.", LostNodes),
            ("java.io.IOException: No space left on device", DiskFull),
            (r#"Cannot run program "x": error=2, No such file or directory"#, CommandNotFound),
            (r#"Cannot run program "x": error=13, Permission denied"#, PermissionDenied),
            ("/usr/bin/env: 'python2': No such file or directory", CommandNotFound),
            ("python3: can't open file '/mnt/tmp/job.py': [Errno 2] No such file or directory", MissingInput),
            ("sh: 0: cannot open x.sh: No such file", MissingInput),
            ("Can't open perl script \"x.pl\": No such file or directory", MissingInput),
            ("python3: can't open file '/mnt/tmp/job.py': [Errno 13] Permission denied", PermissionDenied),
            ("/usr/bin/python3.9: No module named pip", CommandNotFound),
            ("sh: 1: nosuch: not found", CommandNotFound),
            ("Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied)", PermissionDenied),
            ("AmazonS3Exception: Please reduce your request rate. (Status Code: 503; Error Code: SlowDown)", Throttled),
            ("Not a valid JAR: /x.jar", BadJar),
            ("Could not find or load main class com.example.Main", BadJar),
            ("Failed to load class com.example.Main.", BadJar),
        ] {
            assert_eq!(kind(text), Some((expected, Certainty::Cause)), "{text}");
        }
    }

    #[test]
    fn a_consequence_of_another_cause_is_a_symptom() {
        for text in [
            "org.apache.spark.SparkException: Python worker exited unexpectedly (crashed)",
            "ExecutorLostFailure (executor 3 exited) Reason: Executor heartbeat timed out after 127404 ms",
            "MetadataFetchFailedException: Missing an output location for shuffle 0",
        ] {
            assert_eq!(kind(text).map(|(_, certainty)| certainty), Some(Certainty::Symptom), "{text}");
        }
    }

    #[test]
    fn other_text_names_no_cause() {
        for text in ["", "all is well", "already exists Output directory", "Timed out", "error=2, Cannot run program "]
        {
            assert_eq!(kind(text), None, "{text}");
        }
    }
}
