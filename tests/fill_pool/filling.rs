//! Starting what is missing.

use std::thread;

use crate::account::{empty, ids, waiting};

#[test]
fn what_is_missing_is_started_and_told_with_its_cost_and_then_all_is_quiet() {
    let account = empty(&[]);
    let ran = account.fill(&["--min-idle", "2", "--num-ec2-instances", "3"]).ok();
    assert_eq!((ids(&ran).len(), account.started()), (2, 2), "{ran:?}");
    for record in ran.records() {
        assert_eq!((&record["pool_name"], &record["vcpus"]), (&"etl".into(), &12.into()), "{record}");
        assert!(record["claim"].is_null());
        let told = format!("Job flow created with ID: {}", record["job_flow_id"].as_str().unwrap());
        assert!(ran.stderr.lines().any(|line| line == told), "{ran:?}");
    }
    assert!(ran.stderr.contains("started 2 job flows: 24 vCPUs an hour; the minimum of 2 costs 24"), "{ran:?}");
    for _ in 0..2 {
        let again = account.fill(&["--min-idle", "2", "--num-ec2-instances", "3"]).ok();
        assert_eq!((again.stdout.as_str(), again.stderr.as_str()), ("", ""));
    }
    assert_eq!(account.started(), 2);
    let claimed = account.claim(&["--num-ec2-instances", "3"]);
    assert!(ids(&ran).contains(&claimed), "a job finds one at once");
}

#[test]
fn what_starts_counts_so_that_no_run_starts_it_again() {
    let account = empty(&["--provision-s", "600"]);
    for expected in [2, 0, 0] {
        assert_eq!(ids(&account.fill(&["--min-idle", "2"]).ok()).len(), expected);
    }
    let more = account.fill(&["--min-idle", "3", "-v"]).ok();
    assert_eq!((ids(&more).len(), account.started()), (1, 3));
    assert!(more.stderr.contains("has 0 free and 2 starting of a minimum of 3"), "{more:?}");
}

#[test]
fn two_crons_at_once_start_no_more_than_one_does() {
    let account = empty(&["--provision-s", "600", "--latency-ms", "20"]);
    let ran: Vec<_> = thread::scope(|scope| {
        let crons: Vec<_> = (0..6).map(|_| scope.spawn(|| account.fill(&["--min-idle", "2", "-v"]))).collect();
        crons.into_iter().map(|cron| cron.join().unwrap().ok()).collect()
    });
    assert_eq!(account.started(), 2, "{ran:?}");
    assert_eq!(ran.iter().map(|ran| ids(ran).len()).sum::<usize>(), 2);
}

#[test]
fn a_pool_takes_no_more_than_it_may_have_and_says_so() {
    let account = empty(&[]);
    let ran = account.fill(&["--min-idle", "3", "--max-job-flows-in-pool", "2"]);
    assert_eq!((ran.code, ids(&ran).len()), (Some(75), 2), "{ran:?}");
    assert!(
        ran.stderr.contains("the pool 'etl' is full with 2 job flows: 1 of a minimum of 3 cannot be started"),
        "{ran:?}"
    );
    account.fill(&["--min-idle", "3", "--max-job-flows-in-pool", "2"]).fails(75, "the pool 'etl' is full with 2");
    assert_eq!(account.started(), 2);
    // One that works counts as one of the pool.
    let _ = account.claim(&[]);
    account.fill(&["--min-idle", "2", "--max-clusters-in-pool", "2"]).fails(75, "1 of a minimum of 2");
}

#[test]
fn a_dry_run_prints_a_request_for_each_and_changes_nothing() {
    let account = waiting(&[("j-A", "", 60)], &[]);
    let dry = ["--min-idle", "3", "--dry-run"];
    let ran = account.fill(&dry).ok();
    assert_eq!(ran.records().len(), 2, "{ran:?}");
    assert!(ran.records().iter().all(|request| request["Name"].as_str().unwrap().contains("pool:etl,")));
    assert!(ran.stderr.contains("would write the minimum of the pool 'etl': 3 free job flows"), "{ran:?}");
    assert!(ran.stderr.contains("has 1 free and 0 starting of a minimum of 3; would start 2 job flows"), "{ran:?}");
    let enough = account.fill(&["--min-idle", "1", "--dry-run"]).ok();
    assert!(
        enough.stdout.is_empty() && enough.stderr.contains("has 1 free and 0 starting of a minimum of 1"),
        "{enough:?}"
    );
    account.fill(&[&dry[..], &["--max-job-flows-in-pool", "1"]].concat()).fails(75, "is full with 1 job flow");
    assert!(account.minimum().is_none() && account.started() == 0);
    let locked = account.sandbox.keys("scratch/locks/");
    assert!(locked.is_empty(), "{locked:?}");
}

#[test]
fn those_that_end_themselves_are_warned_about() {
    let account = empty(&[]);
    let ran = account.fill(&["--min-idle", "1", "--max-hours-idle", "1"]).ok();
    assert!(ran.stderr.contains("warning: each ends itself once it has been idle"), "{ran:?}");
    assert_eq!(account.fill(&["--min-idle", "1", "--max-hours-idle", "1"]).ok().stderr, "");
}

#[test]
fn the_command_line_says_how_many() {
    let account = empty(&[]);
    account.fill(&[]).fails(2, "--min-idle");
    account.fill(&["--min-idle", "0"]).fails(2, "'0'");
    account.fill(&["--min-idle", "501"]).fails(2, "501 is not in 1..=500");
    account.fill(&["--min-idle", "1", "--keep", "1m"]).fails(2, "not between 5 minutes and 7 days");
    for option in ["--no-pool-emr-job-flows", "--no-pool-clusters"] {
        let words = "--no-pool-emr-job-flows cannot be used with a tool that is about pools alone; leave it out";
        account.fill(&["--min-idle", "1", option]).fails(2, words);
    }
    account.sandbox.run("fill-pool", &["--no-conf", "--min-idle", "1"]).fails(78, "scratch URI");
    let printed = account.fill(&["--print-config"]).ok();
    assert!(printed.records().iter().any(|record| record["option"] == "emr_job_flow_pool_name"), "{printed:?}");
    assert_eq!(account.started(), 0);
}
