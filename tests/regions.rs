//! Several regions and accounts: what is printed says where it is, and what reads that acts there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::process::Command;

use harness::{Ran, Sandbox, Tools};
use serde_json::json;

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

fn tools() -> Tools {
    Tools::beside(SANDBOX)
}

fn sandbox(faults: &[&str]) -> Sandbox {
    let faults: Vec<_> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
    Sandbox::start(&tools(), &faults)
}

/// Runs `line` in a shell that finds the tools, against `sandbox`.
fn shell(sandbox: &Sandbox, line: &str) -> Ran {
    let mut command = Command::new("bash");
    command.args(["-c", line]).env_clear().env("HOME", "/nonexistent").env("PATH", tools().path(&[]));
    Ran::of(sandbox.point(&mut command))
}

/// A job flow in us-east-1, which is the region of the environment, and one in eu-west-1.
fn two(sandbox: &Sandbox) -> [String; 2] {
    [sandbox.job_flow(&[]), sandbox.job_flow(&["--region", "eu-west-1"])]
}

/// The job flows in the records that `ran` printed, each with its region.
fn places(ran: &Ran) -> BTreeSet<(String, String)> {
    let text = |record: &serde_json::Value, key: &str| record[key].as_str().unwrap_or("-").to_owned();
    ran.records().iter().map(|record| (text(record, "job_flow_id"), text(record, "region"))).collect()
}

fn in_both(ids: &[String; 2]) -> BTreeSet<(String, String)> {
    [(ids[0].clone(), "us-east-1".to_owned()), (ids[1].clone(), "eu-west-1".to_owned())].into()
}

fn state(sandbox: &Sandbox, region: &str, id: &str) -> String {
    let described = sandbox.answer_in(region, "DescribeCluster", &json!({"ClusterId": id}));
    described["Cluster"]["Status"]["State"].as_str().unwrap().to_owned()
}

#[test]
fn records_say_their_region_and_a_table_only_where_regions_differ() {
    let sandbox = sandbox(&[]);
    let ids = two(&sandbox);
    let both = ["--region", "us-east-1", "--region", "eu-west-1"];
    let ran = sandbox.run("list-job-flows", &both).ok();
    assert_eq!((places(&ran), ran.stderr.as_str()), (in_both(&ids), ""));
    assert_eq!(sandbox.run("list-job-flows", &[]).ok().record()["region"], "us-east-1");
    assert_eq!(sandbox.requests("ListClusters").len(), 3, "one call for each region");
    let table = |args: &[&str]| sandbox.run("list-job-flows", &[args, &["--output", "table"]].concat()).ok().stdout;
    assert!(table(&both).starts_with("JOB FLOW") && table(&both).contains("REGION"));
    assert!(!table(&both[..2]).contains("REGION"));
    // Idle times are asked for in each region, too.
    let idle = sandbox.run("list-job-flows", &[&both[..], &["--idle", "--size"]].concat()).ok();
    assert!(idle.records().iter().all(|record| record["idle_s"].is_u64()), "{idle:?}");
}

#[test]
fn one_region_that_fails_does_not_stop_the_others_and_shows_in_the_exit_code() {
    let sandbox = sandbox(&["ListClusters@eu-west-1:deny:2", "ListClusters@ap-east-1:not-enabled:9"]);
    let ids = two(&sandbox);
    let here = BTreeSet::from([(ids[0].clone(), "us-east-1".to_owned())]);
    let ran = sandbox.run("list-job-flows", &["--region", "all", "-v"]);
    assert_eq!((ran.code, places(&ran)), (Some(77), here.clone()), "{ran:?}");
    assert!(ran.stderr.contains("eu-west-1: AWS denies ListClusters"), "{ran:?}");
    assert!(ran.stderr.contains("1 of 33 regions failed: eu-west-1\n"), "{ran:?}");
    assert!(ran.stderr.contains("not enabled for the account, and passed over: ap-east-1\n"), "{ran:?}");
    let asked: BTreeSet<_> = sandbox.requests("ListClusters").iter().map(|one| one["region"].to_string()).collect();
    assert_eq!(asked.len(), 33, "{asked:?}");
    // One that is asked for by its name is expected to be there.
    let ran = sandbox.run("list-job-flows", &["--region", "ap-east-1", "--region", "us-east-1"]);
    assert_eq!((ran.code, places(&ran)), (Some(77), here));
    assert!(ran.stderr.contains("1 of 2 regions failed: ap-east-1\n"), "{ran:?}");
    sandbox.run("list-job-flows", &["--region", "eu-west-1"]).fails(77, "list-job-flows: AWS denies ListClusters");
    let ran = sandbox.run("list-job-flows", &["--region", "all"]).ok();
    assert_eq!((places(&ran), ran.stderr.as_str()), (in_both(&ids), ""));
}

#[test]
fn wrong_credentials_are_wrong_in_all_regions_and_said_once() {
    let sandbox = sandbox(&["ListClusters:not-enabled:99"]);
    let ran = sandbox.run("list-job-flows", &["--region", "all"]);
    ran.fails(77, "AWS denies ListClusters: The security token included in the request is invalid");
    assert_eq!(ran.stderr.matches("security token").count(), 1, "{ran:?}");
    assert!(ran.stderr.contains("17 of 33 regions failed"), "{ran:?}");
}

#[test]
fn a_record_is_acted_on_in_its_region() {
    let sandbox = sandbox(&[]);
    let ids = two(&sandbox);
    let list = "list-job-flows --region eu-west-1 --region us-east-1";
    let added = shell(&sandbox, &format!("for id in {}; do {list} | grep $id | add-step -- true; done", ids.join(" ")));
    assert_eq!(places(&added.ok()), in_both(&ids));
    for line in [
        "wait-job-flow < all",
        "describe-job-flow < all",
        "list-steps < all",
        "wait-step < all",
        "list-steps < all | tee steps | fetch-logs --list > /dev/null; fetch-output < steps > /dev/null; cat steps",
        "list-steps < all | tee steps | cancel-step > /dev/null; cat steps",
        "ssh-nodes < all > /dev/null; list-steps < all",
        "terminate-job-flow --dry-run < all",
        "terminate-job-flow < all",
    ] {
        let ran = shell(&sandbox, &format!("{list} > all; {line}"));
        assert_eq!(places(&ran), in_both(&ids), "{line}: {ran:?}");
    }
    let asked = sandbox.all_requests();
    let refused: Vec<_> = asked.iter().filter(|one| one["service"] == "emr" && one["status"] != 200).collect();
    assert!(refused.is_empty(), "nothing is asked in another region: {refused:?}");
    assert_eq!(state(&sandbox, "us-east-1", &ids[0]), "TERMINATED");
    assert_eq!(state(&sandbox, "eu-west-1", &ids[1]), "TERMINATED");
}

#[test]
fn a_pipeline_that_begins_elsewhere_stays_there() {
    let sandbox = sandbox(&[]);
    let line =
        "set -o pipefail; create-job-flow --region eu-west-1 | add-step -- sh -c 'test $AWS_REGION = eu-west-1' |
        wait-step | tee step | fetch-logs --cause; terminate-job-flow < step";
    let record = shell(&sandbox, line).ok().record();
    assert_eq!(record["region"], "eu-west-1");
    assert!(
        sandbox.all_requests().iter().filter(|one| one["service"] == "emr").all(|one| one["region"] == "eu-west-1")
    );
    // A pooled job flow and the claim on it, without any region in the environment.
    let pool = "--pool-name etl --s3-scratch-uri s3://bucket/scratch/";
    let line = format!(
        "unset AWS_REGION AWS_DEFAULT_REGION; set -o pipefail
        find-pool --or-create --region eu-west-1 {pool} | add-step -- true | wait-step"
    );
    assert_eq!(shell(&sandbox, &line).ok().record()["region"], "eu-west-1");
}

#[test]
fn the_command_that_waits_on_does_so_where_the_job_flow_is() {
    let sandbox = sandbox(&[]);
    shell(&sandbox, "create-job-flow --region eu-west-1 | add-step -- sleep 600 > step").ok();
    for tool in ["wait-step", "wait-job-flow --until ended"] {
        let ran = shell(&sandbox, &format!("{tool} --timeout 0 < step"));
        let again = ran
            .stderr
            .split('\'')
            .find(|words| words.starts_with(&format!("{tool} ")))
            .unwrap_or_else(|| panic!("{ran:?}"));
        assert!(again.ends_with(" --region eu-west-1"), "{ran:?}");
        let ran = shell(&sandbox, &format!("{again} --timeout 0"));
        assert_eq!((ran.code, &ran.record()["region"]), (Some(124), &json!("eu-west-1")), "{ran:?}");
    }
}

#[test]
fn what_is_advised_is_for_where_the_job_flow_is_and_for_the_account_that_was_typed() {
    let sandbox = sandbox(&[]);
    let id = sandbox.job_flow(&["--region", "eu-west-1", "--termination-protected"]);
    let record = |more: &str| format!(r#"{{"job_flow_id":"{id}","region":"eu-west-1"{more}}}"#);
    let failed = record(r#","step_id":"s-A","state":"FAILED""#);
    for (line, advised) in [
        (
            format!("echo '{}' | cancel-step", record("")),
            format!("'list-steps --state PENDING,RUNNING {id} --region eu-west-1 | cancel-step'"),
        ),
        (
            format!("cancel-step {id} --region eu-west-1 --no-conf"),
            format!(
                "'list-steps --state PENDING,RUNNING {id} --region eu-west-1 --no-conf | \
                 cancel-step --region eu-west-1 --no-conf'"
            ),
        ),
        (
            format!("echo '{failed}' | fetch-output"),
            format!("'fetch-logs --cause --emr-job-flow-id {id} s-A --region eu-west-1' says why"),
        ),
        (
            format!("echo '{}' | terminate-job-flow", record("")),
            format!(
                "'aws emr modify-cluster-attributes --no-termination-protected --cluster-id {id} --region eu-west-1'"
            ),
        ),
    ] {
        let ran = shell(&sandbox, &line);
        assert!(ran.code != Some(0) && ran.stderr.contains(&advised), "{line}: {ran:?}");
    }
}

#[test]
fn what_the_aws_cli_prints_has_its_region_in_the_arn() {
    let sandbox = sandbox(&[]);
    let [here, there] = two(&sandbox);
    let answers = ["us-east-1", "eu-west-1"].map(|region| sandbox.answer_in(region, "ListClusters", &json!({})));
    let stdin = answers.map(|answer| answer.to_string()).concat();
    let ran = Ran::with_stdin(&mut sandbox.tool("terminate-job-flow"), &stdin).ok();
    assert_eq!(places(&ran), in_both(&[here, there]));
}

#[test]
fn records_that_contradict_the_command_line_or_one_another_are_refused_before_anything_is_done() {
    let sandbox = sandbox(&[]);
    let ids = two(&sandbox);
    let record = |id: &str, more: &str| format!(r#"{{"job_flow_id":"{id}",{more}}}"#);
    let there = record(&ids[1], r#""region":"eu-west-1""#);
    let run = |args: &[&str], stdin: &str| Ran::with_stdin(sandbox.tool("terminate-job-flow").args(args), stdin);
    run(&["--region", "us-east-1"], &there)
        .fails(2, "is of eu-west-1, and --region says us-east-1; leave out --region");
    run(&[], &(there.clone() + &record(&ids[1], r#""region":"us-east-1""#)))
        .fails(2, "is said to be both eu-west-1 and");
    run(&[], &record(&ids[0], r#""region":"x.example.com/""#)).fails(2, "is not an AWS region");
    run(&["--region", "all"], &ids[0]).fails(78, "'all' is no region; list-job-flows, audit-usage, report-long-jobs");
    assert_eq!(sandbox.requests("DescribeCluster").len(), 0);
    assert_eq!(places(&run(&["--region", "eu-west-1"], &there).ok()).len(), 1);
}

#[test]
fn accounts_are_told_apart_by_their_profiles_and_a_run_acts_in_one() {
    let sandbox = sandbox(&[]);
    let ids = two(&sandbox);
    let keys = "aws_access_key_id = A\naws_secret_access_key = B\n";
    let config = format!("[profile a]\nregion = us-east-1\n{keys}[profile b]\nregion = eu-west-1\n{keys}");
    let config = sandbox.file("config", config).display().to_string();
    let run = |line: &str| {
        let unset = "unset AWS_REGION AWS_DEFAULT_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY";
        shell(&sandbox, &format!("{unset}; export AWS_CONFIG_FILE={config}; {line}"))
    };
    let ran = run("list-job-flows --profile a --profile b");
    assert_eq!((ran.code, places(&ran)), (Some(0), in_both(&ids)), "{ran:?}");
    let profiles: BTreeSet<_> = ran.records().iter().map(|record| record["profile"].to_string()).collect();
    assert_eq!(profiles, ["\"a\"", "\"b\""].map(str::to_owned).into());
    let ran = run("list-job-flows --profile a --profile nobody --profile b");
    assert_eq!((ran.code, places(&ran)), (Some(77), in_both(&ids)), "{ran:?}");
    assert!(ran.stderr.contains("the profile nobody: the AWS profile 'nobody' is neither in"), "{ran:?}");
    // Another account is not acted on by mistake.
    run("list-job-flows --profile a --profile b | terminate-job-flow")
        .fails(2, "the profiles a and b, and a run acts in");
    assert_eq!(sandbox.requests("TerminateJobFlows").len(), 0);
    let ran = run("list-job-flows --profile a --profile b | grep '\"b\"' | terminate-job-flow").ok();
    assert_eq!((ran.record()["job_flow_id"].as_str(), ran.record()["profile"].as_str()), (Some(&*ids[1]), Some("b")));
    // Somebody may look with fewer rights than they act with.
    let ran = run("list-job-flows --profile a | terminate-job-flow --profile b").ok();
    assert_eq!((ran.record()["region"].as_str(), ran.record()["profile"].as_str()), (Some("us-east-1"), Some("b")));
}
