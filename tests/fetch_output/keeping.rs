//! Files in a folder, and what is deleted on S3 then.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use harness::{Ran, Sandbox};

use crate::objects::{delete, noise, piped, put, record, sandbox};

const SNAPPY: &[u8] = b"\0\0\0\x05\0\0\0\x07\x05\x10hello";

fn keep(sandbox: &Sandbox, args: &[&str]) -> Ran {
    Ran::of(sandbox.tool("fetch-output").args(["--output-dir", "dir"]).args(args))
}

/// Every file below `folder` that is not the tool's own, with its content.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name != ".fetch-output" {
                found.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn names(sandbox: &Sandbox) -> Vec<String> {
    files(&sandbox.folder().join("dir")).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn files_are_kept_as_they_lie_and_fetched_once() {
    let large = noise(9_000_000);
    let objects: [(&str, &[u8]); 4] = [
        ("out/day=1/part-00000.snappy", SNAPPY),
        ("out/part-00000", &large),
        ("out/part-00001", b""),
        ("out/_SUCCESS", b""),
    ];
    let sandbox = sandbox(&[], &objects);
    let ran = keep(&sandbox, &["s3://bucket/out/"]).ok();
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("dir has 3 files: 3 fetched, 0 there already"), "{ran:?}");
    let kept = files(&sandbox.folder().join("dir"));
    let expected = [("day=1/part-00000", b"hello".to_vec()), ("part-00000", large), ("part-00001", Vec::new())];
    assert!(kept == expected.map(|(name, content)| (name.to_owned(), content)), "{:?}", names(&sandbox));
    let gets = sandbox.requests("GetObject").len();
    let again = keep(&sandbox, &["s3://bucket/out/"]).ok();
    assert!(again.stderr.contains("0 fetched, 3 there already"), "{again:?}");
    assert_eq!(sandbox.requests("GetObject").len(), gets);
    // One that changed on S3 is fetched again, and so is one that is wanted in another form.
    put(&sandbox, &[("out/part-00001", b"now with text\n")]);
    assert!(keep(&sandbox, &["s3://bucket/out/"]).ok().stderr.contains("1 fetched, 2 there already"));
    assert_eq!(fs::read(sandbox.folder().join("dir/part-00001")).unwrap(), b"now with text\n");
    assert!(keep(&sandbox, &["--raw", "s3://bucket/out/"]).ok().stderr.contains("3 fetched, 0 there already"));
    assert_eq!(fs::read(sandbox.folder().join("dir/day=1/part-00000.snappy")).unwrap(), SNAPPY);
}

#[test]
fn several_outputs_have_a_folder_each() {
    let sandbox = sandbox(&[], &[("a/part-0", b"a\n"), ("b/part-0", b"b\n")]);
    let b = record("COMPLETED", Some("s3://bucket/b/"));
    piped(&sandbox, &["--output-dir", "dir", "s3://bucket/a/", "-"], &[b]).ok();
    assert_eq!(names(&sandbox), ["a/part-0", "s-A/part-0"]);
    let ran = keep(&sandbox, &["s3://bucket/x/a/", "s3://bucket/a"]);
    ran.fails(2, "s3://bucket/x/a/ and s3://bucket/a would both be kept in the folder 'a'; fetch each with");
    // Where a file lies does not depend on which of the others has any.
    put(&sandbox, &[("none/_SUCCESS", b"")]);
    fs::remove_dir_all(sandbox.folder().join("dir")).unwrap();
    keep(&sandbox, &["s3://bucket/a/", "s3://bucket/none/"]).ok();
    assert_eq!(names(&sandbox), ["a/part-0"]);
}

#[test]
fn no_object_leaves_the_folder_and_no_file_of_others_is_overwritten() {
    let sandbox = sandbox(&[], &[("in/part-0", b"theirs\n"), ("bad/a//b", b"x"), ("link/sub/part-0", b"x")]);
    keep(&sandbox, &["s3://bucket/bad/"]).fails(2, "'a//b' is no name of a file");
    fs::create_dir_all(sandbox.folder().join("dir")).unwrap();
    fs::write(sandbox.folder().join("dir/part-0"), "mine\n").unwrap();
    keep(&sandbox, &["s3://bucket/in/"]).fails(74, "dir/part-0 is there already, and was not fetched by this tool");
    assert_eq!(fs::read(sandbox.folder().join("dir/part-0")).unwrap(), b"mine\n");
    fs::create_dir_all(sandbox.folder().join("elsewhere")).unwrap();
    symlink("../elsewhere", sandbox.folder().join("dir/sub")).unwrap();
    keep(&sandbox, &["s3://bucket/link/"]).fails(74, "dir/sub is a link, and is not followed");
    assert_eq!(sandbox.requests("GetObject").len(), 0);
}

#[test]
fn a_run_that_fails_keeps_whole_files_alone_and_the_next_goes_on() {
    let objects: [(&str, &[u8]); 4] =
        [("out/part-0", b"0\n"), ("out/part-1.snappy", &SNAPPY[..9]), ("out/part-2", b"2\n"), ("out/_SUCCESS", b"")];
    let sandbox = sandbox(&[], &objects);
    let ran = keep(&sandbox, &["--delete-after", "s3://bucket/out/"]);
    ran.fails(1, "kept 1 of 3 files, then failed: s3://bucket/out/part-1.snappy is not Hadoop's Snappy");
    assert_eq!(names(&sandbox), ["part-0"]);
    assert_eq!(sandbox.keys("out/").len(), 4, "nothing is deleted");
    put(&sandbox, &[("out/part-1.snappy", SNAPPY)]);
    assert!(keep(&sandbox, &["s3://bucket/out/"]).ok().stderr.contains("2 fetched, 1 there already"));
}

#[test]
fn what_was_fetched_is_deleted_with_the_mark_of_its_output_and_nothing_else() {
    let objects: [(&str, &[u8]); 5] = [
        ("out/part-00000.snappy", SNAPPY),
        ("out/day=1/part-00000", b"1\n"),
        ("out/_SUCCESS", b""),
        ("out/_logs/history", b"x"),
        ("out-2/part-00000", b"x"),
    ];
    let sandbox = sandbox(&[], &objects);
    let ran = keep(&sandbox, &["--dry-run", "--delete-after", "s3://bucket/out/"]).ok();
    assert_eq!(ran.stdout, "s3://bucket/out/day=1/part-00000\ns3://bucket/out/part-00000.snappy\n");
    assert!(!sandbox.folder().join("dir").exists() && sandbox.keys("out/").len() == 4);
    // What is there already counts as fetched, because it is safe.
    keep(&sandbox, &["s3://bucket/out/"]).ok();
    let ran = keep(&sandbox, &["--delete-after", "s3://bucket/out/"]).ok();
    assert!(ran.stderr.contains("deleted 3 of 3 objects on S3"), "{ran:?}");
    assert_eq!(sandbox.keys("out"), ["out-2/part-00000", "out/_logs/history"]);
    // What was taken is no whole and empty output.
    keep(&sandbox, &["s3://bucket/out/"]).fails(1, "there is no output at s3://bucket/out/");
    assert_eq!(names(&sandbox), ["day=1/part-00000", "part-00000"]);
}

#[test]
fn one_that_cannot_be_deleted_is_told_and_the_others_are_gone() {
    let objects: [(&str, &[u8]); 3] = [("out/part-0", b"0\n"), ("out/part-1", b"1\n"), ("out/_SUCCESS", b"")];
    let sandbox = sandbox(&["--fault", "DeleteObject:deny:1"], &objects);
    let ran = keep(&sandbox, &["--delete-after", "s3://bucket/out/"]);
    ran.fails(77, "AWS denies DeleteObject");
    assert!(ran.stderr.contains("deleted 0 of 3 objects on S3"), "{ran:?}");
    assert_eq!(sandbox.keys("out/").len(), 3, "without the mark nothing goes");
    let ran = keep(&sandbox, &["--delete-after", "s3://bucket/out/"]).ok();
    assert!(ran.stderr.contains("deleted 3 of 3 objects on S3") && sandbox.keys("out/").is_empty(), "{ran:?}");
    assert_eq!(names(&sandbox), ["part-0", "part-1"]);
    let lost = self::sandbox(&["--fault", "DeleteObject:drop-response:1"], &objects);
    assert!(keep(&lost, &["--delete-after", "s3://bucket/out/"]).ok().stderr.contains("deleted 3 of 3"));
}

#[test]
fn what_is_left_of_a_deletion_is_no_whole_output_and_the_next_run_deletes_it() {
    let objects: [(&str, &[u8]); 3] = [("out/part-0", b"0\n"), ("out/part-1", b"1\n"), ("out/_SUCCESS", b"")];
    let faults = ["--fault", "DeleteObject:delay:1:0", "--fault", "DeleteObject:deny:1"];
    let sandbox = sandbox(&faults, &objects);
    let ran = keep(&sandbox, &["--delete-after", "s3://bucket/out/"]);
    ran.fails(77, "AWS denies DeleteObject");
    assert!(ran.stderr.contains("deleted 2 of 3 objects on S3"), "{ran:?}");
    assert_eq!(sandbox.keys("out/").len(), 1, "the mark is gone, and a part is left");
    let ran = keep(&sandbox, &["--delete-after", "s3://bucket/out/"]).ok();
    assert!(ran.stderr.contains("has no _SUCCESS") && ran.stderr.contains("deleted 1 of 1 object"), "{ran:?}");
    assert!(sandbox.keys("out/").is_empty());
    assert_eq!(names(&sandbox), ["part-0", "part-1"]);
}

#[test]
fn an_output_whose_job_may_still_write_is_fetched_and_not_deleted() {
    let sandbox = sandbox(&[], &[("out/part-0", b"0\n"), ("out/part-1", b"1\n")]);
    for _ in 0..2 {
        let ran = keep(&sandbox, &["--delete-after", "s3://bucket/out/"]);
        ran.fails(1, "nothing is deleted on S3: the output of s3://bucket/out/part-0 has no _SUCCESS");
        assert_eq!((names(&sandbox), sandbox.keys("out/").len()), (vec!["part-0".to_owned(), "part-1".to_owned()], 2));
    }
    let ran = keep(&sandbox, &["--delete-after", "s3://bucket/out/part-0"]).ok();
    assert!(ran.stderr.contains("deleted 1 of 1 object"), "what is named alone is whole: {ran:?}");
    // That a part was deleted before does not make a new one of its name whole.
    put(&sandbox, &[("out/part-1", b"another\n")]);
    keep(&sandbox, &["--delete-after", "s3://bucket/out/"]).fails(1, "has no _SUCCESS");
}

#[test]
fn an_only_copy_is_overwritten_by_no_other_output_and_by_no_later_one() {
    let objects: [(&str, &[u8]); 4] =
        [("day1/part-0", b"1\n"), ("day1/_SUCCESS", b""), ("day2/part-0", b"2\n"), ("day2/_SUCCESS", b"")];
    let sandbox = sandbox(&[], &objects);
    keep(&sandbox, &["--delete-after", "s3://bucket/day1/"]).ok();
    let ran = keep(&sandbox, &["--delete-after", "s3://bucket/day2/"]);
    ran.fails(74, "dir/part-0 is there already, and is s3://bucket/day1/part-0; move it away, or name another folder");
    put(&sandbox, &[("day1/part-0", b"later\n"), ("day1/_SUCCESS", b"")]);
    let ran = keep(&sandbox, &["s3://bucket/day1/"]);
    ran.fails(
        74,
        "dir/part-0 is an earlier s3://bucket/day1/part-0, which was deleted there, and may be the only copy; move it away, \
         or give each run a folder of its own, such as DIR/$(date +%F)",
    );
    assert_eq!(files(&sandbox.folder().join("dir")), [("part-0".to_owned(), b"1\n".to_vec())]);
    assert_eq!(sandbox.keys("day").len(), 4);
    fs::remove_file(sandbox.folder().join("dir/part-0")).unwrap();
    keep(&sandbox, &["--delete-after", "s3://bucket/day2/"]).ok();
    assert_eq!(files(&sandbox.folder().join("dir")), [("part-0".to_owned(), b"2\n".to_vec())]);
}

#[test]
fn each_day_of_one_place_has_a_folder_and_days_whose_files_have_other_names_are_said() {
    let day = |sandbox: &Sandbox, folder: &str, name: &str, text: &str| {
        put(sandbox, &[(&format!("out/{name}"), text.as_bytes()), ("out/_SUCCESS", b"")]);
        let args = ["--output-dir", folder, "--delete-after", "s3://bucket/out/"];
        sandbox.run("fetch-output", &args).ok()
    };
    let sandbox = sandbox(&[], &[]);
    for folder in ["days/2026-11-22", "days/2026-11-23"] {
        day(&sandbox, folder, "part-0", folder);
    }
    let kept = files(&sandbox.folder().join("days"));
    let expected =
        ["2026-11-22", "2026-11-23"].map(|day| (format!("{day}/part-0"), format!("days/{day}").into_bytes())).to_vec();
    assert_eq!(kept.into_iter().filter(|(name, _)| !name.contains(".fetch")).collect::<Vec<_>>(), expected);
    // Spark's names are never the same.
    for name in ["part-0-a.csv", "part-0-b.csv", "part-0-c.csv"] {
        let ran = day(&sandbox, "spark", name, name);
        let earlier = ran.stderr.contains("spark also has ");
        assert_eq!(earlier, name != "part-0-a.csv", "{ran:?}");
        assert_eq!(ran.stderr.matches("warning: ").count(), usize::from(earlier), "{ran:?}");
    }
    assert_eq!(files(&sandbox.folder().join("spark")).len(), 3);
}

#[test]
fn what_is_named_twice_is_kept_once() {
    let sandbox = sandbox(&[], &[("out/part-0", b"0\n"), ("out/_SUCCESS", b"")]);
    let ran = keep(&sandbox, &["s3://bucket/out", "s3://bucket/out/"]).ok();
    assert!(ran.stderr.contains("s3://bucket/out/ is named more than once, and is fetched once"), "{ran:?}");
    assert_eq!(names(&sandbox), ["part-0"]);
}

#[test]
fn a_file_that_was_changed_here_is_not_overwritten_in_silence() {
    let sandbox = sandbox(&[], &[("out/part-0", b"0\n"), ("out/_SUCCESS", b"")]);
    keep(&sandbox, &["s3://bucket/out/"]).ok();
    fs::write(sandbox.folder().join("dir/part-0"), "mine, and longer\n").unwrap();
    for args in [&["s3://bucket/out/"][..], &["--delete-after", "s3://bucket/out/"]] {
        keep(&sandbox, args).fails(74, "dir/part-0 was changed since it was fetched; move it away");
    }
    assert_eq!(files(&sandbox.folder().join("dir")), [("part-0".to_owned(), b"mine, and longer\n".to_vec())]);
    assert_eq!(sandbox.keys("out/").len(), 2);
    fs::remove_file(sandbox.folder().join("dir/part-0")).unwrap();
    assert!(keep(&sandbox, &["s3://bucket/out/"]).ok().stderr.contains("1 fetched, 0 there already"));
}

#[test]
fn what_is_gone_from_a_whole_output_is_removed_here_unless_it_was_changed_or_is_the_only_copy() {
    let objects: [(&str, &[u8]); 6] = [
        ("out/part-0", b"0\n"),
        ("out/part-1", b"1\n"),
        ("out/day=1/part-2", b"2\n"),
        ("out-2/part-9", b"9\n"),
        ("out/_logs/part-8", b"8\n"),
        ("out/_SUCCESS", b""),
    ];
    let sandbox = sandbox(&[], &objects);
    keep(&sandbox, &["s3://bucket/out-2/"]).ok();
    keep(&sandbox, &["s3://bucket/out/_logs/"]).ok();
    keep(&sandbox, &["s3://bucket/out/"]).ok();
    delete(&sandbox, "out/part-1");
    delete(&sandbox, "out/day=1/part-2");
    delete(&sandbox, "out/_SUCCESS");
    keep(&sandbox, &["s3://bucket/out/"]).ok();
    assert_eq!(names(&sandbox), ["day=1/part-2", "part-0", "part-1", "part-8", "part-9"], "it may not be whole");
    put(&sandbox, &[("out/_SUCCESS", b"")]);
    fs::write(sandbox.folder().join("dir/part-1"), "mine, and longer\n").unwrap();
    let ran = keep(&sandbox, &["s3://bucket/out/"]).ok();
    assert!(ran.stderr.contains("dir has 1 file: 0 fetched, 1 there already"), "{ran:?}");
    assert!(ran.stderr.contains("removed 1 file of an earlier run"), "{ran:?}");
    let words = "dir/part-1 is no longer on S3, was changed since it was fetched, and stays";
    assert!(ran.stderr.contains(words), "{ran:?}");
    assert_eq!(names(&sandbox), ["part-0", "part-1", "part-8", "part-9"]);
    keep(&sandbox, &["--delete-after", "s3://bucket/out/"]).ok();
    put(&sandbox, &[("out/part-7", b"7\n"), ("out/_SUCCESS", b"")]);
    let ran = keep(&sandbox, &["s3://bucket/out/"]).ok();
    assert!(ran.stderr.contains("dir also has 1 file of earlier outputs, deleted on S3 since"), "{ran:?}");
    assert_eq!(names(&sandbox), ["part-0", "part-1", "part-7", "part-8", "part-9"]);
}

#[test]
fn a_dry_run_refuses_what_a_run_refuses_and_changes_nothing() {
    let objects: [(&str, &[u8]); 5] = [
        ("clash/part-0", b"x"),
        ("clash/part-0.gz", b"x"),
        ("lzo/part-0.lzo", b"x"),
        ("out/part-0", b"x"),
        ("orc/part-0.orc", b"x"),
    ];
    let sandbox = sandbox(&[], &objects);
    for (place, code, words) in
        [("s3://bucket/clash/", 2, "would both be kept as 'part-0'"), ("s3://bucket/lzo/", 2, "is packed with LZO")]
    {
        keep(&sandbox, &["--dry-run", place]).fails(code, words);
    }
    assert!(!sandbox.folder().join("dir").exists());
    let ran = keep(&sandbox, &["--dry-run", "--delete-after", "s3://bucket/out/"]);
    ran.fails(1, "nothing is deleted on S3: the output of s3://bucket/out/part-0 has no _SUCCESS");
    piped(&sandbox, &["--dry-run", "s3://bucket/orc/"], &[]).fails(2, "is a file of ORC");
    fs::create_dir(sandbox.folder().join("dir")).unwrap();
    fs::write(sandbox.folder().join("dir/part-0"), "mine\n").unwrap();
    let ran = keep(&sandbox, &["--dry-run", "s3://bucket/out/"]);
    ran.fails(74, "dir/part-0 is there already, and was not fetched by this tool");
    assert!(!sandbox.folder().join("dir/.fetch-output").exists());
}

#[test]
fn two_runs_do_not_write_into_one_folder() {
    let sandbox = sandbox(&[], &[("out/part-0", b"0\n")]);
    fs::create_dir(sandbox.folder().join("dir")).unwrap();
    let held = fs::File::open(sandbox.folder().join("dir")).unwrap();
    held.lock().unwrap();
    keep(&sandbox, &["s3://bucket/out/"]).fails(75, "another fetch-output is writing into dir");
    drop(held);
    keep(&sandbox, &["s3://bucket/out/"]).ok();
}
