//! Every call that a tool makes, failing in every way, once and without end: no exit code and no message is a lie.
//!
//! After each run the sandbox tells what really happened. Exit code 0 means that it is done, and done once. Any other
//! means what the fault is, and what may have happened all the same is said.

mod account;
mod after;
mod check;
mod scenario;
mod scenarios;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::account::Account;
use crate::scenario::Scenario;
use crate::scenarios::SCENARIOS;

/// Runs at once. They wait most of the time.
const AT_ONCE: usize = 12;

/// More than any tool asks.
const WITHOUT_END: u32 = 60;

/// How a call fails, how it does so in the sandbox's words, and the exit code of a tool that it stops.
const KINDS: [(&str, &str, i32); 7] = [
    ("drop-response", "", 69),
    ("drop-request", "", 69),
    ("error-500", "", 69),
    ("throttle", "", 75),
    ("deny", "", 77),
    ("stale-signature", "", 77),
    ("delay", ":40", 0),
];

/// A call of a tool that fails.
#[derive(Debug, Clone, Copy)]
struct Case {
    scenario: &'static Scenario,
    api: &'static str,
    kind: usize,
    count: u32,
}

impl Case {
    /// All of them, those of one tool after another.
    fn all() -> Vec<Self> {
        let mut cases = Vec::new();
        for scenario in &SCENARIOS {
            for api in scenario.calls {
                for kind in 0..KINDS.len() {
                    cases.extend([1, WITHOUT_END].map(|count| Self { scenario, api, kind, count }));
                }
            }
        }
        cases
    }

    /// Whether a tool gets over it: what fails once is made again, unless it might then happen twice.
    fn is_gotten_over(self) -> bool {
        let is_costly = matches!(self.api, "RunJobFlow" | "AddJobFlowSteps");
        match KINDS[self.kind].0 {
            "delay" => true,
            "deny" => false,
            "drop-request" | "error-500" => self.count == 1 && !is_costly,
            _ => self.count == 1,
        }
    }

    /// What is wrong with what the tool did; and whether the call was made at all.
    fn run(self, account: &Account) -> (Result<(), String>, bool) {
        let (kind, argument, code) = KINDS[self.kind];
        let fault = format!("{}:{kind}:{}{argument}", self.api, self.count);
        let (after, is_hit) = self.scenario.run(account, self.api, &fault);
        let codes: BTreeSet<_> =
            if self.is_gotten_over() { [self.scenario.done].into() } else { [self.scenario.done, code].into() };
        let wrong = |what: &str| Err(format!("{} with {fault}: {what}\n  {:?}", self.scenario.name, after.ran));
        let Some(came) = after.ran.code.filter(|code| codes.contains(code)) else {
            return (wrong(&format!("the exit code is none of {codes:?}")), is_hit);
        };
        let checked =
            if came == self.scenario.done { (self.scenario.is_done)(&after) } else { (self.scenario.is_told)(&after) };
        let is_silent = came > 1 && after.ran.stderr.is_empty();
        let checked = checked.and_then(|()| if is_silent { Err("nothing is said".to_owned()) } else { Ok(()) });
        (checked.or_else(|what| wrong(&what)), is_hit)
    }
}

fn run_all(cases: &[Case]) {
    let account = Account::new();
    let (next, wrong, missed) = (AtomicUsize::new(0), Mutex::new(Vec::new()), Mutex::new(BTreeSet::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (result, is_hit) = case.run(&account);
                    if let Err(what) = result {
                        wrong.lock().expect("nobody panicked").push(what);
                    }
                    if !is_hit {
                        missed.lock().expect("nobody panicked").insert((case.scenario.name, case.api));
                    }
                }
            });
        }
    });
    let (wrong, missed) = (wrong.into_inner().expect("nobody panicked"), missed.into_inner().expect("nobody panicked"));
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(missed.is_empty(), "these calls are not made: {missed:?}");
}

#[test]
fn what_costs_or_destroys_tells_the_truth_of_each_failure() {
    let costly = ["RunJobFlow", "AddJobFlowSteps", "TerminateJobFlows", "PutObject"];
    let mut cases = Case::all();
    cases.retain(|case| costly.contains(&case.api) && case.count == 1 && KINDS[case.kind].0 != "delay");
    run_all(&cases);
}

#[test]
#[ignore = "takes minutes: scripts/test --full runs it"]
fn every_call_of_every_tool_tells_the_truth_of_each_failure() {
    run_all(&Case::all());
}
