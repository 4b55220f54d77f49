//! The policies that the doctor prints, with no network.

use harness::Ran;
use serde_json::{Value, json};

use crate::tools;

fn print(args: &[&str]) -> Ran {
    Ran::of(tools().command("emr-doctor").args(["--no-conf", "--print-iam-policy"]).args(args))
}

fn statements(ran: &Ran) -> Vec<Value> {
    let policy: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(policy["Version"], "2012-10-17");
    policy["Statement"].as_array().unwrap().clone()
}

#[test]
fn a_tool_s_policy_is_narrowed_by_options_and_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let conf = folder.path().join("mrjob.conf");
    std::fs::write(
        &conf,
        "runners: {emr: {aws_region: eu-west-1, s3_scratch_uri: s3://b/tmp/, emr_tags: {team: etl}}}",
    )
    .unwrap();
    let mut command = tools().command("emr-doctor");
    command.args(["--print-iam-policy", "terminate-idle-job-flows", "--conf-path"]).arg(&conf);
    let ran = Ran::of(&mut command).ok();
    assert_eq!(ran.stderr, "", "everything is known");
    let statements = statements(&ran);
    let of = |sid: &str| statements.iter().find(|statement| statement["Sid"] == sid).unwrap();
    assert_eq!(of("WholeAccount")["Action"], "elasticmapreduce:ListClusters");
    assert_eq!(of("JobFlows")["Condition"], json!({"StringEquals": {"aws:ResourceTag/team": "etl"}}));
    assert_eq!(of("ScratchObjects")["Resource"], "arn:aws:s3:::b/tmp/*");
    assert_eq!(of("ScratchObjects")["Action"], json!(["s3:GetObject", "s3:PutObject"]));
    assert_eq!(of("ScratchList")["Condition"], json!({"StringLike": {"s3:prefix": "tmp/*"}}));
    assert_eq!(statements.len(), 4);
}

#[test]
fn without_names_it_is_the_policy_of_all_tools_and_what_is_unknown_is_named() {
    let ran = print(&[]).ok();
    assert!(statements(&ran).iter().any(|statement| statement["Sid"] == "PassServiceRole"), "{ran:?}");
    for words in ["SCRATCH-BUCKET stands for", "DATA-BUCKET stands for", "no region is set"] {
        assert!(ran.stderr.contains(&format!("emr-doctor: warning: {words}")), "{words}: {ran:?}");
    }
    assert_eq!(print(&["-q"]).ok().stderr, "");
    let told = print(&["list-steps", "-v", "--region", "us-east-1"]).ok();
    assert_eq!(told.stderr, "", "nothing of it needs a reason");
    let told = print(&["list-job-flows", "-v"]).ok();
    assert!(
        told.stderr.contains("elasticmapreduce:ListClusters (WholeAccount): EMR lists a whole account"),
        "{told:?}"
    );
}

#[test]
fn data_and_keys_are_named_by_options() {
    let uris = ["--data-uri", "s3://in/", "--data-uri", "s3://out/jobs"];
    let ran = print(
        &[&["fetch-output"], &uris[..], &["--s3-sse-kms-key-id", "alias/etl", "--region", "cn-north-1"]].concat(),
    )
    .ok();
    let statements = statements(&ran);
    let of = |sid: &str| statements.iter().find(|statement| statement["Sid"] == sid).unwrap();
    assert_eq!(of("DataObjects")["Resource"], json!(["arn:aws-cn:s3:::in/*", "arn:aws-cn:s3:::out/jobs/*"]));
    assert_eq!(of("EncryptionKey")["Action"], "kms:Decrypt");
}

#[test]
fn what_is_no_tool_is_refused_with_a_hint() {
    let ran = print(&["find-pol"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("find-pool"), "{ran:?}");
    let ran = Ran::of(tools().command("emr-doctor").args(["--data-uri", "s3://b/"]));
    assert!(ran.code == Some(2) && ran.stderr.contains("--print-iam-policy"), "{ran:?}");
}

#[test]
fn the_region_of_the_profile_says_in_which_partition_arns_are() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    std::fs::write(&file, "[default]\nregion = us-gov-west-1\n").unwrap();
    let mut command = tools().command("emr-doctor");
    let ran =
        Ran::of(command.args(["--no-conf", "--print-iam-policy", "list-steps"]).env("AWS_CONFIG_FILE", &file)).ok();
    assert_eq!(ran.stderr, "", "the region is known");
    assert_eq!(statements(&ran)[0]["Resource"], "arn:aws-us-gov:elasticmapreduce:us-gov-west-1:*:cluster/*");
}
