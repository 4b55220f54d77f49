//! Java: chains of causes, and fatal errors of the virtual machine.

use super::{TASK, evidence, finding};
use crate::diagnose::Weight;
use crate::model::cause::CauseKind;

const CRASH: &str = "#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n#  SIGSEGV (0xb) at pc=0x00007f00aabbccdd, pid=4242, tid=4250\n#\n# JRE version: OpenJDK Runtime Environment (17.0.9+8)\n# Problematic frame:\n# C  [libquick.so.1+0xe850]  quick_copy+0x10\n#\n# An error report file with more information is saved as:\n# /mnt/tmp/hs_err_pid4242.log\n";

#[test]
fn a_crash_report_of_hotspot_is_found_on_every_stream() {
    for path in ["steps/s-A/stdout", "steps/s-A/stderr", &format!("{TASK}/stdout")] {
        let found = finding(path, &format!("rows: 7\n{CRASH}bye\n"));
        assert_eq!((found.weight, found.cause.kind), (Weight::Convincing, CauseKind::KilledBySignal));
        assert_eq!(
            found.cause.message,
            "SIGSEGV (0xb) at pc=0x00007f00aabbccdd, pid=4242, tid=4250 in C [libquick.so.1+0xe850] quick_copy+0x10"
        );
        assert_eq!(found.cause.quote.unwrap().line, Some(5));
    }
    let bug = CRASH.replace(
        "SIGSEGV (0xb) at pc=0x00007f00aabbccdd, pid=4242, tid=4250",
        "Internal Error (sharedRuntime.cpp:553), pid=7, tid=8\n#  guarantee(cb != nullptr) failed: must be",
    );
    assert!(finding("steps/s-A/stdout", &bug).cause.message.starts_with("Internal Error (sharedRuntime.cpp:553)"));
}

#[test]
fn a_virtual_machine_that_is_out_of_memory_is_recognized() {
    let native = "OpenJDK 64-Bit Server VM warning: INFO: os::commit_memory(0x1, 12288, 0) failed; error='Cannot allocate memory' (errno=12)\n#\n# There is insufficient memory for the Java Runtime Environment to continue.\n# Native memory allocation (mmap) failed to map 12288 bytes for committing reserved memory.\n# An error report file with more information is saved as:\n# /tmp/hs_err_pid7.log\n";
    for text in [
        native,
        "java.lang.OutOfMemoryError: Java heap space\nDumping heap to java_pid7.hprof ...\n",
        "#\n# java.lang.OutOfMemoryError: Java heap space\n# -XX:OnOutOfMemoryError=\"kill -9 %p\"\n#   Executing /bin/sh -c \"kill -9 7\"...\n",
        "Terminating due to java.lang.OutOfMemoryError: GC overhead limit exceeded\n",
        "Error occurred during initialization of VM\nCould not reserve enough space for 9437184KB object heap\n",
    ] {
        for stream in ["stdout", "stderr"] {
            let found = finding(&format!("{TASK}/{stream}"), text);
            assert_eq!((found.weight, found.cause.kind), (Weight::Convincing, CauseKind::OutOfMemory), "{text}");
        }
    }
    let message = finding("steps/s-A/stdout", native).cause.message;
    assert!(message.contains("insufficient memory") && message.contains("12288 bytes"), "{message}");
}

#[test]
fn a_root_cause_without_a_message_comes_with_its_consequence_and_place() {
    let main = |rest: &str| format!("Exception in thread \"main\" {rest}");
    for (text, expected) in [
        (
            "java.lang.RuntimeException: cannot load orders\n\tat a.B.c(B.java:1)\nCaused by: java.lang.NullPointerException\n\tat com.example.Odd.check(Odd.java:7)\n\tat a.B.d(B.java:2)\n\t... 3 more\n",
            "java.lang.RuntimeException: cannot load orders (caused by java.lang.NullPointerException at com.example.Odd.check(Odd.java:7))",
        ),
        (
            "java.lang.NullPointerException\n\tat com.example.Odd.check(Odd.java:7)\n",
            "java.lang.NullPointerException at com.example.Odd.check(Odd.java:7)",
        ),
        (
            "java.lang.reflect.InvocationTargetException\n\tat a.B.c(B.java:1)\nCaused by: java.lang.StackOverflowError\n\tat com.example.Odd.check(Odd.java:7)\n",
            "java.lang.StackOverflowError at com.example.Odd.check(Odd.java:7)",
        ),
        (
            "java.lang.RuntimeException: java.lang.NullPointerException\n\tat a.B.c(B.java:1)\nCaused by: java.lang.NullPointerException\n\tat com.example.Odd.check(Odd.java:7)\n",
            "java.lang.NullPointerException at com.example.Odd.check(Odd.java:7)",
        ),
        (
            "java.lang.NullPointerException: Cannot invoke \"String.length()\" because \"name\" is null\n\tat a.B.c(B.java:1)\n",
            "java.lang.NullPointerException: Cannot invoke \"String.length()\" because \"name\" is null",
        ),
    ] {
        let found = finding("steps/s-A/stderr", &main(text));
        assert_eq!((found.weight, found.cause.message.as_str()), (Weight::Fatal, expected));
    }
}

#[test]
fn a_suppressed_exception_is_not_the_cause() {
    let text = "Exception in thread \"main\" java.lang.IllegalStateException: it is odd\n\tat a.B.c(B.java:1)\n\tSuppressed: java.io.FileNotFoundException: temporary\n\t\tat a.B.d(B.java:2)\n\t\tCaused by: java.io.IOException: No space left on device\n\t\t\tat a.B.e(B.java:3)\n";
    assert_eq!(finding("steps/s-A/stderr", text).cause.message, "java.lang.IllegalStateException: it is odd");
    let caused = format!("{text}Caused by: java.lang.ArithmeticException: / by zero\n\tat a.B.f(B.java:4)\n");
    assert_eq!(finding("steps/s-A/stderr", &caused).cause.message, "java.lang.ArithmeticException: / by zero");
}

#[test]
fn a_missing_class_is_recognized() {
    for text in [
        "Error: Could not find or load main class com.example.Main\nCaused by: java.lang.ClassNotFoundException: com.example.Main\n",
        "Error: Failed to load class com.example.Main.\n26/01/01 00:10:00 INFO ShutdownHookManager: Shutdown hook called\n",
        "Exception in thread \"main\" org.apache.spark.SparkException: No main class set in JAR; please specify one with --class.\n\tat a.B.c(B.scala:1)\n",
        "Exception in thread \"main\" java.lang.UnsupportedClassVersionError: com/example/Main has been compiled by a more recent version of the Java Runtime\n\tat a.B.c(B.java:1)\n",
    ] {
        let found = finding("steps/s-A/stderr", text);
        assert_eq!(found.cause.kind, CauseKind::BadJar, "{found:?}");
    }
}

#[test]
fn a_failed_job_is_only_a_hint() {
    let text = "26/01/01 00:10:00 INFO mapreduce.Job: Running job: job_1_0002\nException in thread \"main\" java.io.IOException: Job failed!\n\tat org.apache.hadoop.mapred.JobClient.runJob(JobClient.java:876)\n";
    let evidence = evidence("steps/s-A/stderr", text);
    assert_eq!((evidence.jobs.len(), evidence.finding.unwrap().weight), (1, Weight::Hint));
}

#[test]
fn the_exit_code_of_a_step_is_in_its_controller_log() {
    let text = "2026-01-01T00:12:00.000Z INFO waitProcessCompletion ended with exit code 134 : hadoop jar x\n2026-01-01T00:12:00.200Z WARN Step failed with exitCode 134 and took 130 seconds\n";
    let found = evidence("steps/s-A/controller", text);
    assert_eq!((found.exit_code, found.finding.unwrap().cause.kind), (Some(134), CauseKind::KilledBySignal));
    assert_eq!(evidence("steps/s-A/stderr", text).exit_code, None);
}
