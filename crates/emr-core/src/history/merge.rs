//! Merges histories of several machines, whose wall clocks may differ by hours.
//!
//! No clock tells which line of two machines was first, but the chain does: an object is read, and replaced, after it was
//! written. So lines are grouped by their clock, and within a group they are taken in the order of that clock. Between
//! groups a line is taken as early as it fits:
//!
//! 1. one that adds no object to a chain: so the chain has not forgotten what it tells of;
//! 2. one that adds an object, the earliest by a guess of how the clocks differ;
//! 3. one that tells of an object of which nothing is known yet, if there are only such: its lock was there before its
//!    histories begin, or one of them is missing. Nobody knows which it is, so one group after the other has to guess.
//!
//! The guess is the wall clock of the first line of each clock, until the chain refutes it: if a line waits for one that
//! seems to be later, the clock of that is set back. While a line waits, and all that can go on are later, one clock is
//! wrong and nobody knows which: then they take turns.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::digest::ById;
use super::entry::{Reply, micros};
use super::event::{Event, Line};
use super::finding::Finding;
use super::lock::Readiness;
use super::verify::Verifier;

/// Takes in the lines of several histories.
#[derive(Debug, Default)]
pub struct Merge {
    /// The next line of each file that has one.
    next: Vec<Next>,
    groups: Vec<Group>,
    /// The group that was taken from last.
    current: usize,
    /// What makes a time of a clock one that can be compared with others, by guess.
    shifts: ById<i64>,
}

/// The next line of a file, if there is one.
#[derive(Debug, Default)]
struct Next {
    event: Option<Event>,
    uri: String,
}

/// Files whose next lines have times of one clock.
#[derive(Debug)]
struct Group {
    clock: u64,
    files: BinaryHeap<Reverse<(i64, usize)>>,
    /// What becomes of the earliest line, if that was asked since it is the earliest.
    readiness: Option<Readiness>,
    /// How many objects were added in turn.
    turns: u64,
    /// How many lines were taken in although they waited.
    guesses: u64,
}

impl Merge {
    /// Offers the next line of its history.
    pub fn offer(&mut self, Line { event, uri, time }: &Line<'_>) {
        let (clock, at) = event.at.map_or((event.place.file.into(), 0), |at| (at.clock, at.at));
        self.shifts.entry(clock).or_insert_with(|| micros(time).map_or(0, |wall| wall.saturating_sub(at)));
        let file = event.place.file as usize;
        if self.next.len() <= file {
            self.next.resize_with(file + 1, Next::default);
        }
        let next = &mut self.next[file];
        next.event = Some(*event);
        next.uri.clear();
        next.uri.push_str(uri);
        let number = self.groups.iter().position(|group| group.clock == clock).unwrap_or_else(|| {
            self.groups.push(Group { clock, files: BinaryHeap::new(), readiness: None, turns: 0, guesses: 0 });
            self.groups.len() - 1
        });
        let group = &mut self.groups[number];
        group.files.push(Reverse((at, file)));
        if group.first() == Some(file) {
            group.readiness = None;
        }
    }

    /// Gives a line to `verifier`. Returns the number of its history, whose next line is then to be offered.
    pub fn take(&mut self, verifier: &mut Verifier, found: &mut Vec<Finding>) -> Option<usize> {
        self.groups.retain(|group| !group.files.is_empty());
        let number = self.choose(verifier)?;
        self.current = number;
        let group = &mut self.groups[number];
        let Reverse((at, file)) = group.files.pop()?;
        group.guesses += u64::from(group.readiness.take() == Some(Readiness::Waits));
        group.turns += 1;
        let (clock, Next { event, uri }) = (group.clock, &mut self.next[file]);
        let event = event.take()?;
        verifier.take(&Line { event, uri, time: "" }, found);
        self.wake(&event, (clock, at), verifier);
        Some(file)
    }

    /// The group whose earliest line is to be taken in.
    fn choose(&mut self, verifier: &Verifier) -> Option<usize> {
        let Self { next, groups, current, shifts } = self;
        let (mut adds, mut waits) = (Vec::new(), Vec::new());
        let count = groups.len();
        for number in (0..count).map(|number| (*current + number) % count) {
            let group = &mut groups[number];
            let Some((event, time)) = group.earliest(next, shifts) else { continue };
            match *group.readiness.get_or_insert_with(|| verifier.readiness(event)) {
                Readiness::Fits => return Some(number),
                Readiness::Adds => adds.push((time, number)),
                Readiness::Waits => waits.push((time, number)),
            }
        }
        let Some(earliest) = adds.iter().min() else {
            let order = |(time, number): &(i64, usize)| (groups[*number].guesses, *time);
            return waits.into_iter().min_by_key(order).map(|(_, number)| number);
        };
        if waits.iter().all(|waiting| earliest < waiting) {
            return Some(earliest.1);
        }
        adds.into_iter().map(|(_, number)| number).min_by_key(|number| groups[*number].turns)
    }

    /// Asks again what becomes of lines that waited for what `event` tells, which came at a time of a clock.
    fn wake(&mut self, event: &Event, (clock, at): (u64, i64), verifier: &Verifier) {
        let Self { next, groups, shifts, .. } = self;
        let mut is_refuted = false;
        for group in groups.iter_mut().filter(|group| group.readiness == Some(Readiness::Waits)) {
            let Some((waiting, time)) = group.earliest(next, shifts) else { continue };
            if waiting.lock != event.lock || !is_about(event, waiting) {
                continue;
            }
            let readiness = verifier.readiness(waiting);
            group.readiness = Some(readiness);
            let is_cause = event.answer.is_none() || event.answer == Some(Reply::Written);
            if readiness != Readiness::Waits && is_cause && group.clock != clock {
                let shift = shifts.entry(clock).or_default();
                is_refuted = true;
                *shift = (*shift).min(time.saturating_sub(at));
            }
        }
        if is_refuted {
            for group in groups {
                group.turns = 0;
            }
        }
    }
}

impl Group {
    fn first(&self) -> Option<usize> {
        self.files.peek().map(|Reverse((_, file))| *file)
    }

    /// Its earliest line, and the time of that by guess.
    fn earliest<'a>(&self, next: &'a [Next], shifts: &ById<i64>) -> Option<(&'a Event, i64)> {
        let Reverse((at, file)) = self.files.peek()?;
        let event = next.get(*file)?.event.as_ref()?;
        Some((event, at.saturating_add(shifts.get(&self.clock).copied().unwrap_or_default())))
    }
}

/// Whether `event` may be what `waiting` waits for.
fn is_about(event: &Event, waiting: &Event) -> bool {
    let is_known = |etag| etag == event.etag || etag == event.replaces;
    is_known(waiting.etag) || is_known(waiting.replaces) || waiting.nonce == event.nonce
}
