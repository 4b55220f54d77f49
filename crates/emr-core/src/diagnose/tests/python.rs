//! Python programs.

use super::{TASK, evidence, finding};
use crate::diagnose::Weight;
use crate::model::cause::CauseKind;

const STEP: &str = "steps/s-A/stderr";
const ERROR: &str = "Traceback (most recent call last):\n  File \"/mnt/tmp/job.py\", line 22, in <module>\n    rows = table[\"orders\"]\nKeyError: 'orders'\n";

#[test]
fn an_ignored_error_is_not_the_cause() {
    for ignored in [
        "Exception ignored in: <function Wrapper.__del__ at 0x7f0011223344>\nTraceback (most recent call last):\n  File \"wrapper.py\", line 60, in __del__\nImportError: sys.meta_path is None, Python is likely shutting down\n",
        "Exception ignored in: <_io.TextIOWrapper name='<stdout>' mode='w' encoding='utf-8'>\nBrokenPipeError: [Errno 32] Broken pipe\n",
        "Exception ignored while calling deallocator <function Pool.__del__ at 0x1>:\nTraceback (most recent call last):\n  File \"pool.py\", line 268, in __del__\nOSError: [Errno 28] No space left on device\n",
        "Error in atexit._run_exitfuncs:\nTraceback (most recent call last):\n  File \"context.py\", line 9, in stop\nConnectionRefusedError: [Errno 111] Connection refused\n",
        "Exception ignored in: <function A.__del__ at 0x1>\nTraceback (most recent call last):\n  File \"a.py\", line 1, in __del__\nKeyError: 1\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"a.py\", line 3, in __del__\nValueError: 2\n",
        "Exception ignored in: <function A.__del__ at 0x1>\n  + Exception Group Traceback (most recent call last):\n  |   File \"a.py\", line 1, in __del__\n  | ExceptionGroup: several (1 sub-exception)\n  +-+---------------- 1 ----------------\n    | ValueError: x\n    +------------------------------------\n",
    ] {
        assert_eq!(finding(STEP, &format!("{ERROR}{ignored}")).cause.message, "KeyError: 'orders'", "{ignored}");
        assert_eq!(
            finding(STEP, &format!("{ignored}{ignored}{ERROR}")).cause.message,
            "KeyError: 'orders'",
            "{ignored}"
        );
        assert_eq!(evidence(STEP, ignored).finding, None, "{ignored}");
        let found = finding(STEP, &format!("it broke\n{ignored}"));
        assert_eq!((found.weight, found.cause.message.as_str()), (Weight::Said, "it broke"));
    }
    let ignored = "Exception AttributeError: \"'NoneType' object has no attribute 'path'\" in <function _remove at 0x7f> ignored\n";
    assert_eq!(evidence(STEP, ignored).finding, None);
}

#[test]
fn an_error_after_an_ignored_one_counts() {
    let text = format!("Exception ignored in: <x>\nsomething else\n{ERROR}");
    assert_eq!(finding(STEP, &text).weight, Weight::Fatal);
}

#[test]
fn the_errors_in_a_group_are_the_cause() {
    let text = "  + Exception Group Traceback (most recent call last):\n  |   File \"/mnt/tmp/load.py\", line 31, in <module>\n  |     asyncio.run(main())\n  | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n    |   File \"/mnt/tmp/load.py\", line 11, in fetch\n    |     raise KeyError(name)\n    | KeyError: 'orders'\n    | see the manual\n    +---------------- 2 ----------------\n    | ValueError: odd\n    +------------------------------------\n";
    let found = finding(STEP, text);
    assert_eq!((found.weight, found.cause.kind), (Weight::Fatal, CauseKind::PythonTraceback));
    assert_eq!(
        found.cause.message,
        "KeyError: 'orders'; ValueError: odd (ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions))"
    );
    let quote = found.cause.quote.unwrap();
    assert_eq!((quote.log_line.as_str(), quote.line), ("KeyError: 'orders'", Some(9)));
    assert_eq!(found.cause.excerpt.len(), 13);
}

#[test]
fn nested_groups_and_chains_in_them_are_parsed() {
    let text = "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nOSError: first\n\nDuring handling of the above exception, another exception occurred:\n\n  + Exception Group Traceback (most recent call last):\n  |   File \"a.py\", line 31, in <module>\n  | ExceptionGroup: outer (1 sub-exception)\n  +-+---------------- 1 ----------------\n    | Exception Group Traceback (most recent call last):\n    |   File \"a.py\", line 9, in g\n    | ExceptionGroup: inner (1 sub-exception)\n    +-+---------------- 1 ----------------\n      | Traceback (most recent call last):\n      |   File \"a.py\", line 3, in h\n      | KeyError: 'a'\n      |\n      | The above exception was the direct cause of the following exception:\n      |\n      | Traceback (most recent call last):\n      |   File \"a.py\", line 5, in h\n      | LookupError: no orders\n      +------------------------------------\n";
    let message = finding(STEP, text).cause.message;
    assert!(message.starts_with("LookupError: no orders (ExceptionGroup: outer"), "{message}");
}

#[test]
fn an_error_without_a_message_comes_with_its_place() {
    let text = "Traceback (most recent call last):\n  File \"/mnt/tmp/job.py\", line 12, in check\n    assert rows\n           ^^^^\nAssertionError\n";
    assert_eq!(finding(STEP, text).cause.message, "AssertionError (File \"/mnt/tmp/job.py\", line 12, in check)");
}

#[test]
fn missing_scripts_and_modules_and_syntax_errors_are_recognized() {
    let term = "26/01/01 00:10:00 INFO ShutdownHookManager: Shutdown hook called\n";
    let left = "Exception in thread \"main\" org.apache.spark.SparkUserAppException: User application exited with 2\n\tat a.B.c(B.scala:1)\n";
    for (said, kind, words) in [
        (
            "python3: can't open file '/mnt/tmp/job.py': [Errno 2] No such file or directory\n",
            CauseKind::MissingInput,
            "can't open file",
        ),
        ("/usr/bin/env: 'python3.12': No such file or directory\n", CauseKind::CommandNotFound, "python3.12"),
        ("/usr/bin/python3: No module named etl\n", CauseKind::CommandNotFound, "No module named etl"),
        (
            "  File \"/mnt/tmp/job.py\", line 1\n    print 1\n    ^\nSyntaxError: Missing parentheses in call to 'print'\n",
            CauseKind::PythonTraceback,
            "Missing parentheses",
        ),
        (
            "Traceback (most recent call last):\n  File \"/mnt/tmp/job.py\", line 1, in <module>\nModuleNotFoundError: No module named 'pandas'\n",
            CauseKind::PythonTraceback,
            "No module named 'pandas'",
        ),
    ] {
        let found = finding(STEP, &format!("{said}{left}{term}"));
        assert_eq!(found.cause.kind, kind, "{said}: {found:?}");
        assert!(found.cause.message.contains(words), "{}", found.cause.message);
    }
}

#[test]
fn system_errors_keep_their_kind() {
    let raised = |error: &str| {
        let text = format!(
            "Traceback (most recent call last):\n  File \"job.py\", line 3, in <module>\n    s3.get(\"s3://bucket/in\")\n{error}\n"
        );
        let cause = finding(STEP, &text).cause;
        (cause.kind, cause.message)
    };
    assert_eq!(raised("OSError: [Errno 28] No space left on device").0, CauseKind::DiskFull);
    assert_eq!(raised("MemoryError").0, CauseKind::OutOfMemory);
    let denied = raised(
        "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the GetObject operation: Access Denied",
    );
    assert!(denied.0 == CauseKind::PermissionDenied && denied.1.ends_with("(s3://bucket/in)"), "{denied:?}");
    let killed = raised("subprocess.CalledProcessError: Command '['x']' died with <Signals.SIGKILL: 9>.");
    assert_eq!(killed.0, CauseKind::KilledBySignal);
}

#[test]
fn a_reported_error_or_one_of_a_task_is_not_fatal() {
    for before in [
        "ERROR:root:it broke",
        "Exception in thread Thread-1 (run):",
        "Task exception was never retrieved",
        "Process Process-1:",
    ] {
        assert_eq!(finding(STEP, &format!("{before}\n{ERROR}")).weight, Weight::Convincing, "{before}");
    }
    assert_eq!(finding(&format!("{TASK}/stderr"), ERROR).weight, Weight::Convincing);
    assert_eq!(finding(STEP, ERROR).weight, Weight::Fatal);
}

#[test]
fn a_spark_error_inside_a_python_error_is_the_cause() {
    let raised = |error: &str| {
        let text =
            format!("Traceback (most recent call last):\n  File \"/mnt/tmp/job.py\", line 3, in <module>\n{error}\n");
        let found = finding(STEP, &text);
        (found.weight, found.cause.kind, found.cause.message)
    };
    let lost = |reason: &str| {
        format!(
            "pyspark.errors.exceptions.captured.StreamingQueryException: [STREAM_FAILED] Query terminated with exception: Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times, most recent failure: Lost task 0.3 in stage 1.0 (TID 4) (ip-1 executor 2): ExecutorLostFailure (executor 2 exited caused by one of the running tasks) Reason: {reason}\nDriver stacktrace:"
        )
    };
    let memory = raised(&lost("Container killed by YARN for exceeding physical memory limits."));
    assert_eq!((memory.0, memory.1), (Weight::Fatal, CauseKind::OutOfMemory));
    let killed =
        raised(&lost("Container from a bad node: container_1_0007_01_000072 on host: ip-1. Exit status: 137."));
    assert_eq!((killed.0, killed.1), (Weight::Likely, CauseKind::KilledBySignal));
    let missing = raised(
        "pyspark.errors.exceptions.captured.AnalysisException: [PATH_NOT_FOUND] Path does not exist: s3://b/in.",
    );
    assert_eq!((missing.0, missing.1), (Weight::Fatal, CauseKind::MissingInput));
    let table = raised("pyspark.sql.utils.AnalysisException: \nTable or view not found: orders; line 1 pos 14");
    assert_eq!(table.2, "pyspark.sql.utils.AnalysisException: Table or view not found: orders; line 1 pos 14");
}

#[test]
fn a_place_that_loguru_marks_is_not_an_error() {
    let text = "Traceback (most recent call last):\n\n> File \"/mnt/tmp/job.py\", line 12, in <module>\n    main()\n    \u{2514} <function main at 0x7f>\n\n  File \"/mnt/tmp/job.py\", line 8, in main\n    return table[\"orders\"]\n\nKeyError: 'orders'\n";
    assert_eq!(finding(STEP, text).cause.message, "KeyError: 'orders'");
}

#[test]
fn text_before_a_carriage_return_is_overwritten() {
    let text = format!("\r[Stage 0:>            (0 + 2) / 2]\r\r                    \r{ERROR}");
    assert_eq!(finding(STEP, &text).cause.message, "KeyError: 'orders'");
}
