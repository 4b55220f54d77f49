//! What mrjob.conf says of pools.

use crate::account::{Account, Open};

fn configured(yaml: &str) -> Open {
    let account = Account::new().open();
    let scratch = "s3_scratch_uri: s3://bucket/scratch/";
    account.sandbox.file("mrjob.conf", format!("runners:\n  emr:\n    {scratch}\n{yaml}"));
    account
}

const CONF: [&str; 2] = ["--conf-path", "mrjob.conf"];

/// Starts a job flow as mrjob.conf says, and returns its id.
fn start(account: &Open) -> String {
    let create = [&CONF[..], &["-q", "--output", "id"]].concat();
    let mut command = account.sandbox.tool("create-job-flow");
    harness::Ran::of(command.args(create)).ok().stdout.trim_end().to_owned()
}

#[test]
fn who_has_the_same_configuration_shares_a_pool() {
    let account = configured(
        "    pool_emr_job_flows: true
    emr_job_flow_pool_name: my etl, daily
    num_ec2_instances: 3
    ec2_core_instance_bid_price: 0.10
    applications: [Spark]
",
    );
    let job_flow = start(&account);
    account.asked_for(&CONF).joins(&job_flow);
    let cheaper = [&CONF[..], &["--ec2-core-instance-bid-price", "0.05"]].concat();
    account.asked_for(&cheaper).joins(&job_flow);
    let dearer = [&CONF[..], &["--ec2-core-instance-bid-price", "0.11"]].concat();
    account.asked_for(&dearer).joins_none(&[(&job_flow, &["bid_price"])]);
    let elsewhere = [&CONF[..], &["--pool-name", "other"]].concat();
    account.asked_for(&elsewhere).joins_none(&[]);
}

#[test]
fn later_names_of_the_options_are_understood() {
    let account = configured("    pool_clusters: true\n    pool_name: etl\n    num_core_instances: 2\n");
    let job_flow = start(&account);
    account.asked_for(&CONF).joins(&job_flow);
    account.asked("--num-ec2-instances 3").joins(&job_flow);
}

#[test]
fn how_long_to_wait_and_how_many_there_may_be_stand_in_it() {
    let account = configured("    pool_clusters: true\n    pool_wait_minutes: 0.02\n    max_clusters_in_pool: 1\n");
    let job_flow = start(&account);
    let claimed = account.asked_for(&CONF).find(&["--ttl", "600"]).ok().record();
    assert_eq!(claimed["job_flow_id"], job_flow.as_str());
    let ran = account.asked_for(&CONF).find(&["--or-create", "-v"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(75), ""), "{ran:?}");
    assert!(ran.stderr.contains("1 claimed by others; looking again"), "{ran:?}");
}
