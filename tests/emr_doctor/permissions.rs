//! The table of permissions against what the tools really ask. That no tool asks for more is checked at the end of every
//! test that has a sandbox, in the harness; here is that no line stands there for nothing.

use std::collections::BTreeSet;
use std::process::Command;
use std::thread;

use emr_core::iam::{self, grants};
use harness::{Ran, Sandbox};
use serde_json::{Value, json};

use crate::{doctor, tools};

/// What was seen: a tool and an action.
type Seen = BTreeSet<(String, String)>;

const POOL: [&str; 4] = ["--pool-name", "etl", "--s3-scratch-uri", "s3://bucket/scratch/"];

const FLEETS: &str = r#"[{"InstanceFleetType":"MASTER","TargetOnDemandCapacity":1,
    "InstanceTypeConfigs":[{"InstanceType":"m5.xlarge"}]}]"#;

fn seen(sandbox: &Sandbox) -> Seen {
    let requests = sandbox.requests_of_tools().into_iter();
    requests.filter_map(|[tool, service, operation]| Some((tool, iam::action(&service, &operation)?))).collect()
}

fn start(faults: &[&str]) -> Sandbox {
    let faults: Vec<_> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
    Sandbox::start(&tools(), &faults)
}

/// Runs a tool, whatever comes of it: only what it asks matters here.
fn run(sandbox: &Sandbox, tool: &str, args: &[&str]) -> Ran {
    let mut command = sandbox.tool(tool);
    // Where there is an agent nodes are asked for logs first.
    Ran::of(command.args(args).env("SSH_AUTH_SOCK", "/nonexistent").env("AWS_MAX_ATTEMPTS", "2"))
}

fn loaded(clusters: &Value) -> Sandbox {
    of_account(&json!({ "clusters": clusters }))
}

fn of_account(account: &Value) -> Sandbox {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("account.json");
    std::fs::write(&file, account.to_string()).unwrap();
    Sandbox::start(&tools(), &["--load", file.to_str().unwrap()])
}

/// A job flow that was added in 2026, with `more` of its description.
fn cluster(id: &str, state: &str, more: &Value, steps: &[Value]) -> Value {
    let timeline = json!({"CreationDateTime": 1_780_000_000, "ReadyDateTime": 1_780_000_050});
    let mut cluster = json!({"Id": id, "Name": id, "Status": {"State": state, "Timeline": timeline}});
    cluster.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"Cluster": cluster, "Steps": steps})
}

fn step(id: &str, state: &str) -> Value {
    json!({"Id": id, "Name": id, "Status": {"State": state, "Timeline": {
        "CreationDateTime": 1_780_000_100, "StartDateTime": 1_780_000_101, "EndDateTime": 1_780_000_102 }}})
}

/// A pooled job flow is started, with its answer lost, and used; another's step gets in first.
fn pooled() -> Seen {
    let sandbox = start(&["RunJobFlow:drop-response:1"]);
    sandbox.file("job.sh", "#!/bin/sh\n");
    let bootstrap = ["--bootstrap-action", "job.sh"];
    let flow = sandbox.job_flow(&[&["--pool-name", "etl", "--pool-emr-job-flows"], &bootstrap[..]].concat());
    let claimed = run(&sandbox, "find-pool", &[&POOL[..], &bootstrap].concat()).ok();
    // What is claimed is passed over, by a list of the locks.
    let _ = run(&sandbox, "find-pool", &[&POOL[..], &bootstrap].concat());
    let _ = sandbox.shell_step(&flow, "sleep 5");
    let mut add = sandbox.tool("add-step");
    let _ = Ran::with_stdin(add.args(["--script", "job.sh"]), &claimed.stdout);
    for (tool, args) in [
        ("describe-job-flow", &[flow.as_str()][..]),
        ("ssh-nodes", &[&flow]),
        ("ssh-core-dump", &["--list", &flow]),
        ("wait-job-flow", &[&flow]),
        ("terminate-job-flow", &[&flow]),
    ] {
        let _ = run(&sandbox, tool, args);
    }
    seen(&sandbox)
}

/// Job flows of a pool are started by find-pool, with its answer lost, of fleets.
fn of_fleets() -> Seen {
    let sandbox = start(&["RunJobFlow:drop-response:1"]);
    sandbox.file("job.sh", "#!/bin/sh\n");
    let pool = [&POOL[..], &["--instance-fleets", FLEETS, "--bootstrap-action", "job.sh"]].concat();
    let made = run(&sandbox, "find-pool", &[&pool[..], &["--or-create"]].concat()).ok();
    let _ = run(&sandbox, "fill-pool", &[&pool[..], &["--min-idle", "1"]].concat()).ok();
    let flow = made.record()["job_flow_id"].as_str().unwrap().to_owned();
    let _ = Ran::with_stdin(sandbox.tool("add-step").args(["--", "true"]), &made.stdout).ok();
    let _ = run(&sandbox, "wait-step", &["-q", &flow]).ok();
    let _ = run(&sandbox, "find-pool", &pool).ok();
    let failed = sandbox.shell_step(&flow, "false");
    for (tool, args) in [
        ("wait-step", &["--emr-job-flow-id", &flow, &failed][..]),
        ("fetch-logs", &["--emr-job-flow-id", &flow, &failed]),
        ("describe-job-flow", &[&flow]),
        ("ssh-nodes", &[&flow]),
        ("ssh-core-dump", &["--list", &flow]),
    ] {
        let _ = run(&sandbox, tool, args);
    }
    seen(&sandbox)
}

/// Uploads of a large file that break off.
fn uploads() -> Seen {
    let sandbox = start(&["UploadPart:deny:20"]);
    let flow = sandbox.job_flow(&[]);
    let large = std::fs::File::create(sandbox.folder().join("large.tar")).unwrap();
    large.set_len(65 << 20).unwrap();
    let bootstrap = ["--bootstrap", "tar tf large.tar#"];
    let _ = run(&sandbox, "create-job-flow", &bootstrap);
    let _ = run(&sandbox, "find-pool", &[&POOL[..], &["--or-create"], &bootstrap].concat());
    let _ = run(&sandbox, "fill-pool", &[&POOL[..], &["--min-idle", "1"], &bootstrap].concat());
    let streaming = ["--streaming", "--mapper", "cat", "--file", "large.tar"];
    let places = ["--no-check-input-paths", "--input", "s3://bucket/in/", "--output", "s3://bucket/out/"];
    let _ = run(&sandbox, "add-step", &[&[flow.as_str()], &streaming[..], &places].concat());
    seen(&sandbox)
}

/// Steps that ran, failed, were cancelled, and what they leave.
fn steps() -> Seen {
    let sandbox = start(&[]);
    let flow = sandbox.job_flow(&[]);
    sandbox.file("in.txt", "a\n");
    let streaming = ["--streaming", "--mapper", "cat", "--input", "in.txt", "--output", "s3://bucket/out/"];
    let added = run(&sandbox, "add-step", &[&[flow.as_str()], &streaming[..]].concat()).ok();
    let done = Ran::with_stdin(&mut sandbox.tool("wait-step"), &added.stdout).ok();
    let keep = ["--output-dir", "kept", "--delete-after"];
    let _ = Ran::with_stdin(sandbox.tool("fetch-output").args(keep), &done.stdout).ok();
    let failed = sandbox.shell_step(&flow, "false");
    let _ = run(&sandbox, "wait-step", &["--emr-job-flow-id", &flow, &failed]);
    let _ = run(&sandbox, "fetch-logs", &["--emr-job-flow-id", &flow, &failed]);
    let _ = run(&sandbox, "fetch-logs", &["--cause", &flow]);
    let waiting = sandbox.shell_step(&flow, "sleep 60");
    let _ = run(&sandbox, "cancel-step", &["--dry-run", &flow, &waiting]);
    interrupt_wait(&sandbox, &flow, &waiting);
    let _ = run(&sandbox, "cancel-step", &[&flow, &waiting]);
    let _ =
        run(&sandbox, "emr-doctor", &["--s3-scratch-uri", "s3://bucket/scratch", "--s3-log-uri", "s3://bucket/logs"]);
    seen(&sandbox)
}

/// Waits for a step, and has the wait cancel it.
fn interrupt_wait(sandbox: &Sandbox, flow: &str, step: &str) {
    let wait = tools().folder().join("wait-step");
    let script = format!(
        "env --default-signal=INT {} -vv --cancel-on-interrupt --emr-job-flow-id {flow} {step} 2>said & \
         until grep -q 'ListSteps: answered' said; do :; done; kill -INT $!; wait $!",
        wait.display()
    );
    let _ = Ran::of(sandbox.point(&mut Command::new("bash")).args(["-c", &script]));
}

/// The Name and the tags of a pooled job flow with `options`.
fn in_pool(options: &[&str]) -> Value {
    let mut create = tools().command("create-job-flow");
    create.args(POOL).args(options).args(["--no-conf", "--pool-emr-job-flows", "--dry-run"]);
    let request = Ran::of(create.env("AWS_REGION", "us-east-1")).ok().record();
    json!({"Name": request["Name"], "Tags": request["Tags"]})
}

/// A pooled job flow of a fleet.
fn in_pool_of_fleets() -> Value {
    let mut pooled = in_pool(&["--instance-fleets", FLEETS]);
    pooled.as_object_mut().unwrap().extend(fleet_of_two_types().as_object().unwrap().clone());
    pooled
}

/// Which of its types a fleet of several has, only its instances tell.
fn fleet_of_two_types() -> Value {
    let types = ["m5.xlarge", "c5.xlarge"].map(|name| json!({"InstanceType": name, "WeightedCapacity": 1}));
    let fleet = json!({"Id": "if-1", "InstanceFleetType": "CORE", "TargetSpotCapacity": 2,
        "InstanceTypeSpecifications": types});
    json!({"InstanceCollectionType": "INSTANCE_FLEET", "InstanceFleets": [fleet]})
}

/// What only a recorded account has: sessions, job flows that ended, long lists, pools of early mrjob.
fn recorded() -> Sandbox {
    let old: Vec<_> = (0..60).map(|number| step(&format!("s-{number}"), "COMPLETED")).collect();
    let running = json!({"Id": "s-R", "Name": "s-R", "Status": {"State": "RUNNING", "Timeline": {
        "CreationDateTime": 1_780_000_100, "StartDateTime": 1_780_000_101}}});
    let pending = json!({"Id": "s-P", "Name": "s-P", "Status": {"State": "PENDING", "Timeline": {
        "CreationDateTime": 1_780_000_100}}});
    let mut early = cluster("j-EARLY", "WAITING", &json!({}), &[]);
    early["BootstrapActions"] = json!([{"Name": "master", "ScriptPath": "s3://b/x", "Args": ["pool-0a", "etl"]}]);
    loaded(&json!([
        early,
        cluster("j-POOLED", "WAITING", &in_pool(&[]), &[step("s-2", "COMPLETED")]),
        cluster("j-POOLEDFLEETS", "WAITING", &in_pool_of_fleets(), &[]),
        cluster("j-FLEETS", "WAITING", &fleet_of_two_types(), &[]),
        cluster("j-IDLE", "WAITING", &json!({"SessionEnabled": true}), &[step("s-1", "COMPLETED")]),
        cluster("j-OLD", "WAITING", &json!({"ReleaseLabel": "emr-5.27.0"}), &old),
        cluster("j-BUSY", "RUNNING", &json!({}), &[running]),
        cluster("j-OVER", "TERMINATED", &json!({}), &[pending]),
    ]))
}

/// The tools that only read such an account, each within quotas of its own.
fn readers() -> Seen {
    let sandbox = recorded();
    let output = r#"{"job_flow_id":"j-OVER","step_id":"s-P","state":"PENDING","output":"s3://bucket/none/"}"#;
    let _ = Ran::with_stdin(&mut sandbox.tool("fetch-output"), output);
    thread::scope(|scope| {
        for (tool, args) in [
            ("list-steps", &["--since", "1h", "j-OLD"][..]),
            ("list-job-flows", &["--idle", "--size"]),
            ("report-long-jobs", &["--exclude-tag", "x"]),
            ("audit-usage", &[]),
            ("cancel-step", &["j-OVER", "s-P"]),
        ] {
            let sandbox = &sandbox;
            scope.spawn(move || run(sandbox, tool, args));
        }
    });
    seen(&sandbox)
}

/// A sweep, which looks at instances beside a minimum.
fn idle_sweep() -> Seen {
    let sandbox = recorded();
    let _ = run(&sandbox, "fill-pool", &[&POOL[..], &["--min-idle", "2"]].concat());
    let idle = ["--max-hours-idle", "1", "--s3-scratch-uri", "s3://bucket/scratch/"];
    let _ = run(&sandbox, "terminate-idle-job-flows", &idle);
    seen(&sandbox)
}

/// Locks, and the test of a store.
fn locks() -> Seen {
    let sandbox = start(&[]);
    let _ = run(&sandbox, "s3-lock", &["acquire", "s3://bucket/locks/x"]).ok();
    let _ = run(&sandbox, "s3-lock", &["probe", "s3://bucket/locks/"]).ok();
    let _ = doctor(&sandbox, &[]).ok();
    seen(&sandbox)
}

/// An input that no step uses any more, older than a job flow with a step.
fn sweep() -> Seen {
    let input = json!({"Bucket": "bucket", "Key": format!("scratch/inputs/{}/x", "0".repeat(64)),
        "LastModified": "2020-01-01T00:00:00Z"});
    let clusters = json!([cluster("j-OLD", "RUNNING", &json!({}), &[])]);
    let sandbox = of_account(&json!({"objects": [input], "clusters": clusters}));
    assert_eq!(run(&sandbox, "s3-tmpwatch", &["2d", "s3://bucket/scratch/"]).ok().records().len(), 1);
    seen(&sandbox)
}

#[test]
fn no_permission_is_in_the_table_that_no_request_needs() {
    // They wait for most of their time, so they run side by side.
    let worlds = [pooled, of_fleets, uploads, steps, readers, idle_sweep, locks, sweep].map(thread::spawn);
    let seen: Seen = worlds.into_iter().flat_map(|world| world.join().unwrap()).collect();
    let mut unneeded = Vec::new();
    for tool in iam::tools() {
        for grant in grants(tool).filter(|grant| !grant.is_unseen) {
            if !seen.contains(&(tool.to_owned(), grant.action.to_owned())) {
                unneeded.push(format!("{tool}: {}", grant.action));
            }
        }
    }
    assert_eq!(unneeded, [""; 0]);
}

#[test]
fn every_tool_that_asks_aws_is_in_the_table() {
    let crates = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).unwrap();
    let tools = crates.map(|entry| entry.unwrap().path()).filter(|path| path.join("src/main.rs").exists());
    let names: BTreeSet<_> = tools.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    let known = iam::tools().map(str::to_owned).chain(["emr-sandbox".to_owned(), "emr-tools".to_owned()]);
    assert_eq!(known.collect::<BTreeSet<_>>(), names);
}
