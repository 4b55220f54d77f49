//! What is printed of an output, and in which order.

use std::process::Command;

use harness::{Ran, Tools};

use crate::TOOL;
use crate::objects::{fetch, noise, piped, printed, put, record, said, sandbox};

#[test]
fn part_files_are_printed_in_order_without_what_hadoop_hides() {
    let objects: [(&str, &[u8]); 12] = [
        ("out/part-100000", b"last\n"),
        ("out/part-99999", b"second to last\n"),
        ("out/part-00000", b"first\n"),
        ("out/part-00001", b""),
        ("out/day=10/part-00000", b"tenth\n"),
        ("out/day=9/part-00000", b"ninth\n"),
        ("out/_SUCCESS", b""),
        ("out/_temporary/0/part-00000", b"unfinished\n"),
        ("out/.part-00000.crc", b"sum\n"),
        ("out/day=9_$folder$", b""),
        ("out-2/part-00000", b"another's\n"),
        ("out-2/_SUCCESS", b""),
    ];
    let sandbox = sandbox(&[], &objects);
    let text = b"ninth\ntenth\nfirst\nsecond to last\nlast\n";
    for place in ["s3://bucket/out/", "s3://bucket/out", "s3n://bucket/out", "s3a://bucket/out/"] {
        assert_eq!(printed(&sandbox, &[place]), text, "{place}");
    }
    assert_eq!(said(&fetch(&sandbox, &["s3://bucket/out/"])), "");
    assert_eq!(printed(&sandbox, &["s3://bucket/out/part-00000"]), b"first\n");
    let both = printed(&sandbox, &["s3://bucket/out-2/", "s3://bucket/out/day=9/"]);
    assert_eq!(both, b"another's\nninth\n", "{}", String::from_utf8_lossy(&both));
    let listed = printed(&sandbox, &["--dry-run", "s3://bucket/out/"]);
    let first = b"s3://bucket/out/day=9/part-00000\ns3://bucket/out/day=10/part-00000\n";
    assert!(listed.starts_with(first) && listed.ends_with(b"/part-99999\ns3://bucket/out/part-100000\n"));
}

#[test]
fn any_name_of_an_object_can_be_listed() {
    let sandbox = sandbox(&[], &[("out/_SUCCESS", b"")]);
    put(
        &sandbox,
        &[("out/part-0%1B", b"escape\n"), ("out/part-1%20%2B%2520", b"blank\n"), ("out/part-2%01", b"\x01\n")],
    );
    assert_eq!(printed(&sandbox, &["s3://bucket/out/"]), b"escape\nblank\n\x01\n");
    let listed = printed(&sandbox, &["--dry-run", "s3://bucket/out/"]);
    let names = "s3://bucket/out/part-0\\u{1b}\ns3://bucket/out/part-1 +%20\ns3://bucket/out/part-2\\u{1}\n";
    assert_eq!(String::from_utf8(listed).unwrap(), names);
}

#[test]
fn records_of_completed_steps_name_outputs_and_those_without_one_are_passed_over() {
    let objects: [(&str, &[u8]); 4] =
        [("a/part-0", b"a\n"), ("a/_SUCCESS", b""), ("b/part-0", b"b\n"), ("b/_SUCCESS", b"")];
    let sandbox = sandbox(&[], &objects);
    let (a, b) = (record("COMPLETED", Some("s3://bucket/a/")), record("COMPLETED", Some("s3n://bucket/b")));
    let ran = piped(&sandbox, &[], &[b.clone(), record("COMPLETED", None), a.clone()]).ok();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("b\na\n", ""));
    assert_eq!(piped(&sandbox, &["-"], &[format!("[{a},{b}]")]).ok().stdout, "a\nb\n");
    assert_eq!(piped(&sandbox, &[&a], &[]).ok().stdout, "a\n");
}

#[test]
fn an_output_that_two_steps_name_is_printed_once_and_one_within_another_not_at_all() {
    let objects: [(&str, &[u8]); 3] = [("a/part-0", b"a\n"), ("a/x/part-0", b"x\n"), ("a/_SUCCESS", b"")];
    let sandbox = sandbox(&[], &objects);
    let of = |output: &str| record("COMPLETED", Some(output));
    let ran = piped(&sandbox, &[], &[of("s3://bucket/a/"), of("s3n://bucket/a")]).ok();
    let warning = "fetch-output: warning: s3://bucket/a is named more than once, and is fetched once\n";
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("a\nx\n", warning));
    let ran = piped(&sandbox, &[], &[of("s3://bucket/a/x/"), of("s3://bucket/a/")]);
    ran.fails(2, "s3://bucket/a/x/ lies in s3://bucket/a/, and would be fetched twice; name one of them");
}

#[test]
fn what_is_packed_is_unpacked_and_raw_is_as_it_is() {
    let objects: [(&str, &[u8]); 5] = [
        ("out/part-00000.snappy", b"\0\0\0\x05\0\0\0\x07\x05\x10hello"),
        ("out/part-00001.lz4", b"\0\0\0\x05\0\0\0\x06\x50 lz4\n"),
        ("out/part-00002.zst", b"\x28\xb5\x2f\xfd\x20\x05\x29\0\0zstd\n"),
        ("out/part-00003.gz", b""),
        ("out/_SUCCESS", b""),
    ];
    let sandbox = sandbox(&[], &objects);
    assert_eq!(printed(&sandbox, &["s3://bucket/out/"]), b"hello lz4\nzstd\n");
    let raw: Vec<u8> = objects.iter().flat_map(|(_, bytes)| bytes.to_vec()).collect();
    assert_eq!(printed(&sandbox, &["--raw", "s3://bucket/out/"]), raw);
}

#[test]
fn a_pipeline_prints_what_its_job_wrote() {
    let sandbox = sandbox(&[], &[]);
    let flow = sandbox.job_flow(&[]);
    sandbox.file("in.txt", "b\na\nb\n");
    let job = |mapper: &str, output: &str| {
        let args = ["--streaming", "--mapper", mapper, "--reducer", "uniq -c", "--input", "in.txt", "--output", output];
        let added = sandbox.run("add-step", &[&[flow.as_str()][..], &args].concat()).ok();
        let waited = Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout);
        (added, waited)
    };
    let (added, waited) = job("cat", "s3://bucket/counts/");
    let ran = Ran::with_stdin(&mut sandbox.tool("fetch-output"), &waited.ok().stdout).ok();
    let counts: Vec<_> = ran.stdout.split_whitespace().collect();
    assert_eq!((counts.as_slice(), ran.stderr.as_str()), (&["1", "a", "2", "b"][..], ""));
    let early = Ran::with_stdin(&mut sandbox.tool("fetch-output"), &added.stdout);
    early.fails(1, "wait for it first: 'wait-step --emr-job-flow-id j-");
    let (_, waited) = job("false", "s3://bucket/none/");
    Ran::with_stdin(&mut sandbox.tool("fetch-output"), &waited.stdout)
        .fails(1, "is FAILED, and its output is not fetched");
}

#[test]
fn the_outputs_that_jobs_pack_are_those_that_they_do_not() {
    let sandbox = sandbox(&[], &[]);
    let flow = sandbox.job_flow(&[]);
    let text = (0..5000).map(|number| format!("{number}\tof many\n")).collect::<Vec<_>>().concat();
    sandbox.file("in.txt", &text);
    let streaming = |output: &str, more: &[&str]| {
        let job = ["--streaming", "--mapper", "cat", "--input", "in.txt", "--output", output, &flow];
        let added = sandbox.run("add-step", &[&job, more].concat()).ok();
        Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout).ok();
    };
    streaming("s3://bucket/plain/", &[]);
    let plain = printed(&sandbox, &["s3://bucket/plain/"]);
    assert_eq!(plain.len(), text.len());
    for (codec, ending) in [("GzipCodec", ".gz"), ("BZip2Codec", ".bz2"), ("DefaultCodec", ".deflate")] {
        let output = format!("s3://bucket/{codec}/");
        let class = format!("mapreduce.output.fileoutputformat.compress.codec=org.apache.hadoop.io.compress.{codec}");
        streaming(&output, &["--jobconf", "mapreduce.output.fileoutputformat.compress=true", "--jobconf", &class]);
        let listed = String::from_utf8(printed(&sandbox, &["--dry-run", &output])).unwrap();
        assert!(listed.lines().count() > 0 && listed.lines().all(|line| line.ends_with(ending)), "{listed}");
        assert_eq!(printed(&sandbox, &[&output]), plain, "{codec}");
    }
}

#[test]
fn files_of_many_ranges_come_whole_and_in_order() {
    let (large, small) = (noise(20_000_123), noise(999));
    let sandbox = sandbox(&[], &[("out/part-00000", &large), ("out/part-00001", &small), ("out/part-00002", &large)]);
    let output = fetch(&sandbox, &["s3://bucket/out/"]);
    assert!(output.status.success());
    assert!(output.stdout == [&large[..], &small, &large].concat(), "{} bytes", output.stdout.len());
    assert!(said(&output).contains("warning: s3://bucket/out/ has no _SUCCESS"), "{}", said(&output));
    assert_eq!(sandbox.requests("GetObject").len(), 3 + 1 + 3);
}

#[test]
fn an_empty_output_is_warned_of_and_empty_parts_are_not() {
    let sandbox = sandbox(&[], &[("none/_SUCCESS", b""), ("out/_SUCCESS", b""), ("out/part-00000", b"")]);
    let none = fetch(&sandbox, &["s3://bucket/none/"]);
    assert!(none.status.success() && said(&none).contains("the output is empty"), "{none:?}");
    let empty = fetch(&sandbox, &["s3://bucket/out/"]);
    assert!(empty.status.success() && empty.stdout.is_empty() && empty.stderr.is_empty(), "{empty:?}");
    assert_eq!(sandbox.requests("GetObject").len(), 0);
}

#[test]
fn on_a_terminal_text_does_no_harm() {
    let sandbox = sandbox(&[], &[("out/_SUCCESS", b"")]);
    put(&sandbox, &[("out/part-00000", b"\x1b[2Jtext \xe2\x82\xac\x00\n")]);
    let line = format!("{} s3://bucket/out/", Tools::beside(TOOL).folder().join("fetch-output").display());
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).env("HOME", "/nonexistent");
    let seen = String::from_utf8(sandbox.point(&mut script).output().unwrap().stdout).unwrap();
    assert_eq!(seen, "\\u{1b}[2Jtext €\\u{0}\r\n", "and no bar");
    put(&sandbox, &[("named/part-0%E2%80%AE", b"x")]);
    assert_eq!(printed(&sandbox, &["--dry-run", "s3://bucket/named/"]), b"s3://bucket/named/part-0\\u{202e}\n");
}
