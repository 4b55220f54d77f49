//! Clients that others wrote, against the sandbox: the AWS CLI, boto3, capo-emr and mrjob find it to be EMR and S3.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::Command;

use harness::{Ran, Sandbox, Tools, client, clients};
use serde_json::{Value, json};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");
const PROGRAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/clients");

/// The operations of EMR that the sandbox has, where it tells them apart.
const OPERATIONS: &str = include_str!("../crates/emr-sandbox/src/emr/operations/mod.rs");

fn sandbox(args: &[&str]) -> Sandbox {
    Sandbox::start(&Tools::beside(SANDBOX), args)
}

/// The AWS CLI with `args`.
fn aws(sandbox: &Sandbox, args: &[&str]) -> Ran {
    Ran::of(sandbox.point(&mut client("aws")).args(args))
}

/// The AWS CLI with the words of `line`, and of what it prints that is one word, that word.
fn aws_word(sandbox: &Sandbox, line: &str) -> String {
    let ran = aws(sandbox, &line.split(' ').chain(["--output", "text"]).collect::<Vec<_>>()).ok();
    let words: Vec<_> = ran.stdout.split_whitespace().collect();
    assert_eq!(words.len(), 1, "one word: {ran:?}");
    words[0].to_owned()
}

/// The AWS CLI with the words of `line`, and what it prints as JSON.
fn aws_json(sandbox: &Sandbox, line: &str) -> Value {
    let ran = aws(sandbox, &line.split(' ').chain(["--output", "json"]).collect::<Vec<_>>()).ok();
    serde_json::from_str(&ran.stdout).unwrap()
}

/// Runs `line` in a shell that finds our tools and the clients.
fn shell(sandbox: &Sandbox, line: &str) -> Ran {
    let path = Tools::beside(SANDBOX).path(&[&clients()]);
    let mut command = Command::new("bash");
    command.args(["-o", "pipefail", "-c", line]).env_clear().env("HOME", "/nonexistent").env("PATH", path);
    Ran::of(sandbox.point(&mut command).env("PROGRAMS", PROGRAMS))
}

/// Runs one of our programs of boto3, or of another client in Python, which ends well only where all that it asserts holds.
fn program(sandbox: &Sandbox, name: &str) {
    let program = Path::new(PROGRAMS).join(name);
    Ran::of(sandbox.point(&mut client("python")).arg(program)).ok();
}

/// `mrjob`, or its word count, with what it needs to find the sandbox.
fn mrjob(sandbox: &Sandbox, command: &mut Command, args: &[&str]) -> Ran {
    // Its nodes are this machine, where the python that has mrjob is that of the clients; it asks once a second,
    // and S3 has no need of the pauses that it makes.
    let options = json!({
        "region": "us-east-1",
        "bootstrap_mrjob": false,
        "check_cluster_every": 1,
        "cloud_fs_sync_secs": 0,
        "iam_instance_profile": "EMR_EC2_DefaultRole",
        "iam_service_role": "EMR_DefaultRole",
        "python_bin": clients().join("python"),
    });
    sandbox.file("mrjob.conf", json!({"runners": {"emr": options}}).to_string());
    let endpoint = sandbox.endpoint();
    sandbox.point(command).env_remove("AWS_ENDPOINT_URL").args(args);
    Ran::of(command.args(["-c", "mrjob.conf", "--emr-endpoint", endpoint, "--s3-endpoint", endpoint]))
}

/// A tool of mrjob's, which has no options of jobs.
fn mrjob_tool(sandbox: &Sandbox, name: &str, args: &[&str]) -> Ran {
    mrjob(sandbox, client("mrjob").arg(name), args)
}

/// A word count on the runner `emr`, with `args`: what it prints, in order.
fn counts_words(sandbox: &Sandbox, args: &[&str]) {
    sandbox.file("in.txt", "one two two\nThree three three\n");
    let mut python = client("python");
    python.arg(Path::new(PROGRAMS).join("word_count.py")).args(["-r", "emr", "in.txt"]);
    let ran = mrjob(sandbox, &mut python, args).ok();
    let mut lines: Vec<_> = ran.stdout.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["\"one\"\t1", "\"three\"\t3", "\"two\"\t2"], "{ran:?}");
}

/// The only job flow that there is or was.
fn only_job_flow(sandbox: &Sandbox) -> Value {
    sandbox.run("list-job-flows", &["--all", "--no-idle"]).ok().record()
}

/// Waits until the only job flow is in `state`, or would never be.
fn until_only_job_flow_is(sandbox: &Sandbox, state: &str) {
    while only_job_flow(sandbox)["state"] == "TERMINATING" {
        std::thread::yield_now();
    }
    assert_eq!(only_job_flow(sandbox)["state"], state);
}

/// The lines of `text` that give a shell its environment, with the endpoint of `sandbox`.
fn exports(text: &str, sandbox: &Sandbox) -> String {
    let lines: Vec<_> = text.lines().map(str::trim_start).filter(|line| line.starts_with("export AWS_")).collect();
    assert!(lines.concat().contains("http://127.0.0.1:4566"), "{text}");
    lines.join("\n").replace("http://127.0.0.1:4566", sandbox.endpoint())
}

#[test]
fn the_environment_that_the_manual_shows_is_all_that_each_client_needs() {
    let sandbox = sandbox(&[]);
    let help = Ran::of(Tools::beside(SANDBOX).command("emr-sandbox").arg("--help")).ok().stdout;
    let guide = include_str!("../man/emr-sandbox-guide.md");
    for text in [guide, &help] {
        let lines = "\nlist-job-flows\naws emr list-clusters\npython -c 'import boto3; boto3.client(\"emr\").list_clusters()'\n\
            mrjob create-cluster";
        let mut command = Command::new("bash");
        command.args(["-ec", &(exports(text, &sandbox) + lines)]).env_clear().env("HOME", sandbox.folder());
        Ran::of(command.env("PATH", Tools::beside(SANDBOX).path(&[&clients()]))).ok();
    }
}

const CREATE: &str = "emr create-cluster --name nightly --release-label emr-7.1.0 --use-default-roles \
    --instance-type m5.xlarge --instance-count 12 --log-uri s3://bucket/logs/ --query ClusterId";

#[test]
fn the_aws_cli_creates_waits_for_and_describes_a_cluster() {
    let sandbox = sandbox(&[]);
    let id = aws_word(&sandbox, &format!("{CREATE} --applications Name=Spark --tags team=etl"));
    aws(&sandbox, &["emr", "wait", "cluster-running", "--cluster-id", &id]).ok();
    let cluster = aws_json(&sandbox, &format!("emr describe-cluster --cluster-id {id} --query Cluster"));
    assert_eq!((cluster["Name"].as_str(), cluster["Status"]["State"].as_str()), (Some("nightly"), Some("WAITING")));
    assert_eq!(cluster["Tags"], json!([{"Key": "team", "Value": "etl"}]));
    assert_eq!(cluster["Applications"][0]["Name"], "Spark");
    let groups = cluster["InstanceGroups"].as_array().unwrap().iter();
    let groups: Vec<_> =
        groups.map(|g| (g["InstanceGroupType"].as_str(), g["RunningInstanceCount"].as_u64())).collect();
    assert_eq!(groups, [(Some("MASTER"), Some(1)), (Some("CORE"), Some(11))]);
}

#[test]
fn the_aws_cli_lists_clusters_of_all_pages_newest_first() {
    let cluster = |number: usize| {
        // Not in the order of time, which is that of the numbers.
        let number = number * 7 % 120;
        let status = json!({"State": "WAITING", "Timeline": {"CreationDateTime": 1_767_225_600 + number}});
        json!({"Cluster": {"Id": format!("j-{number:013}"), "Name": "night", "Status": status}})
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clusters.json");
    std::fs::write(&file, json!({"clusters": (0..120).map(cluster).collect::<Vec<_>>()}).to_string()).unwrap();
    let sandbox = sandbox(&["--load", file.to_str().unwrap()]);
    let newest_first: Vec<_> = (0..120).rev().map(|number| format!("j-{number:013}")).collect();
    let listed = aws_json(&sandbox, "emr list-clusters --active --query Clusters[].Id");
    assert_eq!(listed, json!(newest_first));
    assert_eq!(sandbox.requests("ListClusters").len(), 3);
    let some = aws_json(&sandbox, "emr list-clusters --max-items 60 --query Clusters[].Id");
    assert_eq!(some, json!(newest_first[..60]));
}

#[test]
fn the_aws_cli_adds_steps_and_waits_for_them() {
    let sandbox = sandbox(&[]);
    let id = aws_word(&sandbox, CREATE);
    sandbox.file("in.txt", "b a\na c\n");
    aws(&sandbox, &["s3", "cp", "in.txt", "s3://bucket/in.txt"]).ok();
    let streaming = "Type=STREAMING,Name=count,ActionOnFailure=CONTINUE,Args=[-input,s3://bucket/in.txt,-output,\
        s3://bucket/out,-mapper,\"tr ' ' '\\n'\",-reducer,\"uniq -c\"]";
    let failing = "Type=CUSTOM_JAR,Jar=command-runner.jar,ActionOnFailure=CONTINUE,Args=[sh,-c,exit 3]";
    let add = ["emr", "add-steps", "--cluster-id", &id, "--query", "StepIds", "--steps", streaming, failing];
    let added: Vec<String> = serde_json::from_str(&aws(&sandbox, &add).ok().stdout).unwrap();
    // The CLI looks every 30 seconds; ours is there when it happens, so the CLI need look but once.
    let ours = sandbox.run("wait-step", &["--emr-job-flow-id", &id, &added[0], &added[1]]);
    assert_eq!(ours.code, Some(1), "{ours:?}");
    let wait = |step: &str| aws(&sandbox, &["emr", "wait", "step-complete", "--cluster-id", &id, "--step-id", step]);
    wait(&added[0]).ok();
    assert_eq!(wait(&added[1]).code, Some(255));
    let counted = sandbox.object("out/part-00000").unwrap();
    assert_eq!(counted.split_whitespace().collect::<Vec<_>>(), ["2", "a", "1", "b", "1", "c"]);
}

#[test]
fn the_aws_cli_cancels_a_step_and_terminates_a_cluster() {
    let sandbox = sandbox(&[]);
    let id = aws_word(&sandbox, CREATE);
    let running = sandbox.shell_step(&id, "sleep 1000");
    let pending = sandbox.shell_step(&id, "true");
    let cancelled = aws_json(&sandbox, &format!("emr cancel-steps --cluster-id {id} --step-ids {pending}"));
    assert_eq!(cancelled["CancelStepsInfoList"][0]["Status"], "SUBMITTED", "{cancelled}");
    let steps = aws_json(&sandbox, &format!("emr list-steps --cluster-id {id} --query Steps[].[Id,Status.State]"));
    assert_eq!(steps, json!([[pending, "CANCELLED"], [running, "RUNNING"]]));
    aws(&sandbox, &["emr", "terminate-clusters", "--cluster-ids", &id]).ok();
    until_only_job_flow_is(&sandbox, "TERMINATED");
    aws(&sandbox, &["emr", "wait", "cluster-terminated", "--cluster-id", &id]).ok();
}

#[test]
fn the_aws_cli_copies_lists_and_removes_objects() {
    let sandbox = sandbox(&[]);
    let s3 = |words: &str| aws(&sandbox, &["s3"].into_iter().chain(words.split(' ')).collect::<Vec<_>>());
    // Beyond eight megabytes the CLI uploads and downloads in parts, side by side.
    let big: Vec<u8> = (0..9 << 17).flat_map(u64::to_le_bytes).collect();
    sandbox.file("big", &big);
    s3("cp big s3://bucket/folder/big").ok();
    assert_ne!(sandbox.requests("UploadPart").len(), 0);
    s3("cp s3://bucket/folder/big back").ok();
    assert!(std::fs::read(sandbox.folder().join("back")).unwrap() == big, "what came back is what went");
    let mut from_stdin = client("aws");
    let from_stdin = sandbox.point(&mut from_stdin).args(["s3", "cp", "-", "s3://bucket/folder/small"]);
    Ran::with_stdin(from_stdin, "small\n").ok();
    assert_eq!(s3("cp s3://bucket/folder/small -").ok().stdout, "small\n");
    assert_eq!(s3("ls s3://bucket").ok().stdout.split_whitespace().collect::<Vec<_>>(), ["PRE", "folder/"]);
    let listed = s3("ls --recursive s3://bucket/").ok().stdout;
    let names: Vec<_> = listed.lines().map(|line| line.split_whitespace().skip(2).collect::<Vec<_>>()).collect();
    assert_eq!(names, [["9437184", "folder/big"], ["6", "folder/small"]]);
    s3("rm --recursive s3://bucket/folder/").ok();
    assert_eq!(s3("ls s3://bucket/folder/").code, Some(1), "there is nothing to list");
}

#[test]
fn records_and_ids_of_the_aws_cli_flow_into_our_tools() {
    let sandbox = sandbox(&[]);
    let [kept, by_record, by_id] = ["kept", "record", "id"].map(|name| sandbox.job_flow(&["--name", name]));
    let found = |name: &str| format!("aws emr list-clusters --active --query \"Clusters[?starts_with(Name,'{name} ')]");
    let records = format!("{}\" --output json | python $PROGRAMS/records.py | terminate-job-flow", found("record"));
    assert_eq!(shell(&sandbox, &records).ok().record()["job_flow_id"], by_record.as_str());
    let lines = format!("{}.[Id]\" --output text | terminate-job-flow", found("id"));
    assert_eq!(shell(&sandbox, &lines).ok().record()["job_flow_id"], by_id.as_str());
    let left = sandbox.run("list-job-flows", &["--state", "waiting", "--no-idle"]).ok();
    assert_eq!(left.record()["job_flow_id"], kept.as_str());
}

#[test]
fn the_waiters_of_botocore_see_what_happens() {
    program(&sandbox(&["--provision-s", "2"]), "waiters.py");
}

#[test]
fn the_paginators_of_botocore_find_everything_once_and_newest_first() {
    program(&sandbox(&["--provision-s", "3600"]), "paging.py");
}

#[test]
fn boto3_runs_a_cluster_of_instance_fleets() {
    program(&sandbox(&[]), "fleets.py");
}

#[test]
fn a_client_that_shares_nothing_with_boto3_runs_steps() {
    program(&sandbox(&[]), "capo.py");
}

#[test]
fn every_operation_answers_boto3_in_the_shape_of_aws() {
    let sandbox = sandbox(&[]);
    program(&sandbox, "operations.py");
    let quoted = OPERATIONS.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" => "));
    let operations: Vec<_> = quoted.map(|(name, _)| name).collect();
    assert_ne!(operations.len(), 0);
    let unasked: Vec<_> = operations.into_iter().filter(|name| sandbox.requests(name).is_empty()).collect();
    assert_eq!(unasked, [""; 0]);
}

#[test]
fn every_operation_of_the_api_is_answered_or_said_to_be_lacking() {
    program(&sandbox(&[]), "lacking.py");
}

#[test]
fn conditional_writes_of_boto3_are_answered_as_s3_answers_them() {
    program(&sandbox(&[]), "conditional_writes.py");
}

#[test]
fn of_twenty_that_create_one_key_at_once_one_wins_each_time() {
    let sandbox = sandbox(&[]);
    program(&sandbox, "race.py");
    assert_eq!(sandbox.requests("PutObject").len(), 20 * 20);
}

#[test]
fn boto3_uploads_and_downloads_in_parts() {
    program(&sandbox(&[]), "multipart.py");
}

#[test]
fn a_streaming_job_of_mrjob_runs_to_its_end_and_prints_its_output() {
    let sandbox = sandbox(&[]);
    counts_words(&sandbox, &[]);
    // mrjob terminates the cluster that it made for the job.
    until_only_job_flow_is(&sandbox, "TERMINATED");
}

#[test]
fn mrjob_creates_and_terminates_a_cluster() {
    let sandbox = sandbox(&[]);
    let created = mrjob(&sandbox, client("mrjob").arg("create-cluster"), &[]).ok();
    let id = created.stdout.trim();
    assert_eq!(only_job_flow(&sandbox)["job_flow_id"], id);
    assert_eq!(only_job_flow(&sandbox)["state"], "WAITING");
    mrjob(&sandbox, client("mrjob").arg("terminate-cluster"), &[id]).ok();
    until_only_job_flow_is(&sandbox, "TERMINATED");
}

#[test]
fn mrjob_finds_the_default_roles_where_it_is_given_none() {
    let sandbox = sandbox(&[]);
    let options = json!({"region": "us-east-1", "bootstrap_mrjob": false, "iam_endpoint": sandbox.endpoint()});
    sandbox.file("roles.conf", json!({"runners": {"emr": options}}).to_string());
    let endpoint = sandbox.endpoint();
    let args = ["create-cluster", "-c", "roles.conf", "--emr-endpoint", endpoint, "--s3-endpoint", endpoint];
    let ran = Ran::of(sandbox.point(&mut client("mrjob")).env_remove("AWS_ENDPOINT_URL").args(args)).ok();
    assert_eq!((sandbox.requests("ListInstanceProfiles").len(), sandbox.requests("CreateRole").len()), (1, 0));
    let attributes = format!("emr describe-cluster --cluster-id {} --query Cluster", ran.stdout.trim());
    let cluster = aws_json(&sandbox, &attributes);
    assert_eq!(cluster["Ec2InstanceAttributes"]["IamInstanceProfile"], "EMR_EC2_DefaultRole");
    assert_eq!(cluster["ServiceRole"], "EMR_DefaultRole");
}

#[test]
fn the_tools_of_mrjob_audit_report_and_end_what_create_job_flow_made() {
    let sandbox = sandbox(&[]);
    let id = sandbox.job_flow(&["--name", "night"]);
    let step = sandbox.shell_step(&id, "true");
    sandbox.run("wait-step", &["--emr-job-flow-id", &id, &step]).ok();
    let tool = |name: &str, args: &[&str]| {
        let ran = mrjob_tool(&sandbox, name, args).ok();
        format!("{}{}", ran.stdout, ran.stderr)
    };
    assert!(tool("audit-emr-usage", &[]).contains(&id));
    assert!(!tool("report-long-jobs", &["--min-hours", "1"]).contains(&id));
    assert!(tool("terminate-idle-clusters", &["--max-mins-idle", "0", "--dry-run"]).contains(&id));
    assert_eq!(only_job_flow(&sandbox)["state"], "WAITING");
    tool("terminate-idle-clusters", &["--max-mins-idle", "0"]);
    until_only_job_flow_is(&sandbox, "TERMINATED");
}

#[test]
fn the_aws_cli_knows_who_calls_and_which_roles_there_are() {
    let sandbox = sandbox(&[]);
    assert_eq!(aws_json(&sandbox, "sts get-caller-identity")["Account"], "123456789012");
    let home = sandbox.folder().to_str().unwrap();
    let roles = ["emr", "create-default-roles"];
    Ran::of(sandbox.point(&mut client("aws")).env("HOME", home).args(roles)).ok();
    let profiles = aws_json(&sandbox, "iam list-instance-profiles --query InstanceProfiles[].InstanceProfileName");
    assert_eq!(profiles, json!(["EMR_EC2_DefaultRole"]));
}

#[test]
fn boto3_makes_roles_and_finds_them_again() {
    program(&sandbox(&[]), "identity.py");
}

#[test]
fn what_the_aws_cli_describes_can_be_loaded() {
    let made = sandbox(&[]);
    let id = aws_word(&made, CREATE);
    let step = made.shell_step(&id, "true");
    let described = aws_json(&made, &format!("emr describe-cluster --cluster-id {id}"));
    let steps = aws_json(&made, &format!("emr list-steps --cluster-id {id}"));
    assert_eq!(steps["Steps"][0]["Id"], step);
    let file = made.file("account.json", format!("{described}\n{steps}"));
    let loaded = sandbox(&["--load", file.to_str().unwrap()]);
    let again = aws_json(&loaded, &format!("emr describe-cluster --cluster-id {id}"));
    assert_eq!(again["Cluster"]["InstanceGroups"], described["Cluster"]["InstanceGroups"]);
    assert_eq!(aws_json(&loaded, &format!("emr list-steps --cluster-id {id}"))["Steps"], steps["Steps"]);
}

#[test]
fn a_job_of_mrjob_joins_a_cluster_that_create_job_flow_made() {
    let sandbox = sandbox(&[]);
    let id = sandbox.job_flow(&["--num-ec2-instances", "3"]);
    // For the logs of a cluster that lives on mrjob would wait ten minutes.
    counts_words(&sandbox, &["--cluster-id", &id, "--no-read-logs"]);
    let after = only_job_flow(&sandbox);
    assert_eq!((after["job_flow_id"].as_str(), after["state"].as_str()), (Some(id.as_str()), Some("WAITING")));
}

/// Where `expected.json` of a case has `mrjob`, mrjob takes something else for the cause: an attempt whose number it
/// compares as text, or what the driver of Spark only passes on. Where that is null, mrjob finds none.
#[test]
fn mrjob_finds_the_same_causes_of_failures() {
    let recorded = Path::new(PROGRAMS).join("../fetch_logs/recorded");
    let ran = Ran::of(client("python").arg(Path::new(PROGRAMS).join("causes.py")).arg(&recorded)).ok();
    let causes: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(causes.as_object().unwrap().len() > 5, "{causes}");
    for (case, said) in causes.as_object().unwrap() {
        let expected = std::fs::read_to_string(recorded.join(case).join("expected.json")).unwrap();
        let expected: Value = serde_json::from_str(&expected).unwrap();
        match expected.get("mrjob").unwrap_or(&expected["cause"]["message"]) {
            Value::Null => assert_eq!(said, &Value::Null, "{case}"),
            words => assert!(said.as_str().unwrap().contains(words.as_str().unwrap()), "{case}: {said}"),
        }
    }
}
