//! Streaming steps of add-step against the sandbox: what Hadoop would make of them is found before they are added.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt;

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
        "--reducer",
        "cat",
        "--partitioner",
        "P",
        "--inputformat",
        "I",
        "--outputformat",
        "O",
        "--libjars",
        "file:///home/hadoop/x.jar",
        "--archive",
        "s3://b/x.tar.gz#x",
        "--hadoop-arg=-verbose",
    ];
    let args = arguments(&sandbox, &flow, &args).join(" ");
    let expected = "hadoop-streaming -archives s3://b/x.tar.gz#x -libjars /home/hadoop/x.jar -verbose \
        -partitioner P -inputformat I -outputformat O -mapper cat -reducer cat";
    assert!(args.starts_with(expected), "{args}");
}

#[test]
fn jars_that_the_master_lacks_are_fetched_by_a_step_before_the_job() {
    let programs = tempfile::tempdir().unwrap();
    // What the AWS CLI of a master would do, for a sandbox without one.
    let aws = "#!/bin/sh\n[ \"$1 $2\" = 's3 cp' ] && exec curl -fsS \"$AWS_ENDPOINT_URL/${3#s3://}\" -o \"$4\"\n";
    fs::write(programs.path().join("aws"), aws).unwrap();
    fs::set_permissions(programs.path().join("aws"), fs::Permissions::from_mode(0o755)).unwrap();
    let sandbox = Sandbox::with_programs(&Tools::beside(TOOL), &[programs.path()], &[]);
    let flow = sandbox.job_flow(&[]);
    sandbox.file("in.txt", "a\n");
    sandbox.file("x.jar", "jar");
    let args = ["--input", "in.txt", "--libjars", "x.jar", "--name", "count"];
    let added = streaming(&sandbox, &flow, &args).ok();
    let [fetching, job] = &added.records()[..] else { panic!("{added:?}") };
    assert!(fetching["name"].as_str().unwrap().starts_with("count: Master node setup run:"), "{fetching}");
    assert!(fetching["output"].is_null() && job["output"].is_string(), "{added:?}");
    Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout).ok();
    let run = job["name"].as_str().unwrap().rsplit(':').next().unwrap();
    let jars = std::path::Path::new("/tmp").join(format!("libjars-{run}"));
    assert_eq!(fs::read_to_string(jars.join("x.jar")).unwrap(), "jar");
    fs::remove_dir_all(jars).unwrap();
    let side_by_side = sandbox.job_flow(&["--max-concurrent-steps", "2"]);
    streaming(&sandbox, &side_by_side, &args).fails(2, "the master has to have the jars of --libjars first");
}

#[test]
fn a_local_glob_is_one_input_of_all_that_it_matches() {
    let (sandbox, flow) = sandbox();
    fs::create_dir(sandbox.folder().join("texts")).unwrap();
    for name in ["a.txt", "b.txt", "c.log", "_hidden.txt"] {
        sandbox.file(&format!("texts/{name}"), format!("{name}\n"));
    }
    let added = streaming(&sandbox, &flow, &["--input", "texts/*.txt", "--output", "s3://bucket/glob/"]).ok();
    Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout).ok();
    let parts: String = sandbox.keys("glob/part-").iter().filter_map(|key| sandbox.object(key)).collect();
    let mut lines: Vec<_> = parts.lines().map(str::trim_end).collect();
    lines.sort_unstable();
    assert_eq!(lines, ["a.txt", "b.txt"]);
    streaming(&sandbox, &flow, &["--input", "texts/*.gz"]).fails(74, "no file matches texts/*.gz");
    let json =
        r#"{"Type": "STREAMING", "Args": ["-mapper", "cat", "-input", "texts/?.txt", "-output", "s3://bucket/o/"]}"#;
    let request = sandbox.run("add-step", &[&flow, "--dry-run", "--steps", json]).ok().record();
    let input = request["Steps"][0]["HadoopJarStep"]["Args"][4].as_str().unwrap();
    assert!(input.starts_with("s3://bucket/scratch/inputs/") && !input.contains(','), "{input}");
}

#[test]
fn places_of_streaming_in_a_step_s_own_words_are_checked_as_those_of_options_are() {
    let (sandbox, flow) = sandbox();
    sandbox.file("in.txt", "a\n");
    let steps = |input: &str, output: &str| {
        serde_json::json!([{"Type": "STREAMING", "Args": ["-mapper", "cat", "-input", input, "-output", output]}])
            .to_string()
    };
    for (input, output, words) in [
        ("in.txt", "out", "--steps: step 1: a job flow cannot write to 'out'"),
        ("in.txt", "/out", "or hdfs:///out for a directory of the job flow's own"),
        ("http://h/in.txt", "s3://bucket/o", "Hadoop neither reads nor writes 'http://h/in.txt'"),
        ("none.txt", "s3://bucket/o", "none.txt is not here"),
        ("s3://bucket/none/", "s3://bucket/o", "no object is at the input s3://bucket/none/"),
        ("in.txt", "s3://bucket", "is a whole bucket"),
    ] {
        sandbox.run("add-step", &[&flow, "--steps", &steps(input, output)]).fails(2, words);
        let command = ["--", "hadoop-streaming", "-mapper", "cat", "-input", input, "-output", output];
        let words = words.trim_start_matches("--steps: step 1: ");
        sandbox.run("add-step", &[&[flow.as_str()], &command[..]].concat()).fails(2, words);
    }
    let command = ["--dry-run", "--", "hadoop-streaming", "-mapper", "cat", "-input", "in.txt", "-output", "hdfs:///o"];
    let ran = sandbox.run("add-step", &[&[flow.as_str()], &command[..]].concat()).ok();
    assert!(ran.stderr.contains("in.txt is a local input: the step gets s3://bucket/scratch/inputs/"), "{ran:?}");
    let side_by_side = sandbox.job_flow(&["--max-concurrent-steps", "2"]);
    let two = r#"[{"Type": "STREAMING", "Args": ["-mapper", "cat", "-input", "in.txt", "-output", "s3://bucket/mid"]},
        {"Type": "STREAMING", "Args": ["-mapper", "cat", "-input", "s3://bucket/mid", "-output", "s3://bucket/end"]}]"#;
    let refused = sandbox.run("add-step", &[&side_by_side, "--steps", two]);
    refused.fails(2, "runs 2 steps side by side, and step 2 reads what step 1 writes");
    let one_output = two
        .replace("s3://bucket/end", "s3://bucket/mid/x/")
        .replace("-input\", \"s3://bucket/mid\"", "-input\", \"in.txt\"");
    let refused = sandbox.run("add-step", &[&flow, "--steps", &one_output]);
    refused.fails(2, "step 1 and step 2 write to one place, s3://bucket/mid/x; give each step an -output of its own");
    let lax = ["--no-check-input-paths", "--dry-run", "--", "hadoop-streaming", "-mapper", "cat", "-input", "none.txt"];
    let ran = sandbox.run("add-step", &[&[flow.as_str()], &lax[..], &["-output", "out"]].concat()).ok();
    assert!(ran.stdout.contains("\"out\""), "{ran:?}");
}

#[test]
fn hadoop_s_options_are_read_in_each_of_their_spellings() {
    let (sandbox, flow) = sandbox();
    fs::create_dir_all(sandbox.folder().join("folder/deep")).unwrap();
    sandbox.file("folder/deep/in.txt", "a\n");
    sandbox.file("map", "cat\n");
    let command = ["--dry-run", "--", "hadoop-streaming", "-Dmapreduce.input.fileinputformat.input.dir.recursive=true"];
    let rest = ["-files=map", "-mapper", "sh map", "--input", "folder", "-output", "hdfs:/o"];
    let ran = sandbox.run("add-step", &[&[flow.as_str()], &command[..], &rest].concat()).ok();
    assert!(ran.stdout.contains("\"-files=s3://bucket/scratch/files/") && ran.stdout.contains("/map#map\""), "{ran:?}");
    assert!(ran.stderr.contains("folder is a local input"), "{ran:?}");
    for (words, refusal) in [
        (&["--files", "none", "-input", "folder/deep/in.txt"][..], "none is not here"),
        (&["--input", "none"], "none is not here"),
    ] {
        let command = ["--", "hadoop-streaming"];
        let args = [&[flow.as_str()], &command[..], words, &["-mapper", "cat", "-output", "s3://bucket/o"]].concat();
        sandbox.run("add-step", &args).fails(2, refusal);
    }
}

#[test]
fn what_is_typed_and_does_nothing_for_this_job_is_refused() {
    let (sandbox, flow) = sandbox();
    let places = ["--input", "s3://bucket/i", "--output", "s3://bucket/o", "--no-check-input-paths"];
    for (args, words) in [
        (&["--combiner", "cat"][..], "--combiner has no effect: the job has no reducer"),
        (&["--partitioner", "P"], "--partitioner has no effect: the job has no reducer"),
        (&["--python-bin", "python3"], "--python-bin has no effect: no command begins with a .py file"),
        (&["--sh-bin", "/bin/bash"], "--sh-bin has no effect: nothing runs before the tasks"),
        (
            &["--spark-arg=-v"],
            "--spark-arg has no effect on streaming jobs; it is for Spark jobs in Python or Spark jobs in jars",
        ),
    ] {
        streaming(&sandbox, &flow, &[&places[..], args].concat()).fails(2, words);
    }
    let conf = "runners: {emr: {python_bin: python3, sh_bin: /bin/bash, partitioner: P, spark_args: [-v]}}";
    let conf = sandbox.file("mrjob.conf", conf);
    let dry = ["--dry-run", "-c", conf.to_str().unwrap()];
    streaming(&sandbox, &flow, &[&places[..], &dry].concat()).ok();
    let reduces = ["--dry-run", "--combiner", "cat", "-D", "mapreduce.job.reduces=2"];
    streaming(&sandbox, &flow, &[&places[..], &reduces].concat()).ok();
    let jar = ["--jar", "s3://b/x.jar", "--libjars", "s3://b/y.jar"];
    let refused = sandbox.run("add-step", &[&[flow.as_str()], &jar[..]].concat());
    refused.fails(2, "--libjars has no effect on jars; it is for streaming jobs, ");
}

#[test]
fn properties_and_variables_of_the_configuration_are_heeded_and_the_rest_is_said() {
    let (sandbox, flow) = sandbox();
    let conf = "runners:\n  emr:\n    jobconf: {a: yes, b: 0.40, c: x, d: ~}\n    cmdenv: {TZ: UTC, GONE: ~}\n    \
        interpreter: ruby\n    upload_files: []\n";
    let conf = sandbox.file("mrjob.conf", conf);
    let args = ["-c", conf.to_str().unwrap(), "-D", "c=y"];
    let sent = arguments(&sandbox, &flow, &args).join(" ");
    assert!(sent.contains("-D a=true -D b=0.40 -D c=y -mapper") && sent.contains("-cmdenv TZ=UTC -input"), "{sent}");
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
