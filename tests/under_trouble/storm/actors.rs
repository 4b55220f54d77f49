//! What each actor of a storm does, again and again.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use fastrand::Rng;
use harness::{Ran, now};

use super::judge::{Addition, Claim};
use super::network::Strike;
use super::{MIN_IDLE, MOST, ROUND, Round};
use crate::{SCRATCH, pass};

/// Ends what is idle at all, and no job flow that mrjob locked within the hour.
pub(super) const SWEEP: [&str; 6] = ["--max-hours-idle", "0", "--max-mins-locked", "60", "--s3-scratch-uri", SCRATCH];

/// What a command says by its exit code if another is under the same lock.
const MEETS: &str = "99";

impl Round {
    /// Claims a job flow and adds a step to it; where none is free it starts one.
    pub(super) fn join(&self, random: &mut Rng) {
        let (began, started, ttl) = (now(), Instant::now(), random.u64(3..7).to_string());
        let pool = if random.bool() { "etl" } else { "adhoc" };
        let most = MOST.to_string();
        let creates = pool == "etl" && random.bool();
        let find = ["--pool-name", pool, "--s3-scratch-uri", SCRATCH, "--ttl", &ttl];
        let more: &[&str] = if creates { &["--or-create", "--max-job-flows-in-pool", &most] } else { &[] };
        let strike = if creates { self.spared(random) } else { Strike::draw(random) };
        let found = self.tool(random, "find-pool", &[&find[..], more].concat(), "", strike);
        self.note_starts(&found);
        if found.code == Some(1) && pool == "adhoc" {
            let create = ["--pool-emr-job-flows", "--pool-name", pool];
            let strike = Strike::draw(random);
            let new = self.tool(random, "create-job-flow", &create, "", strike);
            self.note_starts(&new);
        }
        if found.code != Some(0) {
            return;
        }
        let (record, from, found_at) = (found.record(), Instant::now(), now());
        // Some come when their claim is over.
        let longest = if random.u8(..10) == 0 { 9000 } else { 1500 };
        pass(Duration::from_millis(random.u64(..longest)));
        if record.get("claim").is_some() {
            let lasts = Duration::from_secs(ttl.parse().unwrap()).mul_f64(11.0 / 12.0);
            let until = (started + lasts).min(Instant::now());
            let job_flow = record["job_flow_id"].as_str().unwrap().to_owned();
            self.seen.lock().unwrap().claims.push(Claim { job_flow, began, found_at, from, until });
        }
        if random.u8(..10) > 0 {
            self.add(random, &found.stdout);
        }
    }

    /// Adds a step of a name of its own, which mostly ends soon.
    fn add(&self, random: &mut Rng, record: &str) {
        let name = format!("job {}.", self.names.fetch_add(1, Relaxed));
        let takes = if random.u8(..4) == 0 { "3" } else { "0.2" };
        let strike = Strike::draw(random);
        let added = self.tool(random, "add-step", &["--name", &name, "--", "sleep", takes], record, strike);
        let (code, records, ended) = (added.code, added.stdout, now());
        self.seen.lock().unwrap().additions.push(Addition { name, code, records, ended });
    }

    pub(super) fn sweep(&self, random: &mut Rng) {
        pass(Duration::from_millis(random.u64(..1500)));
        let strike = Strike::draw(random);
        let swept = self.tool(random, "terminate-idle-job-flows", &SWEEP, "", strike);
        if swept.code.is_some() {
            self.seen.lock().unwrap().swept.push(swept.stdout);
        }
    }

    /// Keeps a minimum of a pool that has no jobs.
    pub(super) fn fill(&self, random: &mut Rng) {
        pass(Duration::from_millis(random.u64(..2000)));
        let (pool, min_idle) = (spare(random), MIN_IDLE.to_string());
        let args = ["--pool-name", pool, "--s3-scratch-uri", SCRATCH, "--min-idle", &min_idle];
        let strike = self.spared(random);
        let filled = self.tool(random, "fill-pool", &args, "", strike);
        self.note_starts(&filled);
    }

    /// Ends one of the job flows that a minimum keeps, as a user may.
    pub(super) fn end_a_spare(&self, random: &mut Rng) {
        pass(Duration::from_millis(random.u64(1000..4000)));
        let listed = self.sandbox.run("list-job-flows", &["--no-idle", "--pool-name", spare(random)]).ok().records();
        if let Some(one) = random.choice(listed) {
            let _ = self.sandbox.run("terminate-job-flow", &[one["job_flow_id"].as_str().unwrap()]).ok();
        }
    }

    /// Runs a command under a lock that has to be renewed meanwhile. The command tells if another is under it, too.
    ///
    /// The process is not struck: the command of one that is killed or stopped goes on.
    pub(super) fn run_under_lock(&self, random: &mut Rng) {
        let (lock, takes) = (random.u8(..2), ["0.3", "7"][random.usize(..2)]);
        let (uri, guard) = (format!("s3://bucket/locks/{lock}"), format!("guard-{lock}"));
        let lock = ["run", &uri, "--ttl", "5", "--nonblock", "-E", "1", "--"];
        let command = ["flock", "--nonblock", "-E", MEETS, &guard, "sleep", takes];
        let ran = self.tool(random, "s3-lock", &[&lock[..], &command].concat(), "", Strike::None);
        let mut seen = self.seen.lock().unwrap();
        seen.ran_on |= ran.code == Some(0) && takes == "7";
        seen.tried_to_run_on += usize::from(takes == "7" && ran.code != Some(1));
    }

    /// A strike for a run that may hold the lock of a pool, which lasts for a minute and a half: few are killed, and none
    /// in a short round.
    fn spared(&self, random: &mut Rng) -> Strike {
        match Strike::draw(random) {
            Strike::Kill if random.u8(..4) > 0 => Strike::None,
            _ if self.lasts < ROUND => Strike::None,
            strike => strike,
        }
    }

    /// Notes the job flows that a tool says it has started.
    fn note_starts(&self, ran: &Ran) {
        let ids = ran.stderr.lines().filter_map(|line| line.split("Job flow created with ID: ").nth(1));
        self.seen.lock().unwrap().started.extend(ids.map(str::to_owned));
    }
}

fn spare(random: &mut Rng) -> &'static str {
    ["spare0", "spare1"][random.usize(..2)]
}
