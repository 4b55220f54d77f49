//! Answers that are not AWS's are errors, and never an account without clusters or a job flow without steps.

use harness::{Endpoint, Tools};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

/// Each tool with arguments, and the first call that it makes.
const CALLS: [(&str, &[&str], &str); 17] = [
    ("list-job-flows", &[], "ListClusters"),
    ("report-long-jobs", &[], "ListClusters"),
    ("audit-usage", &[], "ListClusters"),
    ("terminate-idle-job-flows", &["--max-hours-idle", "1"], "ListClusters"),
    ("find-pool", &["--pool-name", "etl", "--s3-scratch-uri", "s3://b/s/", "--no-conf"], "ListClusters"),
    ("cancel-step", &["j-A", "s-B"], "ListSteps"),
    ("describe-job-flow", &["j-A"], "DescribeCluster"),
    ("list-steps", &["j-A"], "ListSteps"),
    ("wait-job-flow", &["j-A"], "DescribeCluster"),
    ("wait-step", &["j-A"], "ListSteps"),
    ("wait-step", &["--emr-job-flow-id", "j-A", "s-B"], "ListSteps"),
    ("add-step", &["j-A", "--", "true"], "DescribeCluster"),
    ("terminate-job-flow", &["j-A"], "DescribeCluster"),
    ("fetch-logs", &["j-A"], "DescribeCluster"),
    ("ssh-nodes", &["j-A"], "DescribeCluster"),
    ("ssh-core-dump", &["j-A"], "DescribeCluster"),
    ("create-job-flow", &[], "RunJobFlow"),
];

const NOTHING: [&str; 6] = ["", "{}", "[]", "null", "<html>please log in</html>", "{\"message\":null}"];

fn tools() -> Tools {
    Tools::beside(SANDBOX)
}

#[test]
fn an_answer_without_what_it_must_have_is_an_error_that_names_the_operation() {
    for (tool, args, operation) in CALLS.into_iter().filter(|(_, _, operation)| *operation != "RunJobFlow") {
        for nothing in NOTHING {
            let ran = Endpoint::saying(nothing).run(&tools(), tool, args);
            ran.fails(69, &format!("AWS failed on {operation}: the endpoint answered with"));
        }
    }
}

#[test]
fn a_list_of_nulls_or_of_what_has_no_id_or_no_state_is_an_error() {
    for list in [r"[null]", r"[{}]", r#"[{"Id":"j-A"}]"#, r#"[{"Id":"j-A","Status":{}}]"#, r#"{"Id":"j-A"}"#, "3"] {
        let endpoint = Endpoint::answering(move |_, _| format!("{{\"Clusters\":{list}}}"));
        endpoint
            .run(&tools(), "list-job-flows", &[])
            .fails(69, "AWS failed on ListClusters: the endpoint answered with");
    }
    for list in [r"[null]", r#"[{"Id":"s-B"}]"#] {
        let endpoint = Endpoint::answering(move |_, _| format!("{{\"Steps\":{list}}}"));
        let ran = endpoint.run(&tools(), "wait-step", &["--emr-job-flow-id", "j-A", "s-B"]);
        ran.fails(69, "AWS failed on ListSteps: the endpoint answered with");
    }
}

#[test]
fn what_an_answer_without_its_id_may_have_started_is_looked_for_before_it_is_an_error() {
    let answer = |operation: &str, _| match operation {
        "ListClusters" => r#"{"Clusters":[]}"#,
        "ListSteps" => r#"{"Steps":[]}"#,
        "DescribeCluster" => {
            r#"{"Cluster":{"Id":"j-A","Name":"x","ReleaseLabel":"emr-7.0.0","Status":{"State":"WAITING"}}}"#
        }
        _ => "{}",
    };
    let cases: [(&str, &[&str], &str, &str); 2] = [
        ("create-job-flow", &[], "RunJobFlow", "ListClusters"),
        ("add-step", &["j-A", "--", "true"], "AddJobFlowSteps", "ListSteps"),
    ];
    for (tool, args, operation, look) in cases {
        let endpoint = Endpoint::answering(move |operation, before| answer(operation, before).to_owned());
        let ran = endpoint.run(&tools(), tool, args);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(69), ""), "{ran:?}");
        assert!(ran.stderr.contains(&format!("AWS failed on {operation}: the endpoint answered without ")), "{ran:?}");
        assert_eq!(endpoint.asked(operation), 1, "it is not made again");
        assert!(endpoint.asked(look) > 0, "{ran:?}");
    }
}

#[test]
fn a_list_whose_pages_go_in_a_circle_is_an_error() {
    for circle in 1..4 {
        let endpoint =
            Endpoint::answering(move |_, before| format!(r#"{{"Clusters":[],"Marker":"m{}"}}"#, before % circle));
        let ran = endpoint.run(&tools(), "list-job-flows", &[]);
        ran.fails(69, "AWS failed on ListClusters: the endpoint answered with the same page of a list again");
        assert_eq!(endpoint.asked("ListClusters"), circle + 1);
        let endpoint =
            Endpoint::answering(move |_, before| format!(r#"{{"Steps":[],"Marker":"m{}"}}"#, before % circle));
        endpoint
            .run(&tools(), "wait-step", &["j-A"])
            .fails(69, "AWS failed on ListSteps: the endpoint answered with the same page");
    }
}

#[test]
fn an_answer_without_end_is_an_error() {
    let endpoint = Endpoint::answering(|_, _| format!("{{{}}}", " ".repeat(20 << 20)));
    endpoint.run(&tools(), "list-job-flows", &[]).fails(69, "the endpoint answered with more than 16 MiB");
}

/// An S3 of which `list` is what it answers to lists, and nothing else is known.
fn logs_of(list: &'static str) -> Endpoint {
    Endpoint::answering(move |operation, _| match operation {
        "DescribeCluster" => {
            r#"{"Cluster":{"Id":"j-A","LogUri":"s3://bucket/logs/","Status":{"State":"TERMINATED"}}}"#.to_owned()
        }
        "ListSteps" => r#"{"Steps":[{"Id":"s-B","Status":{"State":"FAILED"}}]}"#.to_owned(),
        _ => format!("Content-Type: application/xml\r\n\r\n{list}"),
    })
}

#[test]
fn a_list_of_objects_that_is_none_is_an_error_and_not_a_job_flow_without_logs() {
    let truncated = "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>";
    let circle = "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>";
    for list in ["", "{}", "<html/>", "<ListBucketResult/>", truncated, circle] {
        let ran = logs_of(list).run(&tools(), "fetch-logs", &["--list", "j-A", "--no-ssh"]);
        ran.fails(69, "AWS failed on ListObjectsV2: ");
    }
    let empty = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
    assert_eq!(logs_of(empty).run(&tools(), "fetch-logs", &["--list", "j-A", "--no-ssh"]).code, Some(1));
}

#[test]
fn an_upload_that_nobody_confirms_is_an_error() {
    let endpoint = Endpoint::answering(|operation, _| match operation {
        "DescribeCluster" => {
            r#"{"Cluster":{"Id":"j-A","ReleaseLabel":"emr-7.0.0","Status":{"State":"WAITING"}}}"#.to_owned()
        }
        _ => "Content-Type: text/html\r\n\r\n".to_owned(),
    });
    let script = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(script.path(), "true").expect("it is written");
    let script = script.path().to_str().expect("it is text");
    let ran = endpoint.run(&tools(), "add-step", &["j-A", "--s3-scratch-uri", "s3://bucket/s/", "--script", script]);
    ran.fails(69, "AWS failed on PutObject: the endpoint answered without ETag");
    assert_eq!(endpoint.asked("AddJobFlowSteps"), 0);
}
