//! Many processes at once for a few things that one alone may hold, some killed, some gone without giving back.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Ran;
use crate::story::{Hold, Story};

/// Who contends, and how.
#[derive(Debug)]
pub struct Contest<Take, GiveBack> {
    /// The command that takes something and prints its record, or exits 1; told a random number, to choose by.
    pub take: Take,
    /// The command that gives back what the record on its stdin says.
    pub give_back: GiveBack,
    /// Exit codes of either that are no fault, beside 0 and 1.
    pub excused: Vec<i32>,
    /// How many contend at once.
    pub contenders: usize,
    /// The longest that one holds on before it gives back, or goes without.
    pub holds: Duration,
    /// How long they contend, and die.
    pub storm: Duration,
    /// How long they go on then and none dies: all that the dead have held must come free.
    pub calm: Duration,
}

/// One in so many is killed while it takes.
const KILLED: u32 = 10;
/// One in so many that hold something goes without giving it back.
const FORGETS: u32 = 10;
/// The latest that one is killed after its start.
const KILLED_WITHIN: Duration = Duration::from_millis(60);
/// Between two attempts of one contender.
const PAUSE: Duration = Duration::from_millis(20);

impl<Take, GiveBack> Contest<Take, GiveBack>
where
    Take: Fn(u64) -> Command + Sync,
    GiveBack: Fn() -> Command + Sync,
{
    /// Runs it, with what is random from `seed`, and tells what happened.
    #[must_use]
    pub fn run(&self, seed: u64) -> Story {
        let began = Instant::now();
        let mut story = Story::new(seed, self.storm);
        let seeds = (0..self.contenders as u64).map(|contender| seed.wrapping_add(contender));
        thread::scope(|scope| {
            let told: Vec<_> = seeds.map(|seed| scope.spawn(move || self.contend(seed, began))).collect();
            for contender in told {
                story.merge(contender.join().unwrap_or_else(|_| panic!("a contender failed; seed {seed}")));
            }
        });
        story
    }

    /// What one contender does: it takes, holds, and gives back, again and again.
    fn contend(&self, seed: u64, began: Instant) -> Story {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut story = Story::new(seed, self.storm);
        while began.elapsed() < self.storm + self.calm {
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
                story.holds.push(hold);
            }
            pass(PAUSE);
        }
        story
    }

    /// Asserts that a process did what it was asked, found that it cannot, was killed, or is excused.
    fn check(&self, code: Option<i32>) {
        let fine = code.is_none_or(|code| code == 0 || code == 1 || self.excused.contains(&code));
        assert!(fine, "a contender exited with {code:?}");
    }
}

/// Runs `command` to its end, or kills it after so long: the record that it printed, when, and its exit code.
fn finish(mut command: Command, kill_after: Option<Duration>) -> (Option<Value>, Instant, Option<i32>) {
    // What they say, of one another's locks above all, would be thousands of lines.
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

/// Lets time pass.
#[expect(clippy::disallowed_methods, reason = "a holder only holds, and a death comes at no event")]
fn pass(time: Duration) {
    thread::sleep(time);
}

/// Some of `whole`.
fn share(random: &mut fastrand::Rng, whole: Duration) -> Duration {
    whole.mul_f64(random.f64())
}
