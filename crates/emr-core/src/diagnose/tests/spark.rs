//! Spark drivers: the cause of a failed application is in the message about its stage, before "Driver stacktrace:".

use super::{evidence, finding};
use crate::diagnose::Weight;
use crate::logs::JobNumber;
use crate::model::cause::CauseKind;

const STEP: &str = "steps/s-A/stderr";
const DRIVER: &str = "containers/application_1_0007/container_1_0007_01_000001";

/// The log of a stage that failed because of its last task.
fn stage(reason: &str) -> String {
    format!(
        "26/01/01 00:10:00 INFO Client: Submitted application application_1_0007\n\
         Exception in thread \"main\" org.apache.spark.SparkException: Job aborted due to stage failure: Task 3 in stage 2.0 \
         failed 4 times, most recent failure: Lost task 3.3 in stage 2.0 (TID 40) (ip-10-0-0-12.ec2.internal executor 5): \
         {reason}\nDriver stacktrace:\n\tat org.apache.spark.scheduler.DAGScheduler.abortStage(DAGScheduler.scala:2910)\n\
         \tat java.base/java.lang.Thread.run(Thread.java:840)\n"
    )
}

fn lost(reason: &str) -> String {
    stage(&format!("ExecutorLostFailure (executor 5 exited caused by one of the running tasks) Reason: {reason}"))
}

/// The same error, raised in a Python program that called Java.
fn in_python(java: &str) -> String {
    let java = java.split_once("Exception in thread \"main\" ").unwrap().1;
    format!(
        "26/01/01 00:10:00 INFO Client: Submitted application application_1_0007\n\
         Traceback (most recent call last):\n  File \"/mnt/tmp/job.py\", line 12, in <module>\n    \
         frame.write.parquet(\"s3://bucket/out\")\n\
         py4j.protocol.Py4JJavaError: An error occurred while calling o77.parquet.\n: {java}"
    )
}

#[test]
fn the_loss_of_a_stage_s_last_task_is_the_cause() {
    use CauseKind::{KilledBySignal, LostNodes, OutOfMemory, TimeOut};
    let node = "container_1_0007_01_000072 on host: ip-10-0-0-12.ec2.internal";
    let bad = |status: &str| format!("Container from a bad node: {node}. Exit status: {status}");
    for (reason, kind, words) in [
        (
            "Container killed by YARN for exceeding physical memory limits. 6.1 GB of 6 GB physical memory used.",
            OutOfMemory,
            "memory limits",
        ),
        (
            &*bad("137. Diagnostics: Container killed on request. Exit code is 137"),
            KilledBySignal,
            "killed by signal 9",
        ),
        (
            &*bad(
                "143. Diagnostics: [2026-01-01 00:11:00.000]Container killed on request. Exit code is 143\n[2026-01-01 00:11:00.001]Killed by external signal\n.",
            ),
            LostNodes,
            "143",
        ),
        (
            &*bad(
                "134. Diagnostics: [2026-01-01 00:11:00.000]Exception from container-launch.\nContainer id: container_1_0007_01_000072\nExit code: 134\n.",
            ),
            KilledBySignal,
            "SIGABRT",
        ),
        (
            &*format!(
                "Container marked as failed: {node}. Exit status: -100. Diagnostics: Container released on a *lost* node."
            ),
            LostNodes,
            "*lost* node",
        ),
        (&*format!("Container {node} was preempted."), LostNodes, "preempted"),
        ("Executor decommission: Executor 5 is decommissioned.", LostNodes, "decommission"),
        ("Executor heartbeat timed out after 127404 ms", TimeOut, "127404"),
        (
            "Remote RPC client disassociated. Likely due to containers exceeding thresholds, or network issues.",
            LostNodes,
            "disassociated",
        ),
    ] {
        for text in [lost(reason), in_python(&lost(reason))] {
            let found = finding(STEP, &text);
            assert_eq!(found.cause.kind, kind, "{reason}: {}", found.cause.message);
            assert!(found.cause.message.contains(words), "{reason}: {}", found.cause.message);
        }
    }
}

#[test]
fn an_error_of_a_task_is_the_cause_in_any_wrapper() {
    let python = "org.apache.spark.api.python.PythonException: Traceback (most recent call last):\n  \
        File \"/mnt/yarn/pyspark.zip/pyspark/worker.py\", line 377, in main\n    process()\n  \
        File \"/mnt/tmp/job.py\", line 5, in <lambda>\nKeyError: 'orders'\n\n\
        \tat org.apache.spark.api.python.BasePythonRunner.read(PythonRunner.scala:600)\n\n";
    let java = "java.lang.ArithmeticException: / by zero\n\tat com.example.Share.of(Share.scala:7)\n\n";
    for (raised, kind, message) in [
        (python, CauseKind::PythonTraceback, "KeyError: 'orders'"),
        (java, CauseKind::JavaStack, "java.lang.ArithmeticException: / by zero"),
    ] {
        let plain = stage(raised);
        let caused = format!("{plain}Caused by: {raised}");
        let wrapped = plain.replace(
            "\"main\" ",
            "\"main\" org.apache.spark.SparkException: Job aborted.\n\tat a.b.C.d(C.scala:1)\nCaused by: ",
        );
        for text in [&plain, &caused, &wrapped, &in_python(&plain), &in_python(&caused)] {
            let found = finding(STEP, text);
            let expected = (Weight::Fatal, kind, message);
            assert_eq!((found.weight, found.cause.kind, found.cause.message.as_str()), expected, "{text}");
        }
    }
}

#[test]
fn an_exited_worker_says_more_than_the_end_of_its_stream() {
    for text in [
        stage("org.apache.spark.SparkException: Python worker exited unexpectedly (crashed)\n\tat a.B.c(B.scala:1)\nCaused by: java.io.EOFException\n\tat d.E.f(E.java:2)\n\t... 20 more\n"),
        "Exception in thread \"main\" org.apache.spark.SparkException: Python worker exited unexpectedly (crashed)\n\tat a.B.c(B.scala:1)\nCaused by: java.io.EOFException\n\tat d.E.f(E.java:2)\n".to_owned(),
        "26/01/01 00:10:00 ERROR Executor: Exception in task 0.0 in stage 0.0 (TID 0)\norg.apache.spark.SparkException: Python worker exited unexpectedly (crashed)\n\tat a.B.c(B.scala:1)\nCaused by: java.io.EOFException\n\tat d.E.f(E.java:2)\n".to_owned(),
    ] {
        let found = finding(STEP, &text);
        assert!(found.cause.message.contains("Python worker exited unexpectedly"), "{found:?}");
        assert_eq!(found.weight, Weight::Likely, "the logs of the container may know more: {found:?}");
    }
}

#[test]
fn a_java_error_behind_a_python_error_is_the_cause() {
    for (java, kind, words) in [
        (
            ": org.apache.hadoop.fs.UnsupportedFileSystemException: No FileSystem for scheme \"s3\"\n\tat a.B.c(B.java:1)\n",
            CauseKind::JavaStack,
            "No FileSystem for scheme",
        ),
        (
            ": java.lang.NullPointerException\n\tat com.example.Odd.check(Odd.java:7)\n",
            CauseKind::JavaStack,
            "java.lang.NullPointerException at com.example.Odd.check(Odd.java:7)",
        ),
        (
            ": java.lang.ClassNotFoundException: com.example.Format\n\tat a.B.c(B.java:1)\n",
            CauseKind::BadJar,
            "com.example.Format",
        ),
        (
            ": org.apache.spark.SparkIllegalArgumentException: [INVALID_DRIVER_MEMORY]\n  System memory 268435456 must be at least 471859200.\n",
            CauseKind::JavaStack,
            "System memory 268435456",
        ),
        (
            "py4j.Py4JException: Method frob([]) does not exist\n\tat py4j.Gateway.invoke(Gateway.java:274)\n",
            CauseKind::JavaStack,
            "Method frob([]) does not exist",
        ),
        (
            ": com.amazonaws.services.s3.model.AmazonS3Exception: Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied)\n\tat a.B.c(B.java:1)\n",
            CauseKind::PermissionDenied,
            "(s3://bucket/out)",
        ),
        (
            ": java.io.IOException: com.amazonaws.services.s3.model.AmazonS3Exception: Please reduce your request rate. (Status Code: 503; Error Code: SlowDown)\n\tat a.B.c(B.java:1)\n",
            CauseKind::Throttled,
            "reduce your request rate",
        ),
    ] {
        let text = in_python("Exception in thread \"main\" ").replace("\n: ", "\n") + java;
        let found = finding(STEP, &text);
        assert_eq!((found.weight, found.cause.kind), (Weight::Fatal, kind), "{java}");
        assert!(found.cause.message.contains(words), "{}", found.cause.message);
        assert!(found.cause.excerpt.iter().any(|line| line.contains("job.py")), "{:?}", found.cause.excerpt);
    }
}

#[test]
fn an_application_that_failed_leads_to_its_logs() {
    for text in [
        "Exception in thread \"main\" org.apache.spark.SparkException: Application application_1_0007 finished with failed status\n\tat a.B.c(B.scala:1)\n",
        "26/01/01 00:10:00 ERROR Client: Application diagnostics message: User application exited with status 1\nException in thread \"main\" org.apache.spark.SparkException: Application application_1_0007 finished with failed status\n\tat a.B.c(B.scala:1)\n",
        "26/01/01 00:10:00 INFO Client: \n\t client token: N/A\n\t diagnostics: Application application_1_0007 failed 2 times due to AM Container for appattempt_1_0007_000002 exited with  exitCode: 13\nFailing this attempt.Diagnostics: [2026-01-01 00:11:59.000]Exception from container-launch.\nContainer id: container_1_0007_02_000001\nExit code: 13\n\t ApplicationMaster host: N/A\n\t final status: FAILED\n\t user: hadoop\n",
    ] {
        let evidence = evidence(STEP, text);
        assert_eq!(evidence.jobs.iter().map(JobNumber::application).collect::<Vec<_>>(), ["application_1_0007"]);
        assert_eq!(evidence.finding.map(|finding| finding.weight), Some(Weight::Hint), "{text}");
    }
}

#[test]
fn yarn_s_diagnostics_of_an_application_are_the_cause() {
    let report = |diagnosis: &str| {
        format!(
            "26/01/01 00:12:00 INFO Client: Application report for application_1_0007 (state: FAILED)\n\
             26/01/01 00:12:00 INFO Client: \n\t client token: N/A\n\t diagnostics: {diagnosis}\n\t ApplicationMaster host: N/A\n\
             \t queue: default\n\t start time: 1767225600000\n\t final status: FAILED\n\
             \t tracking URL: http://ip-10-0-0-1:20888/proxy/application_1_0007/\n\t user: hadoop\n\
             Exception in thread \"main\" org.apache.spark.SparkException: Application application_1_0007 finished with failed status\n\
             \tat org.apache.spark.deploy.yarn.Client.run(Client.scala:1321)\n\
             26/01/01 00:12:00 INFO ShutdownHookManager: Shutdown hook called\n"
        )
    };
    for (diagnosis, kind, words) in [
        (
            "User class threw exception: java.lang.IllegalStateException: no such table\n\tat com.example.Main.main(Main.java:3)",
            CauseKind::JavaStack,
            "no such table",
        ),
        (
            "User class threw exception: org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times, most recent failure: Lost task 0.3 in stage 1.0 (TID 4) (ip-1 executor 2): ExecutorLostFailure (executor 2 exited caused by one of the running tasks) Reason: Container killed by YARN for exceeding physical memory limits.\nDriver stacktrace:\n\tat a.B.c(B.scala:1)",
            CauseKind::OutOfMemory,
            "memory limits",
        ),
        (
            "Application application_1_0007 failed 2 times due to AM Container for appattempt_1_0007_000002 exited with  exitCode: -104\nFailing this attempt.Diagnostics: [2026-01-01 00:11:59.000]Container [pid=7,containerID=container_1_0007_02_000001] is running 4096B beyond the 'PHYSICAL' memory limit. Current usage: 1.4 GB",
            CauseKind::OutOfMemory,
            "memory limit",
        ),
        (
            "Application application_1_0007 was killed by user root at 10.0.0.1",
            CauseKind::ProgramError,
            "killed by user root",
        ),
        ("Max number of executor failures (6) reached", CauseKind::LostNodes, "Max number of executor failures"),
        (
            "Uncaught exception: java.io.FileNotFoundException: File does not exist: hdfs:///lib/a.jar",
            CauseKind::MissingInput,
            "a.jar",
        ),
    ] {
        let found = finding(STEP, &report(diagnosis));
        assert_eq!(found.cause.kind, kind, "{diagnosis}: {found:?}");
        assert!(found.cause.message.contains(words), "{}", found.cause.message);
        assert!(found.weight >= Weight::Likely);
    }
}

#[test]
fn the_end_of_the_driver_outweighs_later_errors() {
    let text = "Traceback (most recent call last):\n  File \"/mnt/tmp/job.py\", line 22, in <module>\nKeyError: 'orders'\n\
        26/01/01 00:10:00 ERROR ShutdownHookManager: Exception while deleting Spark temp dir: /mnt/tmp/spark-1\n\
        java.io.FileNotFoundException: /mnt/tmp/spark-1\n\tat a.B.c(B.java:1)\n";
    assert_eq!(finding(STEP, text).cause.message, "KeyError: 'orders'");
    let text = "26/01/01 00:10:00 ERROR ApplicationMaster: User class threw exception: java.lang.IllegalStateException: no such table\n\
        java.lang.IllegalStateException: no such table\n\tat com.example.Main.main(Main.java:3)\n\
        26/01/01 00:10:01 INFO ApplicationMaster: Final app status: FAILED, exitCode: 15, (reason: User class threw exception: java.lang.IllegalStateException: no such table\n\
        \tat com.example.Main.main(Main.java:3)\n)\n\
        26/01/01 00:10:02 ERROR Utils: Uncaught exception in thread shutdown-hook-0\njava.io.FileNotFoundException: x\n\tat a.B.c(B.java:1)\n";
    assert_eq!(
        finding(&format!("{DRIVER}/stderr"), text).cause.message,
        "java.lang.IllegalStateException: no such table"
    );
}

#[test]
fn an_error_of_a_retried_task_is_at_most_likely() {
    let text = "26/01/01 00:10:00 WARN TaskSetManager: Lost task 0.0 in stage 1.0 (TID 1) (ip-1 executor 1): java.io.FileNotFoundException: s3://b/in\n\
        \tat a.B.c(B.java:1)\n\n26/01/01 00:11:00 ERROR Main: it broke\njava.lang.IllegalStateException: no such table\n\tat d.E.f(E.java:2)\n";
    let found = finding(STEP, text);
    assert_eq!(
        (found.weight, found.cause.message.as_str()),
        (Weight::Likely, "java.lang.IllegalStateException: no such table")
    );
}

#[test]
fn the_failed_container_is_named() {
    let evidence = evidence(
        STEP,
        &lost("Container from a bad node: container_1_0007_01_000072 on host: ip-1. Exit status: 137. Diagnostics: x"),
    );
    assert_eq!(evidence.failed, ["container_1_0007_01_000072"]);
}

#[test]
fn a_lost_connection_to_the_driver_is_only_a_symptom() {
    let text = "Traceback (most recent call last):\n  File \"/mnt/tmp/job.py\", line 3, in <module>\n\
        py4j.protocol.Py4JNetworkError: Answer from Java side is empty\n";
    assert_eq!(finding(STEP, text).weight, Weight::Likely);
}
