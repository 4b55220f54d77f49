//! What is deleted, and what is not.

use serde_json::{Value, json};

use crate::{MRJOB, days_ago, each_kind, object, sandbox, told, watch, with_objects};

#[test]
fn what_is_old_is_deleted_and_what_is_young_stays() {
    let young =
        each_kind().map(|key| object(key.replace("job.py", "young.py").replace("part-00000", "part-00001"), 29));
    let mut objects: Vec<_> = each_kind().into_iter().map(|key| object(key, 31)).collect();
    objects.extend([object("scratch/logs/j-2AXXXXXXGAPLF/young.gz", 29), young[0].clone(), young[4].clone()]);
    let sandbox = with_objects(&objects, &[]);
    let dry = watch(&sandbox, &["--dry-run", "30d", "s3://bucket/scratch/"]).ok();
    assert_eq!(told(&dry), each_kind());
    assert!(dry.records().iter().all(|record| record["dry_run"] == true && record["bytes"] == 4), "{dry:?}");
    assert_eq!(sandbox.keys("scratch/").len(), 8, "a dry run deletes nothing");
    assert!(sandbox.requests("PutObject").is_empty() && sandbox.requests("DeleteObjects").is_empty());
    let ran = watch(&sandbox, &["30d", "s3://bucket/scratch"]).ok();
    assert_eq!(told(&ran), each_kind());
    let kinds: Vec<_> = ran.records().iter().map(|record| record["kind"].clone()).collect();
    assert!(["file", "input", "log", "mrjob", "output"].iter().all(|kind| kinds.contains(&json!(kind))), "{kinds:?}");
    assert!(ran.stderr.contains("deleted 5 files (20 bytes); kept 3 too young"), "{ran:?}");
    let left = sandbox.keys("scratch/");
    assert_eq!(left.iter().filter(|key| !key.starts_with("scratch/locks/")).count(), 3, "{left:?}");
    let again = watch(&sandbox, &["30d", "s3://bucket/scratch/"]).ok();
    assert_eq!(again.stdout, "");
}

#[test]
fn a_lock_is_never_deleted_and_what_the_tools_did_not_write_only_when_asked_for() {
    let kept = [
        "scratch/locks/job-flows/j-2AXXXXXXGAPLF",
        "scratch/locks/s3-tmpwatch",
        "scratch/pools/etl.json",
        "scratch/logs/app.log",
        "scratch/output/202601010000/part-0",
        "scratch/files/report.pdf",
    ];
    let mut objects: Vec<_> = kept.map(|key| object(key, 400)).to_vec();
    objects[1]["Body"] = json!(r#"{"v":1,"state":"free","generation":7,"nonce":"n"}"#);
    let sandbox = with_objects(&objects, &[]);
    for uri in ["s3://bucket/", "s3://bucket/scratch/", "s3://bucket/scratch/locks/", "s3://bucket/scratch/output/"] {
        assert_eq!(watch(&sandbox, &["30d", uri]).ok().stdout, "", "{uri}");
    }
    let ran = watch(&sandbox, &["30d", "s3://bucket/scratch/"]).ok();
    assert!(
        ran.stderr
            .contains("kept 2 locks, 4 that the tools did not write, such as s3://bucket/scratch/files/report.pdf")
    );
    watch(&sandbox, &["--all-kinds", "30d", "s3://bucket/"]).fails(2, "would empty the bucket");
    let all = watch(&sandbox, &["--all-kinds", "30d", "s3://bucket/scratch/"]).ok();
    assert_eq!(all.records().len(), 4, "{all:?}");
    assert_eq!(sandbox.keys("scratch/"), ["scratch/locks/job-flows/j-2AXXXXXXGAPLF", "scratch/locks/s3-tmpwatch"]);
}

#[test]
fn a_scratch_uri_below_the_folder_keeps_its_locks_and_its_rules() {
    let mut objects: Vec<_> = each_kind().iter().map(|key| object(format!("team/{key}"), 50)).collect();
    objects.push(object("team/scratch/locks/pools/etl", 400));
    objects.push(object("team/mine.txt", 50));
    let sandbox = sandbox(&json!({"objects": objects, "clusters": [live(60, Some(60))]}), &[]);
    let ran = watch(&sandbox, &["--all-kinds", "30d", "s3://bucket/team/"]).ok();
    assert_eq!(told(&ran), ["team/mine.txt", "team/scratch/logs/j-2AXXXXXXGAPLF/steps/s-1/stderr.gz"]);
    assert!(ran.stderr.contains(", 1 lock\n"), "{ran:?}");
    assert_eq!(sandbox.keys("team/").len(), 5);
}

#[test]
fn the_scratch_uri_of_the_configuration_counts_wherever_it_lies() {
    let sandbox = with_objects(&each_kind().map(|key| object(key, 31)), &[]);
    let ran = watch(&sandbox, &["--s3-scratch-uri", "s3://bucket/scratch", "30d", "s3://bucket/"]).ok();
    assert_eq!(told(&ran), each_kind());
}

#[test]
fn a_folder_that_is_named_wrongly_is_told_of() {
    let sandbox = with_objects(&each_kind().map(|key| object(key, 31)), &[]);
    watch(&sandbox, &["30d", "s3://bucket/", "s3://bucket/scratch/"]).fails(2, "lies within s3://bucket/");
    watch(&sandbox, &["--all-kinds", "30d", "s3://bucket//"]).fails(2, "names no folder");
    let ran = watch(&sandbox, &["30d", "s3://bucket/scrtch/"]).ok();
    assert!(ran.stderr.contains("nothing lies below s3://bucket/scrtch/"), "{ran:?}");
    assert_eq!(sandbox.keys("scratch/").len(), 5);
}

#[test]
fn nothing_younger_than_two_days_is_deleted_whatever_is_asked_for() {
    let sandbox = with_objects(&each_kind().map(|key| object(key, 1)), &[]);
    let ran = watch(&sandbox, &["--all-kinds", "1h", "s3://bucket/scratch/"]).ok();
    assert!(ran.stdout.is_empty() && ran.stderr.contains("nothing younger than two days is deleted"), "{ran:?}");
    assert_eq!(sandbox.keys("scratch/").len(), 5);
}

/// A job flow that was created so many days ago, with a step that was added then and has not ended.
fn live(days: i64, step: Option<i64>) -> Value {
    let status = |state: &str, days| json!({"State": state, "Timeline": {"CreationDateTime": days_ago(days)}});
    let steps: Vec<_> =
        step.iter().map(|days| json!({"Id": "s-1", "Name": "x", "Status": status("RUNNING", *days)})).collect();
    json!({"Cluster": {"Id": "j-LIVE", "Name": "x", "Status": status("RUNNING", days)}, "Steps": steps})
}

#[test]
fn a_live_job_flow_keeps_uploads_and_an_unfinished_step_what_it_reads_and_writes() {
    let objects = each_kind().map(|key| object(key, 50));
    for (cluster, kept) in [
        (live(60, Some(60)), &["file", "input", "mrjob", "output"][..]),
        (live(60, Some(40)), &["file", "mrjob"]),
        (live(51, None), &["file", "mrjob"]),
        (live(47, None), &[]),
    ] {
        let sandbox = sandbox(&json!({"objects": objects, "clusters": [cluster]}), &[]);
        let dry = watch(&sandbox, &["--dry-run", "30d", "s3://bucket/scratch/"]).ok();
        let ran = watch(&sandbox, &["30d", "s3://bucket/scratch/"]).ok();
        assert_eq!(told(&dry), told(&ran));
        let deleted: Vec<_> = ran.records().iter().map(|record| record["kind"].as_str().unwrap().to_owned()).collect();
        assert!(kept.iter().all(|kind| !deleted.iter().any(|other| other == kind)), "{cluster}: {deleted:?}");
        assert_eq!(deleted.len() + kept.len(), 5, "{cluster}: {deleted:?}");
        assert!(kept.is_empty() || ran.stderr.contains("live job flow or step that may use them"), "{ran:?}");
    }
}

#[test]
fn the_command_line_of_mrjob_works() {
    let key = format!("tmp/{MRJOB}/output/part-00000");
    let objects = [object(&key, 31), object("tmp/logs/j-2AXXXXXXGAPLF/node/x.gz", 31), object("tmp/mine.txt", 31)];
    let sandbox = with_objects(&objects, &[]);
    for test in ["-t", "--test"] {
        assert_eq!(watch(&sandbox, &["-q", test, "30d", "s3://bucket/tmp/"]).ok().records().len(), 2);
    }
    assert_eq!(watch(&sandbox, &["-q", "720", "s3://bucket/tmp/", "s3://bucket/none/"]).ok().records().len(), 2);
    assert_eq!(sandbox.keys("tmp/"), ["tmp/mine.txt"]);
}

#[test]
fn many_files_are_deleted_a_thousand_a_call_and_the_table_has_a_row_for_each_kind() {
    let objects: Vec<_> =
        (0..2500).map(|number| object(format!("scratch/logs/j-2AXXXXXXGAPLF/{number:04}.gz"), 31 + number)).collect();
    let sandbox = with_objects(&objects, &[]);
    let ran = watch(&sandbox, &["--output", "table", "30d", "s3://bucket/scratch/logs/"]).ok();
    let rows: Vec<Vec<_>> = ran.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows, [vec!["KIND", "FILES", "SIZE", "OLDEST"], vec!["log", "2500", "9.7", "KiB", "2530d"]]);
    assert_eq!((sandbox.requests("DeleteObjects").len(), sandbox.requests("ListObjectsV2").len()), (3, 3));
    assert!(sandbox.requests("ListClusters").is_empty(), "logs go by their age alone");
    assert_eq!(sandbox.keys("scratch/"), [""; 0]);
}

#[test]
fn a_key_of_any_text_is_deleted_and_printed_harmlessly() {
    let names = ["a\u{1}b", "a\rb", "line\nbreak", "\u{202e}x", "..", "a//b", "é & <x> \"'+%20", "#?", " "];
    let keys: Vec<_> = names.map(|name| format!("scratch/logs/j-2AXXXXXXGAPLF/{name}")).to_vec();
    let objects: Vec<_> = keys.iter().map(|key| object(key, 31)).collect();
    let sandbox = with_objects(&objects, &[]);
    let ran = watch(&sandbox, &["30d", "s3://bucket/scratch/"]).ok();
    let mut all = keys.clone();
    all.sort();
    assert_eq!(told(&ran), all);
    assert!(!ran.stdout.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}'), "{ran:?}");
    assert_eq!(sandbox.keys("scratch/"), [""; 0]);
}

#[test]
fn the_lifecycle_rule_names_what_is_safe_by_age_alone_and_asks_nothing() {
    let sandbox = with_objects(&[], &[]);
    let ran = watch(&sandbox, &["--print-lifecycle-rule", "30d", "s3://bucket/scratch/"]).ok();
    let rule: Value = serde_json::from_str(&ran.stdout).unwrap();
    let rules = rule["Rules"].as_array().unwrap();
    let prefixes: Vec<_> = rules.iter().map(|rule| rule["Filter"]["Prefix"].as_str().unwrap()).collect();
    assert_eq!(prefixes, ["scratch/logs/j-", "scratch/output/"]);
    assert!(rules.iter().all(|rule| rule["Expiration"]["Days"] == 30));
    assert!(["files/", "inputs/", "mrjob", "locks/"].iter().all(|left| ran.stderr.contains(left)), "{ran:?}");
    assert!(sandbox.all_requests().is_empty());
    let within = watch(&sandbox, &["--print-lifecycle-rule", "30d", "s3://bucket/scratch/logs/"]);
    within.fails(2, "is a part of a scratch URI");
    watch(&sandbox, &["--print-lifecycle-rule", "30d", "s3://bucket/"]).fails(2, "s3://bucket/output/");
    assert!(ran.stderr.contains("everything below s3://bucket/scratch/output/ is deleted"), "{ran:?}");
}

#[test]
fn without_a_folder_the_scratch_uri_of_the_configuration_is_swept() {
    let sandbox = with_objects(&each_kind().map(|key| object(key, 31)), &[]);
    let conf = sandbox.file("mrjob.conf", "runners:\n  emr:\n    s3_scratch_uri: s3://bucket/scratch/\n");
    let ran = sandbox.run("s3-tmpwatch", &["--conf-path", conf.to_str().unwrap(), "30d"]).ok();
    assert_eq!(told(&ran), each_kind());
    watch(&sandbox, &["30d"]).fails(2, "no folder is named");
}
