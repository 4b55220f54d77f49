//! Spark steps of add-step: what is uploaded, and how `spark-submit` is called. A program that says its words stands for it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt;

use harness::{Ran, Sandbox, Tools};

const TOOL: &str = env!("CARGO_BIN_EXE_add-step");

/// The words that the only step of a dry run with `args` would get.
fn words(sandbox: &Sandbox, flow: &str, args: &[&str]) -> Vec<String> {
    let request = sandbox.run("add-step", &[&["--dry-run", flow], args].concat()).ok().record();
    let step = &request["Steps"][0]["HadoopJarStep"];
    assert_eq!(step["Jar"], "command-runner.jar");
    step["Args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap().to_owned()).collect()
}

/// `words`, with UP for the folder of each file that is uploaded, which is named after a hash.
fn short(words: &[String]) -> String {
    let line = words.join(" ");
    let mut parts = line.split("s3://bucket/scratch/files/");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |line, part| line + "UP/" + part.split_once('/').unwrap().1)
}

fn sandbox() -> (Sandbox, String) {
    let sandbox = Sandbox::start(&Tools::beside(TOOL), &[]);
    let flow = sandbox.job_flow(&[]);
    for (name, text) in
        [("job.py", "print(1)\n"), ("lib.zip", "zip"), ("data.txt", "d"), ("x.jar", "jar"), ("a.tar.gz", "a")]
    {
        sandbox.file(name, text);
    }
    (sandbox, flow)
}

#[test]
fn a_python_job_runs_on_yarn_in_cluster_mode_with_its_files() {
    let (sandbox, flow) = sandbox();
    let args = ["--spark", "job.py", "--py-files", "lib.zip,s3://b/y.zip", "--conf", "spark.executor.memory=4g"];
    let more =
        ["--files", "data.txt,data.txt#other", "--archives", "a.tar.gz#a", "--jars", "x.jar", "--spark-arg=--verbose"];
    let own = ["--cmdenv", "TZ=UTC", "--task-python-bin", "python3.11", "--", "s3://b/in/", "data.txt", "a b"];
    let said = words(&sandbox, &flow, &[&args[..], &more, &own].concat());
    let expected = "spark-submit --conf spark.executor.memory=4g --conf spark.executorEnv.PYSPARK_PYTHON=python3.11 \
        --conf spark.executorEnv.TZ=UTC --conf spark.yarn.appMasterEnv.PYSPARK_PYTHON=python3.11 \
        --conf spark.yarn.appMasterEnv.TZ=UTC --jars UP/x.jar --master yarn --deploy-mode cluster \
        --files UP/data.txt,UP/data.txt#other --archives UP/a.tar.gz#a --py-files UP/lib.zip,s3://b/y.zip --verbose \
        UP/job.py s3://b/in/ data.txt a b";
    assert_eq!(short(&said), expected);
}

#[test]
fn the_configuration_decides_as_it_does_for_mrjob() {
    let (sandbox, flow) = sandbox();
    let conf = "runners: {emr: {spark_args: [--name, n], spark_deploy_mode: client, spark_submit_bin: /opt/submit -x, \
        setup: [export A=1], python_bin: python3.9, jobconf: {spark.a: 1}}}";
    sandbox.file("mrjob.conf", conf);
    let said = short(&words(&sandbox, &flow, &["-c", "mrjob.conf", "--spark", "job.py"]));
    let expected = "/opt/submit -x --conf spark.a=1 --conf spark.pyspark.driver.python=python3.9 \
        --conf spark.pyspark.python=./python-wrapper.sh --master yarn --deploy-mode client \
        --files UP/python-wrapper.sh --name n UP/job.py";
    assert_eq!(said, expected);
}

#[test]
fn a_driver_in_client_mode_gets_variables_and_its_python_and_a_warning_names_what_it_does_not_get() {
    let (sandbox, flow) = sandbox();
    let client = ["--spark", "job.py", "--spark-deploy-mode", "client"];
    let own = ["--cmdenv", "A=a b", "--python-bin", "python3.9", "--task-python-bin", "python3.9 -u"];
    let said = short(&words(&sandbox, &flow, &[&client[..], &own].concat()));
    let expected = "env A=a b spark-submit --conf spark.executorEnv.A=a b --conf spark.pyspark.driver.python=python3.9 \
        --conf spark.pyspark.python=python3.9 -u --conf spark.yarn.appMasterEnv.A=a b --master yarn --deploy-mode client \
        UP/job.py";
    assert_eq!(said, expected);
    let own = ["--dry-run", &flow, "--setup", "true", "--file", "data.txt", "--py-files", "lib.zip"];
    let warned = sandbox.run("add-step", &[&client[..], &own].concat()).ok().stderr;
    assert!(warned.contains("warning: --file, --setup is for the executors alone"), "{warned}");
    let cluster = sandbox.run("add-step", &[&client[..2], &own].concat()).ok().stderr;
    assert!(!cluster.contains("warning"), "{cluster}");
    let old = sandbox.job_flow(&["--ami-version", "3.11.0"]);
    let refused = sandbox.run("add-step", &[&[old.as_str()], &client[..], &["--cmdenv", "A=1"]].concat());
    refused.fails(2, "--cmdenv: no variable reaches a driver in client mode on an AMI version");
}

#[test]
fn variables_reach_a_driver_in_client_mode() {
    let programs = tempfile::tempdir().unwrap();
    let submit = programs.path().join("spark-submit");
    fs::write(&submit, "#!/bin/sh\necho \"driver has $GREETING\"\n").unwrap();
    fs::set_permissions(&submit, fs::Permissions::from_mode(0o755)).unwrap();
    let sandbox = Sandbox::with_programs(&Tools::beside(TOOL), &[programs.path()], &[]);
    let logs = ["--s3-log-uri", "s3://bucket/logs/"];
    let flow = sandbox.job_flow(&logs);
    sandbox.file("job.py", "print(1)\n");
    let args = ["--spark", "job.py", "--spark-deploy-mode", "client", "--cmdenv", "GREETING=hello there", &flow];
    let added = sandbox.run("add-step", &args).ok();
    Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout).ok();
    let log = Ran::with_stdin(sandbox.tool("fetch-logs").args(["--name", "stdout"]), &added.stdout).ok();
    assert_eq!(log.stdout, "driver has hello there\n");
}

#[test]
fn a_program_that_is_not_here_is_told_before_a_step_is_added() {
    let (sandbox, flow) = sandbox();
    for (args, words) in [
        (
            &["spark-submit", "nope.py"][..],
            "nope.py is not here, and the step begins in an empty directory on the master",
        ),
        (&["spark-submit", "--py-files", "lib.zip,src/nope.zip", "job.py"], "src/nope.zip"),
        (&["spark-submit", "."], ". is a directory"),
        (&["./nope.sh"], "./nope.sh is not here, and the step begins in an empty directory on the master; --script"),
        (&["python3", "nope.py"], "nope.py is not here"),
    ] {
        sandbox.run("add-step", &[&[flow.as_str(), "--"], args].concat()).fails(2, words);
    }
    assert_eq!(sandbox.requests("AddJobFlowSteps").len(), 0);
    assert_eq!(sandbox.requests("PutObject").len(), 0);
    for own in ["/home/hadoop/nope.py", "local:///opt/nope.py", "spark-internal"] {
        let args = ["--", "spark-submit", "--class", "M", own];
        assert_eq!(words(&sandbox, &flow, &args), args[1..]);
    }
    let lax = ["--no-check-input-paths", "--", "spark-submit", "nope.py"];
    assert_eq!(words(&sandbox, &flow, &lax), lax[2..]);
    let lax = ["--no-check-input-paths", "--", "./nope.sh"];
    assert_eq!(words(&sandbox, &flow, &lax), lax[2..]);
    let bare = sandbox.run("add-step", &[&flow, "--dry-run", "--", "bash", "job.sh"]).ok();
    assert!(bare.stderr.contains("warning: bash finds job.sh only on the PATH of the master"), "{bare:?}");
}

#[test]
fn a_jar_has_a_main_class_and_no_python() {
    let (sandbox, flow) = sandbox();
    let args = ["--spark", "x.jar", "--class", "org.x.Main", "--", "1"];
    let expected = "spark-submit --class org.x.Main --master yarn --deploy-mode cluster UP/x.jar 1";
    assert_eq!(short(&words(&sandbox, &flow, &args)), expected);
    let idle = sandbox.run("add-step", &[&flow, "--spark", "x.jar", "--py-files", "lib.zip"]);
    idle.fails(2, "--py-files has no effect on Spark jobs in jars; it is for streaming jobs or Spark jobs in Python");
    let refused = sandbox.run("add-step", &[&flow, "--spark", "job.py", "--class", "Main"]);
    refused.fails(2, "--main-class has no effect on Spark jobs in Python; it is for jars or Spark jobs in jars");
    let idle = sandbox.run("add-step", &[&flow, "--spark", "job.py", "--sh-bin", "bash"]);
    idle.fails(2, "--sh-bin has no effect: nothing runs before Python");
    sandbox.run("add-step", &[&flow, "--spark", "none.py"]).fails(74, "cannot read none.py");
}

#[test]
fn the_files_that_spark_submit_names_are_uploaded_and_it_is_said() {
    let (sandbox, flow) = sandbox();
    let args = ["--", "spark-submit", "--py-files=lib.zip", "--files", "data.txt", "job.py", "data.txt"];
    let expected = "spark-submit --py-files=UP/lib.zip --files UP/data.txt#data.txt UP/job.py data.txt";
    assert_eq!(short(&words(&sandbox, &flow, &args)), expected);
    let said = sandbox.run("add-step", &[&["--dry-run", &flow][..], &args].concat()).ok().stderr;
    assert!(said.contains("job.py is a local file: the step gets s3://bucket/scratch/files/"), "{said}");
    let remote = ["--", "spark-submit", "s3://b/none.py", "job.py"];
    assert_eq!(words(&sandbox, &flow, &remote), remote[1..]);
    assert_eq!(sandbox.requests("PutObject").len(), 0);
}

#[test]
fn steps_in_json_name_local_programs() {
    let (sandbox, flow) = sandbox();
    let steps = r#"[{"Type": "SPARK", "Args": ["--deploy-mode", "cluster", "job.py", "data.txt"]}]"#;
    let expected = "spark-submit --deploy-mode cluster UP/job.py data.txt";
    assert_eq!(short(&words(&sandbox, &flow, &["--steps", steps])), expected);
    let wrong = r#"[{"Type": "SPARK", "Args": ["job.py"], "LogUri": "s3://b/logs/"}]"#;
    sandbox.run("add-step", &[&flow, "--steps", wrong]).fails(2, "--steps: step 1: the key 'LogUri' is not understood");
}

#[test]
fn the_wrapper_of_python_prepares_and_then_runs_it() {
    let programs = tempfile::tempdir().unwrap();
    let submit = programs.path().join("spark-submit");
    // What YARN does with the files: each is in the working directory, under its name.
    let script = "#!/bin/sh\nfor word; do case $word in */files/*/python-wrapper.sh) echo \"wrapper $word\";; esac; done\n\
        echo \"submitted: $*\"\n";
    fs::write(&submit, script).unwrap();
    fs::set_permissions(&submit, fs::Permissions::from_mode(0o755)).unwrap();
    let sandbox = Sandbox::with_programs(&Tools::beside(TOOL), &[programs.path()], &[]);
    let flow = sandbox.job_flow(&[]);
    sandbox.file("job.py", "print(1)\n");
    let args = ["--spark", "job.py", "--setup", "export GREETING=hello", &flow, "--", "x"];
    let added = sandbox.run("add-step", &args).ok();
    Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout).ok();
    let key = sandbox.keys("scratch/files/").into_iter().find(|key| key.ends_with("/python-wrapper.sh")).unwrap();
    let wrapper = sandbox.file("python-wrapper.sh", sandbox.object(&key).unwrap());
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
    let python = "import os; print(os.environ['GREETING'])";
    let ran = Ran::of(std::process::Command::new(wrapper).args(["-c", python]).current_dir(sandbox.folder()));
    assert_eq!(ran.stdout, "hello\n", "{ran:?}");
}
