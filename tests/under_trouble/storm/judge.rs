//! Whether a round broke a promise: by the history of its locks, and apart from that by what EMR has and what came to it.
//!
//! Times of EMR and of tools are whole seconds. A time counts as before another if its second is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Instant;

use harness::Ran;
use serde_json::Value;

use super::{MIN_IDLE, MOST, Round};
use crate::leases;

/// What the processes of a round printed, and what was asked of EMR.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) claims: Vec<Claim>,
    pub(super) additions: Vec<Addition>,
    /// The ids of job flows that tools say they have started.
    pub(super) started: Vec<String>,
    /// What sweeps printed.
    pub(super) swept: Vec<String>,
    /// When EMR had answered a sweep's request to terminate job flows, and its body.
    pub(super) ended: Vec<(Instant, String)>,
    /// Job flows that nobody may end or join.
    pub(super) untouchable: Vec<String>,
    /// Whether a command ended by itself that ran for longer than its lock lasts, and how many tried.
    pub(super) ran_on: bool,
    pub(super) tried_to_run_on: usize,
    pub(super) findings: Vec<String>,
}

/// A run of `find-pool` that claimed a job flow.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) job_flow: String,
    pub(super) began: String,
    pub(super) found_at: String,
    /// A time in which the job flow was certainly claimed.
    pub(super) from: Instant,
    pub(super) until: Instant,
}

/// A run of `add-step`.
#[derive(Debug)]
pub(super) struct Addition {
    /// The label of its step.
    pub(super) name: String,
    pub(super) code: Option<i32>,
    pub(super) records: String,
    pub(super) ended: String,
}

/// What EMR has at the end of a round.
struct Account {
    job_flows: Vec<Value>,
    steps: Vec<Value>,
    /// The job flows of requests that may have come to EMR after the lease: they are under no promise.
    late: BTreeSet<String>,
}

/// The verdict on the history of a round, or what broke a promise in it.
pub(super) fn judge(round: &Round) -> Result<Value, Vec<String>> {
    let sandbox = &round.sandbox;
    let verified = sandbox.run("s3-lock", &["verify", "lock-history.jsonl"]);
    let mut records = verified.records();
    let Some(verdict) = records.pop() else { return Err(vec![format!("{verified:?}")]) };
    let violations = records.iter().filter(|record| record["violates"] == true);
    let mut findings: Vec<_> = violations.map(|record| format!("{record}")).collect();
    let job_flows = sandbox.run("list-job-flows", &["--all", "--no-idle"]).ok();
    // The quota of a run lets it ask for the steps of ten job flows at once.
    let lines: Vec<_> = job_flows.stdout.lines().collect();
    let listed = |some: &[&str]| Ran::with_stdin(&mut sandbox.tool("list-steps"), &some.join("\n")).ok().records();
    let steps = lines.chunks(10).flat_map(listed).collect();
    let account = Account { job_flows: job_flows.records(), steps, late: late(round, &records) };
    let seen = round.seen.lock().unwrap();
    findings.extend(seen.findings.iter().cloned());
    findings.extend(leases::too_long(sandbox));
    findings.extend(account.ended_wrongly(&seen));
    findings.extend(account.started_wrongly(&seen));
    findings.extend(account.claimed_wrongly(&seen.claims));
    findings.extend(account.lost(&seen.additions));
    findings.extend(account.told_wrongly(&seen.additions));
    findings.extend(account.at_once());
    if seen.tried_to_run_on > 3 && !seen.ran_on {
        findings.push(format!("none of {} commands ran for longer than its lock lasts", seen.tried_to_run_on));
    }
    if findings.is_empty() { Ok(verdict) } else { Err(findings) }
}

fn late(round: &Round, records: &[Value]) -> BTreeSet<String> {
    let history = fs::read_to_string(round.sandbox.folder().join("lock-history.jsonl")).unwrap_or_default();
    let lines: Vec<_> = history.lines().collect();
    let late = records.iter().filter(|record| record["kind"] == "late-act");
    let places = late.flat_map(|record| record["lines"].as_array().cloned().unwrap_or_default());
    let numbers = places.filter_map(|place| place.as_str()?.rsplit(':').next()?.parse::<usize>().ok());
    let acts = numbers.filter_map(|number| serde_json::from_str::<Value>(lines.get(number - 1)?).ok());
    acts.filter_map(|act| Some(act["of"].as_str()?.to_owned())).collect()
}

fn text<'a>(record: &'a Value, key: &str) -> &'a str {
    record[key].as_str().unwrap_or_default()
}

/// Whether a step was not cancelled.
fn stays(step: &Value) -> bool {
    !["CANCELLED", "INTERRUPTED"].contains(&text(step, "state"))
}

fn is_over(job_flow: &Value) -> bool {
    text(job_flow, "state").starts_with("TERMINAT")
}

impl Account {
    fn of_pool<'a>(&'a self, pool: &'a str) -> impl Iterator<Item = &'a Value> {
        self.job_flows.iter().filter(move |job_flow| text(job_flow, "pool_name") == pool)
    }

    fn steps_of<'a>(&'a self, job_flow: &'a str) -> impl Iterator<Item = &'a Value> {
        let is_of = move |step: &&Value| text(step, "job_flow_id") == job_flow && stays(step);
        self.steps.iter().filter(is_of)
    }

    /// Job flows that sweeps ended although they were claimed, kept by a minimum, or nobody's to end; and those that a
    /// sweep says it has ended, and has not.
    fn ended_wrongly(&self, seen: &Seen) -> Vec<String> {
        let has = |body: &str, id: &str| body.contains(&format!("\"{id}\""));
        let mut found = Vec::new();
        for Claim { job_flow, from, until, .. } in
            seen.claims.iter().filter(|claim| !self.late.contains(&claim.job_flow))
        {
            let is_of = |(time, body): &&(Instant, String)| has(body, job_flow) && from < time && time < until;
            found
                .extend(seen.ended.iter().find(is_of).map(|_| format!("{job_flow} was ended although it was claimed")));
        }
        let kept = ["spare0", "spare1"].into_iter().flat_map(|pool| self.of_pool(pool));
        for id in kept.map(|spare| text(spare, "job_flow_id")) {
            found.extend(seen.ended.iter().find(|(_, body)| has(body, id)).map(|_| format!("a sweep ended {id}")));
        }
        let alive = || {
            let alive = self.job_flows.iter().filter(|job_flow| !is_over(job_flow));
            alive.map(|job_flow| text(job_flow, "job_flow_id"))
        };
        let gone = seen.untouchable.iter().filter(|id| alive().all(|other| other != *id));
        found.extend(gone.map(|id| format!("{id} was ended, which was nobody's to end")));
        let told = |id: &&str| seen.swept.iter().any(|records| has(records, id));
        found.extend(alive().filter(told).map(|id| format!("a sweep says that it has ended {id}, which lives")));
        found
    }

    /// Job flows that were started for one run id, or told as started by two; and more than a pool may have.
    fn started_wrongly(&self, seen: &Seen) -> Vec<String> {
        let mut names = BTreeSet::new();
        let twice = self.job_flows.iter().filter(|job_flow| !names.insert(text(job_flow, "name")));
        let mut found: Vec<_> = twice.map(|job_flow| format!("a second job flow of one run id: {job_flow}")).collect();
        let mut started = BTreeSet::new();
        let again = seen.started.iter().filter(|id| !started.insert(*id));
        found.extend(again.map(|id| format!("two runs say that they have started {id}")));
        for (pool, most) in [("etl", MOST), ("spare0", MIN_IDLE), ("spare1", MIN_IDLE)] {
            for new in self.of_pool(pool) {
                let at = text(new, "created_at");
                let lives = |other: &&Value| {
                    text(other, "created_at") <= at && (other["ended_at"].is_null() || text(other, "ended_at") > at)
                };
                let alive = self.of_pool(pool).filter(lives).count();
                if alive > most {
                    found.push(format!("{pool} has {alive} job flows instead of {most} when {new} begins"));
                }
            }
        }
        found
    }

    /// Job flows that two claimed at once, and those on which a step ran before, while and after they were looked at.
    fn claimed_wrongly(&self, claims: &[Claim]) -> Vec<String> {
        let mut found = Vec::new();
        for (number, claim) in claims.iter().enumerate() {
            let Claim { job_flow, began, found_at, from, until } = claim;
            let meets = |other: &&Claim| other.job_flow == *job_flow && other.from < *until && *from < other.until;
            if !self.late.contains(job_flow) && claims[..number].iter().any(|other| meets(&other)) {
                found.push(format!("two have claimed {job_flow} at once"));
            }
            let is_busy = |step: &&Value| {
                text(step, "created_at") < began.as_str()
                    && (step["ended_at"].is_null() || text(step, "ended_at") > found_at.as_str())
            };
            found.extend(
                self.steps_of(job_flow).find(is_busy).map(|step| format!("{job_flow} was claimed in spite of {step}")),
            );
        }
        found
    }

    /// Steps that were added, says an `add-step`, and have not run.
    fn lost(&self, additions: &[Addition]) -> Vec<String> {
        let states: BTreeMap<_, _> =
            self.steps.iter().map(|step| (text(step, "step_id"), text(step, "state"))).collect();
        let added = additions.iter().filter(|addition| addition.code == Some(0));
        let records = added.flat_map(|addition| addition.records.lines());
        let added: Vec<Value> = records.map(|line| serde_json::from_str(line).unwrap()).collect();
        let mut told = BTreeSet::new();
        let is_lost = |step: &&Value| {
            let is_known =
                ["COMPLETED", "RUNNING", "PENDING"].contains(states.get(text(step, "step_id")).unwrap_or(&""));
            !told.insert(text(step, "step_id").to_owned())
                || !(is_known || self.late.contains(text(step, "job_flow_id")))
        };
        added.iter().filter(is_lost).map(|step| format!("a step was added and did not run, or twice: {step}")).collect()
    }

    /// What came of an `add-step`, and is not what it says: a step that was added twice, or although it says that it was
    /// not, or that waits behind another job's.
    fn told_wrongly(&self, additions: &[Addition]) -> Vec<String> {
        let mut found = Vec::new();
        for Addition { name, code, ended, .. } in additions {
            let is_own = |step: &&Value| text(step, "name").starts_with(name.as_str());
            let own: Vec<_> = self.steps.iter().filter(is_own).filter(|step| stays(step)).collect();
            let is_so = own.len() < if *code == Some(75) { 1 } else { 2 };
            if !is_so {
                found.push(format!("add-step --name '{name}' ended with {code:?}, and EMR has {own:?}"));
            }
            let Some(step) = own.first().filter(|_| *code == Some(0)) else { continue };
            let is_before = |other: &&Value| {
                text(other, "created_at") < text(step, "created_at")
                    && (other["ended_at"].is_null() || text(other, "ended_at") > ended.as_str())
            };
            if let Some(other) = self.steps_of(text(step, "job_flow_id")).find(is_before) {
                found.push(format!("a step was added and left behind another's: {step} {other}"));
            }
        }
        found
    }

    /// Steps of two jobs on one job flow, the second of which was added before the first had ended.
    fn at_once(&self) -> Vec<String> {
        let is_promised =
            |step: &&Value| step["state"] != "CANCELLED" && !self.late.contains(text(step, "job_flow_id"));
        let mut all: Vec<_> = self.steps.iter().filter(is_promised).collect();
        // Times are whole seconds, so of two steps that began in one second the one that goes on came later.
        let goes_on = |step: &Value| step["ended_at"].is_null();
        all.sort_by_key(|step| {
            (text(step, "job_flow_id"), text(step, "created_at"), goes_on(step), text(step, "ended_at"))
        });
        let pairs = all.windows(2).filter(|pair| pair[0]["job_flow_id"] == pair[1]["job_flow_id"]);
        let overlap = pairs.filter(|pair| goes_on(pair[0]) || text(pair[1], "created_at") < text(pair[0], "ended_at"));
        overlap.map(|pair| format!("two jobs at once: {pair:?}")).collect()
    }
}
