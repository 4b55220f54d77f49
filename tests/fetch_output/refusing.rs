//! What is not fetched, and what is said then.

use harness::{Endpoint, Ran, Tools};

use crate::TOOL;
use crate::objects::{fetch, piped, record, said, sandbox};

/// Steps on job flows that live and that have ended.
const ACCOUNT: &str = r#"{"clusters": [
    {"Cluster": {"Id": "j-A", "Name": "lives", "Status": {"State": "WAITING", "Timeline": {"CreationDateTime": 1}}}},
    {"Cluster": {"Id": "j-GONE", "Name": "ended", "Status": {"State": "TERMINATED",
        "Timeline": {"CreationDateTime": 1, "EndDateTime": 9}}}}]}"#;

#[test]
fn of_a_step_that_did_not_complete_no_byte_is_printed_nor_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let account = folder.path().join("account.json");
    std::fs::write(&account, ACCOUNT).unwrap();
    let args = ["--load", account.to_str().unwrap()];
    let sandbox = sandbox(&args, &[("out/part-00000", b"text\n"), ("out/_SUCCESS", b"")]);
    let fine = record("COMPLETED", Some("s3://bucket/out/"));
    for (state, words) in [
        (
            "FAILED",
            "s-A is FAILED, and its output is not fetched; 'fetch-logs --cause --emr-job-flow-id j-A s-A' says why",
        ),
        ("CANCELLED", "s-A is CANCELLED, and its output is not fetched"),
        ("INTERRUPTED", "s-A is INTERRUPTED"),
        (
            "RUNNING",
            "s-A is RUNNING, and its output is not fetched; wait for it first: 'wait-step --emr-job-flow-id j-A s-A'",
        ),
        (
            "SUSPENDED",
            "s-A is in the state 'SUSPENDED', which is not known here, and its output is not fetched; 'wait-step",
        ),
        ("completed", "s-A is in the state 'completed', which is not known here"),
    ] {
        for output in [Some("s3://bucket/out/"), None] {
            piped(&sandbox, &[], &[fine.clone(), record(state, output)]).fails(1, words);
        }
    }
    piped(&sandbox, &[], &[record("PENDING", None)])
        .fails(1, "s-A is PENDING, and its output is not fetched; wait for it");
    let never = record("CANCELLED", None).replace("j-A", "j-GONE");
    let words = "s-A never began, because its job flow ended first";
    piped(&sandbox, &[], &[fine.clone(), never.clone()]).fails(75, words);
    piped(&sandbox, &[], &[never, record("FAILED", None)]).fails(1, words);
    assert_eq!(sandbox.requests("GetObject").len(), 0);
}

#[test]
fn empty_stdin_is_66_and_what_is_no_record_2() {
    let sandbox = sandbox(&[], &[]);
    piped(&sandbox, &[], &[]).fails(66, "nothing came on stdin: there is no step whose output to fetch");
    piped(&sandbox, &[], &["[]\n".to_owned()]).fails(66, "nothing came on stdin");
    piped(&sandbox, &[], &["s-A".to_owned()])
        .fails(2, "'s-A' is not a place on S3; pipe in its record, as wait-step prints it");
    piped(&sandbox, &[], &[r#"{"job_flow_id":"j-A","state":"WAITING"}"#.to_owned()]).fails(2, "it has no step_id");
    piped(&sandbox, &[], &[record("COMPLETED", None)]).fails(1, "none of these steps has an output");
    Ran::of(sandbox.tool("fetch-output").args(["--delete-after", "s3://bucket/out/"])).fails(2, "--output-dir");
}

#[test]
fn an_output_that_is_not_there_is_1() {
    let sandbox = sandbox(&[], &[("half/_temporary/0/part-00000", b"x"), ("out-2/part-00000", b"x")]);
    for (place, words) in [
        ("s3://bucket/out/", "there is no output at s3://bucket/out/: it has nothing"),
        ("s3://bucket/out", "there is no output at s3://bucket/out: it has nothing"),
        ("s3://bucket/half/", "it has no part file and no _SUCCESS"),
        ("s3://nowhere/out/", "s3://nowhere/out/"),
    ] {
        piped(&sandbox, &[place], &[]).fails(1, words);
    }
}

#[test]
fn what_is_not_on_s3_is_refused_with_the_way_there() {
    let sandbox = sandbox(&[], &[]);
    let ran = piped(&sandbox, &[], &[record("COMPLETED", Some("hdfs:///user/hadoop/out"))]);
    ran.fails(2, "s-A: the output hdfs:///user/hadoop/out is on the HDFS of its job flow");
    assert!(ran.stderr.contains("s3-dist-cp"), "{ran:?}");
    piped(&sandbox, &["S3://bucket/out/"], &[])
        .fails(2, "'S3://bucket/out/' is not a place on S3; write s3://bucket/key");
    let ran = piped(&sandbox, &[], &[record("COMPLETED", Some(""))]);
    ran.fails(
        2,
        "s-A: its record has an empty output; name the place if you know it: fetch-output s3://bucket/output/",
    );
    piped(&sandbox, &["hdfs:///out"], &[]).fails(2, "hdfs:///out is on the HDFS");
}

#[test]
fn what_is_no_text_is_not_printed_as_if_it_were() {
    let objects: [(&str, &[u8]); 7] = [
        ("lzo/part-00000.lzo", b"\x89LZO"),
        ("parquet/part-00000.snappy.parquet", b"PAR1"),
        ("sequence/part-00000", b"SEQ\x06\x19org.apache.hadoop.io.Text"),
        ("nameless/part-00000", b"\x1f\x8b\x08\0"),
        ("bzip/part-00000", b"BZh91AY&SY\0\0"),
        ("false/part-00000.gz", b"text\n"),
        ("zst/part-00000.zst", b"\x28\xb5\x2f\xfd\x20\x05\xff\xff\xffzstd\n"),
    ];
    let sandbox = sandbox(&[], &objects);
    for (place, code, words) in [
        ("s3://bucket/lzo/", 2, "part-00000.lzo is packed with LZO, which is not unpacked here; --raw"),
        ("s3://bucket/parquet/", 2, "parquet is a file of Parquet, and no text; --output-dir"),
        ("s3://bucket/sequence/", 2, "part-00000 is a file of SequenceFile"),
        ("s3://bucket/nameless/", 2, "part-00000 is a file of gzip"),
        ("s3://bucket/bzip/", 2, "part-00000 is a file of bzip2"),
        ("s3://bucket/zst/", 1, "part-00000.zst is not Zstandard, is damaged or breaks off: a frame cannot be read;"),
        ("s3://bucket/false/", 1, "part-00000.gz is not gzip, is damaged or breaks off: "),
    ] {
        piped(&sandbox, &[place], &[]).fails(code, words);
        let raw = fetch(&sandbox, &["--raw", place]);
        assert!(raw.status.success() && !raw.stdout.is_empty(), "{}", said(&raw));
    }
}

#[test]
fn a_store_that_sends_another_range_is_an_error_and_no_text() {
    let list = "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>out/part-0</Key>\
                <ETag>&quot;e&quot;</ETag><Size>9000000</Size></Contents></ListBucketResult>";
    let store = Endpoint::answering(move |asked, _| match asked {
        asked if asked.contains("list-type=2") => format!("Content-Type: application/xml\r\n\r\n{list}"),
        _ => format!("ETag: \"e\"\r\n\r\n{}", "x".repeat(9_000_000)),
    });
    let ran = store.run(&Tools::beside(TOOL), "fetch-output", &["s3://bucket/out/"]);
    ran.fails(69, "with another range than requested");
}
