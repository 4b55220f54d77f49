//! Whether a round broke a promise: by the history of its locks, and apart from that by what EMR has and what came to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Instant;

use harness::Ran;
use serde_json::Value;

use crate::storm::Round;

/// What the processes of a round printed, and what was asked of EMR.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) claims: Vec<Claim>,
    /// The records of steps of an `add-step` that ended with 0.
    pub(crate) steps: Vec<String>,
    /// When EMR had answered requests to terminate job flows, and their bodies.
    pub(crate) ended: Vec<(Instant, String)>,
    pub(crate) findings: Vec<String>,
}

/// A time in which a job flow was certainly claimed.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) job_flow: String,
    pub(crate) from: Instant,
    pub(crate) until: Instant,
}

/// The verdict on the history of a round, or what broke a promise in it.
pub(crate) fn judge(round: &Round) -> Result<Value, Vec<String>> {
    let sandbox = &round.sandbox;
    let verified = sandbox.run("s3-lock", &["verify", "lock-history.jsonl"]);
    let mut records = verified.records();
    let Some(verdict) = records.pop() else { return Err(vec![format!("{verified:?}")]) };
    let violations = records.iter().filter(|record| record["violates"] == true);
    let mut findings: Vec<_> = violations.map(|record| format!("{record}")).collect();
    let late = late(round, &records);
    let seen = round.seen.lock().unwrap();
    findings.extend(seen.findings.iter().cloned());
    for Claim { job_flow, from, until } in seen.claims.iter().filter(|claim| !late.contains(&claim.job_flow)) {
        let is_of = |(time, body): &&(Instant, String)| body.contains(job_flow.as_str()) && from < time && time < until;
        if seen.ended.iter().any(|ended| is_of(&ended)) {
            findings.push(format!("{job_flow} was terminated although it was claimed"));
        }
    }
    let job_flows = sandbox.run("list-job-flows", &["--all", "--no-idle"]).ok();
    findings.extend(created_twice(&job_flows.records()));
    let all = Ran::with_stdin(&mut sandbox.tool("list-steps"), &job_flows.stdout).ok().records();
    findings.extend(lost(&all, &seen.steps, &late));
    findings.extend(at_once(all, &late));
    if findings.is_empty() { Ok(verdict) } else { Err(findings) }
}

/// The job flows of requests that may have come to EMR after the lease: they are under no promise.
fn late(round: &Round, records: &[Value]) -> BTreeSet<String> {
    let history = fs::read_to_string(round.sandbox.folder().join("lock-history.jsonl")).unwrap_or_default();
    let lines: Vec<_> = history.lines().collect();
    let late = records.iter().filter(|record| record["kind"] == "late-act");
    let places = late.flat_map(|record| record["lines"].as_array().cloned().unwrap_or_default());
    let numbers = places.filter_map(|place| place.as_str()?.rsplit(':').next()?.parse::<usize>().ok());
    let acts = numbers.filter_map(|number| serde_json::from_str::<Value>(lines.get(number - 1)?).ok());
    acts.filter_map(|act| Some(act["of"].as_str()?.to_owned())).collect()
}

/// Job flows that were started for one run id.
fn created_twice(job_flows: &[Value]) -> Vec<String> {
    let mut names = BTreeSet::new();
    let twice = job_flows.iter().filter(|job_flow| !names.insert(job_flow["name"].to_string()));
    twice.map(|job_flow| format!("a second job flow of one run id: {job_flow}")).collect()
}

/// Steps that were added, says an `add-step`, and have not run.
fn lost(all: &[Value], added: &[String], late: &BTreeSet<String>) -> Vec<String> {
    let states: BTreeMap<_, _> = all.iter().map(|step| (step["step_id"].as_str(), &step["state"])).collect();
    let added =
        added.iter().flat_map(|records| records.lines()).map(|line| serde_json::from_str::<Value>(line).unwrap());
    let is_lost = |step: &Value| {
        let state = states.get(&step["step_id"].as_str()).and_then(|state| state.as_str()).unwrap_or_default();
        !matches!(state, "COMPLETED" | "RUNNING" | "PENDING")
            && !late.contains(step["job_flow_id"].as_str().unwrap_or_default())
    };
    added.filter(is_lost).map(|step| format!("a step was added and did not run: {step}")).collect()
}

/// Steps of two jobs on one job flow, the second of which was added before the first had ended.
fn at_once(mut all: Vec<Value>, late: &BTreeSet<String>) -> Vec<String> {
    let text = |step: &Value, key: &str| step[key].as_str().unwrap_or_default().to_owned();
    all.retain(|step| step["state"] != "CANCELLED" && !late.contains(&text(step, "job_flow_id")));
    // Times are whole seconds, so of two steps that began in one second the one that goes on came later.
    let goes_on = |step: &Value| step["ended_at"].is_null();
    all.sort_by_key(|step| {
        (text(step, "job_flow_id"), text(step, "created_at"), goes_on(step), text(step, "ended_at"))
    });
    let pairs = all.windows(2).filter(|pair| pair[0]["job_flow_id"] == pair[1]["job_flow_id"]);
    let overlap =
        pairs.filter(|pair| pair[0]["ended_at"].is_null() || text(&pair[1], "created_at") < text(&pair[0], "ended_at"));
    overlap.map(|pair| format!("two jobs at once: {pair:?}")).collect()
}
