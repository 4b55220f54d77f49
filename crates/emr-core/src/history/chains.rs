//! The chains of one lock. There is one, unless somebody deleted the object, or something between two objects is missing
//! or not read yet.
//!
//! Lines of machines whose clocks differ are read in no certain order. So each creation begins a chain, as does an object
//! of which nothing is known: the line of who wrote it, if that follows, joins the two. What chains that are not joined
//! are to each other is told when all lines are read, or a lock has too many.

use super::absences::Absences;
use super::chain::Chain;
use super::clock::{Bounds, Moment};
use super::clocks::Clocks;
use super::digest::{ABSENT, Id};
use super::finding::{FindingKind, Place};
use super::leases::Fate;
use super::link::{Sighting, Span, Write};
use super::lives::{Parting, is_fork, order, part, parting};
use super::report::Report;
use super::rest::Rest;

/// How many chains a lock may have, before the oldest is forgotten.
const MOST: usize = 16;

/// The chains of a lock, in the order in which they were heard of.
#[derive(Debug)]
pub(super) struct Chains {
    lock: Id,
    all: Vec<Chain>,
    absences: Absences,
    clocks: Clocks,
    /// Whether one was forgotten that may be newer than some that are there.
    has_lost: bool,
}

impl Chains {
    pub(super) fn of(lock: Id) -> Self {
        let (absences, clocks) = (Absences::default(), Clocks::default());
        Self { lock, all: Vec::new(), absences, clocks, has_lost: false }
    }

    /// Those of a lock that was quiet.
    pub(super) fn resume(lock: Id, rest: &Rest, place: Place) -> Self {
        let mut chains = Self { clocks: rest.clocks(), ..Self::of(lock) };
        match rest.absent_since() {
            Some(first) => chains.absences = Absences::resume(first.clone()),
            None => chains.all.push(Chain::resume(lock, rest, place)),
        }
        chains
    }

    /// What remains of a lock that is free and quiet, if it is.
    pub(super) fn rest(&self) -> Option<Rest> {
        if self.has_lost || !self.absences.is_settled() {
            return None;
        }
        let order = order(&self.all);
        let Some(newest) = order.last() else {
            return Some(Rest::of_none(&self.absences.first, self.clocks.left_out()));
        };
        let is_over = |before: &Chain, next: &Chain| {
            let is_before = !before.may_follow(next) && next.may_follow(before);
            is_before && before.is_free() && parting(before, next, &[]) == Parting::Deleted
        };
        let fits = order.windows(2).all(|pair| is_over(&self.all[pair[0]], &self.all[pair[1]]));
        let is_first = !self.all[order[0]].is_after(&self.absences.first);
        if fits && is_first { self.all[*newest].rest(self.clocks.left_out()) } else { None }
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
            self.absences.limit(&self.clocks);
        }
    }

    /// Forgets all objects but the newest.
    pub(super) fn forget(&mut self, report: &mut Report) {
        let order = order(&self.all);
        report.counts.deleted += order.len().saturating_sub(1) as u64;
        for number in &order {
            let is_newest = order.last() == Some(number);
            self.all[*number].trim(usize::from(is_newest), report);
        }
    }

    /// Whether all is known that came after the object of `etag` until it was deleted. `writes` have no answer.
    pub(super) fn is_complete(&self, etag: Id, writes: &[&Write]) -> bool {
        let head = self.find(etag).and_then(|(chain, _)| self.all[chain].head());
        let is_last = head.is_some_and(|head| writes.iter().all(|write| write.replaces != head));
        is_last && self.all.iter().all(Chain::is_recorded)
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
        let is_later = |number: &usize| {
            let (shown, other) = (&self.all[chain], &self.all[*number]);
            *number != chain && other.is_known_before(span.sent) && !shown.may_follow(other)
        };
        if let Some(later) = (0..self.all.len()).find(is_later) {
            report.fault(FindingKind::StaleRead, [self.all[later].shown_by, span.place]);
        } else {
            self.all[chain].gone.refute(&Bounds::of(span.sent), span.place, report);
            self.all[chain].show(link, seen, span, report);
        }
    }

    /// Whether what was forgotten had been replaced or deleted before `sent`.
    fn has_forgotten_before(&self, sent: Option<Moment>) -> bool {
        !self.has_lost && !self.all.is_empty() && self.all.iter().all(|chain| chain.is_known_before(sent))
    }

    /// Takes in a read of an object that is in no chain.
    pub(super) fn begin_with(&mut self, seen: &Sighting, span: Span, report: &mut Report) {
        let is_forgotten = !self.all.is_empty() && report.seen.has(self.lock, seen.etag);
        if is_forgotten && self.has_forgotten_before(span.sent) {
            report.fault(FindingKind::StaleRead, [span.place]);
        } else if is_forgotten {
            report.fault(FindingKind::Undecided, [span.place]);
        } else {
            let begun = Chain::begin_with(self.lock, seen, span.place);
            self.absences.explain(&begun);
            let number = self.begin(begun, report);
            self.all[number].show(0, seen, span, report);
        }
    }

    /// Adds a chain, and returns its number.
    fn begin(&mut self, chain: Chain, report: &mut Report) -> usize {
        if self.all.len() == MOST {
            self.forget_oldest(report);
        }
        self.all.push(chain);
        self.all.len() - 1
    }

    /// Forgets the oldest chain: one whose lock is held may go on, by a line that is still to come.
    fn forget_oldest(&mut self, report: &mut Report) {
        let order = order(&self.all);
        let at = order[..MOST - 1].iter().position(|number| self.all[*number].is_free()).unwrap_or_default();
        let (oldest, next) = (order[at], order[at + 1]);
        self.tell_forks(|one, other| one == oldest || other == oldest, report);
        part(&self.all[oldest], &self.all[next], &[], report);
        let mut oldest = self.all.remove(oldest);
        self.has_lost |= self.all.iter().any(|other| oldest.may_follow(other));
        oldest.trim(0, report);
    }

    /// Takes in that there was no object.
    pub(super) fn show_absent(&mut self, span: Span, report: &mut Report) {
        self.absences.note(span, self.all.iter().any(|chain| chain.is_known_before(span.sent)));
        for chain in &mut self.all {
            chain.miss(span, report);
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
        let chain = self.before(write, span, report).unwrap_or_else(|| self.begin_by(write, span, report));
        self.all[chain].extend(write, etag, span, report);
    }

    /// Adds a chain that begins with what `write` has replaced. Returns its number.
    fn begin_by(&mut self, write: &Write, span: Span, report: &mut Report) -> usize {
        let mut begun = Chain::begin(self.lock, write.replaces, span.place);
        begun.is_undecided = self.is_forgotten(write, span, report);
        self.create(&mut begun, write);
        self.begin(begun, report)
    }

    /// Whether what `write` has replaced is forgotten. If so, notes what that means.
    fn is_forgotten(&self, write: &Write, span: Span, report: &mut Report) -> bool {
        let is_forgotten = !self.all.is_empty() && report.seen.has(self.lock, write.replaces);
        if is_forgotten {
            // What is forgotten was replaced, but by this write if that was long ago.
            let is_sent_later = self.has_forgotten_before(write.sent);
            report.fault(if is_sent_later { FindingKind::Fork } else { FindingKind::Undecided }, [span.place]);
        }
        is_forgotten
    }

    /// Notes when `write` created the first object of `chain`, if it did.
    fn create(&mut self, chain: &mut Chain, write: &Write) {
        if write.replaces == ABSENT {
            chain.create(write.sent, |sent| self.absences.last(sent));
        }
        self.absences.explain(chain);
        self.absences.note_creation(chain.created());
    }

    /// The chain whose head `write` has replaced. `None` if what it has replaced is not known.
    fn before(&mut self, write: &Write, span: Span, report: &mut Report) -> Option<usize> {
        let is_before = |chain: &Chain| chain.head() == Some(write.replaces);
        if let Some(number) = self.all.iter().rposition(is_before) {
            self.all[number].gone.refute(&Bounds::of(write.sent), span.place, report);
            return Some(number);
        }
        if write.replaces == ABSENT {
            return None;
        }
        let (number, link) = self.find(write.replaces)?;
        let other = self.all[number].replaced_by(link);
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
            later.is_undecided = self.is_forgotten(write, span, report);
            later.prepend(write, span, report);
            self.create(&mut later, write);
        }
        self.all.insert(chain, later);
    }

    /// Notes that a write that would have replaced the object of `etag` was refused.
    pub(super) fn refuse(&mut self, etag: Id, span: Span, report: &mut Report) {
        if etag == ABSENT {
            self.absences.refuse(span, &self.all, report);
        } else if let Some((chain, link)) = self.find(etag)
            && self.all[chain].gone.is_empty()
        {
            self.all[chain].refuse(link, span, report);
        }
    }

    /// Tells of each two lives of these numbers of which neither can have ended before the other began.
    fn tell_forks(&self, is_asked: impl Fn(usize, usize) -> bool, report: &mut Report) {
        let pairs = (0..self.all.len()).flat_map(|other| (0..other).map(move |one| (one, other)));
        for (one, other) in pairs.filter(|(one, other)| is_asked(*one, *other)) {
            let (one, other) = (&self.all[one], &self.all[other]);
            if is_fork(one, other) {
                report.fault(FindingKind::Fork, [one.shown_by, other.shown_by]);
            }
        }
    }

    /// Takes in that there are no more lines. `writes` have no answer.
    pub(super) fn finish(&mut self, writes: &[&Write], report: &mut Report) {
        self.absences.finish(writes, report);
        self.tell_forks(|_, _| true, report);
        let order = order(&self.all);
        for pair in order.windows(2) {
            part(&self.all[pair[0]], &self.all[pair[1]], writes, report);
        }
        let Some((first, newest)) = order.first().zip(order.last()) else { return };
        let (first, newest) = (&self.all[*first], &self.all[*newest]);
        if first.is_after(&self.absences.first) {
            report.fault(FindingKind::Unrecorded, [first.shown_by]);
        }
        report.counts.deleted += u64::from(!newest.gone.is_empty());
        if let Some(refusal) = newest.unexplained(writes) {
            // The object may have been deleted: nobody has seen it since.
            report.fault(FindingKind::Undecided, [refusal]);
        }
    }
}
