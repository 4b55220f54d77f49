//! An account with job flows that were started by create-job-flow some time ago, and what became of them since.

use std::process::Command;
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

use crate::POOL;

/// What there is, before the sandbox has it.
pub(crate) struct Account {
    clusters: Vec<Value>,
}

/// What there is, and can be asked for.
pub(crate) struct Open {
    pub(crate) sandbox: Sandbox,
}

/// A request for a job flow.
pub(crate) struct Asked<'a> {
    open: &'a Open,
    args: Vec<String>,
}

/// The tools under test.
pub(crate) fn tools() -> Tools {
    Tools::beside(env!("CARGO_BIN_EXE_find-pool"))
}

/// Seconds since 1970, so many minutes before these tests began: two that are as old as each other are so to the second.
pub(crate) fn minutes_ago(minutes: u64) -> u64 {
    static NOW: LazyLock<u64> =
        LazyLock::new(|| SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970").as_secs());
    *NOW - 60 * minutes
}

/// `options` of one line as arguments, with the pool's where they name none of their own. No argument has blanks.
fn args(options: &str) -> Vec<String> {
    let mut args: Vec<_> = options.split_whitespace().map(str::to_owned).collect();
    for option in POOL.chunks(2).filter(|option| !options.contains(option[0])) {
        args.extend(option.iter().map(|&word| word.to_owned()));
    }
    args
}

impl Account {
    /// One with nothing in it.
    pub(crate) fn new() -> Self {
        Self { clusters: Vec::new() }
    }

    /// Adds a job flow of `options` that waits since long ago.
    pub(crate) fn has(self, id: &str, options: &str) -> Self {
        self.has_one(id, &args(options))
    }

    /// Adds a job flow of just these `args`.
    pub(crate) fn has_one(mut self, id: &str, args: &[impl AsRef<str>]) -> Self {
        let mut create = tools().command("create-job-flow");
        create.args(args.iter().map(AsRef::as_ref)).args(["--pool-emr-job-flows", "--dry-run"]);
        let request = Ran::of(create.env("AWS_REGION", "us-east-1")).ok().record();
        self.clusters.push(cluster(id, &request));
        self
    }

    /// Adds a job flow that is the same as the last but for its id.
    pub(crate) fn again(mut self, id: &str) -> Self {
        let mut same = self.clusters.last().expect("a job flow was added").clone();
        same["Cluster"]["Id"] = json!(id);
        self.clusters.push(same);
        self
    }

    /// Changes what became of the job flow that was added last.
    pub(crate) fn but(mut self, change: impl FnOnce(&mut Value)) -> Self {
        change(self.clusters.last_mut().expect("a job flow was added"));
        self
    }

    /// The Name of the job flow that was added first.
    pub(crate) fn name(&self) -> Value {
        self.clusters[0]["Cluster"]["Name"].clone()
    }

    /// The job flow that was added last is in `state`.
    pub(crate) fn in_state(self, state: &str) -> Self {
        self.but(|cluster| cluster["Cluster"]["Status"]["State"] = json!(state))
    }

    /// The job flow that was added last has so many steps in `state`.
    pub(crate) fn with_steps(self, count: usize, state: &str) -> Self {
        self.but(|cluster| {
            let steps = cluster["Steps"].as_array_mut().expect("steps are a list");
            let before = steps.len();
            steps.extend((before..before + count).map(|number| step(number, state)));
        })
    }

    /// The job flow that was added last was created so many minutes ago.
    pub(crate) fn created(self, minutes: u64) -> Self {
        let created_at = minutes_ago(minutes);
        self.but(|cluster| cluster["Cluster"]["Status"]["Timeline"]["CreationDateTime"] = json!(created_at))
    }

    /// In the job flow that was added last, so many instances run of what was asked for in its groups, one by one.
    pub(crate) fn running(self, counts: &[u64]) -> Self {
        self.but(|cluster| {
            for (group, &count) in counts.iter().enumerate() {
                cluster["InstanceGroups"][group]["RunningInstanceCount"] = json!(count);
            }
        })
    }

    /// The groups of the job flow that was added last were resized to so many instances, one by one.
    pub(crate) fn resized(self, counts: &[u64]) -> Self {
        self.running(counts).but(|cluster| {
            for (group, &count) in counts.iter().enumerate() {
                cluster["InstanceGroups"][group]["RequestedInstanceCount"] = json!(count);
            }
        })
    }

    /// Opens it in a sandbox.
    pub(crate) fn open(self) -> Open {
        self.open_with(&[])
    }

    /// Opens it in a sandbox with `args`.
    pub(crate) fn open_with(self, args: &[&str]) -> Open {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("account.json");
        std::fs::write(&file, json!({"clusters": self.clusters}).to_string()).expect("the account is written");
        let load = ["--load", file.to_str().expect("folders have names of text")];
        Open { sandbox: Sandbox::start(&tools(), &[&load, args].concat()) }
    }
}

impl Open {
    /// Asks for a job flow of `options`.
    pub(crate) fn asked(&self, options: &str) -> Asked<'_> {
        Asked { open: self, args: args(options) }
    }

    /// Asks for a job flow of just these `args`.
    pub(crate) fn asked_for(&self, args: &[&str]) -> Asked<'_> {
        Asked { open: self, args: args.iter().map(|&arg| arg.to_owned()).collect() }
    }

    /// Gives back the claim that `record` has.
    pub(crate) fn give_back(&self, record: &Value) {
        let mut release = self.sandbox.tool("s3-lock");
        let _ = Ran::with_stdin(release.arg("release"), &format!("{record}\n")).ok();
    }

    /// Whether `job_flow` is claimed.
    pub(crate) fn is_claimed(&self, job_flow: &str) -> bool {
        self.is_held(&format!("job-flows/{job_flow}"))
    }

    /// Whether somebody holds the lock `name` below the scratch URI.
    pub(crate) fn is_held(&self, name: &str) -> bool {
        let uri = format!("s3://bucket/scratch/locks/{name}");
        let ran = Ran::of(self.sandbox.tool("s3-lock").args(["show", &uri]));
        ran.record()["state"] == "held"
    }

    /// Runs `line` in a shell that finds the tools.
    pub(crate) fn shell(&self, line: &str) -> Ran {
        let mut shell = Command::new("bash");
        let line = format!("set -o pipefail; {line}");
        shell.args(["-c", &line]).env_clear().env("HOME", "/nonexistent").env("PATH", tools().path(&[]));
        Ran::of(self.sandbox.point(&mut shell))
    }
}

impl Asked<'_> {
    /// The command that runs find-pool with these options and `more`.
    pub(crate) fn command(&self, more: &[&str]) -> Command {
        let mut find = self.open.sandbox.tool("find-pool");
        find.args(&self.args).args(more);
        find
    }

    /// Runs find-pool with these options and `more`.
    pub(crate) fn find(&self, more: &[&str]) -> Ran {
        Ran::of(&mut self.command(more))
    }

    /// Asserts that `job_flow` is found, claimed, and said to match; and gives it back.
    #[track_caller]
    pub(crate) fn joins(&self, job_flow: &str) {
        let why = self.explanation();
        let record = self.find(&[]).ok().record();
        assert_eq!(record["job_flow_id"], job_flow, "of {why:?}");
        self.open.give_back(&record);
        assert!(why.iter().any(|(id, checks)| id == job_flow && checks.is_empty()), "{why:?}");
    }

    /// Asserts that none is found, because each of the pool's fails these checks and no other.
    #[track_caller]
    pub(crate) fn joins_none(&self, because: &[(&str, &[&str])]) {
        assert_eq!(self.explanation(), because.iter().map(explained).collect::<Vec<_>>());
        let ran = self.find(&[]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    }

    /// Each job flow of the pool, with the checks that it fails.
    #[track_caller]
    pub(crate) fn explanation(&self) -> Vec<(String, Vec<String>)> {
        let ran = self.find(&["--explain"]);
        assert!(ran.code < Some(2), "{ran:?}");
        ran.records().iter().map(explanation).collect()
    }
}

/// A job flow that fails one check, as an explanation tells it.
pub(crate) fn failing((id, check): (&str, &str)) -> (String, Vec<String>) {
    explained(&(id, &[check]))
}

fn explained(because: &(&str, &[&str])) -> (String, Vec<String>) {
    (because.0.to_owned(), because.1.iter().map(|&check| check.to_owned()).collect())
}

fn explanation(record: &Value) -> (String, Vec<String>) {
    let text = |value: &Value| value.as_str().expect("it is text").to_owned();
    let reasons = record["reasons"].as_array().expect("reasons are a list");
    assert_eq!(record["matches"], reasons.is_empty());
    (text(&record["job_flow_id"]), reasons.iter().map(|reason| text(&reason["check"])).collect())
}

fn step(number: usize, state: &str) -> Value {
    let timeline = json!({"CreationDateTime": minutes_ago(60) + number as u64});
    json!({"Id": format!("s-{number:06}"), "Name": "step", "Status": {"State": state, "Timeline": timeline}})
}

/// The recording of what `request` starts, once all of it is there.
fn cluster(id: &str, request: &Value) -> Value {
    let instances = &request["Instances"];
    let created_at = minutes_ago(30);
    let mut cluster = json!({
        "Id": id,
        "Name": request["Name"],
        "Status": {"State": "WAITING", "Timeline": {"CreationDateTime": created_at}},
        "Tags": request["Tags"],
        "AutoTerminate": !instances["KeepJobFlowAliveWhenNoSteps"].as_bool().unwrap_or(false),
        "StepConcurrencyLevel": request["StepConcurrencyLevel"].as_u64().unwrap_or(1),
        "ServiceRole": request["ServiceRole"],
        "InstanceCollectionType": if instances["InstanceFleets"].is_null() { "INSTANCE_GROUP" } else { "INSTANCE_FLEET" },
        "Ec2InstanceAttributes": {"IamInstanceProfile": request["JobFlowRole"]},
    });
    let attributes = &mut cluster["Ec2InstanceAttributes"];
    if !instances["Ec2KeyName"].is_null() {
        attributes["Ec2KeyName"] = instances["Ec2KeyName"].clone();
    }
    if !instances["Ec2SubnetId"].is_null() {
        attributes["RequestedEc2SubnetIds"] = json!([instances["Ec2SubnetId"]]);
    }
    if !instances["Ec2SubnetIds"].is_null() {
        attributes["RequestedEc2SubnetIds"] = instances["Ec2SubnetIds"].clone();
    }
    let same =
        ["ReleaseLabel", "Applications", "Configurations", "CustomAmiId", "EbsRootVolumeSize", "SecurityConfiguration"];
    let software = same.map(|name| (name, name)).into_iter().chain([("RunningAmiVersion", "AmiVersion")]);
    for (name, asked) in software.filter(|(_, asked)| !request[asked].is_null()) {
        cluster[name] = request[asked].clone();
    }
    json!({
        "Cluster": cluster,
        "InstanceGroups": each(&instances["InstanceGroups"], group),
        "InstanceFleets": each(&instances["InstanceFleets"], fleet),
        "Steps": [],
    })
}

fn each(asked: &Value, made: fn(usize, &Value) -> Value) -> Vec<Value> {
    asked.as_array().into_iter().flatten().enumerate().map(|(number, one)| made(number, one)).collect()
}

fn group(number: usize, asked: &Value) -> Value {
    let mut group = json!({
        "Id": format!("ig-{number}"),
        "InstanceGroupType": asked["InstanceRole"],
        "Market": asked["Market"],
        "InstanceType": asked["InstanceType"],
        "RequestedInstanceCount": asked["InstanceCount"],
        "RunningInstanceCount": asked["InstanceCount"],
        "Status": {"State": "RUNNING"},
    });
    if let Some(bid) = asked["BidPrice"].as_str() {
        group["BidPrice"] = json!(bid);
    }
    group
}

fn fleet(number: usize, asked: &Value) -> Value {
    json!({
        "Id": format!("if-{number}"),
        "InstanceFleetType": asked["InstanceFleetType"],
        "TargetOnDemandCapacity": asked["TargetOnDemandCapacity"],
        "TargetSpotCapacity": asked["TargetSpotCapacity"],
        "ProvisionedOnDemandCapacity": asked["TargetOnDemandCapacity"],
        "ProvisionedSpotCapacity": asked["TargetSpotCapacity"],
        "InstanceTypeSpecifications": asked["InstanceTypeConfigs"],
        "Status": {"State": "RUNNING"},
    })
}
