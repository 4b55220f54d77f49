//! What is known of a lock apart from its objects: when there was none, and which creations were refused although no
//! object is known that was there.

use super::chain::Chain;
use super::clock::{Bounds, Moment, is_before};
use super::clocks::Clocks;
use super::digest::ABSENT;
use super::finding::FindingKind;
use super::link::{Span, Write};
use super::report::Report;

/// How many refusals are kept.
const KEPT: usize = 64;

/// When there was no object.
#[derive(Debug, Default)]
pub(super) struct Absences {
    /// The earliest answer that there is none.
    pub(super) first: Bounds,
    /// The latest request that found none, or created one.
    asked: Bounds,
    /// The latest answer that there is none.
    answered: Bounds,
    refusals: Vec<Refusal>,
}

/// A creation that was refused.
#[derive(Debug)]
struct Refusal {
    span: Span,
    cause: Cause,
}

/// Why a creation was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// No object is known that may have been there.
    Unknown,
    /// One that was created at the same time, by the same clock.
    Object,
    /// One that was created at the same time, and deleted soon.
    Deleted,
}

impl Absences {
    /// Those of a lock that was quiet, which had no object since `first`.
    pub(super) fn resume(first: Bounds) -> Self {
        Self { first, ..Self::default() }
    }

    /// Notes a read that found nothing. `is_deleted`: where an object is known that was there before.
    pub(super) fn note(&mut self, span: Span, is_deleted: bool) {
        for refusal in self.refusals.iter_mut().filter(|refusal| !is_deleted && refusal.cause == Cause::Object) {
            if is_before(refusal.span.answered, span.sent) {
                refusal.cause = Cause::Deleted;
            }
        }
        self.first.lower(span.answered);
        self.asked.raise(span.sent);
        self.answered.raise(span.answered);
    }

    /// Notes that there was no object when one was created, which was asked for at `sent`.
    pub(super) fn note_creation(&mut self, sent: Option<Moment>) {
        self.asked.raise(sent);
    }

    /// The last answer by the clock of `at` that there is no object.
    pub(super) fn last(&self, at: Moment) -> Option<i64> {
        self.answered.get(at.clock)
    }

    /// Whether all refusals are explained.
    pub(super) fn is_settled(&self) -> bool {
        self.refusals.iter().all(|refusal| refusal.cause == Cause::Object)
    }

    /// Drops times by other clocks than these.
    pub(super) fn limit(&mut self, clocks: &Clocks) {
        for bounds in [&mut self.first, &mut self.asked, &mut self.answered] {
            bounds.retain(|moment| clocks.has(moment.clock));
        }
    }

    /// Notes that a creation was refused, of which none of `chains` may be the cause.
    /// Of the oldest, if there are too many, nothing more is learnt.
    pub(super) fn refuse(&mut self, span: Span, chains: &[Chain], report: &mut Report) {
        if chains.iter().any(|chain| chain.may_be_there(span)) {
            return;
        }
        if self.refusals.len() == KEPT {
            let oldest = self.refusals.remove(0);
            if oldest.cause != Cause::Object {
                report.fault(FindingKind::Undecided, [oldest.span.place]);
            }
        }
        self.refusals.push(Refusal { span, cause: Cause::Unknown });
    }

    /// Notes that `chain` may be the cause of refusals. Drops those whose clock does not tell more.
    pub(super) fn explain(&mut self, chain: &Chain) {
        let created = chain.created();
        self.refusals.retain_mut(|Refusal { span, cause }| {
            if !chain.may_be_there(*span) {
                return true;
            }
            let is_gone = self.asked.is_after(span.answered);
            *cause = if is_gone { Cause::Deleted } else { Cause::Object };
            created.zip(span.answered).is_some_and(|(created, refused)| created.clock == refused.clock)
        });
    }

    /// Takes in that there are no more lines. `writes` have no answer.
    pub(super) fn finish(&self, writes: &[&Write], report: &mut Report) {
        for Refusal { span, cause } in self.refusals.iter().filter(|refusal| refusal.cause != Cause::Object) {
            let may_be_cause = |write: &&Write| write.replaces == ABSENT && !is_before(span.answered, write.sent);
            let is_by_lost = writes.iter().any(may_be_cause);
            let is_deleted = *cause == Cause::Deleted;
            if is_by_lost && !is_deleted && !self.asked.is_after(span.answered) {
                continue;
            }
            let was_none = |sent: Moment| self.first.get(sent.clock).is_some_and(|at| at <= sent.at);
            let is_known = !is_by_lost && !is_deleted && span.sent.is_some_and(was_none);
            let kind = if is_known { FindingKind::SpuriousRefusal } else { FindingKind::Undecided };
            report.fault(kind, [span.place]);
        }
    }
}
