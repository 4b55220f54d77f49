//! Logs of every kind, and the cause in each.

mod jvm;
mod python;
mod spark;

use proptest::prelude::*;

use super::*;
use crate::logs::JobNumber;
use crate::model::cause::{Cause, CauseKind};
use crate::model::log::Place;

const TASK: &str = "containers/application_1449857544442_0002/container_1449857544442_0002_01_000003";

fn evidence(path: &str, text: &str) -> Evidence {
    let place = Place::Node { node: "i-1".to_owned(), path: path.to_owned() };
    let mut scan = Scan::of(&place, true);
    text.lines().for_each(|line| scan.line(line));
    scan.evidence()
}

fn finding(path: &str, text: &str) -> Finding {
    evidence(path, text).finding.unwrap_or_else(|| panic!("nothing found in {text}"))
}

fn line(cause: &Cause) -> Option<u64> {
    cause.quote.as_ref().unwrap().line
}

fn kind(path: &str, text: &str) -> (Weight, CauseKind, Option<u64>) {
    let Finding { weight, cause } = finding(path, text);
    (weight, cause.kind, line(&cause))
}

#[test]
fn a_traceback_is_the_cause_with_its_last_line_as_message_and_all_as_excerpt() {
    let text = "\
log4j:WARN No appenders could be found for logger (amazon.emr.metrics.MetricsUtil).
Traceback (most recent call last):
  File \"mapper.py\", line 3, in <module>
    int(line)
    ~~~^^^^^^
ValueError: invalid literal for int() with base 10: 'x'
java.lang.RuntimeException: PipeMapRed.waitOutputThreads(): subprocess failed with code 1
\tat org.apache.hadoop.streaming.PipeMapRed.waitOutputThreads(PipeMapRed.java:372)
\tat org.apache.hadoop.mapred.Child.main(Child.java:249)
";
    let Finding { weight, cause } = finding(&format!("{TASK}/stderr"), text);
    assert_eq!((weight, cause.kind, line(&cause)), (Weight::Convincing, CauseKind::PythonTraceback, Some(6)));
    assert_eq!(cause.message, "ValueError: invalid literal for int() with base 10: 'x'");
    assert_eq!(cause.quote.as_ref().unwrap().log_line, cause.message);
    assert_eq!(cause.excerpt.len(), 5);
    assert_eq!(cause.attempt.as_deref(), Some("container_1449857544442_0002_01_000003"));
}

#[test]
fn of_chained_tracebacks_the_last_counts() {
    let text = "\
Traceback (most recent call last):
  File \"m.py\", line 3, in f
KeyError: 'a'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File \"m.py\", line 5, in <module>
RuntimeError: no a
";
    assert_eq!(finding(&format!("{TASK}/stderr"), text).cause.message, "RuntimeError: no a");
}

#[test]
fn a_syntax_error_is_found_without_a_traceback() {
    let text =
        "  File \"m.py\", line 1\n    print 1\n    ^^^^^^^\nSyntaxError: Missing parentheses in call to 'print'\n";
    let expected = (Weight::Convincing, CauseKind::PythonTraceback, Some(4));
    assert_eq!(kind(&format!("{TASK}/stderr"), text), expected);
}

#[test]
fn the_cause_of_a_java_stack_trace_is_its_last_cause() {
    let text = "\
2015-12-11 22:50:01,100 INFO [main] org.apache.hadoop.mapred.MapTask: Processing split: s3://b/in.txt:0+335
2015-12-11 22:50:01,200 WARN [main] org.apache.hadoop.mapred.YarnChild: Exception running child : java.lang.RuntimeException: Error in configuring object
\tat org.apache.hadoop.util.ReflectionUtils.setJobConf(ReflectionUtils.java:109)
Caused by: java.lang.reflect.InvocationTargetException
\tat sun.reflect.NativeMethodAccessorImpl.invoke0(Native Method)
\t... 9 more
Caused by: java.lang.IllegalStateException: it is odd
\tat com.example.Odd.check(Odd.scala:7)
\t... 23 more
2015-12-11 22:50:01,300 INFO [main] org.apache.hadoop.mapred.Task: Runnning cleanup for the task
";
    let Finding { weight, cause } = finding(&format!("{TASK}/syslog"), text);
    assert_eq!((weight, cause.kind, line(&cause)), (Weight::Likely, CauseKind::JavaStack, Some(7)));
    assert_eq!(cause.message, "java.lang.IllegalStateException: it is odd");
    assert_eq!(cause.input.as_deref(), Some("s3://b/in.txt:0+335"));
    assert_eq!(cause.excerpt.len(), 8);
}

#[test]
fn the_stack_trace_of_a_program_that_cannot_be_run_says_why() {
    let text = |error: &str| {
        format!(
            "2015-12-11 22:50:01,200 WARN [main] org.apache.hadoop.mapred.YarnChild: Exception running child : \
             java.lang.RuntimeException: configuration exception\n\tat a.B.c(B.java:1)\n\
             Caused by: java.io.IOException: Cannot run program \"nosuch\": {error}\n\tat d.E.f(E.java:2)\n"
        )
    };
    let of = |error| kind(&format!("{TASK}/syslog"), &text(error));
    assert_eq!(of("error=2, No such file or directory").1, CauseKind::CommandNotFound);
    assert_eq!(of("error=13, Permission denied").1, CauseKind::PermissionDenied);
    assert_eq!(of("error=12, Cannot allocate memory").1, CauseKind::OutOfMemory);
}

#[test]
fn the_exit_code_of_a_task_is_a_hint_unless_it_is_a_signal() {
    let text = |code: u8| {
        format!(
            "2015-12-11 22:50:01,200 WARN [main] org.apache.hadoop.mapred.YarnChild: Exception running child : \
             java.lang.RuntimeException: PipeMapRed.waitOutputThreads(): subprocess failed with code {code}\n\
             \tat org.apache.hadoop.streaming.PipeMapRed.waitOutputThreads(PipeMapRed.java:372)\n"
        )
    };
    let of = |code| kind(&format!("{TASK}/syslog"), &text(code));
    assert_eq!(of(1), (Weight::Hint, CauseKind::ProgramError, Some(1)));
    assert_eq!(of(139), (Weight::Likely, CauseKind::KilledBySignal, Some(1)));
}

#[test]
fn the_log_of_a_step_names_its_jobs_and_the_attempts_that_failed() {
    let text = "\
2015-12-11 22:50:01,100 INFO org.apache.hadoop.yarn.client.api.impl.YarnClientImpl (main): Submitted application application_1449857544442_0002
2015-12-11 22:50:01,100 INFO org.apache.hadoop.mapreduce.Job (main): Running job: job_1449857544442_0002
2015-12-11 22:55:01,100 INFO org.apache.hadoop.mapreduce.Job (main): Task Id : attempt_1449857544442_0002_m_000000_0, Status : FAILED
AttemptID:attempt_1449857544442_0002_m_000000_0 Timed out after 600 secs
Container killed by the ApplicationMaster.
Container killed on request. Exit code is 143
2015-12-11 22:56:01,100 ERROR org.apache.hadoop.streaming.StreamJob (main): Job not Successful!
";
    let evidence = evidence("steps/s-A/syslog", text);
    assert_eq!(evidence.jobs.iter().map(JobNumber::job).collect::<Vec<_>>(), ["job_1449857544442_0002"]);
    assert_eq!(evidence.failed, ["attempt_1449857544442_0002_m_000000_0"]);
    let Finding { weight, cause } = evidence.finding.unwrap();
    assert_eq!((weight, cause.kind, line(&cause)), (Weight::Convincing, CauseKind::TimeOut, Some(4)));
    assert_eq!(cause.attempt.as_deref(), Some("attempt_1449857544442_0002_m_000000_0"));
}

#[test]
fn why_a_job_could_not_be_launched_is_in_the_log_of_its_step() {
    for (text, expected) in [
        (
            "Exception in thread \"main\" org.apache.hadoop.mapred.FileAlreadyExistsException: Output directory s3://b/o already exists\n\tat a.B.c(B.java:1)",
            CauseKind::OutputExists,
        ),
        (
            "15/12/11 22:50:01 ERROR streaming.StreamJob: Error Launching job : Output directory s3://b/o already exists",
            CauseKind::OutputExists,
        ),
        (
            "2015-12-11 22:50:01,100 ERROR org.apache.hadoop.streaming.StreamJob (main): Error Launching job : Input path does not exist: s3://b/in",
            CauseKind::MissingInput,
        ),
        ("Not a valid JAR: /home/hadoop/x.jar", CauseKind::BadJar),
        (
            "Exception in thread \"main\" java.lang.ClassNotFoundException: com.example.Main\n\tat a.B.c(B.java:1)",
            CauseKind::BadJar,
        ),
        ("bash: line 1: nosuch: command not found", CauseKind::CommandNotFound),
        (
            "fatal error: An error occurred (403) when calling the HeadObject operation: Access Denied",
            CauseKind::PermissionDenied,
        ),
        ("it broke", CauseKind::ProgramError),
    ] {
        assert_eq!(kind("steps/s-A/stderr", text).1, expected, "{text}");
    }
    let controller = "2021-01-02T03:04:05.678Z INFO waitProcessCompletion ended with exit code 137 : hadoop jar x";
    assert_eq!(kind("steps/s-A/controller", controller).1, CauseKind::KilledBySignal);
}

#[test]
fn a_spark_driver_log_has_the_errors_of_python_and_yarn() {
    let python = "\
21/01/02 03:04:05 ERROR Executor: Exception in task 0.0 in stage 0.0 (TID 0)
org.apache.spark.api.python.PythonException: Traceback (most recent call last):
  File \"/mnt/yarn/pyspark.zip/pyspark/worker.py\", line 377, in main
    process()
ZeroDivisionError: division by zero

\tat org.apache.spark.api.python.BasePythonRunner$ReaderIterator.handlePythonException(PythonRunner.scala:456)
\tat org.apache.spark.api.python.PythonRunner$$anon$1.read(PythonRunner.scala:592)
21/01/02 03:04:06 INFO ShutdownHookManager: Shutdown hook called
";
    let cause = finding(&format!("{TASK}/stderr"), python).cause;
    assert_eq!((cause.message.as_str(), line(&cause)), ("ZeroDivisionError: division by zero", Some(5)));
    for (text, expected) in [
        (
            "21/01/02 03:04:05 WARN TaskSetManager: Lost task 0.0 in stage 0.0: ExecutorLostFailure (executor 1 exited) Reason: Container killed by YARN for exceeding memory limits. 5.5 GB",
            CauseKind::OutOfMemory,
        ),
        (
            "21/01/02 03:04:05 ERROR YarnScheduler: Lost executor 3 on ip-1: Container marked as failed. Exit status: -100. Diagnostics: Container released on a *lost* node",
            CauseKind::LostNodes,
        ),
        (
            "21/01/02 03:04:05 ERROR Utils: Aborting task\njava.lang.OutOfMemoryError: Java heap space\n\tat a.B.c(B.java:1)",
            CauseKind::OutOfMemory,
        ),
        (
            "Exception in thread \"main\" org.apache.spark.sql.AnalysisException: Path does not exist: s3://b/in;\n\tat a.B.c(B.scala:1)",
            CauseKind::MissingInput,
        ),
    ] {
        assert_eq!(kind("steps/s-A/stderr", text).1, expected, "{text}");
    }
}

#[test]
fn noise_is_not_a_cause() {
    for text in [
        "",
        "\n\n",
        "log4j:WARN No appenders",
        "SLF4J: Class path",
        "+ set -e",
        "Streaming Command Failed!",
        "2015-12-11 22:50:01,100 INFO org.x.Y: Timed out after 600 secs, and all is well",
    ] {
        assert_eq!(evidence(&format!("{TASK}/stderr"), text).finding, None, "{text}");
    }
}

#[test]
fn only_jobs_that_the_step_itself_started_are_its_own() {
    let text = "application_1_0001 RUNNING somebody else's\nkilled job_1_0007\nRunning job: job_1_0003\n";
    let jobs = evidence("steps/s-A/stderr", text).jobs;
    assert_eq!(jobs.iter().map(JobNumber::job).collect::<Vec<_>>(), ["job_1_0003"]);
}

#[test]
fn the_history_of_a_job_on_yarn_has_each_failed_attempt_with_its_container() {
    let text = r#"Avro-Json
{"type":"EVENT","fields":[]}
{"type":"MAP_ATTEMPT_STARTED","event":{"x.TaskAttemptStarted":{"taskid":"t","attemptId":"attempt_1_0002_m_000000_0","containerId":"container_1_0002_01_000002"}}}
{"type":"MAP_ATTEMPT_STARTED","event":{"x.TaskAttemptStarted":{"taskid":"t","attemptId":"attempt_1_0002_m_000001_0","containerId":"container_1_0002_01_000003"}}}
{"type":"MAP_ATTEMPT_FAILED","event":{"x.TaskAttemptUnsuccessfulCompletion":{"taskid":"t","attemptId":"attempt_1_0002_m_000001_0","error":"Container [pid=1] is running beyond physical memory limits."}}}
{"type":"MAP_ATTEMPT_FAILED","event":
"#;
    let evidence = evidence("hadoop-mapreduce/history/2015/12/11/000000/job_1_0002-1-hadoop-x-1.jhist", text);
    assert_eq!(evidence.failed, ["attempt_1_0002_m_000001_0", "container_1_0002_01_000003"]);
    let cause = evidence.finding.unwrap().cause;
    assert_eq!((cause.kind, line(&cause)), (CauseKind::OutOfMemory, Some(5)));
}

#[test]
fn the_history_of_a_job_before_yarn_has_errors_of_many_lines() {
    let text = r#"Meta VERSION="1" .
MapAttempt TASK_TYPE="MAP" TASK_ATTEMPT_ID="attempt_15_0002_m_000000_0" TASK_STATUS="KILLED" ERROR="no matter" .
MapAttempt TASK_TYPE="MAP" TASK_ATTEMPT_ID="attempt_15_0002_m_000001_0" TASK_STATUS="FAILED" ERROR="Task attempt_15_0002_m_000001_0 failed to report status for 601 seconds\. Killing!" .
ReduceAttempt TASK_TYPE="REDUCE" TASK_ATTEMPT_ID="attempt_15_0002_r_000001_0" TASK_STATUS="FAILED" ERROR="java\.lang\.Odd: a \"b\"
	at a\.B\.c(B\.java:1)
" .
"#;
    let evidence = evidence("jobs/job_15_0002_1449857_hadoop_x", text);
    assert_eq!(evidence.failed, ["attempt_15_0002_m_000001_0", "attempt_15_0002_r_000001_0"]);
    assert_eq!(evidence.finding.unwrap().cause.kind, CauseKind::TimeOut);
}

#[test]
fn a_task_s_log_goes_before_its_client_s_but_not_before_a_fatal_error() {
    let weighing = |weight, message: &str| Evidence {
        finding: Some(Finding { weight, cause: Cause::without_log(CauseKind::JavaStack, message.to_owned()) }),
        ..Evidence::default()
    };
    let mut client = weighing(Weight::Fatal, "client");
    assert!(client.is_final());
    client.failed.push("attempt_1_0002_m_000000_0".to_owned());
    assert!(!client.is_final());
    client.prefer(weighing(Weight::Likely, "task"));
    assert_eq!(client.finding.as_ref().unwrap().cause.message, "client");
    client.prefer(weighing(Weight::Convincing, "task"));
    assert_eq!(client.finding.unwrap().cause.message, "task");
}

proptest! {
    #[test]
    fn any_text_can_be_read(text in "(.|\n|\t|\r|Traceback \\(most recent call last\\):|\n at a\\(|Task Id : |Caused by: |\\{|=\"|\\\\|\n  \\+ Exception Group Traceback \\(most recent call last\\):|\n \\| |\n \\+-|\nException ignored in: |\n: |\nException in thread \"main\" |a\\.B\\.CException|most recent failure: |Lost task 1 \\(TID 1\\) \\(x\\): |\n# A fatal error has been detected by the Java Runtime Environment|\n#|Driver stacktrace:|\tSuppressed: |exit status -?[0-9]{1,30}|: line 3: 7 Killed|\ndiagnostics: |s3://)*", path in 0..5usize) {
        let paths = ["steps/s-A/stderr", "steps/s-A/syslog", "jobs/job_1_2_3_x", "containers/a/container_1_1_1_1/stdout", "steps/s-A/controller"];
        let evidence = evidence(paths[path], &text);
        if let Some(finding) = evidence.finding {
            prop_assert!(finding.cause.excerpt.len() <= 40 && finding.cause.quote.unwrap().log_line.chars().count() <= 1000);
        }
    }

    #[test]
    fn a_traceback_is_found_anywhere(before in "[a-z \n]{0,200}", after in "[a-z \n]{0,200}") {
        let text = format!("{before}\nTraceback (most recent call last):\n  File \"x\", line 1\nOSError: x\n{after}");
        prop_assert_eq!(finding(&format!("{TASK}/stderr"), &text).cause.message, "OSError: x");
    }
}
