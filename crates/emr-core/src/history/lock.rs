//! The history of one lock, taken in line by line.

use super::chains::Chains;
use super::digest::{ABSENT, Id};
use super::entry::{Reply, Request};
use super::event::Event;
use super::finding::{FindingKind, Place};
use super::in_flight::{InFlight, Open, Writer};
use super::leases::{Fate, Lease, Leases, Release};
use super::link::{Sighting, Span, Write};
use super::report::Report;
use super::rest::Rest;
use super::rivals::Rivals;

/// What may become of a line that was not taken in yet, where histories are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Readiness {
    /// It fits, and adds no object to a chain.
    Fits,
    /// It adds an object to a chain.
    Adds,
    /// It tells of an object of which nothing is known yet.
    Waits,
}

impl Readiness {
    /// That of `event`, by whether an object is known, or was known and is forgotten.
    pub(super) fn of(event: &Event, is_known: impl Fn(Id) -> bool, is_forgotten: impl Fn(Id) -> bool) -> Self {
        match event.answer {
            Some(Reply::Found | Reply::Written) if is_known(event.etag) => Self::Fits,
            Some(Reply::Found) if is_forgotten(event.etag) => Self::Fits,
            Some(Reply::Written) if event.replaces == ABSENT => Self::Adds,
            Some(Reply::Written) if is_known(event.replaces) || is_forgotten(event.replaces) => Self::Adds,
            Some(Reply::Found | Reply::Written) => Self::Waits,
            _ => Self::Fits,
        }
    }
}

/// The history of a lock.
#[derive(Debug)]
pub(super) struct LockHistory {
    pub(super) uri: Box<str>,
    chains: Chains,
    in_flight: InFlight,
    leases: Leases,
    rivals: Rivals,
    /// Which line of all was the last about this lock.
    pub(super) used: u64,
}

impl LockHistory {
    pub(super) fn of(uri: &str, event: &Event, rest: Option<&Rest>) -> Self {
        let chains = match rest {
            Some(rest) => Chains::resume(event.lock, rest, event.place),
            None => Chains::of(event.lock),
        };
        let (in_flight, leases, rivals) = (InFlight::default(), Leases::default(), Rivals::default());
        Self { uri: uri.into(), chains, in_flight, leases, rivals, used: 0 }
    }

    /// What remains of it if the lock is free, and nothing more can come of what was asked.
    pub(super) fn rest(&self) -> Option<Rest> {
        if self.in_flight.is_empty() && self.rivals.is_empty() { self.chains.rest() } else { None }
    }

    /// Forgets its objects but for the newest, of which a [`Rest`] remains.
    pub(super) fn forget(&mut self, report: &mut Report) {
        self.chains.forget(report);
    }

    /// What becomes of `event` if it is taken in now.
    pub(super) fn readiness(&self, event: &Event, report: &Report) -> Readiness {
        let is_known = |etag| self.chains.find(etag).is_some();
        let is_forgotten = |etag| !self.chains.is_empty() && report.seen.has(event.lock, etag);
        let is_written =
            event.answer == Some(Reply::Found) && !is_known(event.etag) && self.in_flight.knows(event.nonce);
        if is_written { Readiness::Adds } else { Readiness::of(event, is_known, is_forgotten) }
    }

    /// Takes in a line.
    pub(super) fn step(&mut self, event: &Event, report: &mut Report) {
        self.chains.hear(event.at, event.place, report);
        match (event.request, event.answer) {
            (_, None) => self.sent(event, report),
            (Request::Act, Some(reply)) => self.acted(event, reply, report),
            (Request::Read, Some(reply)) => self.read(event, reply, report),
            (Request::Create | Request::Replace, Some(reply)) => self.wrote(event, reply, report),
        }
    }

    fn sent(&mut self, event: &Event, report: &mut Report) {
        match event.request {
            Request::Act => self.act(event, report),
            Request::Replace if event.is_free => self.release(event),
            _ => {}
        }
        self.keep_open(Open { write: write(event), request: event.request, shown: None }, report);
        if event.is_write()
            && let Some(etag) = self.chains.origin_of(event.nonce)
        {
            self.explain(event.nonce, etag, event.place, report);
        }
    }

    /// Ends the lease of whoever wrote what `event` replaces, if that is who releases.
    fn release(&mut self, event: &Event) {
        let Event { replaces, releaser, .. } = *event;
        let holder = self.leases.holder(replaces).or_else(|| self.chains.holder(replaces));
        match (holder, releaser) {
            (Some(holder), Some(releaser)) if holder != releaser => {}
            _ => {
                if let Some(token) = holder.or(releaser) {
                    self.leases.release(token, event.by, event.at);
                }
            }
        }
    }

    fn keep_open(&mut self, open: Open, report: &mut Report) {
        if let Some(unanswered) = self.in_flight.send(open, self.chains.head()) {
            give_up(&unanswered, report);
        }
    }

    fn read(&mut self, event: &Event, reply: Reply, report: &mut Report) {
        let sent = self.in_flight.close(event.by).and_then(|open| open.write.sent);
        let span = Span { sent, answered: event.at, place: event.place };
        match reply {
            Reply::Found => self.found(&sighting(event), span, report),
            Reply::Absent => self.chains.show_absent(span, report),
            _ => {}
        }
    }

    fn found(&mut self, seen: &Sighting, span: Span, report: &mut Report) {
        let known = self.chains.find(seen.etag);
        if known.is_none() {
            self.explain(seen.nonce, seen.etag, span.place, report);
        }
        match known.or_else(|| self.chains.find(seen.etag)) {
            Some(known) => self.chains.show(known, seen, span, report),
            None => self.chains.begin_with(seen, span, report),
        }
    }

    /// Adds the write that made the object that `place` shows, if its answer is missing, or it was refused.
    fn explain(&mut self, nonce: Id, etag: Id, place: Place, report: &mut Report) {
        let write = match self.in_flight.show(nonce, etag) {
            Some(Writer::Open(write)) => write,
            Some(Writer::Void(write)) => {
                report.fault(FindingKind::RefusedButWritten, [write.place, place]);
                write
            }
            None => return,
        };
        let made = Span { sent: write.sent, answered: None, place: write.place };
        self.chains.put(&write, etag, made, report);
    }

    fn wrote(&mut self, event: &Event, reply: Reply, report: &mut Report) {
        let open = self.in_flight.close(event.by).unwrap_or_else(|| {
            let write = Write { sent: None, ..write(event) };
            Open { write, request: event.request, shown: None }
        });
        let span = Span { sent: open.write.sent, answered: event.at, place: event.place };
        if event.is_free && matches!(reply, Reply::Written | Reply::Unclear) {
            self.release(event);
        }
        match reply {
            Reply::Written => self.written(event, &open, span, report),
            Reply::Unclear => self.keep_open(open, report),
            _ if open.shown.is_some() => {
                report.fault(FindingKind::RefusedButWritten, [open.write.place, event.place]);
            }
            _ => {
                let refused = (reply == Reply::Refused).then_some(event.replaces);
                self.leases.restore(event.by, refused);
                if reply == Reply::Refused {
                    self.chains.refuse(open.write.replaces, span, report);
                }
                self.in_flight.avoid(open.write);
            }
        }
    }

    fn written(&mut self, event: &Event, open: &Open, span: Span, report: &mut Report) {
        // What was read and is forgotten has its place.
        if open.shown != Some(event.etag) || self.chains.find(event.etag).is_some() {
            self.chains.put(&open.write, event.etag, span, report);
        }
        if let (Some(token), Some(from), Some(until)) = (open.write.token, event.at, event.until) {
            let (etag, place) = (event.etag, span.place);
            let release = match self.chains.fate(etag, token, from.clock) {
                Fate::Released(by) => Some(Release { by, at: None }),
                _ => None,
            };
            let lease = Lease { token, etag, from, until: until.at, place, release };
            if from.clock == until.clock {
                let fate = |lease: &Lease| self.chains.fate(lease.etag, lease.token, lease.from.clock);
                if let Some(other) = self.leases.grant(lease, fate) {
                    self.rivals.add(other, (etag, place), report);
                }
                self.rivals.settle(&self.chains, report);
            }
        }
    }

    fn act(&self, event: &Event, report: &mut Report) {
        report.counts.acts += 1;
        let Some(at) = event.at else { return };
        let lease = event.token.and_then(|token| self.leases.of(token, at));
        if event.until.is_some_and(|until| until.clock == at.clock && until.at <= at.at) {
            report.fault(FindingKind::ActAfterLease, [event.place]);
        } else if lease.is_none_or(|lease| lease.end() <= at.at) {
            report.fault(FindingKind::ActWithoutLease, [event.place]);
        } else if lease.is_some_and(Lease::is_given_up) {
            report.fault(FindingKind::Undecided, [event.place]);
        }
    }

    fn acted(&mut self, event: &Event, reply: Reply, report: &mut Report) {
        let sent = if let Some(open) = self.in_flight.close(event.by) {
            open.write.place
        } else {
            self.act(event, report);
            event.place
        };
        let Some((at, token)) = event.at.zip(event.token) else { return };
        let is_late = self.leases.of(token, at).is_none_or(|lease| lease.end() < at.at);
        let is_done_late = match reply {
            Reply::Unclear => true,
            Reply::Failed => false,
            _ => is_late,
        };
        if is_done_late {
            report.fault(FindingKind::LateAct, [sent, event.place]);
        }
    }

    /// Takes in that there are no more lines.
    pub(super) fn finish(&mut self, report: &mut Report) {
        let writes: Vec<_> = self.in_flight.unanswered().collect();
        self.rivals.finish(&self.chains, &writes, report);
        self.chains.finish(&writes, report);
        for open in self.in_flight.drain() {
            give_up(&open, report);
        }
    }
}

/// Takes in that a request has no answer, or an unclear one.
fn give_up(open: &Open, report: &mut Report) {
    report.counts.unclear += 1;
    if open.request == Request::Act {
        report.fault(FindingKind::LateAct, [open.write.place]);
    }
}

fn write(event: &Event) -> Write {
    let Event { by, replaces, nonce, generation, token, releaser, place, at, .. } = *event;
    let ttl_s = event.ttl_s.filter(|_| !event.is_free);
    let token = token.filter(|_| !event.is_free);
    Write { by, replaces, nonce, generation, token, ttl_s, releaser, sent: at, place }
}

fn sighting(event: &Event) -> Sighting {
    let Event { etag, nonce, generation, token, ttl_s, is_free, has_expired, .. } = *event;
    let (token, ttl_s) = (token.filter(|_| !is_free), ttl_s.filter(|_| !is_free));
    Sighting { etag, nonce, generation, token, ttl_s, has_expired }
}
