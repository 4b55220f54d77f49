//! What must work once the trouble is over: whoever is dead blocks nothing for longer than a time to live, each job flow
//! that waits can be claimed and given back, one of each pool can be used, and a sweep ends all that is idle, but no
//! minimum. Nobody is killed by then, so every lock that was taken is given back.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use harness::Ran;
use serde_json::Value;

use super::actors::SWEEP;
use super::{MIN_IDLE, Round};
use crate::{LONG, SCRATCH, find_pool, free, locks, pass};

/// What is waited for: a late write comes after six seconds at most, a claim lasts for six more, and for others for one
/// more. A list of locks shows no time to live, so a search takes a younger lock than its own time to live for held.
const OVER: Duration = Duration::from_secs(20);
const TTL: [&str; 2] = ["--ttl", "20"];

impl Round {
    /// Tries whether everything works.
    pub(super) fn calm(&self) {
        pass(OVER);
        self.free_what_lasts();
        let before = self.locks();
        for pool in ["etl", "adhoc"] {
            let waiting = self.waiting(pool);
            let claims: Vec<_> = waiting.iter().map(|_| find_pool(&self.sandbox, pool, &TTL)).collect();
            let claimed: BTreeSet<_> = claims.iter().filter(|claim| claim.code == Some(0)).map(id).collect();
            if claimed != waiting {
                self.find(format!("of {waiting:?} in {pool} only {claimed:?} could be claimed: {claims:?}"));
            }
            let none = find_pool(&self.sandbox, pool, &TTL);
            if none.code != Some(1) {
                self.find(format!("although all of {pool} are claimed, there is another: {none:?}"));
            }
            let mut good = claims.iter().filter(|claim| claim.code == Some(0));
            let first = good.next();
            good.for_each(|claim| self.give_back(claim));
            if let Some(claim) = first {
                self.use_it(pool, claim);
            }
        }
        self.sweep_all();
        self.begin_anew();
        // Nothing runs, and nobody was killed meanwhile.
        for (key, lock) in self.locks() {
            if before.get(&key) != Some(&lock) && !lock["token"].is_null() {
                self.find(format!("{key} was taken in the calm, and not given back: {lock}"));
            }
        }
    }

    /// All locks, each with its object.
    fn locks(&self) -> BTreeMap<String, Value> {
        ["scratch/locks/", "locks/"].into_iter().flat_map(|prefix| locks(&self.sandbox, prefix)).collect()
    }

    /// A job starts a job flow, and runs its command under a lock.
    fn begin_anew(&self) {
        let found = find_pool(&self.sandbox, "etl", &["--or-create"]);
        let ran = self.sandbox.run("s3-lock", &["run", "s3://bucket/locks/0", "--wait", "10s", "--", "true"]);
        if [found.code, ran.code] != [Some(0); 2] {
            self.find(format!("a job cannot begin anew: {found:?} {ran:?}"));
        }
        self.give_back(&found);
    }

    /// The locks of sweeps and pools last for a minute and more: those that the dead hold are freed by their tokens.
    fn free_what_lasts(&self) {
        for (key, lock) in locks(&self.sandbox, "scratch/locks/") {
            if lock["ttl_s"].as_u64() > Some(6) {
                free(&self.sandbox, &key, LONG);
            }
        }
    }

    /// The job flows of `pool` that wait for jobs.
    fn waiting(&self, pool: &str) -> BTreeSet<String> {
        let listed = self.sandbox.run("list-job-flows", &["--state", "WAITING", "--no-idle", "--pool-name", pool]).ok();
        listed.records().iter().map(|record| record["job_flow_id"].as_str().unwrap().to_owned()).collect()
    }

    fn give_back(&self, claim: &Ran) {
        let released = Ran::with_stdin(self.sandbox.tool("s3-lock").arg("release"), &claim.stdout);
        if released.code != Some(0) {
            self.find(format!("{claim:?} could not be given back: {released:?}"));
        }
    }

    /// A claimed job flow is left alone by a sweep, takes a step, and is given back.
    fn use_it(&self, pool: &str, claim: &Ran) {
        self.sweep_once(&["--pool-name", pool]);
        let added = Ran::with_stdin(self.sandbox.tool("add-step").args(["--", "true"]), &claim.stdout);
        let waited = Ran::with_stdin(&mut self.sandbox.tool("wait-step"), &added.stdout);
        let lock = self.sandbox.object(&format!("scratch/locks/job-flows/{}", id(claim))).unwrap_or_default();
        if [added.code, waited.code] != [Some(0); 2] || !lock.contains("\"free\"") {
            self.find(format!("{claim:?} could not be used and given back: {added:?} {waited:?} {lock}"));
        }
    }

    /// Nobody uses anything any more: a sweep ends all that is idle.
    fn sweep_all(&self) {
        for pool in ["spare0", "spare1"] {
            let min_idle = MIN_IDLE.to_string();
            let fill = ["--pool-name", pool, "--s3-scratch-uri", SCRATCH, "--min-idle", &min_idle];
            let _ = self.sandbox.run("fill-pool", &fill).ok();
        }
        // Idle for longer than no time at all, by a clock of whole seconds.
        pass(Duration::from_secs(2));
        self.sweep_once(&[]);
        for (pool, left) in [("etl", 0), ("adhoc", 0), ("spare0", MIN_IDLE), ("spare1", MIN_IDLE)] {
            let waiting = self.waiting(pool);
            if waiting.len() != left {
                self.find(format!("a sweep leaves {waiting:?} of {pool} instead of {left}"));
            }
        }
    }

    fn sweep_once(&self, more: &[&str]) {
        let swept = self.sandbox.run("terminate-idle-job-flows", &[&SWEEP[..], more].concat());
        if swept.code != Some(0) {
            self.find(format!("a sweep fails: {swept:?}"));
        }
        self.seen.lock().unwrap().swept.push(swept.stdout);
    }
}

fn id(found: &Ran) -> String {
    found.records().first().map_or_else(String::new, |record| record["job_flow_id"].as_str().unwrap().to_owned())
}
