//! The object of the minimum: written, renewed, damaged and taken back.

use crate::account::{empty, failed, set, waiting};

#[test]
fn the_minimum_is_written_once_and_again_when_it_changes() {
    let account = waiting(&[("j-A", "", 9), ("j-B", "", 9)], &[]);
    let first = account.fill(&["--min-idle", "1", "--at", "0-24"]).ok();
    assert!(
        first.stderr.contains("writing the minimum of the pool 'etl': 1 free job flow at '0-24' (UTC)"),
        "{first:?}"
    );
    let (key, object) = account.minimum().unwrap();
    assert!(key.starts_with("scratch/locks/minimums/etl/"), "{key}");
    assert_eq!((&object["v"], &object["wanted"]["min_idle"]), (&1.into(), &1.into()), "{object}");
    assert_eq!(object["spans"].as_array().unwrap().len(), 1, "{object}");
    assert!(object["written_by"].as_str().unwrap().starts_with("tester@"), "{object}");
    assert_eq!(account.fill(&["--min-idle", "1", "--at", "0-24"]).ok().stderr, "");
    assert_eq!(account.minimum().unwrap().1, object, "it need not be renewed yet");
    let more = account.fill(&["--min-idle", "2"]).ok();
    assert!(more.stderr.contains("2 free job flows; it was 1 free job flow at '0-24' (UTC), by tester@"), "{more:?}");
    assert_eq!(account.minimum().unwrap().1["wanted"]["min_idle"], 2);
}

#[test]
fn the_name_of_a_pool_is_one_word_of_the_key() {
    let account = empty(&[]);
    let pool = ["--no-conf", "--pool-name", "../a b", "--s3-scratch-uri", "s3://bucket/scratch/", "--min-idle", "1"];
    let _ = account.sandbox.run("fill-pool", &pool).ok();
    assert!(account.minimum().unwrap().0.starts_with("scratch/locks/minimums/..=2Fa=20b/"));
}

#[test]
fn what_is_taken_back_is_told_and_nothing_is_kept_any_more() {
    let account = waiting(&[("j-A", "", 120), ("j-B", "", 120)], &[]);
    let _ = account.fill(&["--min-idle", "2"]).ok();
    assert_eq!(account.sweep(&[]), set(&[]));
    let dry = account.fill(&["--forget", "--dry-run"]).ok();
    assert!(
        dry.stderr.contains("would take back the minimum of the pool 'etl': it was 2 free job flows, by tester@"),
        "{dry:?}"
    );
    assert_eq!(account.sweep(&[]), set(&[]));
    let forgotten = account.fill(&["--min-idle", "2", "--at", "8-18", "--keep", "1h", "--forget"]).ok();
    assert!(forgotten.stderr.contains("took back the minimum of the pool 'etl': it was 2"), "{forgotten:?}");
    let again = account.fill(&["--forget"]);
    assert_eq!((again.code, again.stdout.as_str()), (Some(1), ""), "{again:?}");
    assert!(again.stderr.contains("has no minimum for such job flows"), "{again:?}");
    assert_eq!(account.sweep(&[]), set(&["j-A", "j-B"]));
    assert_eq!(account.started(), 0);
}

#[test]
fn a_damaged_minimum_is_an_error_until_it_is_taken_back() {
    let account = waiting(&[("j-A", "", 120), ("j-B", "", 120)], &[]);
    let _ = account.fill(&["--min-idle", "1"]).ok();
    let key = account.minimum().unwrap().0;
    let large = " ".repeat((1 << 20) + 1);
    for damaged in ["{", r#"{"v":1}"#, "[]", "", &large] {
        account.sandbox.put(&key, &account.sandbox.file("damaged", damaged));
        let filled = account.fill(&["--min-idle", "1"]);
        filled.fails(78, "not the minimum of a pool");
        let advice = "fill-pool --forget with the options of its line takes it away";
        assert!(filled.stderr.contains(advice), "{filled:?}");
        let swept = account.swept(&["-q"]);
        swept.fails(78, "not the minimum of a pool");
        assert_eq!(swept.stderr.lines().count(), 1, "it is said once: {swept:?}");
    }
    assert_eq!(account.fill(&["--forget"]).ok().stdout, "");
    let _ = account.fill(&["--min-idle", "1"]).ok();
    assert_eq!(account.sweep(&[]).len(), 1);
    assert_eq!(account.started(), 0);
}

#[test]
fn the_minimum_of_newer_tools_is_not_taken_back() {
    let account = waiting(&[("j-A", "", 120)], &[]);
    let _ = account.fill(&["--min-idle", "1"]).ok();
    let key = account.minimum().unwrap().0;
    account.sandbox.put(&key, &account.sandbox.file("newer", r#"{"v":9}"#));
    for options in [&["--min-idle", "1"][..], &["--forget"]] {
        account.fill(options).fails(78, "use newer tools");
        assert_eq!(account.minimum().unwrap().1["v"], 9);
    }
}

#[test]
fn two_lines_of_cron_that_keep_two_minimums_are_told_even_quietly() {
    let account = waiting(&[("j-A", "", 9), ("j-B", "", 9)], &[]);
    let (two, one) = (["-q", "--min-idle", "2"], ["-q", "--min-idle", "1", "--at", "0-24"]);
    for line in [&two[..], &one] {
        assert_eq!(account.fill(line).ok().stderr, "", "each may have changed its mind");
    }
    let again = account.fill(&two);
    again.fails(
        78,
        "this run's minimum of the pool 'etl', 2 free job flows, was replaced by another run's, and now replaces",
    );
    let other = again.stderr.split_once(" and now replaces that of tester@").unwrap().1;
    assert!(other.contains(", 1 free job flow at '0-24' (UTC); if two lines of cron do this, keep one"), "{again:?}");
    assert_eq!(account.minimum().unwrap().1["wanted"]["min_idle"], 2, "the last run counts");
    account.fill(&[&one[..], &["--dry-run"]].concat()).fails(78, "and would now replace that of tester@");
    account.fill(&one).fails(78, "and now replaces that of tester@");
    assert_eq!(account.fill(&one).ok().stderr, "", "nothing is replaced any more");
    // Whoever takes it back may write what he wants.
    let _ = account.fill(&["--forget"]).ok();
    assert_eq!(account.fill(&two).ok().stderr, "");
}

#[test]
fn a_run_that_replaces_a_minimum_again_does_its_work_and_tells_both_errors() {
    let account = waiting(&[("j-A", "", 9)], &[]);
    for min_idle in ["3", "1"] {
        let _ = account.fill(&["--min-idle", min_idle, "--max-job-flows-in-pool", "1"]);
    }
    let ran = account.fill(&["-q", "--min-idle", "3", "--max-job-flows-in-pool", "2"]);
    assert_eq!((ran.code, account.started()), (Some(78), 1), "{ran:?}");
    assert!(ran.stderr.contains("and now replaces that of tester@"), "{ran:?}");
    assert!(ran.stderr.contains("the pool 'etl' is full with 2 job flows"), "{ran:?}");
}

#[test]
fn two_lines_that_fight_over_a_pool_that_fails_to_come_up_are_told() {
    let account = failed(&[("j-LAST", 60, 20)], &[]);
    for min_idle in ["2", "1"] {
        account.fill(&["--min-idle", min_idle]).fails(75, "failed to come up");
    }
    let again = account.fill(&["-q", "--min-idle", "2"]);
    again.fails(78, "and now replaces that of tester@");
    assert!(again.stderr.contains("failed to come up"), "{again:?}");
}

#[test]
fn a_failure_that_no_later_run_gets_over_keeps_its_code_beside_a_fight() {
    let account = waiting(&[("j-A", "", 9)], &["--fault", "RunJobFlow:deny:9"]);
    account.fill(&["--min-idle", "2"]).fails(77, "RunJobFlow");
    let _ = account.fill(&["--min-idle", "1"]).ok();
    let again = account.fill(&["-q", "--min-idle", "2"]);
    again.fails(77, "RunJobFlow");
    assert!(again.stderr.contains("and now replaces that of tester@"), "{again:?}");
}

#[test]
fn of_three_lines_that_fight_each_is_told() {
    let account = waiting(&[("j-A", "", 9), ("j-B", "", 9), ("j-C", "", 9)], &[]);
    for min_idle in ["1", "2", "3"] {
        let _ = account.fill(&["--min-idle", min_idle]).ok();
    }
    for min_idle in ["1", "2", "3"] {
        account.fill(&["-q", "--min-idle", min_idle]).fails(78, "and now replaces that of tester@");
    }
}

#[test]
fn minimums_of_one_number_are_told_apart_by_what_differs() {
    let account = waiting(&[("j-A", "--num-ec2-instances 4", 9)], &[]);
    let _ = account.fill(&["--min-idle", "1", "--keep", "1h"]).ok();
    let longer = account.fill(&["--min-idle", "1"]).ok();
    let words = "1 free job flow, with --keep 3h; it was 1 free job flow, with --keep 1h, by tester@";
    assert!(longer.stderr.contains(words), "{longer:?}");
    let _ = account.fill(&["--min-idle", "1", "--num-ec2-instances", "3"]).ok();
    let again = account.fill(&["-q", "--min-idle", "1"]);
    again.fails(78, "1 free job flow, each of 1 x m5.xlarge (master), was replaced by another run's");
    assert!(again.stderr.contains("each of 1 x m5.xlarge (master) and 2 x m5.xlarge (core)"), "{again:?}");
}
