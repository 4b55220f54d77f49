//! Streaming steps of add-step against the sandbox: what Hadoop would make of them is found before they are added.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;

use harness::{Ran, Sandbox, Store, StoreAnswer, Tools};
use serde_json::Value;

const TOOL: &str = env!("CARGO_BIN_EXE_add-step");

fn sandbox() -> (Sandbox, String) {
    let sandbox = Sandbox::start(&Tools::beside(TOOL), &[]);
    let flow = sandbox.job_flow(&[]);
    (sandbox, flow)
}

/// Puts an object into the bucket of the sandbox.
fn put(sandbox: &Sandbox, key: &str) {
    let url = format!("{}/bucket/{key}", sandbox.endpoint());
    let put =
        std::process::Command::new("curl").args(["-fsg", "-o", "/dev/null", "-X", "PUT", "-d", "a", &url]).status();
    assert!(put.unwrap().success(), "{url}");
}

/// A streaming step with `args`.
fn streaming(sandbox: &Sandbox, flow: &str, args: &[&str]) -> Ran {
    sandbox.run("add-step", &[&[flow, "--streaming", "--mapper", "cat"], args].concat())
}

/// The arguments of the only step that a dry run with `args` would send.
fn arguments(sandbox: &Sandbox, flow: &str, args: &[&str]) -> Vec<String> {
    let input = ["--dry-run", "--input", "s3://bucket/i", "--output", "s3://bucket/o"];
    let request = streaming(sandbox, flow, &[&input, args].concat()).ok().record();
    let args = request["Steps"][0]["HadoopJarStep"]["Args"].as_array().unwrap().clone();
    args.iter().map(|arg| arg.as_str().unwrap().to_owned()).collect()
}

#[test]
fn files_of_an_input_folder_keep_their_names_and_hidden_ones_stay_behind() {
    let (sandbox, flow) = sandbox();
    let folder = sandbox.folder().join("in");
    fs::create_dir(&folder).unwrap();
    for name in ["2013-01-01.log", "a b.txt", "_SUCCESS", ".part.crc"] {
        fs::write(folder.join(name), "x\n").unwrap();
    }
    streaming(&sandbox, &flow, &["--input", "in", "--input", "in/a b.txt", "--output", "s3://bucket/o/"]).ok();
    let puts = sandbox.requests("PutObject");
    assert_eq!(puts.len(), 3, "{puts:?}");
    let args = arguments(&sandbox, &flow, &["--input", "in"]);
    assert!(args.iter().any(|arg| arg.starts_with("s3://bucket/scratch/inputs/") && arg.ends_with('/')), "{args:?}");
}

#[test]
fn a_folder_within_an_input_is_refused_unless_the_job_reads_it() {
    let (sandbox, flow) = sandbox();
    fs::create_dir_all(sandbox.folder().join("in/sub")).unwrap();
    sandbox.file("in/a", "a\n");
    sandbox.file("in/sub/b", "b\n");
    let args = ["--input", "in", "--output", "s3://bucket/o/"];
    streaming(&sandbox, &flow, &args).fails(2, "in/sub is a folder within an input");
    assert_eq!(sandbox.requests("PutObject").len(), 0);
    let recursive = ["-D", "mapreduce.input.fileinputformat.input.dir.recursive=true", "--dry-run"];
    streaming(&sandbox, &flow, &[&args[..], &recursive].concat()).ok();
}

#[test]
fn arguments_that_would_not_arrive_are_refused_before_anything_is_sent() {
    let (sandbox, flow) = sandbox();
    let steps = r#"[{"Jar": "command-runner.jar", "Args": ["x", ""]}]"#;
    sandbox.file("steps.json", steps);
    let cases: [(&[&str], &str); 4] = [
        (&["--", "spark-submit", "--sep", ""], "an empty argument, which EMR's command-runner.jar leaves out"),
        (&["--", "x", "{\"a\":{\"b\":1}}"], "command-runner.jar deletes }}"),
        (&["--steps", "steps.json"], "an empty argument"),
        (
            &["--streaming", "--mapper", "cat", "--input", "s3://b/i", "--output", "s3://b/o", "--cmdenv", "A=b c"],
            "--cmdenv: the variable 'A=b c' has a blank in it",
        ),
    ];
    for (args, words) in cases {
        sandbox.run("add-step", &[&[flow.as_str()], args].concat()).fails(2, words);
    }
    assert_eq!(sandbox.requests("AddJobFlowSteps").len(), 0);
    let said = sandbox.run(
        "add-step",
        &[
            &flow,
            "--dry-run",
            "--streaming",
            "--mapper",
            "grep --re='a b'",
            "--input",
            "s3://bucket/i",
            "--output",
            "s3://bucket/o",
        ],
    );
    assert!(said.ok().stderr.contains("Hadoop makes other words of --mapper than a shell, and runs grep --re= 'a b'"));
}

#[test]
fn places_on_s3_that_hadoop_would_refuse_are_refused_before_a_step_is_added() {
    let (sandbox, flow) = sandbox();
    for key in ["in/2013-01/a", "out/part-00000", "res-other/x", "old_$folder$"] {
        put(&sandbox, key);
    }
    let input = "s3://bucket/in/2013-01/";
    for (input, output, words) in [
        (input, "s3://bucket/out", "the output s3://bucket/out exists"),
        (input, "s3://bucket/out/part-00000", "the output s3://bucket/out/part-00000 exists"),
        (input, "s3://bucket/old/", "the output s3://bucket/old exists"),
        ("s3://bucket/nope/", "s3://bucket/new", "no object is at the input s3://bucket/nope/"),
        ("s3://bucket/re", "s3://bucket/new", "no object is at the input s3://bucket/re"),
        ("s3://bucket/in/{2012,2014}-*", "s3://bucket/new", "no object is at the input s3://bucket/in/{2012,2014}-*"),
        ("s3://none/in/", "s3://bucket/new", "NoSuchBucket"),
        (input, "s3://bucket/in", "the input s3://bucket/in/2013-01/ lies in the output s3://bucket/in"),
        ("s3://bucket/in", "s3://bucket/in/new", "the output s3://bucket/in/new lies in the input s3://bucket/in"),
        (input, "s3://bucket/scratch", "the scratch URI s3://bucket/scratch/ lies in the output"),
    ] {
        streaming(&sandbox, &flow, &["--input", input, "--output", output]).fails(2, words);
    }
    assert_eq!(sandbox.requests("AddJobFlowSteps").len(), 0);
    for (number, input) in [input, "s3://bucket/in/2013-01/a", "s3://bucket/in/{2012,2013}-*"].iter().enumerate() {
        streaming(&sandbox, &flow, &["--input", input, "--output", &format!("s3://bucket/res{number}")]).ok();
    }
    let skipped = ["--input", "s3://bucket/nope/", "--output", "s3://bucket/later", "--no-check-input-paths"];
    streaming(&sandbox, &flow, &skipped).ok();
    let dry = streaming(&sandbox, &flow, &["--input", input, "--output", "s3://bucket/out", "--dry-run"]).ok();
    assert!(dry.stderr.contains("the step would not be added: the output s3://bucket/out exists"), "{dry:?}");
}

#[test]
fn an_earlier_step_of_the_same_call_may_write_the_input() {
    let (sandbox, flow) = sandbox();
    put(&sandbox, "in/a");
    let step = |input: &str, output: &str| {
        let args = ["hadoop-streaming", "-mapper", "cat", "-input", input, "-output", output];
        serde_json::json!({"Jar": "command-runner.jar", "Args": args})
    };
    let steps = [step("s3://bucket/in/", "s3://bucket/mid/"), step("s3://bucket/mid/part-*", "s3://bucket/end/")];
    sandbox.file("steps.json", Value::from(steps.to_vec()).to_string());
    sandbox.run("add-step", &[&flow, "--steps", "steps.json"]).ok();
}

#[test]
fn an_archived_input_is_refused_and_what_may_not_be_looked_at_is_a_warning() {
    let (sandbox, flow) = sandbox();
    let object = |class: &str, restored: &str| {
        format!("<Contents><Key>in/a</Key><Size>1</Size><StorageClass>{class}</StorageClass>{restored}</Contents>")
    };
    let expiry = "<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress>\
        <RestoreExpiryDate>2030-01-01T00:00:00Z</RestoreExpiryDate></RestoreStatus>";
    let cases = [
        (Some(object("GLACIER", "")), Some(2), "s3://bucket/in/a is in an archive of S3 Glacier"),
        (Some(object("DEEP_ARCHIVE", "")), Some(2), "s3://bucket/in/a is in an archive"),
        (Some(object("GLACIER", expiry)), Some(0), ""),
        (Some(object("GLACIER_IR", "")), Some(0), ""),
        (None, Some(0), "cannot tell whether the step can use s3://bucket/in/"),
    ];
    for (listed, code, words) in cases {
        let store = Store::start(move |request, _| {
            let is_list = request.query.contains("list-type=2");
            let objects =
                if request.query.contains("prefix=in") { listed.as_deref() } else { listed.as_ref().map(|_| "") };
            is_list.then(|| objects.map_or_else(|| StoreAnswer::error(403, "AccessDenied", ""), StoreAnswer::list))
        });
        let mut add = sandbox.tool("add-step");
        let args =
            ["--streaming", "--mapper", "cat", "--input", "s3://bucket/in/", "--output", "s3://bucket/o/", &flow];
        let ran = Ran::of(add.env("AWS_ENDPOINT_URL_S3", store.endpoint()).args(args));
        assert_eq!(ran.code, code, "{ran:?}");
        assert!(ran.stderr.contains(words), "{ran:?}");
    }
}

#[test]
fn streaming_takes_hadoop_s_classes_jars_and_archives() {
    let (sandbox, flow) = sandbox();
    let args = [
        "--partitioner",
        "P",
        "--inputformat",
        "I",
        "--outputformat",
        "O",
        "--libjars",
        "s3://b/x.jar",
        "--archive",
        "s3://b/x.tar.gz#x",
        "--hadoop-arg=-verbose",
    ];
    let args = arguments(&sandbox, &flow, &args).join(" ");
    let expected = "hadoop-streaming -archives s3://b/x.tar.gz#x -libjars s3://b/x.jar -D mapreduce.job.reduces=0 \
        -verbose -partitioner P -inputformat I -outputformat O -mapper cat";
    assert!(args.starts_with(expected), "{args}");
}

#[test]
fn properties_and_variables_of_the_configuration_are_heeded_and_the_rest_is_said() {
    let (sandbox, flow) = sandbox();
    let conf = "runners:\n  emr:\n    jobconf: {a: yes, b: 0.40, c: x, d: ~}\n    cmdenv: {TZ: UTC}\n    \
        interpreter: ruby\n    upload_files: []\n";
    let conf = sandbox.file("mrjob.conf", conf);
    let args = ["-c", conf.to_str().unwrap(), "-D", "c=y"];
    let sent = arguments(&sandbox, &flow, &args).join(" ");
    assert!(sent.contains("-D a=true -D b=0.40 -D c=y -mapper") && sent.contains("-cmdenv TZ=UTC"), "{sent}");
    let places = ["--input", "s3://bucket/i", "--output", "s3://bucket/o", "--dry-run"];
    let said = streaming(&sandbox, &flow, &[&args[..], &places].concat()).ok().stderr;
    let lines: Vec<_> = said.lines().filter(|line| line.contains("mrjob.conf")).collect();
    assert!(lines.len() == 1 && lines[0].contains("line 5, column 18: interpreter has no effect"), "{said}");
    let bad = sandbox.file("bad.conf", "runners: {emr: {cmdenv: {A: b c}}}");
    let bad = streaming(&sandbox, &flow, &[&["-c", bad.to_str().unwrap()][..], &places].concat());
    bad.fails(78, "bad.conf: line 1, column 29: cmdenv: the variable 'A=b c' has a blank in it");
}

#[test]
fn a_job_without_an_output_writes_below_the_scratch_uri_and_its_records_say_where() {
    let (sandbox, flow) = sandbox();
    sandbox.file("in.txt", "hello\n");
    let added = streaming(&sandbox, &flow, &["--input", "in.txt"]).ok();
    let record = added.record();
    let (output, run) =
        (record["output"].as_str().unwrap(), record["name"].as_str().unwrap().rsplit(':').next().unwrap());
    assert_eq!(output, format!("s3://bucket/scratch/output/{run}/"));
    let ended = Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout).ok();
    assert_eq!(ended.record()["output"], output);
    let by_id = sandbox.run("wait-step", &["--emr-job-flow-id", &flow, record["step_id"].as_str().unwrap()]).ok();
    assert_eq!(by_id.record()["output"], output, "the arguments of the step say it, too");
    assert_eq!(sandbox.run("wait-step", &[&flow]).ok().record()["output"], output);
    assert_eq!(sandbox.object(&format!("scratch/output/{run}/part-00000")).unwrap().trim_end(), "hello");
    let without = sandbox.run("add-step", &[&flow, "--", "true"]).ok();
    assert!(without.record().get("output").is_none(), "{without:?}");
}

#[test]
fn of_steps_that_read_one_another_the_last_alone_has_an_output() {
    let (sandbox, flow) = sandbox();
    sandbox.file("in.txt", "b\na\n");
    let steps = r#"[{"Type": "STREAMING", "Name": "one", "Args": ["-D", "mapreduce.job.reduces=0", "-mapper", "cat",
        "-input", "in.txt", "-output", "s3://bucket/mid/"]},
        {"Type": "STREAMING", "Args": ["-files", "r.sh", "-mapper", "cat", "-reducer", "sh r.sh", "-input",
        "s3://bucket/mid/", "-output", "s3://bucket/end/"]}]"#;
    sandbox.file("r.sh", "sed 's/^/r:/'\n");
    let added = sandbox.run("add-step", &[&flow, "--steps", steps]).ok();
    assert!(
        added.stderr.contains("in.txt is a local input") && added.stderr.contains("r.sh is a local file"),
        "{added:?}"
    );
    let outputs = |ran: &Ran| ran.records().iter().map(|record| record["output"].clone()).collect::<Vec<_>>();
    assert_eq!(outputs(&added), [Value::Null, "s3://bucket/end/".into()]);
    let ended = Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout).ok();
    assert_eq!(outputs(&ended), outputs(&added));
    let ends: Vec<_> = sandbox.keys("end/part-").iter().filter_map(|key| sandbox.object(key)).collect();
    let mut lines: Vec<_> = ends.iter().flat_map(|part| part.lines()).map(str::trim_end).collect();
    lines.sort_unstable();
    assert_eq!(lines, ["r:a", "r:b"]);
}
