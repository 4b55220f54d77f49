//! The chain of one lock's objects: each write names the one that it replaced.

use std::collections::VecDeque;

use super::clock::{Bounds, Moment, is_before};
use super::clocks::Clocks;
use super::digest::{ABSENT, Id};
use super::etags::Etags;
use super::finding::{FindingKind, Place};
use super::gone::Gone;
use super::leases::Fate;
use super::link::{Link, Sighting, Span, Write};
use super::report::Report;
use super::rest::Rest;

/// How many links are kept.
const KEPT: usize = 256;

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
    /// When its creation was sent, and the last answer by the same clock that there was no object.
    creation: Option<(Moment, Option<i64>)>,
    /// Reads that found nothing where there was an object.
    pub(super) gone: Gone,
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
        let Sighting { etag, nonce, generation, token, ttl_s, .. } = *seen;
        Self::with(lock, etag, place, Link { nonce: Some(nonce), generation, token, ttl_s, ..Link::default() })
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
            creation: None,
            gone: Gone::default(),
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
        if link.token.is_some()
            || link.nonce.is_none()
            || link.refusal.is_some()
            || !self.gone.is_empty()
            || self.is_undecided
        {
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

    /// Whether one of its objects was there before `sent`.
    pub(super) fn is_known_before(&self, sent: Option<Moment>) -> bool {
        self.links.iter().any(|link| link.known.is_before(sent))
    }

    /// Whether it is known who created it, or one that was forgotten.
    pub(super) fn is_recorded(&self) -> bool {
        self.origin == ABSENT
    }

    /// When its creation was sent.
    pub(super) fn created(&self) -> Option<Moment> {
        self.creation.map(|(sent, _)| sent)
    }

    /// Notes when its creation was sent, and the last answer by the same clock that there was no object.
    pub(super) fn create(&mut self, sent: Option<Moment>, absent: impl FnOnce(Moment) -> Option<i64>) {
        self.creation = sent.map(|sent| (sent, absent(sent)));
    }

    /// Whether it may be why a creation was refused at `span`.
    pub(super) fn may_be_there(&self, span: Span) -> bool {
        !is_before(span.answered, self.created())
    }

    /// Whether nobody is known to have created it, and it was there after one of these answers that there was nothing.
    pub(super) fn is_after(&self, absent: &Bounds) -> bool {
        !self.is_recorded() && !self.is_undecided && absent.is_before_any(&self.next_floor())
    }

    /// Whether this life may have begun after that of `before` ended, as far as clocks tell.
    pub(super) fn may_follow(&self, before: &Self) -> bool {
        let floor = before.next_floor();
        !self.links.iter().any(|link| link.known.is_before_any(&floor))
    }

    /// Whether `before` was there when this life was asked for, or asked for at once by the same clock, and was still
    /// held, and nobody can have read in between that there was nothing. What is free may be deleted unseen, while a
    /// process has read that there is nothing and is stopped before it creates the object.
    pub(super) fn is_unbroken_since(&self, before: &Self) -> bool {
        let Some((sent, absent)) = self.creation else { return false };
        let is_at_once = before.created().is_some_and(|other| other.clock == sent.clock);
        let is_there = !before.is_free() && (is_at_once || before.is_known_before(Some(sent)));
        let was_absent = absent.is_some_and(|at| before.next_floor().get(sent.clock).is_none_or(|floor| floor < at));
        is_there && !was_absent && !before.gone.is_before(self)
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

    /// What must come before the next link: when this life was there by each clock.
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
            let other = self.links.back().and_then(|head| head.place);
            report.fault(FindingKind::OutOfOrder, other.into_iter().chain([at.place]));
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
        let (is_news, shown_by) = (self.begins_unseen(), self.shown_by);
        (self.origin, self.shown_by) = (write.replaces, span.place);
        if self.is_trimmed {
            return;
        }
        let first = &mut self.links[0];
        first.check_content(write.nonce, (write.generation, write.token, write.ttl_s), span.place, report);
        first.sign(write, span);
        if is_news {
            self.check_after(0, report);
        }
        for link in &mut self.links {
            link.floor.raise(write.sent);
            link.check_times(shown_by, report);
        }
        self.etags.push_first(write.replaces);
        self.links.push_front(Link::default());
    }

    /// Adds all links of `later`, whose first object is the head.
    pub(super) fn append(&mut self, later: Self, report: &mut Report) {
        let is_news = later.begins_unseen();
        self.gone.note_all(later.gone);
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
            link.check_times(later.shown_by, report);
            self.push(etag, link, report);
            if std::mem::take(&mut is_first) {
                self.check_after(self.links.len() - 2, report);
            }
        }
        self.gone.refute(&self.next_floor(), later.shown_by, report);
    }

    /// Whether an answer at `span` may show the link, although later ones are there.
    fn may_show(&self, number: usize, span: Span) -> bool {
        !self.links.range(number + 1..).any(|later| later.known.is_before(span.sent))
    }

    /// Notes that the link was read.
    pub(super) fn show(&mut self, number: usize, seen: &Sighting, span: Span, report: &mut Report) {
        let is_news = self.links[number].nonce.is_none();
        self.links[number].attribute(seen, span.place, report);
        if is_news {
            self.check_after(number, report);
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

    /// Notes a read that found nothing.
    pub(super) fn miss(&mut self, span: Span, report: &mut Report) {
        if !self.is_known_before(span.sent) {
            return;
        }
        if self.next_floor().is_after(span.answered) {
            report.fault(FindingKind::StaleRead, [self.shown_by, span.place]);
        } else {
            self.gone.note(span);
        }
    }

    /// Notes that the write of the link was acknowledged, after somebody had read it.
    pub(super) fn acknowledge(&mut self, number: usize, write: &Write, span: Span, report: &mut Report) {
        let before = number.checked_sub(1).and_then(|before| self.links[before].place);
        let link = &mut self.links[number];
        if link.floor.is_after(span.answered) {
            report.fault(FindingKind::OutOfOrder, before.into_iter().chain([span.place]));
        }
        (link.by, link.place) = (Some(write.by), Some(span.place));
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
        let refusal = head.refusal.filter(|_| self.gone.is_empty())?;
        let explains = |write: &&Write| {
            let mut floor = self.next_floor();
            floor.raise(write.sent);
            write.replaces == etag && !head.refused.is_before_any(&floor)
        };
        if writes.iter().any(explains) { None } else { Some(refusal) }
    }
}
