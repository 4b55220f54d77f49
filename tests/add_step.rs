//! add-step against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Stdio;

use harness::{Ran, Sandbox, Store, StoreAnswer, Tools};
use serde_json::{Value, json};

const TOOL: &str = env!("CARGO_BIN_EXE_add-step");

fn sandbox(args: &[&str]) -> Sandbox {
    Sandbox::start(&Tools::beside(TOOL), args)
}

/// The only step that a dry run with `args` would send.
fn step(sandbox: &Sandbox, job_flow: &str, args: &[&str]) -> Value {
    let request = sandbox.run("add-step", &[&["--dry-run", job_flow], args].concat()).ok().record();
    assert_eq!(request["JobFlowId"], job_flow);
    assert_eq!(request["Steps"].as_array().unwrap().len(), 1);
    request["Steps"][0].clone()
}

#[test]
fn a_command_runs_on_the_master_word_for_word() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    let step = step(&sandbox, &flow, &["--", "spark-submit", "s3://b/job.py", "a b", "--flag", "$(x)"]);
    assert_eq!(step["HadoopJarStep"]["Jar"], "command-runner.jar");
    let args = json!(["spark-submit", "s3://b/job.py", "a b", "--flag", "$(x)"]);
    assert_eq!(step["HadoopJarStep"]["Args"], args);
    assert!(step["Name"].as_str().unwrap().starts_with("spark-submit run:"), "{step}");
    assert_eq!(step["ActionOnFailure"], "CANCEL_AND_WAIT");
    assert_eq!(sandbox.requests("AddJobFlowSteps").len(), 0);
}

#[test]
fn the_job_flow_comes_from_an_argument_an_option_or_stdin() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    let by_option = sandbox.run("add-step", &["--emr-job-flow-id", &flow, "--", "true"]).ok();
    assert!(by_option.record()["step_id"].as_str().unwrap().starts_with("s-"));
    assert_eq!(by_option.stderr, format!("Adding our job to job flow {flow}\n"));
    let pipe = |stdin: &str| Ran::with_stdin(sandbox.tool("add-step").args(["--", "true"]), stdin);
    for line in [flow.clone(), format!("{{\"job_flow_id\":\"{flow}\"}}"), format!("{{\"Id\":\"{flow}\"}}")] {
        assert_eq!(pipe(&line).ok().record()["job_flow_id"], flow.as_str());
    }
    pipe("").fails(66, "there is no job flow to add to");
    pipe("j-A\nj-B\n").fails(2, "stdin names 2 job flows");
    pipe("{\"job_flow_id\":").fails(2, "line 1 of stdin: not a record");
}

#[test]
fn the_job_flow_of_the_configuration_is_for_those_who_pipe_in_none() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    sandbox.file("mrjob.conf", format!("runners: {{emr: {{emr_job_flow_id: {flow}}}}}"));
    let tool = || {
        let mut tool = sandbox.tool("add-step");
        tool.args(["-c", "mrjob.conf", "--", "true"]);
        tool
    };
    Ran::with_stdin(&mut tool(), "").fails(66, "there is no job flow to add to");
    Ran::with_stdin(&mut tool(), "s-1\n").fails(2, "a step without its job flow");
    let cron = Ran::from(tool().stdin(Stdio::null()).output().unwrap()).ok();
    assert_eq!(cron.record()["job_flow_id"], flow.as_str());
    assert_eq!(sandbox.requests("AddJobFlowSteps").len(), 1);
}

#[test]
fn a_directory_is_one_input_however_many_files_it_has() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    let folder = sandbox.folder().join("logs");
    std::fs::create_dir(&folder).unwrap();
    for number in 0..120 {
        std::fs::write(folder.join(format!("part,{number} of 120.txt")), format!("line {number}\n")).unwrap();
    }
    let args = ["--streaming", "--mapper", "cat", "--input", "logs", "--output", "s3://bucket/all/", &flow];
    let added = sandbox.run("add-step", &args).ok();
    Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout).ok();
    let parts = (0..200).map_while(|part| sandbox.object(&format!("all/part-{part:05}")));
    assert_eq!(parts.map(|part| part.lines().count()).sum::<usize>(), 120);
}

#[test]
fn local_files_are_uploaded_once_under_their_content() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    sandbox.file("m.py", "import sys\nsys.stdout.write(sys.stdin.read().upper())\n");
    sandbox.file("in.txt", "hello\n");
    let streaming = |output: &str| {
        let args = ["--streaming", "--mapper", "python3 up.py", "--file", "m.py#up.py", "--input", "in.txt"];
        let run = sandbox.run("add-step", &[&[flow.as_str(), "--output", output], args.as_slice()].concat()).ok();
        Ran::with_stdin(&mut sandbox.tool("wait-step"), &run.stdout).ok()
    };
    streaming("s3://bucket/one/");
    assert_eq!(sandbox.requests("PutObject").len(), 2);
    streaming("s3://bucket/two/");
    assert_eq!(sandbox.requests("PutObject").len(), 2, "the same content is there already");
    assert_eq!(sandbox.object("two/part-00000").unwrap().trim_end(), "HELLO");
}

#[test]
fn python_files_are_run_by_the_python_that_is_named() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    sandbox.file("m.py", "import sys\nsys.stdout.write(sys.stdin.read().upper())\n");
    sandbox.file("in.txt", "hello\n");
    let conf = sandbox.file("mrjob.conf", "runners: {emr: {python_bin: [python3, -u]}}");
    let args = ["--streaming", "--mapper", "m.py", "--file", "m.py", "--input", "in.txt", "--output", "s3://bucket/o/"];
    let added = sandbox.run("add-step", &[&["-c", conf.to_str().unwrap(), &flow], &args[..]].concat()).ok();
    Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout).ok();
    assert_eq!(sandbox.object("o/part-00000").unwrap().trim_end(), "HELLO");
}

#[test]
fn a_large_file_goes_in_parts_and_arrives_whole() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    let line = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n";
    let lines = (65 << 20) / line.len();
    sandbox.file("large.txt", line.repeat(lines));
    let args = ["--streaming", "--mapper", "wc -l", "--input", "large.txt", "--output", "s3://bucket/count/", &flow];
    let added = sandbox.run("add-step", &args).ok();
    assert_eq!(sandbox.requests("UploadPart").len(), 2);
    Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout).ok();
    let parts = (0..9).filter_map(|part| sandbox.object(&format!("count/part-0000{part}")));
    let counted: usize = parts.map(|part| part.trim().parse::<usize>().unwrap()).sum();
    assert_eq!(counted, lines);
}

#[test]
fn a_script_and_a_jar_are_uploaded_and_run_by_their_runners() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    sandbox.file("setup.sh", "#!/bin/sh\necho \"$1\" > \"$2\"\n");
    let written = sandbox.folder().join("written");
    let script = ["--script", "setup.sh", &flow, "--", "a b", written.to_str().unwrap()];
    let added = sandbox.run("add-step", &script).ok();
    Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout).ok();
    assert_eq!(std::fs::read_to_string(written).unwrap(), "a b\n");
    let script = step(&sandbox, &flow, &["--script", "s3://b/x.sh"]);
    let runner = "s3://us-east-1.elasticmapreduce/libs/script-runner/script-runner.jar";
    assert_eq!(script["HadoopJarStep"]["Jar"], runner);
    let jar = step(&sandbox, &flow, &["--jar", "s3://b/x.jar", "--main-class", "Main", "--", "1"]);
    assert_eq!(jar["HadoopJarStep"], json!({"Jar": "s3://b/x.jar", "MainClass": "Main", "Args": ["1"]}));
    let on_master = step(&sandbox, &flow, &["--jar", "file:///usr/lib/x.jar"]);
    assert_eq!(on_master["HadoopJarStep"]["Jar"], "/usr/lib/x.jar");
}

#[test]
fn steps_come_from_a_file_or_stdin_in_both_shapes() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    let steps = json!([
        {"Name": "a", "ActionOnFailure": "CONTINUE", "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["true"]}},
        {"Type": "CUSTOM_JAR", "Name": "b", "Jar": "command-runner.jar", "Args": ["true"]},
    ])
    .to_string();
    sandbox.file("steps.json", &steps);
    let names = |ran: Ran| -> Vec<String> {
        let name = |record: &Value| record["name"].as_str().unwrap().split(" run:").next().unwrap().to_owned();
        ran.ok().records().iter().map(name).collect()
    };
    assert_eq!(names(sandbox.run("add-step", &[&flow, "--steps", "steps.json"])), ["a", "b"]);
    let mut piped = sandbox.tool("add-step");
    assert_eq!(names(Ran::with_stdin(piped.args([&flow, "--steps", "-"]), &steps)), ["a", "b"]);
    assert_eq!(sandbox.requests("AddJobFlowSteps").len(), 2, "all steps in one call");
}

#[test]
fn where_steps_run_side_by_side_a_failure_stops_no_other() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&["--max-concurrent-steps", "3"]);
    assert_eq!(step(&sandbox, &flow, &["--", "true"])["ActionOnFailure"], "CONTINUE");
    let refused = sandbox.run("add-step", &[&flow, "--action-on-failure", "terminate-cluster", "--", "true"]);
    refused.fails(2, "runs 3 steps side by side");
    let own = r#"[{"Jar": "command-runner.jar", "Args": ["true"], "ActionOnFailure": "CONTINUE"}]"#;
    let flow = sandbox.job_flow(&[]);
    let typed = ["--action-on-failure", "CANCEL_AND_WAIT", "--steps", own];
    let idle = sandbox.run("add-step", &[&[flow.as_str()], &typed[..]].concat());
    idle.fails(2, "--action-on-failure has no effect: each of the steps has an ActionOnFailure of its own");
}

#[test]
fn bad_input_is_one_clear_line_and_adds_nothing() {
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    let flow = flow.as_str();
    sandbox.file("empty.json", "");
    sandbox.file("bad.json", "[{\"Name\":\"a\"}]");
    let streaming =
        |more: &[&'static str]| [&["--streaming", "--mapper", "cat", "--output", "s3://bucket/o/"], more].concat();
    let long = "x".repeat(11_000);
    let cases: [(Vec<&str>, i32, &str); 10] = [
        (vec![], 2, "no step is given"),
        (vec!["--steps", "empty.json"], 2, "empty.json contains no step"),
        (vec!["--steps", "bad.json"], 2, "bad.json: step 1: has no Jar"),
        (vec!["--steps", "none.json"], 74, "cannot read none.json"),
        (streaming(&["--input", "none.txt"]), 74, "cannot read none.txt"),
        (streaming(&["--input", "/dev/zero"]), 2, "not a regular file"),
        (streaming(&["--input", "s3://b/x", "--file", "bad.json#../x"]), 2, "no file can have the name"),
        (streaming(&["--input", "s3://b/x", "--file", "bad.json", "--file", "empty.json#bad.json"]), 2, "two files"),
        (vec!["--output", "s3://b/x", "--", "true"], 2, "--output has no effect on commands; it is for streaming jobs"),
        (vec!["--", "echo", &long], 2, "arguments of 11"),
    ];
    for (args, code, words) in cases {
        sandbox.run("add-step", &[&[flow], args.as_slice()].concat()).fails(code, words);
    }
    sandbox.run("add-step", &["j-UNKNOWN", "--", "true"]).fails(2, "j-UNKNOWN");
    let mut bare = Tools::beside(TOOL).command("add-step");
    let ran = Ran::of(sandbox.point(&mut bare).args([flow, "--script", "bad.json"]));
    ran.fails(78, "there is no place to upload it to");
    assert_eq!(sandbox.requests("AddJobFlowSteps").len(), 0);
    assert_eq!(sandbox.requests("PutObject").len(), 0);
}

#[test]
fn a_job_flow_that_ended_or_is_full_is_exit_75() {
    let sandbox = sandbox(&["--provision-s", "3600"]);
    let flow = sandbox.job_flow(&[]);
    let steps = json!((0..256).map(|_| json!({"Jar": "command-runner.jar", "Args": ["true"]})).collect::<Vec<_>>());
    sandbox.file("full.json", steps.to_string());
    sandbox.run("add-step", &[&flow, "--steps", "full.json", "-q"]).ok();
    sandbox.run("add-step", &[&flow, "--", "true"]).fails(75, "AWS refuses AddJobFlowSteps");
    sandbox.run("terminate-job-flow", &[&flow]).ok();
    sandbox.run("add-step", &[&flow, "--", "true"]).fails(75, "add the step to another job flow");
}

#[test]
fn a_bucket_that_denies_writes_is_exit_77() {
    let sandbox = sandbox(&["--fault", "PutObject:deny:9"]);
    let flow = sandbox.job_flow(&[]);
    sandbox.file("x.sh", "true\n");
    sandbox.run("add-step", &[&flow, "--script", "x.sh"]).fails(77, "AWS denies PutObject");
    assert_eq!(sandbox.requests("AddJobFlowSteps").len(), 0);
}

#[test]
fn what_is_uploaded_is_encrypted_as_the_options_say() {
    const SSE: &str = "x-amz-server-side-encryption";
    let sandbox = sandbox(&[]);
    let flow = sandbox.job_flow(&[]);
    // Of a large file no more than the beginning counts here.
    let store =
        Store::start(|request, _| (request.method == "POST").then(|| StoreAnswer::error(403, "AccessDenied", "")));
    let file = |name: &str, bytes: u64| {
        let path = sandbox.file(name, "exit 0");
        std::fs::File::options().write(true).open(&path).unwrap().set_len(bytes).unwrap();
        path
    };
    for (script, code) in [(file("small.sh", 7), Some(0)), (file("large.sh", 65 << 20), Some(77))] {
        let mut add = sandbox.tool("add-step");
        add.env("AWS_ENDPOINT_URL_S3", store.endpoint()).args([&flow, "--s3-sse", "AES256", "--script"]).arg(script);
        assert_eq!(Ran::of(&mut add).code, code);
    }
    let written = [store.requests("PUT"), store.requests("POST")].concat();
    assert_eq!(written.iter().map(|request| request.header(SSE)).collect::<Vec<_>>(), ["AES256", "AES256"]);
}
