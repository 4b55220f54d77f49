//! Job flows that EMR accepts and that end while they start: the tools say why.

use serde_json::{Value, json};

use crate::sandbox;

/// The kind of the fault, EMR's code, the beginning of its reason, and what the tools call it.
const FAULTS: [(&str, &str, &str, &str); 4] = [
    ("no-capacity", "INTERNAL_ERROR", "EC2 is out of capacity for m5.xlarge in availability zone ", "no-capacity"),
    (
        "quota-exceeded",
        "INTERNAL_ERROR",
        "The request to create the EMR cluster or add EC2 instances to it failed. The number of vCPUs",
        "quota-exceeded",
    ),
    (
        "validation-error",
        "VALIDATION_ERROR",
        "The requested instance type m5.xlarge is not supported in the requested availability zone.",
        "validation-error",
    ),
    ("bootstrap-failure", "BOOTSTRAP_FAILURE", "On the master instance (i-", "bootstrap-failure"),
];

#[test]
fn a_job_flow_that_cannot_start_ends_for_emrs_reason() {
    for (fault, code, reason, kind) in FAULTS {
        let sandbox = sandbox(&["--fault", &format!("RunJobFlow:{fault}:1")]);
        let id = sandbox.job_flow(&[]);
        let status = &sandbox.answer("DescribeCluster", &json!({"ClusterId": id}))["Cluster"]["Status"];
        assert_eq!(status["State"], "TERMINATED_WITH_ERRORS", "{status}");
        assert_eq!(status["StateChangeReason"]["Code"], code, "{status}");
        assert!(status["StateChangeReason"]["Message"].as_str().unwrap().starts_with(reason), "{status}");
        assert!(status["Timeline"].get("ReadyDateTime").is_none(), "{status}");

        let cause = sandbox.run("fetch-logs", &["--cause", &id]).ok().record();
        assert_eq!((&cause["kind"], &cause["reason_code"]), (&json!(kind), &json!(code)), "{cause}");
        let waited = sandbox.run("wait-step", &[&id]);
        assert_eq!(waited.code, Some(1), "{waited:?}");
        assert!(waited.stderr.contains(reason), "{waited:?}");
        let listed = sandbox.run("list-job-flows", &["--all"]).ok().record();
        assert!(listed["reason"].as_str().unwrap().starts_with(reason), "{listed}");
        // The next one starts.
        let next = sandbox.job_flow(&[]);
        let next = sandbox.answer("DescribeCluster", &json!({"ClusterId": next}));
        assert_eq!(next["Cluster"]["Status"]["State"], "WAITING");
    }
}

#[test]
fn what_emr_says_in_detail_is_there_and_a_reason_of_ones_own_is_taken() {
    let sandbox = sandbox(&[
        "--fault",
        "RunJobFlow:no-capacity:1",
        "--fault",
        "RunJobFlow:validation-error:1:The subnet: is full",
        "--fault",
        "RunJobFlow:bootstrap-failure:1",
    ]);
    let details = |args: &[&str]| -> Value {
        let id = sandbox.job_flow(args);
        sandbox.answer("DescribeCluster", &json!({"ClusterId": id}))["Cluster"]["Status"].clone()
    };
    let capacity = details(&[]);
    let detail = &capacity["ErrorDetails"][0];
    assert_eq!(detail["ErrorCode"], "INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ");
    assert_eq!(detail["ErrorData"][0], json!({"instance-type": "m5.xlarge"}));
    let own = details(&[]);
    assert_eq!(own["StateChangeReason"], json!({"Code": "VALIDATION_ERROR", "Message": "The subnet: is full"}));
    let bootstrap = details(&["--bootstrap-action", "s3://bucket/setup.sh"]);
    let detail = &bootstrap["ErrorDetails"][0];
    assert_eq!(detail["ErrorCode"], "BOOTSTRAP_FAILURE_PRIMARY_WITH_NON_ZERO_CODE");
    assert_eq!(detail["ErrorData"][3], json!({"amazon-s3-path": "s3://bucket/setup.sh"}));
}

#[test]
fn a_job_flow_that_takes_time_to_start_fails_on_the_way() {
    let sandbox = sandbox(&["--fault", "RunJobFlow:bootstrap-failure:1", "--provision-s", "2"]);
    let id = sandbox.job_flow(&[]);
    let step = sandbox.run("add-step", &[&id, "--", "true"]).ok().stdout;
    let waited = harness::Ran::with_stdin(&mut sandbox.tool("wait-step"), &step);
    assert_ne!(waited.code, Some(0), "{waited:?}");
    assert!(waited.stderr.contains("application provisioning failed"), "{waited:?}");
    let step = &sandbox.answer("ListSteps", &json!({"ClusterId": id}))["Steps"][0]["Status"];
    assert_eq!(step["State"], "CANCELLED");
    assert_eq!(step["StateChangeReason"], json!({"Code": "NONE", "Message": "Job terminated"}));
}
