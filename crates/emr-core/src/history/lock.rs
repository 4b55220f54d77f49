//! The history of one lock, taken in line by line.

use std::collections::VecDeque;

use super::chain::{ABSENT, Chain, Fault, Id, Seen, Span, Write};
use super::clock::Moment;
use super::entry::{Reply, Request};
use super::finding::{Finding, FindingKind, Place, VerdictRecord};
use super::leases::{Lease, Leases};

/// A line about a lock, with digests for texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event {
    pub(super) place: Place,
    /// The process and the number of the call there; the number of the line where a line has none.
    pub(super) by: (Id, u64),
    pub(super) at: Option<Moment>,
    pub(super) request: Request,
    pub(super) replaces: Id,
    pub(super) nonce: Id,
    pub(super) generation: Option<u64>,
    pub(super) token: Option<Id>,
    pub(super) is_free: bool,
    pub(super) answer: Option<Reply>,
    pub(super) etag: Id,
    pub(super) has_expired: Option<bool>,
    pub(super) until: Option<Moment>,
}

/// How many requests without an answer, refused writes and unplaced answers are remembered.
const KEPT: usize = 1024;

/// After how many unplaced answers of merged histories the chain begins: well before it forgets the first of them.
const BEGINNING: usize = 64;

/// A request that has no answer yet, or an unclear one.
#[derive(Debug)]
struct Open {
    write: Write,
    request: Request,
    /// Whether somebody has read what it wrote.
    is_shown: bool,
}

/// An answer about an object of which nothing is known yet: its line may stand in another history.
#[derive(Debug)]
enum Unplaced {
    Written(Write, Id, Span),
    Found(Seen, Span),
}

/// The history of a lock.
#[derive(Debug, Default)]
pub(super) struct LockHistory {
    uri: Box<str>,
    chain: Chain,
    open: Vec<Open>,
    /// Writes that certainly had no effect: the nonce and the line of each.
    void: VecDeque<(Id, Write)>,
    unplaced: Vec<Unplaced>,
    /// Whether the first line may not be the oldest, because histories of several machines are merged.
    is_merged: bool,
    leases: Leases,
    /// A read that found nothing where there was an object.
    vanished: Option<Span>,
    faults: Vec<Fault>,
}

impl LockHistory {
    pub(super) fn of(uri: &str, is_merged: bool) -> Self {
        Self { uri: uri.into(), is_merged, ..Self::default() }
    }

    /// Takes in a line.
    pub(super) fn step(&mut self, event: &Event, counts: &mut VerdictRecord) {
        match (event.request, event.answer) {
            (_, None) => self.sent(event, counts),
            (Request::Act, Some(reply)) => self.acted(event, reply, counts),
            (Request::Read, Some(reply)) => self.read(event, reply, counts),
            (Request::Create | Request::Replace, Some(reply)) => self.wrote(event, reply, counts),
        }
    }

    /// What was found since the last call.
    pub(super) fn findings(&mut self, counts: &mut VerdictRecord) -> impl Iterator<Item = Finding> {
        for (kind, _) in &self.faults {
            counts.violations += u64::from(kind.is_violation());
            counts.unproved_takeovers += u64::from(*kind == FindingKind::UnprovedTakeover);
        }
        let uri = self.uri.clone();
        std::mem::take(&mut self.faults).into_iter().map(move |(kind, places)| {
            let lock_uri = uri.clone();
            Finding { kind, lock_uri, places }
        })
    }

    pub(super) fn is_flawless(&self) -> bool {
        self.faults.is_empty()
    }

    fn fault(&mut self, kind: FindingKind, places: Vec<Place>) {
        self.faults.push((kind, places));
    }

    fn sent(&mut self, event: &Event, counts: &mut VerdictRecord) {
        match event.request {
            Request::Act => self.act(event, counts),
            Request::Replace if event.is_free => self.release(event),
            _ => {}
        }
        self.keep_open(Open { write: write(event), request: event.request, is_shown: false }, counts);
    }

    /// Ends the lease of whoever wrote what `event` replaces.
    fn release(&mut self, event: &Event) {
        let Event { replaces, .. } = *event;
        if let Some(token) = self.leases.holder(replaces).or_else(|| self.chain.holder(replaces)) {
            self.leases.end(token, event.at);
        }
    }

    fn keep_open(&mut self, open: Open, counts: &mut VerdictRecord) {
        if self.open.len() == KEPT {
            // The oldest that can have no effect any more, because what it would replace is gone.
            let head = self.chain.head().map_or(ABSENT, |head| head.etag);
            let is_over = |open: &Open| open.request == Request::Read || open.write.replaces != head;
            let oldest = self.open.iter().position(is_over).unwrap_or_default();
            let unanswered = self.open.remove(oldest);
            self.give_up(&unanswered, counts);
        }
        self.open.push(open);
    }

    /// Takes in that a request has no answer, or an unclear one.
    fn give_up(&mut self, open: &Open, counts: &mut VerdictRecord) {
        counts.unclear += 1;
        if open.request == Request::Act {
            counts.late_acts += 1;
            self.fault(FindingKind::LateAct, vec![open.write.place]);
        }
    }

    /// Takes the request that `event` answers.
    fn close(&mut self, event: &Event) -> Option<Open> {
        let number = self.open.iter().rposition(|open| open.write.by == event.by)?;
        Some(self.open.swap_remove(number))
    }

    fn read(&mut self, event: &Event, reply: Reply, counts: &mut VerdictRecord) {
        let sent = self.close(event).and_then(|open| open.write.sent);
        let span = Span { sent, answered: event.at, place: event.place };
        match reply {
            Reply::Found => self.found(&seen(event), span, counts),
            Reply::Absent => self.absent(span, counts),
            _ => {}
        }
    }

    fn found(&mut self, seen: &Seen, span: Span, counts: &mut VerdictRecord) {
        self.refute_deletion(span.sent);
        if self.chain.find(seen.etag).is_none() && !self.explain(seen, span, counts) {
            if self.chain.head().is_some() || self.is_merged {
                return self.set_aside(Unplaced::Found(*seen, span), counts);
            }
            self.chain.begin_with(seen);
        }
        if let Some(number) = self.chain.find(seen.etag) {
            self.chain.show(number, Some(seen), span, &mut self.faults);
        }
    }

    /// Adds the write that made the object, if it is one whose answer is missing, or that was refused. Returns whether
    /// it was one of them.
    fn explain(&mut self, seen: &Seen, span: Span, counts: &mut VerdictRecord) -> bool {
        let is_it = |open: &&mut Open| open.request != Request::Read && open.write.nonce == seen.nonce;
        let write = if let Some(open) = self.open.iter_mut().find(is_it) {
            open.is_shown = true;
            open.write.clone()
        } else if let Some(number) = self.void.iter().position(|(nonce, _)| *nonce == seen.nonce) {
            let (_, write) = self.void[number].clone();
            self.fault(FindingKind::RefusedButWritten, vec![write.place, span.place]);
            write
        } else {
            return false;
        };
        let made = Span { sent: write.sent, answered: None, place: write.place };
        self.place(&write, seen.etag, made, counts);
        self.chain.find(seen.etag).is_some()
    }

    fn absent(&mut self, span: Span, counts: &mut VerdictRecord) {
        if self.chain.head().is_none() {
            self.chain.begin(ABSENT);
            self.place_rest(ABSENT, counts);
        }
        match self.chain.find(ABSENT) {
            Some(number) if self.chain.is_head(number) || self.chain.may_show(number, span) => {
                self.chain.show(number, None, span, &mut self.faults);
            }
            _ => self.vanished = Some(span),
        }
    }

    /// The object is still there, asked for at `sent`: a read that found none after that of the chain lied.
    fn refute_deletion(&mut self, sent: Option<Moment>) {
        let is_later = |gone: &mut Span| match (gone.answered, sent) {
            (Some(gone), Some(sent)) => gone.clock == sent.clock && gone.at < sent.at,
            _ => false,
        };
        if let Some(gone) = self.vanished.take_if(is_later) {
            self.fault(FindingKind::StaleRead, vec![gone.place]);
        }
    }

    fn wrote(&mut self, event: &Event, reply: Reply, counts: &mut VerdictRecord) {
        let open = self.close(event).unwrap_or_else(|| {
            let write = Write { sent: None, ..write(event) };
            Open { write, request: event.request, is_shown: false }
        });
        let span = Span { sent: open.write.sent, answered: event.at, place: event.place };
        if event.is_free && matches!(reply, Reply::Written | Reply::Unclear) {
            self.release(event);
        }
        match reply {
            Reply::Written => self.written(event, &open.write, span, counts),
            Reply::Unclear => self.keep_open(open, counts),
            _ if open.is_shown => self.fault(FindingKind::RefusedButWritten, vec![open.write.place, event.place]),
            _ => self.refused(open.write, reply, span),
        }
    }

    fn refused(&mut self, write: Write, reply: Reply, span: Span) {
        if reply == Reply::Refused
            && self.vanished.is_none()
            && let Some(number) = self.chain.find(write.replaces)
        {
            self.chain.refuse(number, span, &mut self.faults);
        }
        if self.void.len() == KEPT {
            self.void.pop_front();
        }
        self.void.push_back((write.nonce, write));
    }

    fn written(&mut self, event: &Event, write: &Write, span: Span, counts: &mut VerdictRecord) {
        self.put(write, event.etag, span, counts);
        if let (Some(token), Some(from), Some(until)) = (write.token, event.at, event.until) {
            let lease = Lease { token, etag: event.etag, from, until: until.at, place: span.place };
            if from.clock == until.clock {
                self.leases.grant(lease, &mut self.faults);
            }
        }
    }

    /// Takes in that `write` made the object of `etag`.
    fn put(&mut self, write: &Write, etag: Id, span: Span, counts: &mut VerdictRecord) {
        match self.chain.find(etag) {
            Some(number) if self.chain.is_by(number, write) => {
                self.chain.acknowledge(number, write, span, &mut self.faults);
            }
            Some(_) => self.fault(FindingKind::EtagRepeated, vec![span.place]),
            None => self.place(write, etag, span, counts),
        }
    }

    /// Adds the object of `etag` that `write` made to the chain.
    fn place(&mut self, write: &Write, etag: Id, span: Span, counts: &mut VerdictRecord) {
        let head = match self.chain.head() {
            Some(head) => head.etag,
            None if self.is_merged => return self.set_aside(Unplaced::Written(write.clone(), etag, span), counts),
            None => {
                self.chain.begin(write.replaces);
                write.replaces
            }
        };
        if write.replaces == ABSENT
            && head != ABSENT
            && let Some(gone) = self.vanished.take()
        {
            counts.deleted += 1;
            self.chain.delete(gone);
        } else if head != write.replaces {
            match self.chain.find(write.replaces) {
                None if write.replaces != ABSENT => {
                    return self.set_aside(Unplaced::Written(write.clone(), etag, span), counts);
                }
                known => {
                    let other = known.and_then(|number| self.chain.replaced_by(number));
                    self.fault(FindingKind::Fork, other.into_iter().chain([span.place]).collect());
                }
            }
        } else {
            self.refute_deletion(write.sent);
        }
        counts.takeovers += u64::from(self.chain.extend(write, etag, span, &mut self.faults));
        self.place_rest(etag, counts);
    }

    /// Places what was set aside, now that the object of `etag` is known.
    fn place_rest(&mut self, etag: Id, counts: &mut VerdictRecord) {
        let is_shown = |unplaced: &Unplaced| matches!(unplaced, Unplaced::Found(seen, _) if seen.etag == etag);
        let is_next = |unplaced: &Unplaced| matches!(unplaced, Unplaced::Written(write, ..) if write.replaces == etag);
        // Reads come first: the chain may have forgotten the object when the writes after it are placed.
        let next =
            |unplaced: &[Unplaced]| unplaced.iter().position(is_shown).or_else(|| unplaced.iter().position(is_next));
        while let Some(number) = next(&self.unplaced) {
            match self.unplaced.remove(number) {
                Unplaced::Written(write, etag, span) => self.put(&write, etag, span, counts),
                Unplaced::Found(seen, span) => self.found(&seen, span, counts),
            }
        }
    }

    fn set_aside(&mut self, unplaced: Unplaced, counts: &mut VerdictRecord) {
        if self.unplaced.len() == KEPT {
            let oldest = self.unplaced.remove(0);
            self.fault(FindingKind::Unrecorded, vec![oldest.place()]);
        }
        self.unplaced.push(unplaced);
        if self.unplaced.len() >= BEGINNING {
            self.begin_with_oldest(counts);
        }
    }

    /// Begins the chain with the object that none of the writes that were set aside has made.
    fn begin_with_oldest(&mut self, counts: &mut VerdictRecord) {
        if self.chain.head().is_some() {
            return;
        }
        let origin = |unplaced: &Unplaced| match unplaced {
            Unplaced::Written(write, _, _) => write.replaces,
            Unplaced::Found(seen, _) => seen.etag,
        };
        let made = |etag: Id| {
            self.unplaced.iter().any(|other| matches!(other, Unplaced::Written(_, made, _) if *made == etag))
        };
        let Some(oldest) = self.unplaced.iter().map(origin).find(|etag| !made(*etag)) else { return };
        self.chain.begin(oldest);
        self.place_rest(oldest, counts);
    }

    fn act(&mut self, event: &Event, counts: &mut VerdictRecord) {
        counts.acts += 1;
        let Some(at) = event.at else { return };
        let until = event.token.and_then(|token| self.leases.until(token, at));
        if event.until.is_some_and(|until| until.clock == at.clock && until.at <= at.at) {
            self.fault(FindingKind::ActAfterLease, vec![event.place]);
        } else if until.is_none_or(|until| until <= at.at) {
            self.fault(FindingKind::ActWithoutLease, vec![event.place]);
        }
    }

    fn acted(&mut self, event: &Event, reply: Reply, counts: &mut VerdictRecord) {
        let sent = if let Some(open) = self.close(event) {
            open.write.place
        } else {
            self.act(event, counts);
            event.place
        };
        let Some((at, token)) = event.at.zip(event.token) else { return };
        let is_late = self.leases.until(token, at).is_none_or(|until| until < at.at);
        if is_late && reply != Reply::Failed {
            counts.late_acts += 1;
            self.fault(FindingKind::LateAct, vec![sent, event.place]);
        }
    }

    /// Takes in that there are no more lines.
    pub(super) fn finish(&mut self, counts: &mut VerdictRecord) {
        self.begin_with_oldest(counts);
        for unplaced in std::mem::take(&mut self.unplaced) {
            self.fault(FindingKind::Unrecorded, vec![unplaced.place()]);
        }
        let is_unanswered = |open: &&Open| !open.is_shown && !matches!(open.request, Request::Read | Request::Act);
        let unanswered = || self.open.iter().filter(is_unanswered).map(|open| &open.write);
        let unexplained = self.chain.unexplained(unanswered()).filter(|_| self.vanished.is_none());
        if let Some(refusal) = unexplained {
            self.fault(FindingKind::SpuriousRefusal, vec![refusal]);
        }
        counts.deleted += u64::from(self.vanished.is_some());
        for open in std::mem::take(&mut self.open) {
            self.give_up(&open, counts);
        }
    }
}

impl Unplaced {
    fn place(&self) -> Place {
        match self {
            Self::Written(_, _, span) | Self::Found(_, span) => span.place,
        }
    }
}

fn write(event: &Event) -> Write {
    let Event { by, replaces, nonce, generation, token, place, at, .. } = *event;
    Write { by, replaces, nonce, generation, token: token.filter(|_| !event.is_free), sent: at, place }
}

fn seen(event: &Event) -> Seen {
    let Event { etag, nonce, generation, token, is_free, has_expired, .. } = *event;
    Seen { etag, nonce, generation, token: token.filter(|_| !is_free), has_expired }
}
