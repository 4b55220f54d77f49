//! What is wrong is a line that says so, whatever it is; the rest is checked all the same.

use harness::{Endpoint, Ran, Sandbox, Store, StoreAnswer};

use crate::{SCRATCH, doctor, finds, record, tools};

fn with_faults(faults: &[&str]) -> Sandbox {
    let faults: Vec<_> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
    Sandbox::start(&tools(), &faults)
}

#[test]
fn what_aws_denies_is_a_failure_that_says_which_permission() {
    for (operation, check) in
        [("ListClusters", "job flows"), ("ListObjectsV2", "scratch uri"), ("PutObject", "scratch write")]
    {
        let sandbox = with_faults(&[&format!("{operation}:deny:99")]);
        let ran = doctor(&sandbox, &[]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        finds(&ran, check, "failure", &format!("AWS denies {operation}"));
        assert!(record(&ran, check)["advice"].as_str().unwrap().contains("--print-iam-policy"));
        finds(&ran, "credentials", "ok", "user/sandbox");
    }
}

#[test]
fn roles_that_may_not_be_looked_at_are_a_warning_for_they_may_be_passed() {
    let sandbox = with_faults(&["GetRole:deny:9", "GetInstanceProfile:deny:9", "ListAttachedRolePolicies:deny:9"]);
    let ran = doctor(&sandbox, &["--no-write"]).ok();
    finds(&ran, "service role", "warning", "whether EMR_DefaultRole exists is not known: AWS denies GetRole");
    finds(&ran, "instance profile", "warning", "AWS denies GetInstanceProfile");
    finds(&ran, "tag", "warning", "whether EMR_DefaultRole wants a tag on job flows is not known");
}

#[test]
fn roles_that_do_not_exist_are_failures() {
    let sandbox = with_faults(&[]);
    let roles = [
        "--no-write",
        "--iam-service-role",
        "nobody",
        "--iam-instance-profile",
        "arn:aws:iam::1:instance-profile/none",
    ];
    let ran = doctor(&sandbox, &roles);
    assert_eq!(ran.code, Some(1));
    finds(&ran, "service role", "failure", "nobody does not exist");
    finds(&ran, "instance profile", "failure", "none does not exist");
    assert!(record(&ran, "service role")["advice"].as_str().unwrap().starts_with("aws emr create-default-roles"));
}

#[test]
fn a_role_that_emr_may_not_take_on_is_a_failure() {
    let sandbox = with_faults(&[]);
    let ran = doctor(&sandbox, &["--no-write", "--iam-service-role", "EMR_EC2_DefaultRole"]);
    finds(&ran, "service role", "failure", "its trust policy does not name elasticmapreduce.amazonaws.com");
}

#[test]
fn the_tag_that_aws_s_policies_want_is_missed() {
    let sandbox = with_faults(&[]);
    let role = ["--no-write", "--iam-service-role", "EMR_DefaultRole_V2"];
    let tag = "for-use-with-amazon-emr-managed-policies=true";
    finds(&doctor(&sandbox, &role), "tag", "warning", tag);
    let tagged = doctor(&sandbox, &[&role[..], &["--tag", tag]].concat());
    assert!(tagged.records().iter().all(|record| record["check"] != "tag"), "{tagged:?}");
}

#[test]
fn a_throttled_account_is_a_warning() {
    let sandbox = with_faults(&["ListClusters:throttle:99"]);
    let mut command = sandbox.tool("emr-doctor");
    let ran = Ran::of(command.args(["--no-conf", "--no-write"]).env("AWS_MAX_ATTEMPTS", "1")).ok();
    finds(&ran, "job flows", "warning", "AWS throttles ListClusters");
}

#[test]
fn a_bucket_that_does_not_exist_is_a_failure_and_nothing_is_written() {
    let sandbox = with_faults(&[]);
    let uris = ["--s3-scratch-uri", "s3://nowhere/x", "--s3-log-uri", "s3://nowhere-too/"];
    let ran = sandbox.run("emr-doctor", &[&["--no-conf"], &uris[..]].concat());
    assert_eq!(ran.code, Some(1));
    finds(&ran, "scratch uri", "failure", "NoSuchBucket");
    finds(&ran, "log uri", "failure", "NoSuchBucket");
    assert!(sandbox.requests("PutObject").is_empty());
}

#[test]
fn a_scratch_uri_that_is_none_is_a_failure_and_none_a_warning() {
    let sandbox = with_faults(&[]);
    let ran = sandbox.run("emr-doctor", &["--no-conf", "--s3-scratch-uri", "/tmp/x"]);
    finds(&ran, "scratch uri", "failure", "'/tmp/x' is not a place on S3");
    finds(&sandbox.run("emr-doctor", &["--no-conf"]).ok(), "scratch uri", "warning", "is not set");
}

#[test]
fn a_configuration_that_cannot_be_read_is_a_failure_and_the_rest_is_checked() {
    let sandbox = with_faults(&[]);
    let conf = sandbox.file("broken.conf", "runners: [");
    let ran = sandbox.run("emr-doctor", &["--conf-path", conf.to_str().unwrap()]);
    assert_eq!(ran.code, Some(1));
    finds(&ran, "configuration", "failure", "broken.conf");
    finds(&ran, "job flows", "ok", "can be listed");
    assert!(!ran.stdout.contains("is not set"), "the file may set it: {ran:?}");
}

#[test]
fn wrong_values_are_failures_that_name_their_place() {
    let sandbox = with_faults(&[]);
    let conf = sandbox.file("wrong.conf", "runners: {emr: {emr_tags: 7, iam_service_role: [a], s3_sse: bogus}}");
    let ran = sandbox.run("emr-doctor", &["--conf-path", conf.to_str().unwrap()]);
    assert_eq!(ran.code, Some(1));
    let all = ran.records();
    let is_wrong = |option: &str| {
        all.iter().any(|record| record["state"] == "failure" && record["found"].as_str().unwrap().contains(option))
    };
    assert!(is_wrong("emr_tags") && is_wrong("iam_service_role"), "{ran:?}");
    finds(&ran, "encryption", "warning", "bogus is no algorithm that is known");
    finds(&ran, "scratch uri", "warning", "is not set");
}

#[test]
fn a_call_without_a_clear_answer_proves_nothing_of_a_store() {
    for fault in ["PutObject:throttle:1", "PutObject:error-500:3", "PutObject:drop-response:1"] {
        let sandbox = with_faults(&[fault]);
        let ran = doctor(&sandbox, &[]).ok();
        finds(&ran, "conditional writes", "warning", "whether locks are safe is not known");
        assert_eq!(sandbox.keys(""), [""; 0], "{fault}");
    }
}

#[test]
fn only_a_denial_is_for_want_of_a_permission() {
    let store = Store::start(|_, _| Some(StoreAnswer::error(404, "NotHere", "There is nothing like that.")));
    let ran = on_store(&store);
    for check in ["job flows", "scratch uri"] {
        finds(&ran, check, "failure", "");
        assert!(!record(&ran, check)["advice"].as_str().unwrap().contains("permission"), "{ran:?}");
    }
}

#[test]
fn encryption_that_contradicts_itself_is_a_failure_that_is_said_once() {
    let sandbox = with_faults(&[]);
    let ran = doctor(&sandbox, &["--s3-sse", "AES256", "--s3-sse-kms-key-id", "alias/etl"]);
    finds(&ran, "encryption", "failure", "AES256 uses none");
    assert_eq!(ran.records().iter().filter(|record| record["state"] == "failure").count(), 1, "{ran:?}");
}

#[test]
fn without_a_region_or_with_an_unknown_profile_what_is_here_is_checked() {
    let here = |command: &mut std::process::Command| Ran::of(command.args(["--no-conf"]));
    let ran = here(&mut tools().command("emr-doctor"));
    assert_eq!(ran.code, Some(1));
    finds(&ran, "region", "failure", "no AWS region is set");
    assert!(ran.records().iter().any(|record| record["check"] == "ssh"), "{ran:?}");
    let ran = here(tools().command("emr-doctor").env("AWS_PROFILE", "nobody"));
    finds(&ran, "credentials", "failure", "the AWS profile 'nobody'");
    let ran = here(tools().command("emr-doctor").env("AWS_REGION", "us-east-1").env("AWS_ENDPOINT_URL", "nowhere"));
    finds(&ran, "endpoint", "failure", "which is not a URL");
    let ran = here(tools().command("emr-doctor").env("AWS_REGION", "no region"));
    finds(&ran, "region", "failure", "'no region' is not an AWS region");
}

#[test]
fn without_credentials_there_is_nobody_to_ask_as() {
    let sandbox = with_faults(&[]);
    let mut command = sandbox.tool("emr-doctor");
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    let ran = Ran::of(command.args(["--no-conf"]).args(SCRATCH));
    assert_eq!(ran.code, Some(1));
    finds(&ran, "credentials", "failure", "no AWS credentials were found");
    finds(&ran, "clock", "warning", "nobody told the time");
    finds(&ran, "scratch uri", "failure", "no AWS credentials were found");
    assert!(ran.records().iter().all(|record| record["check"] != "scratch write"), "it is said often enough: {ran:?}");
}

/// An endpoint of STS alone, which answers with `answer`.
fn asking(answer: impl Fn() -> String + Send + Sync + 'static) -> Ran {
    let endpoint = Endpoint::answering(move |_, _| answer());
    Ran::of(endpoint.tool(&tools(), "emr-doctor").args(["--no-conf", "--no-write"]).env("AWS_MAX_ATTEMPTS", "1"))
}

#[test]
fn a_token_that_has_expired_is_a_failure_that_says_what_to_do() {
    let expired = "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>The security token included in the request \
        is expired</Message></Error></ErrorResponse>";
    let ran = asking(move || format!("HTTP/1.1 403 Forbidden\r\nContent-Type: text/xml\r\n\r\n{expired}"));
    assert_eq!(ran.code, Some(1));
    finds(&ran, "credentials", "failure", "is expired (ExpiredToken)");
    assert_eq!(record(&ran, "credentials")["advice"], "get new session credentials, or log in again");
}

#[test]
fn a_clock_that_is_wrong_is_told_by_how_much() {
    let caller = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/ann</Arn>\
        <Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
    let at = |date: &'static str| asking(move || format!("Content-Type: text/xml\r\nDate: {date}\r\n\r\n{caller}"));
    let ran = at("Thu, 01 Jan 2099 00:00:00 GMT");
    finds(&ran, "clock", "failure", "s behind AWS's: AWS refuses what is signed by it");
    finds(&ran, "credentials", "ok", "arn:aws:iam::1:user/ann");
    finds(&ran, "endpoint", "ok", "not AWS's own");
    finds(&at("Thu, 01 Jan 2015 00:00:00 GMT"), "clock", "failure", "s ahead of AWS's");
}

/// The doctor on a store that has neither EMR, nor STS, nor IAM.
fn on_store(store: &Store) -> Ran {
    let mut command = tools().command("emr-doctor");
    Ran::of(store.point(&mut command).args(["--no-conf"]).args(SCRATCH).env("AWS_MAX_ATTEMPTS", "1"))
}

#[test]
fn a_bucket_in_another_region_is_a_warning() {
    let store = Store::start(|request, _| {
        if request.header("authorization").contains("/us-east-1/s3/") {
            return Some(StoreAnswer::redirect("eu-west-1"));
        }
        request.query.contains("list-type").then(|| StoreAnswer::list(""))
    });
    let ran = on_store(&store);
    finds(&ran, "scratch uri", "warning", "is in eu-west-1, while job flows are in us-east-1");
    finds(&ran, "conditional writes", "ok", "locks are safe");
}

#[test]
fn a_store_that_ignores_conditions_is_a_failure() {
    let store = Store::start(|request, _| {
        let is_list = request.query.contains("list-type");
        is_list.then(|| StoreAnswer::list("")).or_else(|| {
            let is_conditional = !request.header("if-none-match").is_empty() || !request.header("if-match").is_empty();
            (request.method == "PUT" && is_conditional).then(StoreAnswer::written)
        })
    });
    let ran = on_store(&store);
    assert_eq!(ran.code, Some(1));
    finds(&ran, "conditional writes", "failure", "create it again: written, not refused");
    let refusing = Store::start(|request, _| match request.method.as_str() {
        "GET" => Some(StoreAnswer::list("")),
        "PUT" => Some(StoreAnswer::error(501, "NotImplemented", "A header you provided implies functionality.")),
        _ => None,
    });
    finds(&on_store(&refusing), "conditional writes", "failure", "it does not support conditional writes");
}

#[test]
fn a_store_without_sts_is_a_warning() {
    let store = Store::start(|request, _| {
        (request.method == "POST").then(|| StoreAnswer::error(405, "MethodNotAllowed", "Not here."))
    });
    finds(&on_store(&store), "credentials", "warning", "GetCallerIdentity");
}

#[test]
fn endpoints_that_differ_are_a_warning() {
    let sandbox = with_faults(&[]);
    let at = |endpoint: &str| {
        let mut command = sandbox.tool("emr-doctor");
        command.args(["--no-conf", "--no-write"]).env("AWS_ENDPOINT_URL_S3", endpoint);
        Ran::of(&mut command).ok()
    };
    finds(&at("http://127.0.0.1:9"), "endpoint", "warning", ", S3 at http://127.0.0.1:9");
    finds(&at(&format!("{}/", sandbox.endpoint())), "endpoint", "ok", "emr-sandbox");
}
