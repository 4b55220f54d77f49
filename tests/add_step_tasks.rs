//! What the tasks of a streaming job get of add-step: files, archives and directories, and commands that run before them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::process::Command;

use harness::{Ran, Sandbox, Tools};

const TOOL: &str = env!("CARGO_BIN_EXE_add-step");

fn sandbox() -> (Sandbox, String) {
    let sandbox = Sandbox::start(&Tools::beside(TOOL), &[]);
    let flow = sandbox.job_flow(&[]);
    sandbox.file("in.txt", "b\na\n");
    (sandbox, flow)
}

/// The output of a streaming job with `args`, which reads two lines.
fn output(sandbox: &Sandbox, flow: &str, args: &[&str]) -> String {
    let number = sandbox.requests("AddJobFlowSteps").len();
    let output = format!("s3://bucket/out{number}/");
    let job = [flow, "--streaming", "--input", "in.txt", "--output", &output, "-D", "mapreduce.job.maps=1"];
    let added = sandbox.run("add-step", &[&job[..], args].concat()).ok();
    Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout).ok();
    sandbox.object(&format!("out{number}/part-00000")).unwrap()
}

#[test]
fn commands_of_the_configuration_prepare_mapper_combiner_and_reducer() {
    let (sandbox, flow) = sandbox();
    fs::create_dir(sandbox.folder().join("src")).unwrap();
    sandbox.file("src/Makefile", "greeting:\n\tprintf hello > greeting\n");
    sandbox.file("vars.sh", "export WHO=world\n");
    sandbox.file(
        "m.sh",
        "while read -r line; do printf '%s\\t%s %s\\n' \"$line\" \"$(cat src/greeting)\" \"$WHO\"; done\n",
    );
    sandbox.file("r.sh", "sed \"s/$/ $WHO/\"\n");
    let conf = "runners:\n  emr:\n    setup:\n    - cd src/#; make greeting 2> /dev/null || printf hello > greeting\n    \
        - . vars.sh#\n    upload_files: [m.sh, r.sh]\n";
    let conf = sandbox.file("mrjob.conf", conf);
    let args = ["-c", conf.to_str().unwrap(), "--mapper", "sh m.sh", "--reducer", "sh r.sh"];
    assert_eq!(output(&sandbox, &flow, &args), "a\thello world world\nb\thello world world\n");
}

#[test]
fn files_archives_and_directories_come_from_options_too() {
    let (sandbox, flow) = sandbox();
    fs::create_dir_all(sandbox.folder().join("lib/deep")).unwrap();
    sandbox.file("lib/deep/x", "x");
    sandbox.file("data.txt", "d");
    let mut tar = Command::new("tar");
    assert!(tar.args(["-czf", "d.tar.gz", "data.txt"]).current_dir(sandbox.folder()).status().unwrap().success());
    let mapper = "sh -c 'cat lib/deep/x other/deep/x d.tar.gz/data.txt y/data.txt data.txt z; echo; cat > /dev/null'";
    let args = [
        "--dirs",
        "lib,lib#other",
        "--archives",
        "d.tar.gz,d.tar.gz#y",
        "--files",
        "data.txt,data.txt#z",
        "--mapper",
        mapper,
    ];
    assert_eq!(output(&sandbox, &flow, &args).trim_end(), "xxdddd");
    let puts = sandbox.requests("PutObject").len();
    output(&sandbox, &flow, &args);
    assert_eq!(sandbox.requests("PutObject").len(), puts, "what is packed again is the same archive");
}

#[test]
fn a_python_job_imports_from_its_files_and_runs_by_its_python() {
    let (sandbox, flow) = sandbox();
    sandbox.file("words.py", "def shout(text):\n    return text.upper()\n");
    sandbox.file("m.py", "import sys\nimport words\nsys.stdout.write(words.shout(sys.stdin.read()))\n");
    let args = ["--py-files", "words.py", "--file", "m.py", "--mapper", "m.py", "--task-python-bin", "python3 -u"];
    assert_eq!(output(&sandbox, &flow, &args), "B\t\nA\t\n");
    let dry = ["--streaming", "--input", "in.txt", "--output", "s3://bucket/o/", "--dry-run", &flow];
    let request = sandbox.run("add-step", &[&dry[..], &args].concat()).ok().record();
    let step = request["Steps"][0]["HadoopJarStep"]["Args"].as_array().unwrap().clone();
    let mapper = step.iter().position(|arg| arg == "-mapper").map(|at| step[at + 1].clone()).unwrap();
    assert_eq!(mapper, "/bin/sh -ex setup-wrapper.sh python3 -u m.py");
}

#[test]
fn a_task_whose_setup_fails_fails() {
    let (sandbox, flow) = sandbox();
    let job = ["--streaming", "--input", "in.txt", "--output", "s3://bucket/o/", "--mapper", "cat", &flow];
    let added = sandbox.run("add-step", &[&job[..], &["--setup", "echo no such thing >&2; false"]].concat()).ok();
    let ended = Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout);
    assert!(ended.code == Some(1) && ended.stderr.contains("no such thing"), "{ended:?}");
}

#[test]
fn another_jar_of_streaming_runs_the_job() {
    let (sandbox, flow) = sandbox();
    sandbox.file("own.jar", "a jar");
    let request = |args: &[&str]| {
        let job =
            ["--streaming", "--mapper", "cat", "--input", "in.txt", "--output", "s3://bucket/o/", "--dry-run", &flow];
        let request = sandbox.run("add-step", &[&job[..], args].concat()).ok().record();
        request["Steps"][0]["HadoopJarStep"].clone()
    };
    for (args, jar) in [
        (&["--hadoop-streaming-jar", "file:///home/hadoop/x.jar"][..], "/home/hadoop/x.jar"),
        (&["--hadoop-streaming-jar", "s3://b/x.jar"], "s3://b/x.jar"),
        (&["--hadoop-streaming-jar-on-emr", "/x.jar"], "/x.jar"),
    ] {
        assert_eq!(request(args)["Jar"], jar);
        assert_eq!(request(args)["Args"][0], "-D");
    }
    let uploaded = request(&["--hadoop-streaming-jar", "own.jar"]);
    assert!(uploaded["Jar"].as_str().unwrap().starts_with("s3://bucket/scratch/files/"), "{uploaded}");
}
