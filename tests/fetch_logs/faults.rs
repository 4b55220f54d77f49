//! What is missing, denied, broken or too much.

use std::thread;

use serde_json::json;

use crate::account::{STEP, copy_logs, failed, log, packed, put, sandbox};

const TRACEBACK: &str = "Traceback (most recent call last):\n  File \"m.py\", line 1, in <module>\nKeyError: 'x'\n";

#[test]
fn a_job_flow_without_a_place_for_logs_says_what_to_set() {
    let sandbox = sandbox(&[failed("j-A", &json!({"LogUri": null}))], &[]);
    let ran = sandbox.run("fetch-logs", &["--cause", "--job-flow-id", "j-A", STEP]);
    ran.fails(1, "j-A has no LogUri");
    assert!(ran.stderr.contains("--s3-log-uri") && ran.stderr.contains("--ec2-key-pair-file"), "{ran:?}");
}

#[test]
fn logs_that_are_not_there_are_exit_1_with_when_they_come() {
    let sandbox = sandbox(&[failed("j-A", &json!({}))], &[]);
    for doing in ["--cause", "--list", "--cat"] {
        let ran = sandbox.run("fetch-logs", &[doing, "--job-flow-id", "j-A", STEP]);
        ran.fails(1, "there is no log of s-RECORDED");
        assert!(ran.stderr.contains("every five minutes") && ran.stderr.contains("--wait-minutes"), "{ran:?}");
    }
}

#[test]
fn logs_in_which_there_is_no_cause_are_exit_1() {
    let sandbox = sandbox(&[failed("j-A", &json!({}))], &[]);
    copy_logs(&sandbox, "j-A", &[log(&format!("steps/{STEP}/controller"), "2021-01-01T00:00:00Z INFO all is well\n")]);
    sandbox
        .run("fetch-logs", &["--cause", "--job-flow-id", "j-A", STEP])
        .fails(1, "no cause of a failure is in the logs");
}

#[test]
fn a_bucket_that_denies_is_exit_77() {
    for (fault, api) in [("ListObjectsV2:deny:9", "ListObjectsV2"), ("GetObject:deny:9", "GetObject")] {
        let sandbox = sandbox(&[failed("j-A", &json!({}))], &["--fault", fault]);
        copy_logs(&sandbox, "j-A", &[log(&format!("steps/{STEP}/stderr"), "x\n")]);
        let ran = sandbox.run("fetch-logs", &["--cause", "--job-flow-id", "j-A", STEP]);
        ran.fails(77, &format!("AWS denies {api}"));
        assert!(ran.stderr.contains("s3://bucket/logs/j-A/"), "{ran:?}");
    }
}

#[test]
fn what_cannot_be_named_is_exit_2() {
    let sandbox = sandbox(&[failed("j-A", &json!({}))], &[]);
    sandbox.run("fetch-logs", &["j-UNKNOWN"]).fails(2, "'j-UNKNOWN' is not valid");
    sandbox.run("fetch-logs", &["--job-flow-id", "j-A", "s-UNKNOWN"]).fails(2, "s-UNKNOWN");
    sandbox.run("fetch-logs", &["s-RECORDED"]).fails(2, "the job flow of s-RECORDED is not known");
    sandbox.run("fetch-logs", &["{\"job_flow_id\""]).fails(2, "not a record");
}

#[test]
fn a_step_that_never_began_has_no_cause_to_wait_for() {
    let mut account = failed("j-A", &json!({}));
    account["Steps"][0]["Status"] = json!({"State": "CANCELLED", "Timeline": {"CreationDateTime": 2}});
    let sandbox = sandbox(&[account], &[]);
    sandbox
        .run("fetch-logs", &["--cause", "j-A", STEP])
        .fails(1, "s-RECORDED never began, and has no log: it is CANCELLED");
}

#[test]
fn a_log_that_breaks_off_is_read_as_far_as_it_goes_and_is_no_success() {
    let sandbox = sandbox(&[failed("j-A", &json!({}))], &[]);
    let noise = (0..5000).map(|number| number.to_string()).collect::<Vec<_>>().join("\n");
    let whole = packed(format!("{TRACEBACK}{noise}").as_bytes());
    let controller = packed(b"2021-01-01T00:00:00Z INFO Step failed with exitCode 3 and took 2 seconds\n");
    let key = |name: &str| format!("logs/j-A/steps/{STEP}/{name}.gz");
    put(&sandbox, &[(key("stderr"), whole[..whole.len() / 2].to_vec()), (key("controller"), controller)]);
    let ran = sandbox.run("fetch-logs", &["--cause", "--job-flow-id", "j-A", STEP]).ok();
    assert_eq!(ran.record()["message"], "KeyError: 'x'");
    assert!(ran.stderr.contains("stderr.gz breaks off, or is damaged"), "{ran:?}");
    for args in [&[][..], &["--name", "stderr"], &["--follow", "--name", "stderr"]] {
        let ran = sandbox.run("fetch-logs", &[args, &["j-A", STEP]].concat());
        assert!(ran.stdout.starts_with("Traceback") && ran.stderr.contains("breaks off"), "{}", ran.stderr);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    }
}

#[test]
fn of_ten_thousand_logs_only_those_are_read_that_it_takes() {
    let job = "1701449857544_0001";
    let sandbox = sandbox(&[failed("j-A", &json!({"ReleaseLabel": "emr-6.15.0"}))], &[]);
    let started = format!("23/12/01 07:10:02 INFO mapreduce.Job: Running job: job_{job}\n");
    let task = |number: usize| format!("containers/application_{job}/container_{job}_01_{number:06}/stderr");
    let mut logs = vec![log(&format!("steps/{STEP}/syslog"), &started)];
    logs.extend((2..=10_001).map(|number| log(&task(number), if number == 9990 { TRACEBACK } else { "fine\n" })));
    copy_logs(&sandbox, "j-A", &logs);
    let record = sandbox.run("fetch-logs", &["--cause", "--job-flow-id", "j-A", STEP]).ok().record();
    assert!(record["uri"].as_str().unwrap().ends_with("_009990/stderr.gz"), "{record}");
    let lists = sandbox.requests("ListObjectsV2").len();
    assert!(lists <= 13, "ten pages of tasks, one of the step's, one of histories: {lists}");
    let reads = sandbox.requests("GetObject").len();
    assert!(reads <= 1 + 12 + 8, "the step's, those up to the cause, those under way: {reads}");
}

#[test]
fn logs_that_come_later_are_waited_for() {
    let sandbox = sandbox(&[failed("j-A", &json!({}))], &[]);
    let ran = thread::scope(|scope| {
        let late = scope
            .spawn(|| sandbox.run("fetch-logs", &["--cause", "--wait-minutes", "5", "--job-flow-id", "j-A", STEP]));
        while sandbox.requests("ListObjectsV2").is_empty() {
            thread::yield_now();
        }
        copy_logs(&sandbox, "j-A", &[log(&format!("steps/{STEP}/stderr"), TRACEBACK)]);
        late.join().unwrap()
    });
    assert_eq!(ran.ok().record()["kind"], "python-traceback");
}

#[test]
fn a_bootstrap_action_that_failed_is_told_with_its_stderr() {
    let reason = "On the master instance (i-0ab), bootstrap action 2 returned a non-zero return code";
    let status = json!({"State": "TERMINATED_WITH_ERRORS", "StateChangeReason": {"Code": "BOOTSTRAP_FAILURE", "Message": reason}});
    let sandbox = sandbox(&[failed("j-A", &json!({"Status": status}))], &[]);
    let folder = "node/i-0ab/bootstrap-actions/";
    let logs = [
        log(&format!("{folder}1/stderr"), "the first was fine\n"),
        log(&format!("{folder}2/stderr"), "+ pip install nosuch\nERROR: No matching distribution found for nosuch\n"),
        log(&format!("{folder}2/controller"), "2021-01-01T00:00:00Z INFO Execution ended with ret val 1\n"),
    ];
    copy_logs(&sandbox, "j-A", &logs);
    let record = sandbox.run("fetch-logs", &["--cause", "j-A"]).ok().record();
    assert_eq!(record["kind"], "bootstrap-failure");
    assert_eq!(record["message"], "ERROR: No matching distribution found for nosuch");
    assert!(record["uri"].as_str().unwrap().ends_with("/2/stderr.gz") && record.get("step_id").is_none(), "{record}");
}
