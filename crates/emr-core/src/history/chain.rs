//! The chain of one lock's objects: each write names the one that it replaced.

use std::collections::VecDeque;

use super::clock::{Bounds, Moment};
use super::clocks::Clocks;
use super::digest::{ABSENT, Id};
use super::etags::Etags;
use super::finding::{FindingKind, Place};
use super::leases::Fate;
use super::link::{Link, Sighting, Span, Write};
use super::report::Report;

/// How many links are kept.
const KEPT: usize = 256;

/// What remains of the chain of a lock that is free and quiet.
#[derive(Debug)]
pub(super) struct Rest {
    origin: Id,
    etag: Id,
    nonce: Option<Id>,
    generation: Option<u64>,
    known: Bounds,
    /// The line at which clocks were left out last.
    left_out: u64,
}

impl Rest {
    /// Whether the newest object has this `ETag`.
    pub(super) fn is(&self, etag: Id) -> bool {
        self.etag == etag
    }

    /// The clocks by which it is known since when the newest object was there.
    pub(super) fn clocks(&self) -> Clocks {
        Clocks::resume(&self.known, self.left_out)
    }
}

/// States of a lock's object without a gap, oldest first.
#[derive(Debug)]
pub(super) struct Chain {
    lock: Id,
    /// The first object, which nobody is known to have written.
    pub(super) origin: Id,
    /// The line that shows the first object.
    pub(super) shown_by: Place,
    /// Whether what comes before the first object is forgotten, so that it cannot be told whether it was recorded.
    pub(super) is_undecided: bool,
    /// A read that found nothing where there was an object.
    pub(super) vanished: Option<Span>,
    /// Whether the object was deleted and created anew in between.
    pub(super) has_deletion: bool,
    first_generation: Option<u64>,
    /// The `ETag` of each link.
    etags: Etags,
    links: VecDeque<Link>,
    /// Whether the first links are forgotten.
    is_trimmed: bool,
}

impl Chain {
    /// A chain that begins with an object, or none, of which nothing more is known than that `place` shows it.
    pub(super) fn begin(lock: Id, etag: Id, place: Place) -> Self {
        Self::with(lock, etag, place, Link::default())
    }

    /// A chain that begins with an object that was read.
    pub(super) fn begin_with(lock: Id, seen: &Sighting, place: Place) -> Self {
        let Sighting { etag, nonce, generation, token, .. } = *seen;
        Self::with(lock, etag, place, Link { nonce: Some(nonce), generation, token, ..Link::default() })
    }

    /// The chain of a lock that was quiet.
    pub(super) fn resume(lock: Id, rest: &Rest, place: Place) -> Self {
        let Rest { origin, etag, nonce, generation, .. } = *rest;
        let link = Link { nonce, generation, known: rest.known.clone(), ..Link::default() };
        Self { origin, is_trimmed: true, ..Self::with(lock, etag, place, link) }
    }

    fn with(lock: Id, etag: Id, place: Place, link: Link) -> Self {
        let first_generation = link.generation;
        Self {
            lock,
            origin: etag,
            shown_by: place,
            is_undecided: false,
            vanished: None,
            has_deletion: false,
            first_generation,
            etags: Etags::of(etag),
            links: [link].into(),
            is_trimmed: false,
        }
    }

    /// What remains to be known of a chain whose lock is free and quiet, and last left out clocks at the line `left_out`.
    /// `None` if its lock is not.
    pub(super) fn rest(&self, left_out: u64) -> Option<Rest> {
        let (etag, link) = (self.etags.last()?, self.links.back()?);
        let is_known = etag == ABSENT || link.nonce.is_some();
        if link.token.is_some() || !is_known || link.refusal.is_some() || self.vanished.is_some() || self.is_undecided {
            return None;
        }
        let Link { nonce, generation, .. } = *link;
        Some(Rest { origin: self.origin, etag, nonce, generation, known: link.known.clone(), left_out })
    }

    pub(super) fn head(&self) -> Option<Id> {
        self.etags.last()
    }

    /// The newest link with this `ETag`, by its number.
    pub(super) fn find(&self, etag: Id) -> Option<usize> {
        self.etags.find(etag)
    }

    pub(super) fn is_head(&self, number: usize) -> bool {
        number + 1 == self.links.len()
    }

    /// Whether the newest object names no holder.
    pub(super) fn is_free(&self) -> bool {
        self.links.back().is_some_and(|head| head.token.is_none())
    }

    /// Whether the link is the first object, which nobody is known to have written.
    pub(super) fn is_origin(&self, number: usize) -> bool {
        number == 0 && !self.is_trimmed && self.origin != ABSENT
    }

    /// Whether `write` is who wrote the link.
    pub(super) fn is_by(&self, number: usize, write: &Write) -> bool {
        let link = &self.links[number];
        link.by.map_or(link.nonce.is_none_or(|nonce| nonce == write.nonce), |by| by == write.by)
    }

    /// The holder that the link names.
    pub(super) fn holder(&self, number: usize) -> Option<Id> {
        self.links[number].token
    }

    /// What became of what the link granted to the holder of `token`, by whose `clock` it counts.
    pub(super) fn fate(&self, number: usize, token: Id, clock: u64) -> Fate {
        let mut fate = Fate::Held;
        for link in self.links.range(number + 1..) {
            if link.token != Some(token) {
                return if link.is_release_by(token) { Fate::Released(link.by) } else { fate };
            }
            fate = if link.clock == Some(clock) { Fate::Renewed } else { Fate::Moved };
        }
        fate
    }

    /// The first object, if it has this nonce and nobody is known to have written it.
    pub(super) fn origin_of(&self, nonce: Id) -> Option<Id> {
        let first = self.links.front().filter(|_| !self.is_trimmed)?;
        (first.by.is_none() && first.nonce == Some(nonce)).then_some(self.origin)
    }

    /// Whether the first object is only known by its `ETag`.
    pub(super) fn begins_unseen(&self) -> bool {
        !self.is_trimmed && self.origin != ABSENT && self.links.front().is_some_and(|first| first.nonce.is_none())
    }

    /// The line that replaced the link, if there is one.
    pub(super) fn replaced_by(&self, number: usize) -> Option<Place> {
        self.links.get(number + 1)?.place
    }

    /// Whether there was an object before `sent`.
    pub(super) fn is_known_before(&self, sent: Option<Moment>) -> bool {
        let mut objects = self.links.iter().zip(self.etags.iter()).filter(|(_, etag)| *etag != ABSENT);
        objects.any(|(link, _)| link.known.is_before(sent))
    }

    /// Whether the oldest link that is kept was there before `sent`, so that what was forgotten was replaced by then.
    pub(super) fn has_forgotten_before(&self, sent: Option<Moment>) -> bool {
        self.is_trimmed && self.links.front().is_some_and(|oldest| oldest.known.is_before(sent))
    }

    /// Whether no object was ever there.
    pub(super) fn is_empty(&self) -> bool {
        self.origin == ABSENT && !self.is_trimmed && self.links.len() == 1
    }

    /// Whether all of this may have come after all of `before`. That nothing was there may have been seen before both.
    pub(super) fn may_follow(&self, before: &Self) -> bool {
        let floor = before.next_floor();
        let shared = usize::from(self.origin == ABSENT && !self.is_trimmed && !self.is_empty());
        !self.links.iter().skip(shared).any(|link| link.known.is_before_any(&floor))
    }

    /// Whether generations have grown from `before` to this.
    pub(super) fn has_grown_from(&self, before: &Self) -> bool {
        let last = before.links.back().and_then(|head| head.generation);
        last.zip(self.first_generation).is_none_or(|(last, first)| last < first)
    }

    pub(super) fn first_generation(&self) -> Option<u64> {
        self.first_generation
    }

    /// Forgets all links but so many of the newest.
    pub(super) fn trim(&mut self, kept: usize, report: &mut Report) {
        while self.links.len() > kept {
            self.links.pop_front();
            let etag = self.etags.pop_first().filter(|etag| *etag != ABSENT);
            if let Some(etag) = etag {
                report.seen.add(self.lock, etag);
            }
            self.is_trimmed = true;
        }
    }

    /// Drops times by other clocks than these.
    pub(super) fn limit(&mut self, clocks: &Clocks) {
        for link in &mut self.links {
            link.limit(clocks);
        }
    }

    /// Adds that the object was deleted.
    pub(super) fn delete(&mut self, deletion: Span, report: &mut Report) {
        report.counts.deleted += 1;
        self.has_deletion = true;
        let generation = self.links.back().and_then(|head| head.generation);
        let floor = self.next_floor();
        let mut known = Bounds::default();
        known.lower(deletion.answered);
        self.push(ABSENT, Link { generation, place: Some(deletion.place), floor, known, ..Link::default() }, report);
    }

    /// What must come before the next link.
    fn next_floor(&self) -> Bounds {
        let mut floor = Bounds::default();
        if let Some(head) = self.links.back() {
            floor = head.floor.clone();
            floor.raise_all(&head.read);
        }
        floor
    }

    /// Adds the object of `etag` that `write` made of the head.
    pub(super) fn extend(&mut self, write: &Write, etag: Id, at: Span, report: &mut Report) {
        let mut floor = self.next_floor();
        floor.raise(write.sent);
        if floor.is_after(at.answered) {
            report.fault(FindingKind::OutOfOrder, [at.place]);
        }
        let mut link = Link { floor, ..Link::default() };
        link.sign(write, at);
        if let Some(head) = self.links.back() {
            head.check_refusal(&link, at.place, report);
            head.check_next(&link, at.place, report);
        }
        self.first_generation = self.first_generation.or(link.generation);
        self.push(etag, link, report);
    }

    fn push(&mut self, etag: Id, link: Link, report: &mut Report) {
        self.trim(KEPT - 1, report);
        self.etags.push(etag);
        self.links.push_back(link);
    }

    /// Checks what was made of the link, of which more is known now.
    fn check_after(&self, number: usize, report: &mut Report) {
        if let Some((link, next)) = self.links.get(number).zip(self.links.get(number + 1))
            && let Some(place) = next.place.filter(|_| next.by.is_some())
        {
            link.check_next(next, place, report);
        }
    }

    /// Notes that `write` made the first object out of one that is not known either.
    pub(super) fn prepend(&mut self, write: &Write, span: Span, report: &mut Report) {
        (self.origin, self.shown_by) = (write.replaces, span.place);
        if self.is_trimmed {
            return;
        }
        let is_news = self.begins_unseen();
        let first = &mut self.links[0];
        first.check_content(write.nonce, write.generation, write.token, span.place, report);
        first.sign(write, span);
        if is_news {
            self.check_after(0, report);
        }
        for link in &mut self.links {
            link.floor.raise(write.sent);
        }
        self.etags.push_first(write.replaces);
        self.links.push_front(Link::default());
    }

    /// Adds all links of `later`, whose first object is the head.
    pub(super) fn append(&mut self, later: Self, report: &mut Report) {
        self.vanished = later.vanished;
        self.has_deletion |= later.has_deletion;
        let is_news = later.begins_unseen();
        if later.is_trimmed {
            self.trim(0, report);
        }
        let mut links = later.etags.iter().zip(later.links);
        if !later.is_trimmed
            && let Some(((_, first), head)) = links.next().zip(self.links.back_mut())
        {
            head.unite(&first, later.shown_by, report);
        }
        let mut is_first = is_news;
        for (etag, mut link) in links {
            link.floor.raise_all(&self.next_floor());
            link.check_times(report);
            self.push(etag, link, report);
            if std::mem::take(&mut is_first) {
                self.check_after(self.links.len() - 2, report);
            }
        }
    }

    /// Whether an answer at `span` may show the link, although later ones are there.
    pub(super) fn may_show(&self, number: usize, span: Span) -> bool {
        !self.links.range(number + 1..).any(|later| later.known.is_before(span.sent))
    }

    /// Notes that the link was read.
    pub(super) fn show(&mut self, number: usize, seen: Option<&Sighting>, span: Span, report: &mut Report) {
        if let Some(seen) = seen {
            let is_news = self.links[number].nonce.is_none();
            self.links[number].attribute(seen, span.place, report);
            if is_news {
                self.check_after(number, report);
            }
        }
        if self.links[number].floor.is_after(span.answered) || !self.may_show(number, span) {
            let other = self.replaced_by(number).or(self.links[number].place);
            report.fault(FindingKind::StaleRead, other.into_iter().chain([span.place]));
        }
        let mut early = self.links.range_mut(number..).filter(|link| link.refused.is_before(span.sent));
        if let Some(refusal) = early.find_map(|link| link.refusal.take()) {
            report.fault(FindingKind::SpuriousRefusal, [refusal, span.place]);
        }
        let link = &mut self.links[number];
        link.read.raise(span.sent);
        link.known.lower(span.answered);
        for later in self.links.range_mut(number + 1..) {
            later.floor.raise(span.sent);
        }
    }

    /// The object is still there, asked for at `sent`: a read that found none after that of the chain lied.
    pub(super) fn refute_deletion(&mut self, sent: Option<Moment>, report: &mut Report) {
        let is_later = |gone: &mut Span| match (gone.answered, sent) {
            (Some(gone), Some(sent)) => gone.clock == sent.clock && gone.at < sent.at,
            _ => false,
        };
        if let Some(gone) = self.vanished.take_if(is_later) {
            report.fault(FindingKind::StaleRead, [gone.place]);
        }
    }

    /// Notes that the write of the link was acknowledged, after somebody had read it.
    pub(super) fn acknowledge(&mut self, number: usize, write: &Write, span: Span, report: &mut Report) {
        let link = &mut self.links[number];
        if link.floor.is_after(span.answered) {
            report.fault(FindingKind::OutOfOrder, [span.place]);
        }
        link.by = Some(write.by);
        link.granted = span.answered.map(|at| at.clock);
        link.known.lower(span.answered);
    }

    /// Notes that a write that would have replaced the link was refused.
    pub(super) fn refuse(&mut self, number: usize, span: Span, report: &mut Report) {
        let floor = match self.links.get(number + 1) {
            Some(next) => next.floor.clone(),
            None => self.next_floor(),
        };
        if floor.is_after(span.answered) {
            report.fault(FindingKind::SpuriousRefusal, [span.place]);
            return;
        }
        let link = &mut self.links[number];
        link.refused.lower(span.answered);
        link.refusal = Some(span.place);
    }

    /// The refusal that nothing explains unless one of `writes`, whose answers are missing, replaced the head in time.
    pub(super) fn unexplained(&self, writes: &[&Write]) -> Option<Place> {
        let (head, etag) = self.links.back().zip(self.head())?;
        let refusal = head.refusal.filter(|_| self.vanished.is_none())?;
        let explains = |write: &&Write| {
            let mut floor = self.next_floor();
            floor.raise(write.sent);
            write.replaces == etag && !head.refused.is_before_any(&floor)
        };
        if writes.iter().any(explains) { None } else { Some(refusal) }
    }
}
