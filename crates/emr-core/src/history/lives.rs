//! The lives of a lock's object. A `create` begins one. Anybody may delete the object, which ends its life and violates
//! nothing. Nobody records that: it shows by a read that finds nothing, or by the next creation.
//!
//! So two lives fit if one may have ended before the other began. They are a fork if neither can have:
//!
//! - an object of the one was there after the other is known to have begun; or
//! - the one was there, and held, when the other was asked for, and nobody has since read that there was nothing.

use super::chain::Chain;
use super::finding::FindingKind;
use super::link::Write;
use super::report::Report;

/// The numbers of `chains` in the order of their lives: as clocks tell, or else by their generations. One that nobody is
/// known to have created comes as early as it can, since it may have been there before the histories begin.
pub(super) fn order(chains: &[Chain]) -> Vec<usize> {
    let mut left: Vec<_> = (0..chains.len()).collect();
    left.sort_by_key(|number| (chains[*number].is_recorded(), chains[*number].first_generation()));
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let is_first = |one: &usize| left.iter().all(|other| one == other || chains[*other].may_follow(&chains[*one]));
        let first = left.iter().position(is_first).unwrap_or_default();
        ordered.push(left.remove(first));
    }
    ordered
}

/// What it means that one life follows another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parting {
    /// The object was deleted in between.
    Deleted,
    /// Neither can have ended before the other began.
    Fork,
    /// Nobody is known to have written what is between them.
    Unrecorded,
    /// Nothing tells.
    Undecided,
    /// What is between them is forgotten, which is reported already.
    Forgotten,
}

/// Notes what it means that `next` follows `before`, apart from a fork. `writes` have no answer.
pub(super) fn part(before: &Chain, next: &Chain, writes: &[&Write], report: &mut Report) {
    let kind = match parting(before, next, writes) {
        Parting::Deleted => {
            report.counts.deleted += 1;
            return;
        }
        Parting::Fork | Parting::Forgotten => return,
        Parting::Unrecorded => FindingKind::Unrecorded,
        Parting::Undecided => FindingKind::Undecided,
    };
    report.fault(kind, [before.shown_by, next.shown_by]);
}

/// What it means that `next` follows `before`. `writes` have no answer.
pub(super) fn parting(before: &Chain, next: &Chain, writes: &[&Write]) -> Parting {
    let is_lost = || next.begins_unseen() && writes.iter().any(|write| before.head() == Some(write.replaces));
    match next {
        _ if next.is_undecided => Parting::Forgotten,
        _ if !next.is_recorded() && is_lost() => Parting::Undecided,
        _ if !next.is_recorded() => Parting::Unrecorded,
        _ if is_fork(before, next) => Parting::Fork,
        _ if before.gone.is_before(next) || next.has_grown_from(before) => Parting::Deleted,
        _ => Parting::Undecided,
    }
}

/// Whether neither of two lives can have ended before the other began.
pub(super) fn is_fork(one: &Chain, other: &Chain) -> bool {
    let is_denied = |before: &Chain, next: &Chain| !next.may_follow(before) || next.is_unbroken_since(before);
    one.is_recorded() && other.is_recorded() && is_denied(one, other) && is_denied(other, one)
}
