//! terminate-idle-job-flows beside a minimum.

use std::collections::BTreeSet;
use std::thread;

use crate::account::{Account, set, waiting};

/// Four that have been idle for hours, of two sizes.
fn four() -> Account {
    let flows = [
        ("j-BIG", "--num-ec2-instances 9", 300),
        ("j-OLD", "--num-ec2-instances 4", 240),
        ("j-MID", "--num-ec2-instances 4", 180),
        ("j-NEW", "--num-ec2-instances 4", 120),
    ];
    waiting(&flows, &[])
}

const FOUR: [&str; 2] = ["--num-ec2-instances", "4"];

#[test]
fn a_sweep_leaves_the_smallest_and_oldest_and_says_why() {
    let account = four();
    let ran = account.fill(&[&["--min-idle", "2"], &FOUR[..]].concat()).ok();
    assert_eq!((ran.stdout.as_str(), account.started()), ("", 0));
    let ended = set(&["j-BIG", "j-NEW"]);
    assert_eq!(account.sweep(&["--dry-run"]), ended);
    let explained = account.swept(&["--explain"]).ok().records();
    let ends = |record: &&serde_json::Value| record["terminates"] == true;
    let would: BTreeSet<_> =
        explained.iter().filter(ends).map(|record| record["job_flow_id"].as_str().unwrap()).collect();
    assert_eq!(would, BTreeSet::from(["j-BIG", "j-NEW"]));
    let swept = account.swept(&["-v"]).ok();
    assert_eq!(crate::account::ids(&swept), ended);
    let why = "j-OLD is left alone: kept by the minimum of the pool 'etl', which is 2";
    assert!(swept.stderr.contains(why), "{swept:?}");
    assert_eq!(account.sweep(&[]), set(&[]), "those that are kept stay");
    assert_eq!(account.fill(&[&["--min-idle", "2"], &FOUR[..]].concat()).ok().stdout, "", "nothing is missing");
}

#[test]
fn one_that_is_claimed_or_too_small_is_none_of_those_that_are_kept() {
    let account = four();
    let _ = account.fill(&["--min-idle", "1", "--num-ec2-instances", "9"]).ok();
    assert_eq!(account.sweep(&["--dry-run"]), set(&["j-OLD", "j-MID", "j-NEW"]), "j-BIG alone is large enough");
    let _ = account.fill(&[&["--min-idle", "1"], &FOUR[..]].concat()).ok();
    assert_eq!(account.sweep(&["--dry-run"]), set(&["j-BIG", "j-MID", "j-NEW"]));
    let hold = ["acquire", "--no-conf", "s3://bucket/scratch/locks/job-flows/j-OLD"];
    let _ = account.sandbox.run("s3-lock", &hold).ok();
    assert_eq!(account.sweep(&[]), set(&["j-BIG", "j-NEW"]), "j-OLD is claimed, and j-MID is kept");
}

#[test]
fn of_several_sweeps_at_once_none_ends_what_another_keeps() {
    let flows: Vec<_> = (0..4).map(|number| (format!("j-{number}"), 100 + number)).collect();
    let flows: Vec<_> = flows.iter().map(|(id, minutes)| (id.as_str(), "", *minutes)).collect();
    let account = waiting(&flows, &["--latency-ms", "5"]);
    let _ = account.fill(&["--min-idle", "1"]).ok();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| drop(account.swept(&[]).ok()));
        }
    });
    // A sweep leaves a job flow alone while another has the lock of its pool.
    let _ = account.sweep(&[]);
    assert_eq!(account.sweep(&[]), set(&[]));
    assert_eq!(account.sandbox.run("list-job-flows", &["--no-idle"]).ok().records().len(), 1);
}

#[test]
fn the_lock_of_the_pool_keeps_a_sweep_from_its_job_flows() {
    let account = four();
    let _ = account.fill(&[&["--min-idle", "1"], &FOUR[..]].concat()).ok();
    let _ = account.sandbox.run("s3-lock", &["acquire", "--no-conf", "s3://bucket/scratch/locks/pools/etl"]).ok();
    let swept = account.swept(&["-v"]).ok();
    assert_eq!(swept.stdout, "");
    assert!(swept.stderr.contains("j-NEW is left alone: another run has the lock of its pool 'etl'"), "{swept:?}");
}

#[test]
fn a_pool_costs_one_request_however_many_job_flows_it_has_and_an_account_without_pools_none() {
    let account = four();
    let reads = || account.sandbox.requests("GetObject").len();
    let _ = account.sweep(&["--dry-run"]);
    assert_eq!(reads(), 4 + 1, "four locks, and the minimum that is not there");
    let plain = waiting(&[], &[]);
    let _ = plain.sandbox.job_flow(&[]);
    let swept = plain.sandbox.run("terminate-idle-job-flows", &["--no-conf", "--max-hours-idle", "0", "--dry-run"]);
    assert_eq!((swept.code, plain.sandbox.requests("GetObject").len()), (Some(0), 0));
}

#[test]
fn what_a_minimum_keeps_is_not_listed_as_idle() {
    let account = four();
    let _ = account.fill(&[&["--min-idle", "2"], &FOUR[..]].concat()).ok();
    let listed = account.sandbox.run("list-job-flows", &["--no-conf", "--idle"]).ok().records();
    let kept = listed.iter().filter(|record| record["busy_because"] == "minimum");
    let kept: BTreeSet<_> = kept.map(|record| record["job_flow_id"].as_str().unwrap()).collect();
    assert_eq!(kept, BTreeSet::from(["j-MID", "j-OLD"]));
    assert!(listed.iter().all(|record| record["free"] == true && record["idle_s"].is_u64()), "{listed:?}");
    let gauges = account.sandbox.run("list-job-flows", &["--no-conf", "--output", "prometheus"]).ok().stdout;
    assert!(gauges.lines().any(|line| line.starts_with("emr_idle_job_flows{pool=\"etl\"") && line.ends_with(" 2")));
}

#[test]
fn a_minimum_that_is_kept_costs_one_count_however_many_job_flows_it_keeps() {
    let account = four();
    let _ = account.fill(&[&["--min-idle", "3"], &FOUR[..]].concat()).ok();
    let lists = || account.sandbox.requests("ListClusters").len();
    let before = lists();
    assert_eq!(account.sweep(&[]), set(&["j-BIG"]));
    // Waiting and running ones, the kept ones, and again under the lock before the one end.
    assert_eq!(lists() - before, 4);
    assert_eq!(account.sweep(&[]), set(&[]));
    assert_eq!(lists() - before, 4 + 3, "nothing ends, so nothing is counted again");
}

#[test]
fn a_minimum_is_of_its_region_even_where_regions_share_a_scratch_uri() {
    let account = four();
    let there = ["--min-idle", "2", "--region", "eu-west-1", "--num-ec2-instances", "4"];
    assert_eq!(account.fill(&there).ok().records().len(), 2, "none is free there");
    let key = account.minimum().unwrap().0;
    assert!(key.ends_with("/eu-west-1"), "{key}");
    assert_eq!(account.sweep(&["--dry-run"]).len(), 4, "what is kept there is no use here");
    let listed = account.sandbox.run("list-job-flows", &["--no-conf", "--idle"]).ok().records();
    assert!(listed.iter().all(|record| record.get("busy_because").is_none()), "{listed:?}");
    let _ = account.fill(&[&["--min-idle", "1"], &FOUR[..]].concat()).ok();
    assert_eq!(account.sweep(&["--dry-run"]), set(&["j-BIG", "j-MID", "j-NEW"]));
    let _ = account.fill(&[&["--forget"], &FOUR[..]].concat()).ok();
    let left = account.minimum().unwrap();
    assert!(left.0.ends_with("/us-east-1") && left.1.get("wanted").is_none(), "{left:?}");
}

#[test]
fn a_minimum_that_cannot_be_read_is_said_once_for_all_job_flows_of_its_pool() {
    let account = four();
    let _ = account.fill(&[&["--min-idle", "1"], &FOUR[..]].concat()).ok();
    let key = account.minimum().unwrap().0;
    account.sandbox.put(&key, &account.sandbox.file("damaged", "{"));
    let ran = account.sandbox.run("list-job-flows", &["--no-conf", "--idle"]);
    assert_eq!((ran.code, ran.stderr.lines().count(), ran.records().len()), (Some(78), 1, 4), "{ran:?}");
    assert!(ran.stderr.contains("not the minimum of a pool"), "{ran:?}");
    assert!(ran.records().iter().all(|record| record.get("idle_s").is_none()), "{ran:?}");
    let ran = account.sandbox.run("list-job-flows", &["--no-conf", "--output", "prometheus"]);
    assert_eq!((ran.code, ran.stderr.lines().count()), (Some(78), 1), "{ran:?}");
    let unknown = |line: &str| line.starts_with("emr_unknown_job_flows{pool=\"etl\"") && line.ends_with(" 4");
    assert!(ran.stdout.lines().any(unknown), "{ran:?}");
}
