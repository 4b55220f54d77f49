//! Any interleaving of uploads and sweeps keeps a file for a day after a job was told that it is there.
//!
//! The model has one object, the lock of sweeps, two jobs and two sweeps. Each step is one request.

use std::time::Duration;

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::{Kind, Limits, Live, REFRESH_AFTER, SETTLED_AFTER, SWEEP_TTL, Verdict};

const HOUR: i64 = 3600;

/// A job, by what it does next.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Job {
    Head,
    /// The object was written just now, at this time: look at the lock.
    Peek(i64),
    /// The object is old: look at the lock.
    Before,
    /// Copy the object, or put it if it is gone. Has the generation that was seen.
    Copy(u64),
    /// Look at the lock again.
    After(u64),
    /// The object was absent.
    Put,
    /// The job was told so at this time.
    Told(i64),
}

/// A sweep, by what it does next.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sweep {
    Acquire,
    List,
    /// Has whether the object was old.
    Delete(bool),
    Release,
}

struct World {
    now: i64,
    /// When the object was last modified.
    object: Option<i64>,
    generation: u64,
    held_by: Option<usize>,
    /// When the lock was last written.
    locked: i64,
    jobs: [Job; 2],
    /// When each job began: it takes less than a day.
    began: [i64; 2],
    sweeps: [Sweep; 2],
    /// Whether jobs look at the lock.
    is_guarded: bool,
}

impl World {
    fn new(is_guarded: bool) -> Self {
        let (now, object) = (400 * HOUR, Some(0));
        let (jobs, sweeps) = ([Job::Head; 2], [Sweep::Acquire; 2]);
        Self { now, object, generation: 1, held_by: None, locked: 0, jobs, began: [now; 2], sweeps, is_guarded }
    }

    fn age(&self) -> Option<i64> {
        self.object.map(|modified| self.now - modified)
    }

    fn job(&mut self, job: usize) {
        if self.now - self.began[job] > 20 * HOUR && !matches!(self.jobs[job], Job::Told(_)) {
            self.jobs[job] = Job::Head;
        }
        self.jobs[job] = match self.jobs[job] {
            Job::Head | Job::Told(_) => {
                self.began[job] = self.now;
                match self.age() {
                    None => Job::Put,
                    Some(age) if age < seconds(SETTLED_AFTER) && self.is_guarded => Job::Peek(self.now - age),
                    Some(age) if age < seconds(REFRESH_AFTER) => Job::Told(self.now),
                    Some(_) => Job::Before,
                }
            }
            Job::Peek(written) if self.held_by.is_none() && self.locked < written => Job::Told(self.now),
            Job::Peek(_) => Job::Before,
            Job::Before if self.held_by.is_some() && self.is_guarded => Job::Before,
            Job::Before => Job::Copy(self.generation),
            Job::Copy(seen) => {
                self.object = Some(self.now);
                Job::After(seen)
            }
            Job::After(seen) if self.is_guarded && (self.held_by.is_some() || self.generation != seen) => Job::Head,
            Job::After(_) => Job::Told(self.now),
            Job::Put => {
                self.object = Some(self.now);
                Job::Told(self.now)
            }
        };
    }

    /// Returns whether a file was lost of which a job was told less than a day ago.
    fn sweep(&mut self, sweep: usize) -> bool {
        let mut is_lost = false;
        self.sweeps[sweep] = match self.sweeps[sweep] {
            Sweep::Acquire if self.held_by.is_some() => Sweep::Acquire,
            Sweep::Acquire => {
                (self.held_by, self.generation, self.locked) = (Some(sweep), self.generation + 1, self.now);
                Sweep::List
            }
            Sweep::List | Sweep::Delete(_) if self.now - self.locked > seconds(SWEEP_TTL) => Sweep::Release,
            Sweep::List => Sweep::Delete(self.object.is_some_and(|modified| self.is_old(modified))),
            Sweep::Delete(is_old) => {
                let told = |job: &Job| matches!(job, Job::Told(at) if self.now - at < 24 * HOUR);
                if is_old && self.object.take().is_some() {
                    is_lost = self.jobs.iter().any(told);
                }
                Sweep::Release
            }
            Sweep::Release => {
                (self.held_by, self.locked) = (None, self.now);
                Sweep::Acquire
            }
        };
        is_lost
    }

    fn is_old(&self, modified: i64) -> bool {
        let at = |seconds| DateTime::<Utc>::from_timestamp(seconds, 0).unwrap();
        let limits = Limits { age: REFRESH_AFTER, all_kinds: true };
        limits.verdict(Kind::File, at(modified), at(self.now), &Live::default()) == Verdict::Old
    }

    /// Lets one of the four take its next step, after a while. Returns whether a file was lost.
    fn step(&mut self, who: usize, after: i64) -> bool {
        self.now += after;
        match who {
            0 | 1 => {
                self.job(who);
                false
            }
            _ => self.sweep(who - 2),
        }
    }
}

fn seconds(duration: Duration) -> i64 {
    duration.as_secs().cast_signed()
}

fn steps() -> impl Strategy<Value = Vec<(usize, i64)>> {
    let while_s = prop_oneof![8 => 0_i64..3, 2 => 0..30 * HOUR, 1 => 40 * HOUR..80 * HOUR];
    prop::collection::vec((0_usize..4, while_s), 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_a_job_was_told_is_there_stays_for_a_day(steps in steps()) {
        let mut world = World::new(true);
        for (who, after) in steps {
            prop_assert!(!world.step(who, after));
        }
    }
}

#[test]
fn without_the_lock_a_copy_between_list_and_delete_would_be_lost() {
    let acquire_and_list = [(2, 0), (2, 0)];
    let head_and_copy = [(0, 0), (0, 0), (0, 0), (0, 0)];
    let mut world = World::new(false);
    let mut steps = acquire_and_list.into_iter().chain(head_and_copy).chain([(2, 1)]);
    assert!(steps.any(|(who, after)| world.step(who, after)));
}
