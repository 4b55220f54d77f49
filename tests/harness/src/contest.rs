//! A contest: many processes compete for a few locks or job flows. Some are killed, and some do not release what they
//! hold.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Ran;
use crate::story::{Hold, Story};

/// The contenders and the times of a contest.
#[derive(Debug)]
pub struct Contest<Take, GiveBack> {
    /// Makes the command that takes something and prints its record, or exits with 1. Its argument is a random number.
    pub take: Take,
    /// Makes the command that releases what the record on its stdin names.
    pub give_back: GiveBack,
    /// Allowed exit codes of both commands, in addition to 0 and 1.
    pub excused: Vec<i32>,
    /// The number of contenders.
    pub contenders: usize,
    /// The longest time that one holds something.
    pub holds: Duration,
    /// The first phase, in which contenders may be killed.
    pub storm: Duration,
    /// The longest second phase, in which none is killed: what the killed ones held must become free.
    pub calm: Duration,
    /// The number of things to take. The second phase ends once each of them has been held again.
    pub keys: usize,
}

/// One of this many is killed while it takes.
const KILLED: u32 = 10;
/// One of this many holders does not release.
const FORGETS: u32 = 10;
/// The latest time after its start at which one is killed.
const KILLED_WITHIN: Duration = Duration::from_millis(60);
/// The pause between two attempts of a contender.
const PAUSE: Duration = Duration::from_millis(20);

impl<Take, GiveBack> Contest<Take, GiveBack>
where
    Take: Fn(u64) -> Command + Sync,
    GiveBack: Fn() -> Command + Sync,
{
    /// Runs the contest with random numbers from `seed`, and returns what happened.
    #[must_use]
    pub fn run(&self, seed: u64) -> Story {
        let began = Instant::now();
        let mut story = Story::new(seed, self.storm);
        let seeds = (0..self.contenders as u64).map(|contender| seed.wrapping_add(contender));
        let again = &Mutex::default();
        thread::scope(|scope| {
            let told: Vec<_> = seeds.map(|seed| scope.spawn(move || self.contend(seed, began, again))).collect();
            for contender in told {
                story.merge(contender.join().unwrap_or_else(|_| panic!("a contender failed; seed {seed}")));
            }
        });
        story
    }

    /// The loop of one contender: take, hold, release. `again` has what was held in the second phase.
    fn contend(&self, seed: u64, began: Instant, again: &Mutex<BTreeSet<String>>) -> Story {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut story = Story::new(seed, self.storm);
        let is_over = || again.lock().is_ok_and(|again| again.len() >= self.keys);
        while began.elapsed() < self.storm + self.calm && !is_over() {
            let started = began.elapsed();
            let deadly = started < self.storm;
            let killed = deadly && random.u32(..KILLED) == 0;
            let kill_after = killed.then(|| share(&mut random, KILLED_WITHIN));
            let (record, read, code) = finish((self.take)(random.u64(..)), kill_after);
            self.check(code);
            assert!(code.is_none() || record.is_some() == (code == Some(0)), "{code:?} with {record:?}");
            if let Some(record) = record {
                let dies = killed || deadly && random.u32(..FORGETS) == 0;
                pass(if killed { Duration::ZERO } else { share(&mut random, self.holds) });
                let mut hold = Hold::new(&record, started, read - began);
                if !dies {
                    hold.given_back(began.elapsed());
                    self.check(Ran::with_stdin(&mut (self.give_back)(), &format!("{record}\n")).code);
                }
                if hold.from > self.storm
                    && hold.from < hold.until
                    && let Ok(mut again) = again.lock()
                {
                    again.insert(hold.key.clone());
                }
                story.holds.push(hold);
            }
            pass(PAUSE);
        }
        story
    }

    /// Asserts that a process succeeded, found everything taken, was killed, or exited with an allowed code.
    fn check(&self, code: Option<i32>) {
        let fine = code.is_none_or(|code| code == 0 || code == 1 || self.excused.contains(&code));
        assert!(fine, "a contender exited with {code:?}");
    }
}

/// Runs `command` to its end, or kills it after `kill_after`. Returns its record, when it was read, and the exit code.
fn finish(mut command: Command, kill_after: Option<Duration>) -> (Option<Value>, Instant, Option<i32>) {
    // Their messages, mostly about each other's locks, would be thousands of lines.
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the contender starts");
    if let Some(pause) = kill_after {
        pass(pause);
        child.kill().expect("it can be killed");
    }
    let mut line = String::new();
    let stdout = child.stdout.take().expect("stdout is piped");
    BufReader::new(stdout).read_line(&mut line).expect("stdout is text");
    let read = Instant::now();
    let code = child.wait().expect("it ends").code();
    (serde_json::from_str(&line).ok(), read, code)
}

/// Waits for `time`.
#[expect(clippy::disallowed_methods, reason = "holding and being killed wait for no event")]
fn pass(time: Duration) {
    thread::sleep(time);
}

/// A random part of `whole`.
fn share(random: &mut fastrand::Rng, whole: Duration) -> Duration {
    whole.mul_f64(random.f64())
}
