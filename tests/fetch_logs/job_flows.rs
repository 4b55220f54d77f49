//! Job flows that never came up: EMR itself says why, and no log is needed.

use harness::Sandbox;
use serde_json::{Value, json};

use crate::account::{STEP, copy_logs, failed, log, sandbox};

/// A job flow that failed, with its one step that never began.
fn ended(id: &str, code: &str, reason: &str, details: &Value) -> Value {
    let status = json!({
        "State": "TERMINATED_WITH_ERRORS",
        "StateChangeReason": {"Code": code, "Message": reason},
        "ErrorDetails": details,
        "Timeline": {"CreationDateTime": 1, "EndDateTime": 9},
    });
    let mut cluster = failed(id, &json!({"Status": status, "LogUri": null}));
    cluster["Steps"][0]["Status"] = json!({"State": "CANCELLED", "Timeline": {"CreationDateTime": 2}});
    cluster
}

fn cause(sandbox: &Sandbox, args: &[&str]) -> Value {
    sandbox.run("fetch-logs", &[&["--cause"], args].concat()).ok().record()
}

#[test]
fn the_reason_that_emr_gives_is_the_cause_without_any_log() {
    let cases = [
        ("BOOTSTRAP_FAILURE", "On the master instance (i-02d), application provisioning failed", "bootstrap-failure"),
        (
            "BOOTSTRAP_FAILURE",
            "Master instance (i-066) failed attempting to download bootstrap action 1 file from S3",
            "bootstrap-failure",
        ),
        ("VALIDATION_ERROR", "The given SSH key name was invalid", "validation-error"),
        (
            "INTERNAL_ERROR",
            "The number of vCPUs for instance type m5.xlarge exceeds the EC2 service quota for that type.",
            "quota-exceeded",
        ),
        ("INTERNAL_ERROR", "EC2 is out of capacity for r5.24xlarge in availability zone us-east-1a.", "no-capacity"),
        ("INTERNAL_ERROR", "There is not enough capacity for m5.xlarge in us-east-1a", "no-capacity"),
    ];
    let id = |number: usize| format!("j-ENDED{number}");
    let cluster =
        |(number, (code, reason, _)): (usize, &(&str, &str, &str))| ended(&id(number), code, reason, &json!([]));
    let sandbox = sandbox(&cases.iter().enumerate().map(cluster).collect::<Vec<_>>(), &[]);
    for (number, (code, reason, kind)) in cases.into_iter().enumerate() {
        let id = id(number);
        let expected = json!({"job_flow_id": id, "reason_code": code, "kind": kind, "message": reason});
        assert_eq!(cause(&sandbox, &[&id]), expected);
        let of_step = cause(&sandbox, &["--job-flow-id", &id, STEP]);
        assert_eq!((&of_step["step_id"], &of_step["message"]), (&json!(STEP), &json!(reason)));
    }
    assert_eq!(sandbox.requests("ListObjectsV2").len() + sandbox.requests("GetObject").len(), 0);
}

#[test]
fn what_emr_adds_in_detail_is_handed_on() {
    let details = json!([{
        "ErrorCode": "VALIDATION_ERROR_INVALID_SSH_KEY_NAME",
        "ErrorData": [{"ssh-key-name": "emr"}, {"public-doc": "https://docs.example"}],
        "ErrorMessage": "The key is invalid",
    }]);
    let sandbox = sandbox(&[ended("j-A", "VALIDATION_ERROR", "The given SSH key name was invalid", &details)], &[]);
    let record = cause(&sandbox, &["j-A"]);
    let expected = json!([{
        "error_code": "VALIDATION_ERROR_INVALID_SSH_KEY_NAME",
        "error_data": [{"ssh-key-name": "emr"}, {"public-doc": "https://docs.example"}],
        "error_message": "The key is invalid",
    }]);
    assert_eq!(record["error_details"], expected);
    assert_eq!(record["message"], "The given SSH key name was invalid (ssh-key-name emr)");
    let listed = sandbox.run("list-job-flows", &["--all"]).ok().record();
    assert_eq!((&listed["reason_code"], &listed["error_details"]), (&json!("VALIDATION_ERROR"), &expected));
    let table = sandbox.run("list-job-flows", &["--all", "--output", "table"]).ok();
    assert!(table.stdout.contains("The given SSH key name was invalid"), "{table:?}");
}

#[test]
fn the_log_of_a_bootstrap_action_says_more_than_emr_where_it_is_there() {
    let reason = "On the master instance (i-0ab), bootstrap action 2 returned a non-zero return code";
    let mut cluster = ended("j-A", "BOOTSTRAP_FAILURE", reason, &json!([]));
    cluster["Cluster"]["LogUri"] = json!("s3://bucket/logs/");
    let sandbox = sandbox(&[cluster], &[]);
    assert_eq!(cause(&sandbox, &["j-A"])["message"], reason);
    let folder = "node/i-0ab/bootstrap-actions/2/";
    let logs = [
        log(&format!("{folder}stderr"), "ERROR: No matching distribution found for nosuch\n"),
        log(
            &format!("{folder}controller"),
            "2026-01-01T00:00:00Z INFO waitProcessCompletion ended with exit code 3 : x\n",
        ),
    ];
    copy_logs(&sandbox, "j-A", &logs);
    let record = cause(&sandbox, &["j-A"]);
    assert_eq!(record["message"], "ERROR: No matching distribution found for nosuch");
    assert_eq!((&record["exit_code"], &record["kind"]), (&json!(3), &json!("bootstrap-failure")));
    assert!(record.get("reason_code").is_none(), "{record}");
}

#[test]
fn logs_that_cannot_be_read_leave_the_reason_that_emr_gives() {
    let reason = "On the master instance (i-0ab), bootstrap action 2 returned a non-zero return code";
    let mut cluster = ended("j-A", "BOOTSTRAP_FAILURE", reason, &json!([]));
    cluster["Cluster"]["LogUri"] = json!("s3://bucket/logs/");
    let sandbox = sandbox(&[cluster], &["--fault", "ListObjectsV2:deny:9"]);
    let ran = sandbox.run("fetch-logs", &["--cause", "j-A"]).ok();
    assert_eq!(ran.record()["message"], reason);
    assert!(ran.stderr.contains("AWS denies ListObjectsV2"), "{ran:?}");
}

#[test]
fn a_job_flow_that_somebody_ended_did_not_fail() {
    let status = json!({"State": "TERMINATED", "StateChangeReason": {"Code": "USER_REQUEST", "Message": "Terminated by user request"}});
    let mut cluster = failed("j-A", &json!({"Status": status}));
    cluster["Steps"] = json!([]);
    let sandbox = sandbox(&[cluster], &[]);
    sandbox.run("fetch-logs", &["--cause", "j-A"]).fails(1, "it is TERMINATED: Terminated by user request");
}
