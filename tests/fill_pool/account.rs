//! An account with job flows of a pool that wait since some time ago.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

use crate::POOL;

/// The tools under test.
pub(crate) fn tools() -> Tools {
    Tools::beside(env!("CARGO_BIN_EXE_fill-pool"))
}

/// An empty account, in a sandbox with `args`.
pub(crate) fn empty(args: &[&str]) -> Account {
    Account { sandbox: Sandbox::start(&tools(), args) }
}

/// An account whose job flows have these ids and options, and wait since so many minutes ago.
pub(crate) fn waiting(flows: &[(&str, &str, u64)], args: &[&str]) -> Account {
    let clusters: Vec<_> = flows.iter().map(|(id, options, minutes)| cluster(id, options, *minutes)).collect();
    loaded(&clusters, args)
}

/// An account whose job flows have these ids, and failed to come up: created so many minutes ago, and ended so many.
pub(crate) fn failed(flows: &[(&str, u64, u64)], args: &[&str]) -> Account {
    let failed = |(id, created, ended): &(&str, u64, u64)| {
        let mut cluster = cluster(id, "", *created);
        let now = cluster["Cluster"]["Status"]["Timeline"]["CreationDateTime"].as_u64().unwrap() + 60 * created;
        cluster["Cluster"]["Status"] = json!({
            "State": "TERMINATED_WITH_ERRORS",
            "StateChangeReason": {"Code": "BOOTSTRAP_FAILURE", "Message": "bootstrap action 1 returned 7"},
            "Timeline": {"CreationDateTime": now - 60 * created, "EndDateTime": now - 60 * ended},
        });
        cluster
    };
    loaded(&flows.iter().map(failed).collect::<Vec<_>>(), args)
}

fn loaded(clusters: &[Value], args: &[&str]) -> Account {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("account.json");
    std::fs::write(&file, json!({ "clusters": clusters }).to_string()).unwrap();
    let load = ["--load", file.to_str().unwrap()];
    Account { sandbox: Sandbox::start(&tools(), &[&load, args].concat()) }
}

fn cluster(id: &str, options: &str, minutes: u64) -> Value {
    let mut create = tools().command("create-job-flow");
    let pool = if options.contains("--pool-name") { [&POOL[..1], &POOL[3..]].concat() } else { POOL.to_vec() };
    create.args(pool).args(options.split_whitespace()).args(["--pool-emr-job-flows", "--dry-run"]);
    let request = Ran::of(create.env("AWS_REGION", "us-east-1")).ok().record();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let timeline = json!({"CreationDateTime": now - 60 * minutes, "ReadyDateTime": now - 60 * minutes});
    let group = |(number, asked): (usize, &Value)| {
        json!({"Id": format!("ig-{number}"), "InstanceGroupType": asked["InstanceRole"], "Market": asked["Market"],
            "InstanceType": asked["InstanceType"], "RequestedInstanceCount": asked["InstanceCount"],
            "RunningInstanceCount": asked["InstanceCount"], "Status": {"State": "RUNNING"}})
    };
    let groups = request["Instances"]["InstanceGroups"].as_array().unwrap();
    json!({
        "Cluster": {"Id": id, "Name": request["Name"], "Status": {"State": "WAITING", "Timeline": timeline},
            "Tags": request["Tags"], "AutoTerminate": false, "ReleaseLabel": request["ReleaseLabel"],
            "InstanceCollectionType": "INSTANCE_GROUP"},
        "InstanceGroups": groups.iter().enumerate().map(group).collect::<Vec<_>>(),
        "Steps": [],
    })
}

/// An account in a sandbox.
pub(crate) struct Account {
    pub(crate) sandbox: Sandbox,
}

impl Account {
    /// Runs fill-pool for the pool, with `args`.
    pub(crate) fn fill(&self, args: &[&str]) -> Ran {
        self.run("fill-pool", args)
    }

    /// Runs `tool` for the pool, with `args`.
    pub(crate) fn run(&self, tool: &str, args: &[&str]) -> Ran {
        self.sandbox.run(tool, &[&POOL[..], args].concat())
    }

    /// Ends what has been idle for more than an hour. The ids of what ended.
    pub(crate) fn sweep(&self, args: &[&str]) -> BTreeSet<String> {
        ids(&self.swept(args).ok())
    }

    /// The same, whatever comes of it.
    pub(crate) fn swept(&self, args: &[&str]) -> Ran {
        self.sandbox.run("terminate-idle-job-flows", &[&["--no-conf", "--max-hours-idle", "1"], args].concat())
    }

    /// How many job flows were asked for.
    pub(crate) fn started(&self) -> usize {
        self.sandbox.requests("RunJobFlow").len()
    }

    /// The key and the object of the pool's minimum.
    pub(crate) fn minimum(&self) -> Option<(String, Value)> {
        let key = self.sandbox.keys("scratch/locks/minimums/").pop()?;
        let object = self.sandbox.object(&key).unwrap();
        Some((key, serde_json::from_str(&object).unwrap()))
    }

    /// Claims a job flow of the pool, and returns its id.
    pub(crate) fn claim(&self, args: &[&str]) -> String {
        let record = self.run("find-pool", args).ok().record();
        record["job_flow_id"].as_str().unwrap().to_owned()
    }
}

/// The ids of the records of `ran`.
pub(crate) fn ids(ran: &Ran) -> BTreeSet<String> {
    ran.records().iter().map(|record| record["job_flow_id"].as_str().unwrap().to_owned()).collect()
}

/// A set of these ids.
pub(crate) fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|&id| id.to_owned()).collect()
}
