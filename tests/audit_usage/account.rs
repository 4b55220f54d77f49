//! Accounts with a past, and what their job flows come to, second by second.

use std::time::{SystemTime, UNIX_EPOCH};

use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

use crate::TOOL;

pub(crate) const HOUR: i64 = 3600;

/// Now, in seconds since the epoch.
pub(crate) fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// Midnight (UTC) a few days ago.
pub(crate) fn some_day() -> i64 {
    now() / 86_400 * 86_400 - 5 * 86_400
}

/// A step with its state, its start and its end, in seconds since the job flow was created.
pub(crate) type Step = (&'static str, &'static str, i64, Option<i64>);

/// A job flow with a past.
#[derive(Debug, Clone)]
pub(crate) struct JobFlow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created: i64,
    /// In seconds since it was created.
    pub(crate) ready: Option<i64>,
    /// In seconds since it was created; none while it is alive.
    pub(crate) ended: Option<i64>,
    pub(crate) steps: Vec<Step>,
    /// Instances of the type `m5.xlarge`, which have 4 vCPUs: those that were requested, and those that run.
    pub(crate) cores: (u32, u32),
}

impl JobFlow {
    pub(crate) fn new(id: &str, created: i64, ready: i64, ended: i64, steps: &[Step]) -> Self {
        Self {
            id: format!("j-{id}"),
            name: id.to_owned(),
            created,
            ready: Some(ready),
            ended: Some(ended),
            steps: steps.to_vec(),
            cores: (1, 0),
        }
    }

    /// As `--load` takes it.
    pub(crate) fn json(&self) -> Value {
        let at = |seconds: i64| json!(self.created + seconds);
        let mut timeline = json!({"CreationDateTime": at(0)});
        if let Some(ready) = self.ready {
            timeline["ReadyDateTime"] = at(ready);
        }
        if let Some(ended) = self.ended {
            timeline["EndDateTime"] = at(ended);
        }
        let state = if self.ended.is_some() { "TERMINATED" } else { "WAITING" };
        let step = |(number, (name, state, start, end)): (usize, &Step)| {
            let mut timeline = json!({"CreationDateTime": at(0), "StartDateTime": at(*start)});
            if let Some(end) = end {
                timeline["EndDateTime"] = at(*end);
            }
            let id = format!("s-{}{number}", &self.id[2..]);
            json!({"Id": id, "Name": name, "Status": {"State": state, "Timeline": timeline}})
        };
        let group = |role: &str, requested: u32, running: u32| {
            json!({
                "Id": format!("ig-{role}{}", &self.id[2..]), "InstanceGroupType": role, "InstanceType": "m5.xlarge",
                "Market": "ON_DEMAND", "RequestedInstanceCount": requested, "RunningInstanceCount": running,
            })
        };
        let master = u32::from(self.ended.is_none());
        json!({
            "Cluster": {"Id": self.id, "Name": self.name, "Status": {"State": state, "Timeline": timeline}},
            "InstanceGroups": [group("MASTER", 1, master), group("CORE", self.cores.0, self.cores.1)],
            "Steps": self.steps.iter().enumerate().map(step).collect::<Vec<_>>(),
        })
    }

    /// Seconds of each part, by looking at each second alone: starting, used, failed, idle between, idle at the end.
    pub(crate) fn parts(&self, life: i64) -> [i64; 5] {
        let is_used = |step: &Step| matches!(step.1, "COMPLETED" | "RUNNING");
        let is_failed = |step: &Step| matches!(step.1, "FAILED" | "CANCELLED" | "INTERRUPTED");
        let end = |step: &Step| step.3.or((step.1 == "RUNNING").then_some(life));
        let counts = |step: &Step| (is_used(step) || is_failed(step)) && end(step).is_some_and(|end| end > step.2);
        let steps: Vec<_> = self.steps.iter().filter(|step| counts(step)).collect();
        let mut parts = [0; 5];
        for second in 0..life {
            let runs = |kind: &dyn Fn(&Step) -> bool| {
                steps.iter().any(|step| kind(step) && step.2 <= second && second < end(step).unwrap())
            };
            let ready = self.ready.unwrap_or(i64::MAX);
            let part = if second < ready {
                0
            } else if runs(&is_used) {
                1
            } else if runs(&is_failed) {
                2
            } else if steps.iter().any(|step| step.2 > second && step.2 < life) {
                3
            } else {
                4
            };
            parts[part] += 1;
        }
        parts
    }
}

pub(crate) fn sandbox(job_flows: &[JobFlow], args: &[&str]) -> Sandbox {
    loaded(&job_flows.iter().map(JobFlow::json).collect::<Vec<_>>(), args)
}

pub(crate) fn loaded(clusters: &[Value], args: &[&str]) -> Sandbox {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clusters.json");
    std::fs::write(&file, json!({ "clusters": clusters }).to_string()).unwrap();
    let args: Vec<_> = ["--load", file.to_str().unwrap()].into_iter().chain(args.iter().copied()).collect();
    Sandbox::start(&Tools::beside(TOOL), &args)
}

pub(crate) fn audit(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run("audit-usage", args).ok()
}

pub(crate) const KEYS: [&str; 5] = ["starting_s", "used_s", "failed_s", "idle_between_s", "idle_at_end_s"];

/// The parts in a record.
pub(crate) fn parts_of(record: &Value) -> [i64; 5] {
    KEYS.map(|key| record[key].as_i64().unwrap())
}

/// The record of the group `name`.
pub(crate) fn group<'a>(records: &'a [Value], name: &str) -> &'a Value {
    records.iter().find(|record| record["group"] == name).unwrap_or_else(|| panic!("no {name} in {records:?}"))
}
