//! Several regions: their sums together and apart, without those that fail, and with an archive.

use harness::Ran;
use serde_json::{Value, json};

use crate::account::{HOUR, JobFlow, audit, group, loaded, some_day};

const BOTH: [&str; 4] = ["--region", "us-east-1", "--region", "eu-west-1"];

/// Job flows of an hour: one in us-east-1, and two in eu-west-1.
fn clusters() -> Vec<Value> {
    let flow = |id: &str, region: &str| {
        let mut cluster = JobFlow::new(id, some_day(), 600, HOUR, &[("nightly", "COMPLETED", 700, Some(800))]).json();
        cluster["Cluster"]["ClusterArn"] = json!(format!("arn:aws:elasticmapreduce:{region}:1:cluster/x"));
        cluster
    };
    vec![flow("HERE", "us-east-1"), flow("THERE1", "eu-west-1"), flow("THERE2", "eu-west-1")]
}

fn hours(ran: &Ran) -> Vec<(String, i64)> {
    let name = |record: &Value| record["group"].as_str().unwrap_or("-").to_owned();
    let mut all: Vec<_> =
        ran.records().iter().map(|record| (name(record), record["life_s"].as_i64().unwrap() / HOUR)).collect();
    all.sort();
    all
}

fn of(groups: &[(&str, i64)]) -> Vec<(String, i64)> {
    groups.iter().map(|(name, hours)| ((*name).to_owned(), *hours)).collect()
}

#[test]
fn regions_are_summed_up_together_or_each_for_itself() {
    let sandbox = loaded(&clusters(), &[]);
    assert_eq!(audit(&sandbox, &BOTH).record()["job_flows"], 3);
    let ran = audit(&sandbox, &[&BOTH[..], &["--group-by", "region"]].concat());
    assert_eq!(hours(&ran), of(&[("eu-west-1", 2), ("us-east-1", 1)]));
    assert_eq!(group(&ran.records(), "eu-west-1")["used_s"], 200);
    assert!(ran.stderr.contains("3 job flows, "), "{ran:?}");
    assert_eq!(hours(&audit(&sandbox, &["--group-by", "region"])), of(&[("us-east-1", 1)]));
}

#[test]
fn the_sums_of_the_others_are_printed_and_the_summary_says_what_failed() {
    let sandbox = loaded(&clusters(), &["--fault", "ListClusters@eu-west-1:deny:9"]);
    let page = sandbox.folder().join("usage.html");
    let args = ["--group-by", "region", "--html", page.to_str().unwrap()];
    let ran = sandbox.run("audit-usage", &[&BOTH[..], &args].concat());
    assert_eq!((ran.code, hours(&ran)), (Some(77), of(&[("us-east-1", 1)])), "{ran:?}");
    assert!(ran.stderr.contains("1 of 2 regions failed: eu-west-1\n"), "{ran:?}");
    let missing = "; incomplete, because these failed: eu-west-1";
    assert!(ran.stderr.contains(missing) && std::fs::read_to_string(page).unwrap().contains(missing), "{ran:?}");
}

#[test]
fn a_failure_within_a_region_names_it() {
    let sandbox = loaded(&clusters(), &["--fault", "ListSteps@eu-west-1:deny:9"]);
    let ran = sandbox.run("audit-usage", &[&BOTH[..], &["--group-by", "region"]].concat());
    assert_eq!((ran.code, ran.records().len()), (Some(77), 2), "{ran:?}");
    assert!(ran.stderr.contains("eu-west-1: j-THERE1: AWS denies ListSteps"), "{ran:?}");
    assert!(ran.stderr.ends_with("; incomplete, because these failed: 2 looks at job flows\n"), "{ran:?}");
}

#[test]
fn an_archive_of_all_regions_counts_for_those_that_are_asked() {
    let sandbox = loaded(&clusters(), &[]);
    let archive = sandbox.folder().join("usage.jsonl");
    let args = ["--archive", archive.to_str().unwrap(), "--group-by", "region", "-v"];
    let all = audit(&sandbox, &[&BOTH[..], &args].concat());
    let asked = sandbox.requests("ListSteps").len();
    assert_eq!(hours(&audit(&sandbox, &[&BOTH[..], &args].concat())), hours(&all));
    let here = audit(&sandbox, &args);
    assert_eq!(hours(&here), of(&[("us-east-1", 1)]));
    assert!(here.stderr.contains("2 job flows in the archive are of other regions, and do not count"), "{here:?}");
    assert_eq!(sandbox.requests("ListSteps").len(), asked, "all of them are archived");
    // Lines of before have no region, and count as they did.
    let text = std::fs::read_to_string(&archive).unwrap();
    std::fs::write(&archive, text.replace(r#""region":"eu-west-1","#, "")).unwrap();
    assert_eq!(hours(&audit(&sandbox, &args)), of(&[("-", 2), ("us-east-1", 1)]));
}

#[test]
fn two_profiles_of_one_account_count_its_job_flows_once() {
    let sandbox = loaded(&clusters(), &[]);
    let keys = "aws_access_key_id = A\naws_secret_access_key = B\n";
    let config = sandbox.file("config", format!("[profile a]\n{keys}[profile b]\n{keys}"));
    let mut command = sandbox.tool("audit-usage");
    let args = [&BOTH[..], &["--group-by", "region", "--profile", "a", "--profile", "b"]].concat();
    let ran = Ran::of(command.args(args).env("AWS_CONFIG_FILE", config)).ok();
    assert_eq!(hours(&ran), of(&[("eu-west-1", 2), ("us-east-1", 1)]));
    let said = "two profiles lead to one account: 3 of the listed job flows count once";
    assert!(ran.stderr.contains(said), "{ran:?}");
    assert_eq!(sandbox.requests("ListSteps").len(), 3, "each is looked at once");
}
