//! What --explain says.

use serde_json::json;

use crate::account::Account;

#[test]
fn each_job_flow_of_the_pool_is_explained_as_a_record() {
    let account = Account::new()
        .has("j-A", "--num-ec2-instances 2")
        .has("j-B", "--num-ec2-instances 9")
        .has("j-C", "--num-ec2-instances 9 --pool-name other")
        .open();
    let ran = account.asked("--num-ec2-instances 3").find(&["--explain"]).ok();
    let [small, fits] = &ran.records()[..] else { panic!("{ran:?}") };
    assert_eq!(small["job_flow_id"], "j-A");
    assert_eq!(
        (&small["matches"], &small["reasons"]),
        (
            &json!(false),
            &json!([{"check": "cpu", "wanted": "core: 2 x m5.xlarge (8 vCPU)",
            "found": "core: 1 x m5.xlarge (4 vCPU)"}])
        )
    );
    assert_eq!((&fits["job_flow_id"], &fits["matches"], &fits["reasons"]), (&json!("j-B"), &json!(true), &json!([])));
    assert_eq!(account.sandbox.requests("PutObject").len(), 0, "it claims nothing");
}

#[test]
fn all_reasons_are_told_and_not_the_first_alone() {
    let account = Account::new()
        .has("j-A", "--num-ec2-instances 3 --ec2-core-instance-bid-price 0.1 --ec2-master-instance-type m4.large")
        .with_steps(1, "PENDING")
        .open();
    account.asked("--num-ec2-instances 3").joins_none(&[("j-A", &["steps", "memory", "bid_price"])]);
}

#[test]
fn a_table_is_for_people() {
    let account = Account::new().has("j-A", "").in_state("RUNNING").open();
    let ran = account.asked("").find(&["--explain", "--output", "table"]);
    assert_eq!(ran.code, Some(1));
    let rows: Vec<_> = ran.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(rows, ["JOB FLOW STATE MATCHES BECAUSE", "j-A RUNNING no state: wanted WAITING, found RUNNING"]);
}

#[test]
fn the_claim_of_another_is_told_with_its_holder_and_not_its_token() {
    let account = Account::new().has("j-A", "").open();
    let claimed = account.asked("").find(&[]).ok().record();
    let ran = account.asked("").find(&["--explain"]);
    assert_eq!(ran.code, Some(1));
    let reason = &ran.record()["reasons"][0];
    assert_eq!(reason["check"], "claim");
    assert!(reason["found"].as_str().is_some_and(|found| found.starts_with("claimed by tester")), "{reason}");
    assert!(!ran.stdout.contains(claimed["claim"]["token"].as_str().expect("a claim has a token")));
}

#[test]
fn a_pool_without_job_flows_is_told() {
    let ran = Account::new().open().asked("").find(&["--explain"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.contains("no job flow is in the pool 'etl'"), "{ran:?}");
}

#[test]
fn to_explain_and_to_start_exclude_each_other() {
    let account = Account::new().open();
    assert_eq!(account.asked("").find(&["--explain", "--or-create"]).code, Some(2));
    assert_eq!(account.asked("").find(&["--explain", "--dry-run"]).code, Some(2));
}
