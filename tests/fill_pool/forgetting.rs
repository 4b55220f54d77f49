//! The object of the minimum: written, renewed, damaged and taken back.

use crate::account::{empty, set, waiting};

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
        assert!(filled.stderr.contains("fill-pool --forget takes it away"), "{filled:?}");
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
    again.fails(78, "two runs keep two minimums of the pool 'etl', and each replaces the other's: this one 2 free");
    assert!(again.stderr.contains("and tester@") && again.stderr.contains(" 1 free job flow at '0-24'"), "{again:?}");
    assert_eq!(account.minimum().unwrap().1["wanted"]["min_idle"], 2, "the last run counts");
    account.fill(&[&one[..], &["--dry-run"]].concat()).fails(78, "two runs keep two minimums");
    account.fill(&one).fails(78, "two runs keep two minimums");
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
    assert_eq!((ran.code, account.started()), (Some(75), 1), "{ran:?}");
    assert!(ran.stderr.contains("two runs keep two minimums"), "{ran:?}");
    assert!(ran.stderr.contains("the pool 'etl' is full with 2 job flows"), "{ran:?}");
}
