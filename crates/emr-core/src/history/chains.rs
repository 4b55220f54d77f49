//! The chains of one lock. There is one, unless something between two of its objects is missing, or not read yet.
//!
//! Histories of machines whose clocks differ are read in no certain order. So an object of which nothing is known begins
//! a chain of its own, and the line of who wrote it, if that follows, joins the two. What has not been joined in the end
//! was not recorded, or was deleted in between.

use super::chain::{Chain, Rest};
use super::clock::Moment;
use super::clocks::Clocks;
use super::digest::{ABSENT, Id};
use super::finding::{FindingKind, Place};
use super::leases::Fate;
use super::link::{Sighting, Span, Write};
use super::report::Report;

/// How many chains a lock may have, before the two oldest count as parted.
const MOST: usize = 16;

/// The chains of a lock, in the order in which they were heard of.
#[derive(Debug)]
pub(super) struct Chains {
    lock: Id,
    all: Vec<Chain>,
    clocks: Clocks,
}

impl Chains {
    pub(super) fn of(lock: Id) -> Self {
        Self { lock, all: Vec::new(), clocks: Clocks::default() }
    }

    /// Those of a lock that was quiet.
    pub(super) fn resume(lock: Id, rest: &Rest, place: Place) -> Self {
        Self { lock, all: vec![Chain::resume(lock, rest, place)], clocks: rest.clocks() }
    }

    /// What remains of a lock that is free and quiet, if it is.
    pub(super) fn rest(&self) -> Option<Rest> {
        let [only] = &self.all[..] else { return None };
        only.rest(self.clocks.left_out())
    }

    /// Takes in that the line at `place` tells of the lock, at this time.
    pub(super) fn hear(&mut self, at: Option<Moment>, place: Place, report: &mut Report) {
        let Some(Moment { clock, .. }) = at else { return };
        if self.clocks.hear(clock, report) {
            report.fault(FindingKind::Undecided, [place]);
        }
        if self.clocks.limit(report) {
            for chain in &mut self.all {
                chain.limit(&self.clocks);
            }
        }
    }

    /// Forgets all links but so many of the newest.
    pub(super) fn forget(&mut self, kept: usize, report: &mut Report) {
        for chain in &mut self.all {
            chain.trim(kept, report);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The newest object of the newest chain.
    pub(super) fn head(&self) -> Option<Id> {
        self.all.last()?.head()
    }

    /// The chain and the link of this `ETag`.
    pub(super) fn find(&self, etag: Id) -> Option<(usize, usize)> {
        self.all.iter().enumerate().rev().find_map(|(number, chain)| Some((number, chain.find(etag)?)))
    }

    /// The holder that the object of this `ETag` names.
    pub(super) fn holder(&self, etag: Id) -> Option<Id> {
        let (chain, link) = self.find(etag)?;
        self.all[chain].holder(link)
    }

    /// The object of this nonce that was read before anything was known of who wrote it.
    pub(super) fn origin_of(&self, nonce: Id) -> Option<Id> {
        self.all.iter().find_map(|chain| chain.origin_of(nonce))
    }

    /// Whether it is known what came between these two objects.
    pub(super) fn has_joined(&self, one: Id, other: Id) -> bool {
        self.find(one).zip(self.find(other)).is_some_and(|((one, _), (other, _))| one == other)
    }

    /// What became of what the object of `etag` granted to the holder of `token`, by whose `clock` it counts.
    pub(super) fn fate(&self, etag: Id, token: Id, clock: u64) -> Fate {
        self.find(etag).map_or(Fate::Held, |(chain, link)| self.all[chain].fate(link, token, clock))
    }

    /// Takes in a read of the object, which is known.
    pub(super) fn show(&mut self, (chain, link): (usize, usize), seen: &Sighting, span: Span, report: &mut Report) {
        self.all[chain].show(link, Some(seen), span, report);
    }

    /// The object of this chain is still there, asked for at the time of `span`.
    pub(super) fn refute_deletion(&mut self, (chain, _): (usize, usize), span: Span, report: &mut Report) {
        self.all[chain].refute_deletion(span.sent, report);
    }

    /// Takes in a read of an object that is in no chain.
    pub(super) fn begin_with(&mut self, seen: &Sighting, span: Span, report: &mut Report) {
        let is_forgotten = !self.all.is_empty() && report.seen.has(self.lock, seen.etag);
        if is_forgotten && self.all.iter().any(|chain| chain.has_forgotten_before(span.sent)) {
            report.fault(FindingKind::StaleRead, [span.place]);
        } else if is_forgotten {
            report.fault(FindingKind::Undecided, [span.place]);
        } else {
            self.begin(Chain::begin_with(self.lock, seen, span.place), report);
            self.show((self.all.len() - 1, 0), seen, span, report);
        }
    }

    fn begin(&mut self, chain: Chain, report: &mut Report) {
        if self.all.len() == MOST {
            self.sort(report);
            // One whose lock is held goes on, by a line that may be still to come.
            let is_over = |chain: &Chain| !report.is_merged || chain.is_free();
            let number = self.all[..MOST - 1].iter().position(is_over).unwrap_or_default();
            let mut oldest = self.all.remove(number);
            part(&oldest, &self.all[number], &[], report);
            oldest.trim(0, report);
        }
        self.all.push(chain);
    }

    /// Brings chains of merged histories into the order of their generations: they were heard of in no certain order.
    fn sort(&mut self, report: &Report) {
        if report.is_merged {
            self.all.sort_by_key(|chain| (!chain.is_empty(), chain.first_generation()));
        }
    }

    /// Takes in that there was no object.
    pub(super) fn show_absent(&mut self, span: Span, report: &mut Report) {
        for chain in self.all.iter_mut().rev() {
            if let Some(number) = chain.find(ABSENT)
                && (chain.is_head(number) || chain.may_show(number, span))
            {
                return chain.show(number, None, span, report);
            }
        }
        let is_later = |chain: &Chain| !report.is_merged || chain.is_known_before(span.sent);
        if let Some(chain) = self.all.iter_mut().rev().find(|chain| is_later(chain)) {
            chain.vanished = Some(span);
        } else if self.all.iter().all(|chain| chain.origin != ABSENT) {
            self.begin(Chain::begin(self.lock, ABSENT, span.place), report);
            if let Some(begun) = self.all.last_mut() {
                begun.show(0, None, span, report);
            }
        }
    }

    /// Takes in that `write` made the object of `etag`.
    pub(super) fn put(&mut self, write: &Write, etag: Id, span: Span, report: &mut Report) {
        let origin = || self.all.iter().position(|chain| chain.origin == etag && etag != ABSENT);
        match self.find(etag) {
            Some((chain, link)) if !self.all[chain].is_by(link, write) => {
                report.fault(FindingKind::EtagRepeated, [span.place]);
            }
            Some((chain, link)) if self.all[chain].is_origin(link) => self.attach(chain, write, etag, span, report),
            Some((chain, link)) => self.all[chain].acknowledge(link, write, span, report),
            None => match origin() {
                Some(chain) => self.attach(chain, write, etag, span, report),
                None => self.place(write, etag, span, report),
            },
        }
    }

    /// Adds the object of `etag`, which is new.
    pub(super) fn place(&mut self, write: &Write, etag: Id, span: Span, report: &mut Report) {
        let chain = self.before(write, span, report).unwrap_or_else(|| {
            let mut begun = Chain::begin(self.lock, write.replaces, span.place);
            begun.is_undecided = !self.all.is_empty() && report.seen.has(self.lock, write.replaces);
            if begun.is_undecided {
                // What is forgotten was replaced. Only the lines of one history are in a certain order.
                let kind = if report.is_merged { FindingKind::Undecided } else { FindingKind::Fork };
                report.fault(kind, [span.place]);
            }
            self.begin(begun, report);
            self.all.len() - 1
        });
        self.all[chain].extend(write, etag, span, report);
    }

    /// The chain whose head `write` has replaced. `None` if what it has replaced is not known.
    fn before(&mut self, write: &Write, span: Span, report: &mut Report) -> Option<usize> {
        let is_before = |chain: &Chain| chain.head() == Some(write.replaces);
        if let Some(number) = self.all.iter().rposition(is_before) {
            self.all[number].refute_deletion(write.sent, report);
            return Some(number);
        }
        if write.replaces == ABSENT {
            return self.before_creation(write, span, report);
        }
        let (number, link) = self.find(write.replaces)?;
        let other = self.all[number].replaced_by(link);
        report.fault(FindingKind::Fork, other.into_iter().chain([span.place]));
        Some(number)
    }

    /// The chain that ends by a deletion before `write` creates the object anew.
    fn before_creation(&mut self, write: &Write, span: Span, report: &mut Report) -> Option<usize> {
        for (number, chain) in self.all.iter_mut().enumerate().rev() {
            if let Some(gone) = chain.vanished.take() {
                chain.delete(gone, report);
                return Some(number);
            }
        }
        let is_later = |chain: &Chain| !report.is_merged || chain.is_known_before(write.sent);
        let number = self.all.iter().rposition(is_later)?;
        let other = self.all[number].find(ABSENT).and_then(|link| self.all[number].replaced_by(link));
        report.fault(FindingKind::Fork, other.into_iter().chain([span.place]));
        Some(number)
    }

    /// Takes in that `write` made the first object of a chain.
    fn attach(&mut self, chain: usize, write: &Write, etag: Id, span: Span, report: &mut Report) {
        let mut later = self.all.remove(chain);
        if let Some(before) = self.before(write, span, report) {
            self.all[before].extend(write, etag, span, report);
            self.all[before].append(later, report);
            return;
        }
        if write.replaces != ABSENT && later.find(write.replaces).is_some() {
            report.fault(FindingKind::EtagRepeated, [span.place]);
        } else {
            later.prepend(write, span, report);
        }
        self.all.insert(chain, later);
    }

    /// Notes that a write that would have replaced the object of `etag` was refused.
    pub(super) fn refuse(&mut self, etag: Id, span: Span, report: &mut Report) {
        if let Some((chain, link)) = self.find(etag)
            && self.all[chain].vanished.is_none()
        {
            self.all[chain].refuse(link, span, report);
        }
    }

    /// Takes in that there are no more lines. `writes` have no answer.
    pub(super) fn finish<'a>(&mut self, writes: impl Iterator<Item = &'a Write>, report: &mut Report) {
        let writes: Vec<_> = writes.collect();
        self.sort(report);
        for pair in self.all.windows(2) {
            part(&pair[0], &pair[1], &writes, report);
        }
        let Some(newest) = self.all.last() else { return };
        report.counts.deleted += u64::from(newest.vanished.is_some());
        if let Some(refusal) = newest.unexplained(&writes) {
            // The object may have been deleted: nobody has seen it since.
            report.fault(FindingKind::Undecided, [refusal]);
        }
    }
}

/// Notes what it means that `next` follows `before` and was not joined to it. `writes` have no answer.
fn part(before: &Chain, next: &Chain, writes: &[&Write], report: &mut Report) {
    let is_gone = next.origin == ABSENT || report.is_merged && before.is_empty() && before.may_follow(next);
    let is_lost = next.begins_unseen() && writes.iter().any(|write| Some(write.replaces) == before.head());
    match next {
        _ if next.is_undecided => {}
        _ if !is_gone && is_lost => report.fault(FindingKind::Undecided, [next.shown_by]),
        _ if !is_gone => report.fault(FindingKind::Unrecorded, [next.shown_by]),
        _ if before.is_empty() && next.origin == ABSENT => {}
        _ if before.is_empty() || next.may_follow(before) && next.has_grown_from(before) => report.counts.deleted += 1,
        _ if before.has_deletion || next.has_deletion => {
            report.fault(FindingKind::Undecided, [before.shown_by, next.shown_by]);
        }
        _ => report.fault(FindingKind::Fork, [before.shown_by, next.shown_by]),
    }
}
