//! The chain of one lock's objects: each write names the one that it replaced.
//!
//! Each link has bounds by each clock, from which it follows in one pass whether all operations fit into one order that
//! agrees with the times when they were sent and answered:
//!
//! | bound | is |
//! |---|---|
//! | `floor` | the latest of what must come before the link: when it and earlier ones were sent, and when earlier ones were read |
//! | `known` | the earliest answer that shows the link |
//! | `read` | the latest request that was answered with it |
//! | `refused` | the earliest refusal of a write that would replace it: by then it had been replaced |

use std::collections::VecDeque;

use super::clock::{Bounds, Moment};
use super::finding::{FindingKind, Place};

/// The digest of a text. Texts are compared by it, so that memory does not grow with them.
pub(super) type Id = u128;

/// The `ETag` of no object.
pub(super) const ABSENT: Id = 0;

/// How many links are kept. An older one is as unknown as one that nobody recorded.
const KEPT: usize = 256;

/// A write, as far as it is known.
#[derive(Debug, Clone)]
pub(super) struct Write {
    /// Its process and the number of its call there.
    pub(super) by: (Id, u64),
    /// The `ETag` of what it is to replace.
    pub(super) replaces: Id,
    pub(super) nonce: Id,
    pub(super) generation: Option<u64>,
    /// The holder that it writes, if any.
    pub(super) token: Option<Id>,
    pub(super) sent: Option<Moment>,
    pub(super) place: Place,
}

/// A state of the lock's object.
#[derive(Debug, Clone, Default)]
pub(super) struct Link {
    pub(super) etag: Id,
    /// Who wrote it, if that is recorded.
    by: Option<(Id, u64)>,
    /// Its nonce, if it is known.
    nonce: Option<Id>,
    generation: Option<u64>,
    pub(super) token: Option<Id>,
    place: Option<Place>,
    floor: Bounds,
    known: Bounds,
    read: Bounds,
    refused: Bounds,
    refusal: Option<Place>,
    /// The clock by which its writer knows when its lease began, if its answer is recorded.
    granted: Option<u32>,
    /// Whether somebody saw that its time to live had passed by the store's clock; `None` if nobody looked.
    has_expired: Option<bool>,
}

/// A request and its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) sent: Option<Moment>,
    pub(super) answered: Option<Moment>,
    pub(super) place: Place,
}

/// An object as it was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) etag: Id,
    pub(super) nonce: Id,
    pub(super) generation: Option<u64>,
    pub(super) token: Option<Id>,
    /// Whether its time to live had passed by the store's clock, if its age is recorded.
    pub(super) has_expired: Option<bool>,
}

/// Something that was found, with the lines that show it.
pub(super) type Fault = (FindingKind, Vec<Place>);

/// The states of a lock's object, oldest first.
#[derive(Debug, Default)]
pub(super) struct Chain {
    links: VecDeque<Link>,
}

impl Chain {
    pub(super) fn head(&self) -> Option<&Link> {
        self.links.back()
    }

    /// The newest link with this `ETag`, by its number.
    pub(super) fn find(&self, etag: Id) -> Option<usize> {
        self.links.iter().rposition(|link| link.etag == etag)
    }

    pub(super) fn is_head(&self, number: usize) -> bool {
        number + 1 == self.links.len()
    }

    /// Whether `write` is who wrote the link.
    pub(super) fn is_by(&self, number: usize, write: &Write) -> bool {
        let link = &self.links[number];
        link.by.map_or(link.nonce.is_none_or(|nonce| nonce == write.nonce), |by| by == write.by)
    }

    /// The holder that the link of this `ETag` names.
    pub(super) fn holder(&self, etag: Id) -> Option<Id> {
        self.links[self.find(etag)?].token
    }

    /// The line that replaced the link, if there is one.
    pub(super) fn replaced_by(&self, number: usize) -> Option<Place> {
        self.links.get(number + 1)?.place
    }

    /// Begins the chain with an object, or none, of which nothing more is known.
    pub(super) fn begin(&mut self, etag: Id) {
        self.links.push_back(Link { etag, ..Link::default() });
    }

    /// Begins the chain with an object that was read.
    pub(super) fn begin_with(&mut self, seen: &Seen) {
        let Seen { etag, nonce, generation, token, .. } = *seen;
        self.links.push_back(Link { etag, nonce: Some(nonce), generation, token, ..Link::default() });
    }

    /// Adds that the object was deleted.
    pub(super) fn delete(&mut self, deletion: Span) {
        let generation = self.head().and_then(|head| head.generation);
        let floor = self.next_floor();
        let mut known = Bounds::default();
        known.lower(deletion.answered);
        self.push(Link { etag: ABSENT, generation, place: Some(deletion.place), floor, known, ..Link::default() });
    }

    /// What must come before the next link.
    fn next_floor(&self) -> Bounds {
        let mut floor = Bounds::default();
        if let Some(head) = self.head() {
            floor = head.floor.clone();
            floor.raise_all(&head.read);
        }
        floor
    }

    /// Adds the object of `etag` that `write` made of the head. Returns whether it took the lock from a holder.
    pub(super) fn extend(&mut self, write: &Write, etag: Id, at: Span, faults: &mut Vec<Fault>) -> bool {
        let mut floor = self.next_floor();
        floor.raise(write.sent);
        if floor.is_after(at.answered) {
            faults.push((FindingKind::OutOfOrder, vec![at.place]));
        }
        let mut known = Bounds::default();
        known.lower(at.answered);
        let mut takes_over = false;
        if let Some(head) = self.head() {
            let between = || head.place.into_iter().chain([at.place]).collect::<Vec<_>>();
            if let Some(refusal) = head.refusal.filter(|_| head.refused.is_before_any(&floor)) {
                faults.push((FindingKind::SpuriousRefusal, vec![at.place, refusal]));
            }
            takes_over = head.token.is_some() && write.token.is_some() && head.token != write.token;
            if takes_over && head.has_expired == Some(false) {
                faults.push((FindingKind::EarlyTakeover, between()));
            }
            let is_timed = at.answered.or(write.sent).is_some_and(|at| head.granted == Some(at.clock));
            if takes_over && head.has_expired.is_none() && !is_timed {
                faults.push((FindingKind::UnprovedTakeover, between()));
            }
            if !has_grown(head, write) {
                faults.push((FindingKind::Generation, between()));
            }
        }
        let Write { by, nonce, generation, token, place, .. } = *write;
        let (by, nonce, place) = (Some(by), Some(nonce), Some(place));
        let granted = at.answered.map(|at| at.clock);
        self.push(Link { etag, by, nonce, generation, token, place, floor, known, granted, ..Link::default() });
        takes_over
    }

    fn push(&mut self, link: Link) {
        if self.links.len() == KEPT {
            self.links.pop_front();
        }
        self.links.push_back(link);
    }

    /// Whether an answer at `span` may show the link, although later ones are there.
    pub(super) fn may_show(&self, number: usize, span: Span) -> bool {
        !self.links.range(number + 1..).any(|later| later.known.is_before(span.sent))
    }

    /// Notes that the link was read, or that its own write was acknowledged.
    pub(super) fn show(&mut self, number: usize, seen: Option<&Seen>, span: Span, faults: &mut Vec<Fault>) {
        if let Some(seen) = seen {
            self.attribute(number, seen, span.place, faults);
        }
        if self.links[number].floor.is_after(span.answered) || !self.may_show(number, span) {
            let other = self.replaced_by(number).or(self.links[number].place);
            faults.push((FindingKind::StaleRead, other.into_iter().chain([span.place]).collect()));
        }
        let early = self.links.range(number..).find(|link| link.refused.is_before(span.sent));
        if let Some(refusal) = early.and_then(|link| link.refusal) {
            faults.push((FindingKind::SpuriousRefusal, vec![refusal, span.place]));
        }
        let link = &mut self.links[number];
        link.read.raise(span.sent);
        link.known.lower(span.answered);
        for later in self.links.range_mut(number + 1..) {
            later.floor.raise(span.sent);
        }
    }

    /// Notes that the write of the link was acknowledged, after somebody had read it.
    pub(super) fn acknowledge(&mut self, number: usize, write: &Write, span: Span, faults: &mut Vec<Fault>) {
        let link = &mut self.links[number];
        if link.floor.is_after(span.answered) {
            faults.push((FindingKind::OutOfOrder, vec![span.place]));
        }
        link.by = Some(write.by);
        link.granted = span.answered.map(|at| at.clock);
        link.known.lower(span.answered);
    }

    fn attribute(&mut self, number: usize, seen: &Seen, place: Place, faults: &mut Vec<Fault>) {
        let link = &mut self.links[number];
        let written = |link: &Link| link.place.into_iter().chain([place]).collect::<Vec<_>>();
        match link.nonce {
            Some(nonce) if nonce != seen.nonce => faults.push((FindingKind::EtagRepeated, written(link))),
            Some(_) if link.generation != seen.generation || link.token != seen.token => {
                faults.push((FindingKind::Misattributed, written(link)));
            }
            Some(_) => {}
            None => (link.nonce, link.generation, link.token) = (Some(seen.nonce), seen.generation, seen.token),
        }
        if let Some(expired) = seen.has_expired {
            link.has_expired = Some(expired || link.has_expired == Some(true));
        }
    }

    /// Notes that a write that would have replaced the link was refused.
    pub(super) fn refuse(&mut self, number: usize, span: Span, faults: &mut Vec<Fault>) {
        let floor = match self.links.get(number + 1) {
            Some(next) => next.floor.clone(),
            None => self.next_floor(),
        };
        if floor.is_after(span.answered) {
            faults.push((FindingKind::SpuriousRefusal, vec![span.place]));
            return;
        }
        let link = &mut self.links[number];
        link.refused.lower(span.answered);
        link.refusal = Some(span.place);
    }

    /// The refusal that nothing explains unless one of `writes`, whose answers are missing, replaced the head in time.
    pub(super) fn unexplained<'a>(&self, mut writes: impl Iterator<Item = &'a Write>) -> Option<Place> {
        let head = self.head()?;
        let refusal = head.refusal?;
        let explains = |write: &Write| {
            let mut floor = self.next_floor();
            floor.raise(write.sent);
            write.replaces == head.etag && !head.refused.is_before_any(&floor)
        };
        if writes.any(explains) { None } else { Some(refusal) }
    }
}

/// Whether the generation of `write` may follow that of `head`: never lower, and higher with another holder.
fn has_grown(head: &Link, write: &Write) -> bool {
    let (Some(before), Some(now)) = (head.generation, write.generation) else { return true };
    match write.token {
        Some(token) if head.token != Some(token) => now > before,
        _ => now >= before,
    }
}
