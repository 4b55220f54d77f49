//! Links that break, objects that change, readers that go away.

use std::io::Read;
use std::process::{Command, Stdio};

use harness::Ran;

use crate::cutting::cutting;
use crate::objects::{fetch, noise, printed, put, said, sandbox};

#[test]
fn an_answer_that_is_lost_is_asked_for_again() {
    for fault in
        ["GetObject:drop-response:2", "GetObject:error-500:1", "GetObject:throttle:1", "ListObjectsV2:drop-response:1"]
    {
        let sandbox = sandbox(&["--fault", fault], &[("out/part-00000", b"text\n"), ("out/_SUCCESS", b"")]);
        assert_eq!(printed(&sandbox, &["s3://bucket/out/"]), b"text\n", "{fault}");
    }
}

#[test]
fn a_denied_object_is_77_and_says_how_much_is_printed() {
    let sandbox = sandbox(&["--fault", "GetObject:deny:1"], &[("out/part-00000", b"text\n"), ("out/_SUCCESS", b"")]);
    let ran = Ran::of(sandbox.tool("fetch-output").arg("s3://bucket/out/"));
    ran.fails(77, "printed 0 bytes (0 whole files), then failed: s3://bucket/out/part-00000: AWS denies GetObject");
}

#[test]
fn a_link_that_breaks_is_taken_up_at_the_byte() {
    let (one, two) = (noise(3_000_000), noise(17_000_000));
    let sandbox = sandbox(&[], &[("out/part-00000", &one), ("out/part-00001", &two), ("out/_SUCCESS", b"")]);
    let url = cutting(sandbox.endpoint(), 7, 700_001, |_| {});
    let mut tool = sandbox.tool("fetch-output");
    let output = tool.arg("s3://bucket/out/").env("AWS_ENDPOINT_URL", url).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(output.stdout == [one, two].concat(), "{} bytes", output.stdout.len());
    assert_eq!(sandbox.requests("GetObject").len(), 4 + 7, "each break is one request more");
}

#[test]
fn an_object_that_is_replaced_meanwhile_is_an_error_and_no_mix() {
    let old = noise(3_000_000);
    let new: Vec<u8> = old.iter().map(|byte| !byte).collect();
    let sandbox = sandbox(&[], &[("out/part-00000", b"whole\n"), ("out/part-00001", &old), ("out/_SUCCESS", b"")]);
    let file = sandbox.file("new", &new);
    let replaced = format!("{}/bucket/out/part-00001", sandbox.endpoint());
    let put = move |_| {
        let put = Command::new("curl").args(["-fgsS", "-o", "/dev/null", "-T"]).arg(&file).arg(&replaced).status();
        assert!(put.unwrap().success());
    };
    let url = cutting(sandbox.endpoint(), 1, 1_000_000, put);
    let output = sandbox.tool("fetch-output").arg("s3://bucket/out/").env("AWS_ENDPOINT_URL", url).output().unwrap();
    assert_eq!(output.status.code(), Some(75), "{}", said(&output));
    assert_eq!(output.stdout, b"whole\n");
    let words =
        "printed 6 bytes (1 whole file), then failed: s3://bucket/out/part-00001 was replaced while it was read";
    assert!(said(&output).contains(words), "{}", said(&output));
}

#[test]
fn a_file_that_breaks_off_is_1_after_what_is_whole() {
    let whole = [&b"\0\0\0\x05\0\0\0\x07\x05\x10hello"[..], b"\0\0\0\x05\0\0\0\x07\x05"].concat();
    let sandbox = sandbox(&[], &[("out/part-00000", b"text\n"), ("out/part-00001.snappy", &whole)]);
    let output = fetch(&sandbox, &["-q", "s3://bucket/out/"]);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b"text\nhello"[..]));
    assert!(said(&output).contains("printed 10 bytes (1 whole file), then failed: "), "{}", said(&output));
    assert!(said(&output).contains("part-00001.snappy is not Hadoop's Snappy, is damaged or breaks off"));
}

#[test]
fn a_reader_that_goes_away_is_no_error_and_no_more_is_fetched() {
    let part = noise(9_000_000);
    let names: Vec<_> = (0..6).map(|number| format!("out/part-{number:05}")).collect();
    let sandbox = sandbox(&[], &[("out/_SUCCESS", b"")]);
    put(&sandbox, &names.iter().map(|name| (name.as_str(), part.as_slice())).collect::<Vec<_>>());
    let mut tool = sandbox.tool("fetch-output");
    let mut child = tool.arg("s3://bucket/out/").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 10];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
    assert_eq!(first, part[..10]);
}

#[test]
fn a_full_disk_is_74() {
    let sandbox = sandbox(&[], &[("out/part-00000", &noise(100_000)), ("out/_SUCCESS", b"")]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = sandbox.tool("fetch-output").arg("s3://bucket/out/").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(74), "{}", said(&output));
    assert!(said(&output).contains("cannot write to stdout: no space left on device"), "{}", said(&output));
}

#[test]
fn an_interrupt_counts_what_a_slow_reader_has() {
    let sandbox = sandbox(&[], &[("out/part-00000", &noise(5_000_000)), ("out/_SUCCESS", b"")]);
    let mut tool = sandbox.tool("fetch-output");
    let mut child = tool.arg("s3://bucket/out/").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut read = vec![0; 100_000];
    stdout.read_exact(&mut read).unwrap();
    drop(Command::new("kill").args(["-TERM", &child.id().to_string()]).status());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let count = said.strip_prefix("fetch-output: interrupted with at least ").and_then(|rest| rest.split(' ').next());
    let count: usize = count.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{said}"));
    stdout.read_to_end(&mut read).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert!((80_000..=read.len()).contains(&count), "{count} of {}", read.len());
}

#[test]
fn an_interrupt_says_how_much_is_printed() {
    let sandbox =
        sandbox(&["--fault", "GetObject:delay:9:60000"], &[("out/part-00000", b"text\n"), ("out/_SUCCESS", b"")]);
    let mut tool = sandbox.tool("fetch-output");
    let mut child = tool.arg("s3://bucket/out/").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while sandbox.requests("ListObjectsV2").is_empty() {
        std::thread::yield_now();
    }
    drop(Command::new("kill").args(["-TERM", &child.id().to_string()]).status());
    assert_eq!(child.wait().unwrap().code(), Some(143));
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "fetch-output: interrupted with at least 0 bytes (0 whole files) printed\n");
}
