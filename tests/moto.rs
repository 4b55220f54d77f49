//! Our tools against moto's server, a fake of AWS that others wrote and that knows nothing of ours.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use harness::{Ran, Server, Tools, client};
use serde_json::{Value, json};

fn moto() -> Server {
    Server::moto(&Tools::beside(env!("CARGO_BIN_EXE_emr-sandbox")))
}

/// What the AWS CLI prints for the words of `line`.
fn aws(moto: &Server, line: &str) -> Value {
    let ran = Ran::of(moto.point(&mut client("aws")).args(line.split(' ')).args(["--output", "json"])).ok();
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn twelve_instances_are_one_master_and_eleven_core() {
    let moto = moto();
    let flow = moto.job_flow(&["--num-ec2-instances=12"]);
    // Which asks moto for ListInstanceGroups.
    let groups = "sort_by(Cluster.InstanceGroups,&InstanceGroupType)[].[InstanceGroupType,RequestedInstanceCount]";
    let groups = aws(&moto, &format!("emr describe-cluster --cluster-id {flow} --query {groups}"));
    assert_eq!(groups, json!([["CORE", 11], ["MASTER", 1]]));
}

#[test]
fn what_a_job_flow_is_made_of_reaches_moto() {
    let moto = moto();
    let site = r#"{"Classification":"mapred-site","Properties":{"a":1}}"#;
    let made =
        ["--image-id=ami-1", "--ebs-root-volume-gb=40", "--security-configuration=s", "--emr-configuration", site];
    let flow = moto.job_flow(&[&made[..], &["--extra-cluster-param=AutoScalingRole=role"]].concat());
    let members = "Cluster.[CustomAmiId,SecurityConfiguration,Configurations,AutoScalingRole]";
    let told = aws(&moto, &format!("emr describe-cluster --cluster-id {flow} --query {members}"));
    assert_eq!(told, json!(["ami-1", "s", [{"Classification": "mapred-site", "Properties": {"a": "1"}}], "role"]));
}

#[test]
fn job_flows_of_all_pages_are_listed_once() {
    let moto = moto();
    let mut flows: Vec<_> = (0..53).map(|_| moto.job_flow(&["-q"])).collect();
    let listed = moto.run("list-job-flows", &["--no-idle"]).ok().records();
    let mut ids: Vec<_> = listed.iter().map(|record| record["job_flow_id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    flows.sort_unstable();
    assert_eq!(ids, flows);
}

#[test]
fn job_flows_are_terminated_through_a_pipe() {
    let moto = moto();
    let flow = moto.job_flow(&["--name", "nightly"]);
    let kept = moto.job_flow(&["--name", "kept"]);
    let listed = moto.run("list-job-flows", &["--name", "nightly"]).ok();
    assert_eq!(moto.pipe("terminate-job-flow", &[], &listed.stdout).ok().record()["job_flow_id"], flow.as_str());
    assert_eq!(moto.run("list-job-flows", &[]).ok().record()["job_flow_id"], kept.as_str());
}

#[test]
fn an_idle_job_flow_is_explained_and_ended() {
    let moto = moto();
    let flow = moto.job_flow(&[]);
    let sweep = |more: &[&str]| moto.run("terminate-idle-job-flows", &[&["--max-hours-idle", "0"], more].concat()).ok();
    while sweep(&["--explain"]).record()["terminates"] == false {}
    assert_eq!(sweep(&[]).record()["job_flow_id"], flow.as_str());
    assert_eq!(sweep(&[]).stdout, "");
}

#[test]
fn a_step_with_a_local_file_is_added_and_the_file_uploaded() {
    let moto = moto();
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("setup.sh");
    std::fs::write(&script, "#!/bin/sh\necho hello\n").unwrap();
    let flow = moto.job_flow(&[]);
    let scratch = ["--s3-scratch-uri", "s3://bucket/scratch/", "--script", script.to_str().unwrap()];
    let added = moto.run("add-step", &[&[flow.as_str()], scratch.as_slice()].concat()).ok().record();
    assert_eq!((added["job_flow_id"].as_str(), added["state"].as_str()), (Some(flow.as_str()), Some("PENDING")));
    let step = aws(&moto, &format!("emr list-steps --cluster-id {flow} --query Steps[0]"));
    assert_eq!(step["Id"], added["step_id"]);
    let uploaded = step["Config"]["Args"][0].as_str().unwrap();
    let mut copy = client("aws");
    let copied = Ran::of(moto.point(&mut copy).args(["s3", "cp", uploaded, "-"])).ok();
    assert_eq!(copied.stdout, "#!/bin/sh\necho hello\n");
}

#[test]
fn a_step_that_never_ends_is_waited_for_until_the_time_is_over() {
    let moto = moto();
    let flow = moto.job_flow(&[]);
    let added = moto.run("add-step", &[&flow, "--", "true"]).ok();
    let waited = moto.pipe("wait-step", &["--timeout", "3"], &added.stdout);
    assert_eq!(waited.code, Some(124), "{waited:?}");
    assert!(waited.stderr.contains("the time is over, and the steps go on"), "{waited:?}");
    assert_eq!(waited.record()["step_id"], added.record()["step_id"]);
}

#[test]
fn a_job_flow_that_moto_does_not_know_is_told_in_one_line() {
    let moto = moto();
    moto.run("add-step", &["j-UNKNOWN", "--", "true"]).fails(2, "'j-UNKNOWN' is not valid");
    moto.run("terminate-job-flow", &["j-UNKNOWN"]).fails(2, "'j-UNKNOWN' is not valid");
    // Where EMR would refuse it, moto's ListSteps breaks, with a page of HTML.
    moto.run("wait-step", &["--timeout", "0", "j-UNKNOWN"]).fails(69, "AWS failed on ListSteps: HTTP status 500");
}

#[test]
fn what_prepares_nodes_is_uploaded_once_and_told_in_order() {
    let moto = moto();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it's.sh");
    std::fs::write(&file, "#!/bin/sh\n").unwrap();
    let actions = ["--bootstrap-action=s3://b/a.sh 'x  y'", "--core-dumps", "--bootstrap-file", file.to_str().unwrap()];
    let args = [&["--s3-scratch-uri=s3://bucket/scratch/"], &actions[..]].concat();
    let flow = [(); 2].map(|()| moto.job_flow(&args))[1].clone();
    // Which asks moto for ListBootstrapActions.
    let told = "Cluster.BootstrapActions[].[Name,Args]";
    let told = aws(&moto, &format!("emr describe-cluster --cluster-id {flow} --query {told}"));
    assert_eq!(told, json!([["core dumps", []], ["action 0", ["x  y"]], ["master", []]]));
    let keys = aws(&moto, "s3api list-objects-v2 --bucket bucket --prefix scratch/files/ --query Contents[].Key");
    let names: Vec<_> =
        keys.as_array().unwrap().iter().map(|key| key.as_str().unwrap().rsplit_once('/').unwrap().1).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(["bootstrap.sh", "core-dumps.sh", "it_s.sh"].iter().all(|name| names.contains(name)), "{names:?}");
}
