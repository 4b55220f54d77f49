//! Spark itself on the sandbox. Needs pyspark and Java, which `scripts/test --full` installs; it says where they are in
//! `EMR_TOOLS_SPARK`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

fn tools() -> Tools {
    Tools::beside(env!("CARGO_BIN_EXE_emr-sandbox"))
}

/// The folder of Spark's programs.
fn spark() -> PathBuf {
    std::env::var_os("EMR_TOOLS_SPARK").expect("scripts/test --full installs Spark, and says where").into()
}

/// A sandbox whose nodes have Spark, with the jobs of this folder and a little text in its bucket.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_programs(&tools(), &[&spark()], &[]);
    let jobs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/spark");
    for job in ["job.py", "tables.py", "broken.py"] {
        put(&sandbox, job, &fs::read_to_string(jobs.join(job)).unwrap());
    }
    for name in ["in/a", "texts/a", "texts/b c"] {
        put(&sandbox, &name.replace(' ', "%20"), "to be or not to be\n");
    }
    sandbox
}

fn put(sandbox: &Sandbox, key: &str, content: &str) {
    let file = sandbox.file("object", content);
    let url = format!("{}/bucket/{key}", sandbox.endpoint());
    assert!(Command::new("curl").args(["-fsT"]).arg(file).arg(url).status().unwrap().success());
}

/// All keys of the bucket with this prefix.
fn keys(sandbox: &Sandbox, prefix: &str) -> Vec<String> {
    let url = format!("{}/bucket?list-type=2&prefix={prefix}", sandbox.endpoint());
    let list = Command::new("curl").args(["-fs", &url]).output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    list.split("<Key>").skip(1).map(|rest| rest.split("</Key>").next().unwrap().to_owned()).collect()
}

/// A job flow that keeps logs, with steps that run side by side.
fn job_flow(sandbox: &Sandbox) -> String {
    sandbox.job_flow(&["--s3-log-uri", "s3://bucket/logs/", "--step-concurrency", "2"])
}

/// Runs a step to its end. The record is that of `wait-step`.
fn step(sandbox: &Sandbox, job_flow: &str, words: &[&str]) -> Value {
    let args = [&[job_flow, "--"], words].concat();
    let added = sandbox.run("add-step", &args).ok();
    let waited = Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout);
    waited.record()
}

fn log(sandbox: &Sandbox, key: &str) -> String {
    let url = format!("{}/bucket/{key}", sandbox.endpoint());
    let packed = Command::new("curl").args(["-fs", &url]).output().unwrap().stdout;
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    text
}

fn step_log(sandbox: &Sandbox, record: &Value, name: &str) -> String {
    let id = |key: &str| record[key].as_str().unwrap().to_owned();
    log(sandbox, &format!("logs/{}/steps/{}/{name}.gz", id("job_flow_id"), id("step_id")))
}

#[test]
#[ignore = "needs Spark"]
fn a_job_runs_unchanged_and_leaves_the_files_that_it_leaves_on_s3() {
    let sandbox = sandbox();
    let id = job_flow(&sandbox);
    let record = step(&sandbox, &id, &["spark-submit", "s3://bucket/job.py", "s3://bucket/in", "s3://bucket/out"]);
    assert_eq!(record["state"], "COMPLETED", "{record}");
    assert!(step_log(&sandbox, &record, "stdout").contains("counted: 4"));
    let written = keys(&sandbox, "out");
    // Hadoop makes three splits of 19 bytes for two tasks.
    assert_eq!(written, ["out/_SUCCESS", "out/part-00000", "out/part-00001", "out/part-00002"]);
    let mut lines: Vec<_> =
        written.iter().filter_map(|key| sandbox.object(key)).collect::<String>().lines().map(str::to_owned).collect();
    lines.sort();
    assert_eq!(lines, ["be\t2", "not\t1", "or\t1", "to\t2"]);
    let again = step(&sandbox, &id, &["spark-submit", "s3://bucket/job.py", "s3://bucket/in", "s3://bucket/out"]);
    assert_eq!(again["state"], "FAILED");
    let why = again.to_string();
    assert!(why.contains("Output directory s3://bucket/out already exists"), "{why}");
}

#[test]
#[ignore = "needs Spark"]
fn in_cluster_mode_the_driver_has_its_logs_in_a_container() {
    let sandbox = sandbox();
    put(&sandbox, "conf/words.txt", "from a file\n");
    put(&sandbox, "file.py", "print(open('words.txt').read())\n");
    let id = job_flow(&sandbox);
    let cluster = ["spark-submit", "--deploy-mode", "cluster", "--master", "yarn"];
    let words = [&cluster[..], &["--files", "s3://bucket/conf/words.txt", "s3://bucket/file.py"]].concat();
    let record = step(&sandbox, &id, &words);
    assert_eq!(record["state"], "COMPLETED", "{record}");
    assert!(!step_log(&sandbox, &record, "stdout").contains("from a file"));
    let controller = step_log(&sandbox, &record, "controller");
    assert!(controller.contains("left out --deploy-mode cluster --master yarn"), "{controller}");
    let containers = keys(&sandbox, &format!("logs/{id}/containers/"));
    assert_eq!(containers.len(), 2, "{containers:?}");
    assert!(containers[1].contains("/container_") && containers[1].ends_with("_0001_01_000001/stdout.gz"));
    assert!(log(&sandbox, &containers[1]).contains("from a file"));

    let record = step(&sandbox, &id, &[&cluster[..], &["s3://bucket/broken.py"]].concat());
    assert_eq!(record["state"], "FAILED");
    assert!(record["reason"].as_str().unwrap().contains("finished with failed status"), "{record}");
    let found = Ran::with_stdin(sandbox.tool("fetch-logs").arg("--cause"), &record.to_string()).record();
    assert!(found.to_string().contains("ZeroDivisionError"), "{found}");
}

#[test]
#[ignore = "needs Spark"]
fn the_reason_of_a_failed_step_is_its_error() {
    let sandbox = sandbox();
    let id = job_flow(&sandbox);
    let record = step(&sandbox, &id, &["spark-submit", "s3://bucket/broken.py"]);
    assert!(record["reason"].as_str().unwrap().contains("ZeroDivisionError"), "{record}");
    let record = step(&sandbox, &id, &["spark-submit", "s3://bucket/job.py", "s3://bucket/none", "s3://bucket/x"]);
    assert!(record["reason"].as_str().unwrap().contains("Input path does not exist: s3://bucket/none"), "{record}");
}

#[test]
#[ignore = "needs Spark"]
fn tables_of_parquet_are_written_read_overwritten_and_refused_as_on_s3() {
    let sandbox = sandbox();
    let record = step(&sandbox, &job_flow(&sandbox), &["spark-submit", "s3://bucket/tables.py"]);
    assert_eq!(record["state"], "COMPLETED", "{record}");
    let keys = keys(&sandbox, "tables/out");
    assert!(keys.iter().all(|key| key.contains("/day=") || key.ends_with("/_SUCCESS")), "{keys:?}");
    assert!(keys.iter().any(|key| key.contains("/day=2020-01-01 00%3A00/part-")), "{keys:?}");
}

#[test]
#[ignore = "needs Spark"]
fn sql_scripts_and_programs_with_a_session_of_their_own_find_s3() {
    let sandbox = sandbox();
    put(&sandbox, "q.sql", "select concat('lines ', count(*)) from text.`s3://bucket/in`;\n");
    put(
        &sandbox,
        "run.sh",
        "#!/bin/bash\nspark-submit --master yarn s3://bucket/job.py s3://bucket/in s3://bucket/by-script\n",
    );
    let id = job_flow(&sandbox);
    let record = step(&sandbox, &id, &["spark-sql", "--master", "yarn", "-f", "s3://bucket/q.sql"]);
    assert_eq!(record["state"], "COMPLETED", "{record}");
    assert!(step_log(&sandbox, &record, "stdout").contains("lines 1"));
    let job = sandbox.folder().join("job.py");
    fs::write(&job, sandbox.object("job.py").unwrap()).unwrap();
    let record = step(&sandbox, &id, &["python3", job.to_str().unwrap(), "s3://bucket/in", "s3a://bucket/by-python"]);
    assert_eq!(record["state"], "COMPLETED", "{record}");
    let added = sandbox.run("add-step", &[&id, "--script", "s3://bucket/run.sh"]).ok();
    let waited = Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout);
    assert_eq!(waited.code, Some(0), "{waited:?}");
    for folder in ["by-python", "by-script"] {
        assert!(keys(&sandbox, folder).contains(&format!("{folder}/_SUCCESS")));
    }
}

#[test]
#[ignore = "needs Spark"]
fn spark_is_set_as_the_cluster_says_and_shares_relative_paths_with_streaming() {
    let sandbox = sandbox();
    put(
        &sandbox,
        "settings.py",
        "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n\
        print('set to', spark.conf.get('spark.sql.shuffle.partitions'), spark.sparkContext.master)\n\
        spark.read.text('s3://bucket/in').write.text('words')\n",
    );
    let properties = json!({"spark.sql.shuffle.partitions": "7", "spark.master": "yarn"});
    let configuration = json!({"Classification": "spark-defaults", "Properties": properties}).to_string();
    let id = sandbox.job_flow(&["--s3-log-uri", "s3://bucket/logs/", "--emr-configuration", &configuration]);
    let record = step(&sandbox, &id, &["spark-submit", "s3://bucket/settings.py"]);
    assert_eq!(record["state"], "COMPLETED", "{record}");
    assert!(step_log(&sandbox, &record, "stdout").contains("set to 7 local[*]"));
    assert!(
        step_log(&sandbox, &record, "controller").contains("left out spark.master of the cluster's spark-defaults")
    );
    let words =
        ["hadoop-streaming", "-input", "hdfs:///user/hadoop/words", "-output", "s3://bucket/out", "-mapper", "cat"];
    let record = step(&sandbox, &id, &words);
    assert_eq!(record["state"], "COMPLETED", "{record}");
    assert_eq!(sandbox.object("out/part-00000").unwrap().trim_end(), "to be or not to be");
}

#[test]
#[ignore = "needs Spark"]
fn two_steps_at_once_and_an_input_of_ten_thousand_objects() {
    let sandbox = sandbox();
    let body = sandbox.file("line", "to be\n");
    let entry =
        |n: u32| format!("url = \"{}/bucket/many/{n:05}\"\nupload-file = \"{}\"\n", sandbox.endpoint(), body.display());
    let requests = sandbox.file("requests", (0..10_000).map(entry).collect::<Vec<_>>().join("next\n"));
    assert!(Command::new("curl").arg("-sK").arg(requests).status().unwrap().success());
    put(
        &sandbox,
        "count.py",
        "import sys\nfrom pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n\
        print('lines', spark.read.text(sys.argv[1]).count())\n",
    );
    let id = job_flow(&sandbox);
    let add =
        |words: &[&str]| sandbox.run("add-step", &[&[id.as_str(), "--", "spark-submit"], words].concat()).ok().stdout;
    let both = add(&["s3://bucket/count.py", "s3://bucket/many/"])
        + &add(&["s3://bucket/job.py", "s3://bucket/in", "s3://bucket/beside"]);
    let waited = Ran::with_stdin(&mut sandbox.tool("wait-step"), &both);
    assert_eq!(waited.code, Some(0), "{waited:?}");
    let counted =
        step_log(&sandbox, &waited.records()[0], "stdout") + &step_log(&sandbox, &waited.records()[1], "stdout");
    assert!(counted.contains("lines 10000"), "{counted}");
}

#[test]
#[ignore = "needs Spark"]
fn examples_that_come_with_spark_run() {
    let sandbox = sandbox();
    let examples = Command::new(spark().join("python3"))
        .args(["-c", "import pyspark, os; print(os.path.join(pyspark.__path__[0], 'examples/src/main/python'))"])
        .output()
        .unwrap();
    let examples = PathBuf::from(String::from_utf8(examples.stdout).unwrap().trim());
    put(&sandbox, "numbers", "3 1\n2\n");
    put(&sandbox, "links", "a b\nb c\nc a\n");
    let id = job_flow(&sandbox);
    for (example, args, printed) in [
        ("wordcount.py", &["s3://bucket/in/a"][..], "be: 2"),
        ("sort.py", &["s3://bucket/numbers"], "1\n2\n3\n"),
        ("pagerank.py", &["s3://bucket/links", "2"], "has rank"),
        ("pi.py", &["2"], "Pi is roughly 3."),
    ] {
        put(&sandbox, example, &fs::read_to_string(examples.join(example)).unwrap());
        let program = format!("s3://bucket/{example}");
        let record = step(&sandbox, &id, &[&["spark-submit", program.as_str()], args].concat());
        assert_eq!(record["state"], "COMPLETED", "{example}: {record}");
        let stdout = step_log(&sandbox, &record, "stdout");
        assert!(stdout.contains(printed), "{example}: {stdout}");
    }
}

#[test]
#[ignore = "needs Spark"]
fn what_readme_shows_of_spark_runs() {
    let sandbox = sandbox();
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md")).unwrap();
    let lines = readme.lines().filter_map(|line| line.strip_prefix("    ").or(line.strip_prefix("$ ")));
    let examples: Vec<_> = lines.filter(|line| line.contains("spark-submit")).collect();
    assert!(examples.len() >= 2, "{examples:?}");
    for example in examples {
        let mut command = Command::new("bash");
        command.args(["-ec", &format!("set -o pipefail\n{example}")]).env_clear();
        command.env("HOME", "/nonexistent").env("PATH", tools().path(&[]));
        let ran = Ran::of(sandbox.point(&mut command).env("MRJOB_CONF", sandbox.file("conf", SCRATCH)));
        assert_eq!(ran.ok().record()["state"], "COMPLETED", "{example}");
    }
}

const SCRATCH: &str = "runners:\n  emr:\n    s3_scratch_uri: s3://bucket/scratch/\n";
