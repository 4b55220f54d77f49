//! Stores with S3's interface that others wrote, and what our tools may rely on there.

use harness::{Ran, Sandbox, Server, Tools, client};

fn tools() -> Tools {
    Tools::beside(env!("CARGO_BIN_EXE_emr-sandbox"))
}

/// The AWS CLI's `s3api put-object` of an empty object with `condition`.
fn put(store: &Server, condition: [&str; 2]) -> Ran {
    let put = ["s3api", "put-object", "--bucket", "bucket", "--key", "lock"];
    Ran::of(store.point(&mut client("aws")).args(put).args(condition))
}

const CREATE: [&str; 2] = ["--if-none-match", "*"];
const REPLACE: [&str; 2] = ["--if-match", "\"another\""];

#[test]
fn seaweed_fs_heeds_the_conditions_of_writes() {
    let store = Server::seaweed_fs(&tools());
    put(&store, CREATE).ok();
    for condition in [CREATE, REPLACE] {
        let refused = put(&store, condition);
        assert!(refused.code != Some(0) && refused.stderr.contains("PreconditionFailed"), "{refused:?}");
    }
}

#[test]
fn s3rver_ignores_them_which_makes_it_the_store_to_be_refused() {
    let store = Server::s3rver(&tools());
    for condition in [CREATE, CREATE, REPLACE] {
        put(&store, condition).ok();
    }
}

#[test]
fn a_file_of_ours_arrives_in_each_store_as_it_is() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let flow = sandbox.job_flow(&[]);
    sandbox.file("setup.sh", "#!/bin/sh\nexit 0\n");
    for store in [Server::moto(&tools()), Server::seaweed_fs(&tools()), Server::s3rver(&tools())] {
        let mut add = sandbox.tool("add-step");
        let endpoint = sandbox.endpoint();
        store.point(&mut add).env("AWS_ENDPOINT_URL_EMR", endpoint).args([&flow, "--script", "setup.sh"]);
        let added = Ran::of(&mut add).ok().record();
        let describe = ["emr", "describe-step", "--output", "text", "--query", "Step.Config.Args[0]", "--cluster-id"];
        let step = ["--step-id", added["step_id"].as_str().unwrap()];
        let uri = Ran::of(sandbox.point(&mut client("aws")).args(describe).arg(&flow).args(step)).ok().stdout;
        let copied = Ran::of(store.point(&mut client("aws")).args(["s3", "cp", uri.trim(), "-"])).ok();
        assert_eq!(copied.stdout, "#!/bin/sh\nexit 0\n");
    }
}

#[test]
fn a_probe_accepts_the_stores_that_can_lock_and_rejects_the_one_that_cannot() {
    for store in [Server::moto(&tools()), Server::seaweed_fs(&tools())] {
        let probed = store.run("s3-lock", &["probe", "s3://bucket/locks/"]).ok();
        assert!(probed.records().iter().all(|finding| finding["honoured"] == true), "{probed:?}");
        let _ = store.run("s3-lock", &["run", "s3://bucket/locks/nightly", "--", "true"]).ok();
    }
    let store = Server::s3rver(&tools());
    let probed = store.run("s3-lock", &["probe", "s3://bucket/locks/"]);
    assert_eq!(probed.code, Some(1), "{probed:?}");
    assert!(probed.records().iter().any(|finding| finding["honoured"] == false), "{probed:?}");
    store.run("s3-lock", &["acquire", "s3://bucket/locks/nightly"]).fails(78, "accepted a write that must fail");
}
