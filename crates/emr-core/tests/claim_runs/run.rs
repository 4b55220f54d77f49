//! Runs by seed: one, some, or for a time on all cores, and the report of what they find.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::flaw::Flaw;
use crate::property::{Finding, Property};
use crate::quota;
use crate::scenario::Size;
use crate::tally::Tally;
use crate::world::World;

/// How long to look for a shorter run that violates the same property.
const SHORTENING: Duration = Duration::from_secs(10);

/// How often to say how far the runs came.
const SAID: Duration = Duration::from_secs(2);

/// Seeds that a core takes at once.
const BLOCK: u64 = 50;

/// Runs a seed. Returns the first violation, and what happened.
pub(crate) fn run(seed: u64, size: Size, flaw: Option<Flaw>) -> (Option<Finding>, Tally) {
    let mut world = World::new(seed, size, flaw, false);
    world.run();
    (world.finding.or_else(|| quota::run(seed, flaw)), world.tally)
}

/// The first of so many runs in which `flaw` violates one of `properties`.
pub(crate) fn search(flaw: Flaw, properties: &[Property], runs: u64) -> Option<(u64, Finding)> {
    (flaw.first_seed()..flaw.first_seed() + runs).find_map(|seed| {
        let (finding, _) = run(seed, Size::Small, Some(flaw));
        Some((seed, finding.filter(|finding| properties.contains(&finding.property))?))
    })
}

/// The report of a violation: what, in which scenario, and the events before it.
pub(crate) fn report(seed: u64, size: Size) -> String {
    let mut world = World::new(seed, size, None, true);
    world.run();
    let trace = world.trace.unwrap_or_default();
    let found = world.finding.or_else(|| quota::run(seed, None));
    let found = found.map_or_else(|| "nothing".to_owned(), |finding| finding.to_string());
    let subjects = subjects(&found);
    let is_about = |line: &&str| subjects.iter().any(|subject| line.contains(subject));
    let lines: Vec<_> = trace.lines().filter(is_about).collect();
    let mut report =
        format!("found: {found}\n{:?}\nrun {seed} until then, as far as it is about these:\n", world.scenario);
    for line in &lines[lines.len().saturating_sub(60)..] {
        let _ = writeln!(report, "{line}");
    }
    let _ = write!(report, "repeat: scripts/prove random {seed} 0.01");
    report
}

/// The agents and locks that a text names.
fn subjects(text: &str) -> Vec<String> {
    let words: Vec<_> = text.split_whitespace().collect();
    let is_named = |pair: &&[&str]| {
        let number = pair[1].trim_matches(|c: char| !c.is_ascii_digit());
        ["agent", "agents", "lock", "and"].contains(&pair[0]) && !number.is_empty()
    };
    let subject = |pair: &[&str]| {
        let number = pair[1].trim_matches(|c: char| !c.is_ascii_digit());
        format!("{} {number}", if pair[0] == "lock" { "lock" } else { "agent" })
    };
    // With a character behind it, so that agent 1 is not agent 12.
    let pairs = words.windows(2).filter(is_named).map(subject);
    pairs.flat_map(|subject| [format!("{subject} "), format!("{subject}:")]).collect()
}

/// A run that violates a property, and how long it is.
struct Found {
    seed: u64,
    finding: Finding,
    steps: u64,
}

/// Runs seeds from `first` on for a time, on all cores. Returns what happened, and the seed of the shortest run found
/// that violates what the first violation does.
pub(crate) fn run_for(first: u64, time: Duration) -> (Tally, Option<u64>) {
    let (next, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let (send, receive) = mpsc::channel();
    let work = |send: mpsc::Sender<(Tally, Option<Found>)>| {
        while !is_over.load(Ordering::Relaxed) {
            let from = first.wrapping_add(next.fetch_add(BLOCK, Ordering::Relaxed));
            for seed in (0..BLOCK).map(|more| from.wrapping_add(more)) {
                let (finding, tally) = run(seed, Size::Any, None);
                let found = finding.map(|finding| Found { seed, finding, steps: tally.steps });
                if send.send((tally, found)).is_err() || is_over.load(Ordering::Relaxed) {
                    return;
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            let send = send.clone();
            scope.spawn(|| work(send));
        }
        let ended = watch(&receive, time);
        is_over.store(true, Ordering::Relaxed);
        ended
    })
}

/// Adds up what the cores send until the time is over, or for some more time after the first violation.
#[expect(clippy::disallowed_methods, reason = "a run for a time needs a clock")]
fn watch(receive: &mpsc::Receiver<(Tally, Option<Found>)>, time: Duration) -> (Tally, Option<u64>) {
    let (mut tally, mut shortest) = (Tally::default(), None::<Found>);
    let (began, mut until, mut said) = (Instant::now(), time, SAID);
    loop {
        match receive.recv_timeout(SAID) {
            Ok((counts, found)) => {
                tally += counts;
                if let Some(found) = found {
                    let before = shortest.get_or_insert_with(|| {
                        println!("run {}: {}", found.seed, found.finding);
                        until = until.min(began.elapsed() + SHORTENING);
                        Found { seed: found.seed, finding: found.finding.clone(), steps: found.steps }
                    });
                    if found.finding.property == before.finding.property && found.steps < before.steps {
                        *before = found;
                    }
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if began.elapsed() >= said {
            println!("random: {tally} so far");
            said += SAID;
        }
        if began.elapsed() >= until && tally.runs > 0 {
            break;
        }
    }
    (tally, shortest.map(|found| found.seed))
}
