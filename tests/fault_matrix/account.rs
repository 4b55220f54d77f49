//! The account of the matrix: a pooled job flow that waits, one that is idle for long, one that runs for long, and an
//! old output.

use std::path::Path;

use harness::{Ran, Tools};
use serde_json::{Value, json};
use tempfile::TempDir;

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

/// The options of the pool.
pub(crate) const POOL: [&str; 5] = ["--pool-name", "etl", "--s3-scratch-uri", "s3://bucket/scratch/", "--no-conf"];

/// What a sandbox loads.
pub(crate) struct Account {
    folder: TempDir,
}

pub(crate) fn tools() -> Tools {
    Tools::beside(SANDBOX)
}

impl Account {
    pub(crate) fn new() -> Self {
        let mut create = tools().command("create-job-flow");
        create.args(POOL).args(["--pool-emr-job-flows", "--dry-run"]);
        let request = Ran::of(create.env("AWS_REGION", "us-east-1")).ok().record();
        let mut busy =
            cluster("j-C", &json!({ "Name": "busy", "ReleaseLabel": "emr-7.14.0", "Instances": {} }), "RUNNING");
        busy["Steps"] = json!([{ "Id": "s-C", "Name": "long", "Status": {
            "State": "RUNNING", "Timeline": { "CreationDateTime": 1_780_000_000, "StartDateTime": 1_780_000_001 } } }]);
        let mut pooled = cluster("j-A", &request, "WAITING");
        pooled["Steps"] = json!([step("s-DONE", "COMPLETED"), step("s-FAILED", "FAILED")]);
        let old = json!({ "Bucket": "bucket", "Key": "old/output/3fdq8w0k5n7a/part-00000",
            "LastModified": "2020-01-01T00:00:00Z" });
        let account = json!({ "clusters": [pooled, busy], "objects": [old] });
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("account.json"), account.to_string()).expect("it is written");
        Self { folder }
    }

    pub(crate) fn file(&self) -> &Path {
        self.folder.path()
    }
}

fn step(id: &str, state: &str) -> Value {
    json!({ "Id": id, "Name": id, "Status": { "State": state, "Timeline": {
        "CreationDateTime": 1_780_000_100, "StartDateTime": 1_780_000_101, "EndDateTime": 1_780_000_102 } } })
}

fn cluster(id: &str, request: &Value, state: &str) -> Value {
    let groups = request["Instances"]["InstanceGroups"].as_array().into_iter().flatten().enumerate();
    let groups: Vec<_> = groups
        .map(|(number, group)| {
            json!({ "Id": format!("ig-{number}"), "InstanceGroupType": group["InstanceRole"], "Market": group["Market"],
                "InstanceType": group["InstanceType"], "RequestedInstanceCount": group["InstanceCount"],
                "RunningInstanceCount": group["InstanceCount"], "Status": { "State": "RUNNING" } })
        })
        .collect();
    let mut cluster = json!({
        "Cluster": {
            "Id": id, "Name": request["Name"], "Tags": request["Tags"], "ReleaseLabel": request["ReleaseLabel"],
            "Applications": request["Applications"], "ServiceRole": request["ServiceRole"], "AutoTerminate": false,
            "Ec2InstanceAttributes": { "IamInstanceProfile": request["JobFlowRole"] }, "StepConcurrencyLevel": 1,
            "InstanceCollectionType": "INSTANCE_GROUP", "LogUri": "s3://bucket/logs/",
            "Status": { "State": state, "Timeline": { "CreationDateTime": 1_780_000_000, "ReadyDateTime": 1_780_000_050 } },
        },
        "InstanceGroups": groups,
        "Steps": [],
    });
    if let Some(members) = cluster["Cluster"].as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    cluster
}
