//! The trouble: a network that loses, delays and delivers late, a store with a clock of its own, and a process that is
//! killed or stopped at one of its requests.

use std::io::Write;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use fastrand::Rng;
use harness::{Fate, Passing, Process, Proxy, Ran};

use super::Round;
use crate::pass;

/// The longest time for which a process is stopped, or a request is kept: longer than a claim lasts here.
const LONGEST: f64 = 6.0;

/// The longest time after which EMR does what its caller has given up. Claims last for three seconds or more, and allow
/// half of that for a call.
const LATE: f64 = 1.4;

/// What happens to one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strike {
    None,
    Kill,
    Stop,
}

/// What a process is struck at.
#[derive(Debug, Clone, Copy)]
struct Moment {
    /// The number of the request; `None` for what changes a job flow.
    number: Option<usize>,
    is_answered: bool,
}

impl Strike {
    /// Draws one that happens to one in ten and to one in ten.
    pub(super) fn draw(random: &mut Rng) -> Self {
        match random.u8(..100) {
            0..10 => Self::Kill,
            10..20 => Self::Stop,
            _ => Self::None,
        }
    }
}

impl Moment {
    fn draw(random: &mut Rng) -> Self {
        let number = random.usize(..12);
        Self { number: (number < 6).then_some(number), is_answered: random.bool() }
    }

    fn is(self, passing: &Passing) -> bool {
        let acts = ["AddJobFlowSteps", "TerminateJobFlows", "RunJobFlow"];
        let is_it = self.number.map_or_else(|| acts.contains(&&*passing.operation), |number| number == passing.number);
        is_it && passing.status.is_some() == self.is_answered
    }
}

impl Round {
    /// Runs a tool under trouble. Some are struck.
    pub(super) fn tool(&self, random: &mut Rng, name: &str, args: &[&str], stdin: &str, strike: Strike) -> Ran {
        let (process, is_over) = (Process::default(), Arc::<AtomicBool>::default());
        let mut command = self.sandbox.tool(name);
        let proxy = self.proxy(random.fork(), strike, process.clone(), Arc::clone(&is_over));
        proxy.point(command.args(args)).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        process.is(&child);
        self.running.lock().unwrap().push(process.clone());
        drop(child.stdin.take().unwrap().write_all(stdin.as_bytes()));
        let ran = Ran::from(child.wait_with_output().unwrap());
        is_over.store(true, Relaxed);
        self.running.lock().unwrap().retain(|other| !other.is_same(&process));
        self.done.runs.fetch_add(1, Relaxed);
        if !matches!(ran.code, None | Some(0 | 1 | 69 | 75)) {
            self.find(format!("{name} {args:?}: {ran:?}"));
        }
        ran
    }

    /// A network for one process, which is struck at one of its requests.
    fn proxy(&self, mut random: Rng, strike: Strike, process: Process, is_over: Arc<AtomicBool>) -> Proxy {
        let moment = Moment::draw(&mut random);
        let (random, seen, done) = (Mutex::new(random), Arc::clone(&self.seen), Arc::clone(&self.done));
        let rule = move |passing: &Passing| {
            if passing.status == Some(200) && passing.operation == "TerminateJobFlows" {
                seen.lock().unwrap().ended.push((Instant::now(), passing.body.clone()));
            }
            let (odds, share) = {
                let mut random = random.lock().unwrap();
                (random.u8(..100), random.f64())
            };
            let time = Duration::from_secs_f64(share * LONGEST);
            let is_struck = strike != Strike::None && moment.is(passing) && !is_over.load(Relaxed);
            if odds > 98 {
                done.delayed.fetch_add(1, Relaxed);
                pass(time);
            }
            match strike {
                Strike::Kill if is_struck => {
                    process.kill();
                    done.kills.fetch_add(1, Relaxed);
                    odds.is_multiple_of(2).into()
                }
                Strike::Stop if is_struck => {
                    process.stop();
                    done.stops.fetch_add(1, Relaxed);
                    pass(time);
                    process.go_on();
                    Fate::Passes
                }
                _ if odds < 2 && passing.status.is_none() => {
                    done.late.fetch_add(1, Relaxed);
                    Fate::Late(if passing.is_for_s3() { time } else { Duration::from_secs_f64(share * LATE) })
                }
                _ if odds < 4 => {
                    done.lost.fetch_add(1, Relaxed);
                    Fate::Lost
                }
                _ => Fate::Passes,
            }
        };
        Proxy::with_clock(self.sandbox.endpoint(), self.clock(), rule)
    }

    /// The store's clock.
    fn clock(&self) -> impl Fn(SystemTime) -> SystemTime + Send + Sync + 'static {
        let (ahead, by) = (self.ahead, Duration::from_secs(self.ahead.unsigned_abs()));
        move |now| if ahead < 0 { now - by } else { now + by }
    }
}
