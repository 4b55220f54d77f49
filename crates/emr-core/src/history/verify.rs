//! Checks histories in one pass, with memory that does not grow with their length.

use std::collections::HashMap;

use super::chain::{ABSENT, Id};
use super::clock::Moment;
use super::entry::{Entry, Reply, Request, Text, micros};
use super::finding::{Finding, Place, VerdictRecord};
use super::lock::{Event, LockHistory};
use crate::model::lock::LockState;

/// A check of histories. It takes their lines in about the order in which they were written, and those of one history
/// exactly so.
#[derive(Debug, Default)]
pub struct Verifier {
    /// The number of each lock in `locks`, by its URI.
    numbers: HashMap<Box<str>, usize>,
    locks: Vec<LockHistory>,
    /// Digests of the clocks; that of a machine without a name of its boot is the wall clock.
    clocks: Vec<Id>,
    /// Whether the lines come from several histories.
    is_merged: bool,
    counts: VerdictRecord,
}

impl Verifier {
    /// A check of so many histories.
    #[must_use]
    pub fn of(histories: usize) -> Self {
        Self { is_merged: histories > 1, ..Self::default() }
    }

    /// Takes in the line at `place`, and adds what it shows to `found`.
    pub fn take(&mut self, entry: &Entry<'_>, place: Place, found: &mut Vec<Finding>) {
        self.counts.lines += 1;
        self.count(entry);
        let event = self.event(entry, place);
        let uri: &str = &entry.lock_uri.0;
        let number = self.numbers.get(uri).copied().unwrap_or_else(|| {
            self.numbers.insert(uri.into(), self.locks.len());
            self.locks.push(LockHistory::of(uri, self.is_merged));
            self.locks.len() - 1
        });
        let lock = &mut self.locks[number];
        lock.step(&event, &mut self.counts);
        if !lock.is_flawless() {
            found.extend(lock.findings(&mut self.counts));
        }
    }

    /// Takes in a line that breaks off.
    pub fn take_torn(&mut self) {
        self.counts.lines += 1;
        self.counts.torn_lines += 1;
    }

    /// Takes in that there are no more lines. Adds what that shows to `found`, and returns what all came to.
    #[must_use]
    pub fn finish(mut self, found: &mut Vec<Finding>) -> VerdictRecord {
        let mut counts = self.counts;
        counts.locks = self.locks.len() as u64;
        counts.clocks = self.clocks.len() as u64;
        for lock in &mut self.locks {
            lock.finish(&mut counts);
            found.extend(lock.findings(&mut counts));
        }
        counts.assume();
        counts
    }

    fn count(&mut self, entry: &Entry<'_>) {
        let counts = &mut self.counts;
        match entry.answer {
            Some(Reply::Found | Reply::Absent) => counts.reads += 1,
            Some(Reply::Written) => counts.written += 1,
            Some(Reply::Refused | Reply::Conflict | Reply::Failed) => counts.refused += 1,
            Some(Reply::Unclear | Reply::Done) | None => {}
        }
        let is_write = matches!(entry.request, Request::Create | Request::Replace);
        // A line without the number of its call stands for the request, too.
        counts.writes += u64::from(is_write && (entry.answer.is_none() || entry.call.is_none()));
    }

    fn event(&mut self, entry: &Entry<'_>, place: Place) -> Event {
        let text = |text: &Option<Text<'_>>| text.as_ref().map(|text| digest(&text.0));
        let at = self.moment(entry, entry.uptime_s, Some(&entry.time));
        let until = self.moment(entry, entry.held_until_s, entry.held_until.as_ref());
        let has_expired = entry.age_s.zip(entry.ttl_s).map(|(age, ttl)| age > ttl);
        let replaces = if entry.request == Request::Create { None } else { text(&entry.if_match) };
        Event {
            place,
            by: (digest(&entry.process.0), entry.call.unwrap_or(u64::MAX - place.line)),
            at,
            request: entry.request,
            replaces: replaces.unwrap_or(ABSENT),
            nonce: text(&entry.nonce).unwrap_or_default(),
            generation: entry.generation,
            token: text(&entry.token),
            is_free: entry.state.map_or(entry.token.is_none(), |state| state != LockState::Held),
            answer: entry.answer,
            etag: text(&entry.etag).unwrap_or(ABSENT),
            has_expired,
            until,
        }
    }

    /// A time of `entry`: that since the boot of its machine, if both are known, or else that of the wall clock.
    fn moment(&mut self, entry: &Entry<'_>, uptime_s: Option<f64>, time: Option<&Text<'_>>) -> Option<Moment> {
        let (Some(boot), Some(uptime_s)) = (&entry.boot, uptime_s) else {
            let at = micros(&time?.0)?;
            return Some(Moment { clock: self.clock(ABSENT), at });
        };
        let clock = self.clock(digest(&boot.0));
        #[expect(clippy::cast_possible_truncation, reason = "uptimes are far below 2^63 microseconds")]
        let at = (uptime_s * 1e6) as i64;
        Some(Moment { clock, at })
    }

    fn clock(&mut self, name: Id) -> u32 {
        let number = self.clocks.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.clocks.push(name);
            self.clocks.len() - 1
        });
        u32::try_from(number).unwrap_or(u32::MAX)
    }
}

/// A 128-bit digest of `text`, which is never that of no object. Two texts of a history of a million requests share one
/// by chance in one of about 10^25 histories.
fn digest(text: &str) -> Id {
    const LOW: u64 = 0x9e37_79b9_7f4a_7c15;
    const HIGH: u64 = 0xd6e8_feb8_6659_fd93;
    let length = text.len() as u64;
    let (mut low, mut high) = (length ^ LOW, length ^ HIGH);
    for chunk in text.as_bytes().chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        let word = u64::from_le_bytes(word);
        low = (low ^ word).wrapping_mul(LOW);
        low ^= low >> 29;
        high = (high.rotate_left(23) ^ word).wrapping_mul(HIGH);
        high ^= high >> 32;
    }
    (u128::from(high) << 64 | u128::from(low)).max(1)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn texts_that_differ_a_little_have_digests_that_share_no_half() {
        let texts = (0..200_000_u32).flat_map(|number| [format!("{number:016x}"), format!("\"{number:032x}\"")]);
        let digests: Vec<_> = texts.map(|text| digest(&text)).collect();
        for half in [0, 64] {
            let halves: HashSet<_> = digests.iter().map(|digest| digest >> half & u128::from(u64::MAX)).collect();
            assert_eq!(halves.len(), digests.len());
        }
        assert_ne!(digest(""), ABSENT);
    }
}
