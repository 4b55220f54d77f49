//! The properties: what every run must keep.

use std::fmt;
use std::time::Duration;

/// What must always hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Property {
    OneHolder,
    NoEarlyTakeover,
    GenerationsGrow,
    NoncesAreFresh,
    OthersLocksStay,
    HeldByWrite,
    LeaseLasts,
    LeaseIsLive,
    ActsUnderLease,
    NoneClaimedIsUsed,
    OneJob,
    NoneBusyIsEnded,
    OneStepStays,
    PoolIsBounded,
    HerdMakesOne,
    SaysTheTruth,
    SpendsTheLease,
    GivesBack,
    HandsOnInTime,
    NotLostWhileHeld,
    ExpiredIsNotBusy,
    IsPatient,
    BacksOff,
    Ends,
    TimeToLiveStays,
    TimeToEnd,
    UnsafeStoreIsRefused,
    Live,
    WithinQuota,
    QuotaIsUsed,
}

impl Property {
    /// The property as a sentence.
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::OneHolder => "at most one holds a lock",
            Self::NoEarlyTakeover => "no lock is taken over before its time to live is over",
            Self::GenerationsGrow => {
                "each holder's generation is higher than all before it, and no other write changes it"
            }
            Self::NoncesAreFresh => "no two writes are equal",
            Self::OthersLocksStay => "nobody frees another holder's lock",
            Self::HeldByWrite => "a lease is the last write that the store answered with success, and nothing else",
            Self::LeaseLasts => "a lease lasts for its time to live, less a twelfth, at most 5 s",
            Self::LeaseIsLive => "no lease has expired when it is returned",
            Self::ActsUnderLease => "every action is under a lease",
            Self::NoneClaimedIsUsed => "no job flow is used or terminated while another has claimed it",
            Self::OneJob => "no two jobs are on one job flow",
            Self::NoneBusyIsEnded => "no job flow with an active step is terminated",
            Self::OneStepStays => "of two steps that met on one job flow one is cancelled",
            Self::PoolIsBounded => "a pool never has more job flows than allowed",
            Self::HerdMakesOne => "nobody starts a job flow between another's look and its start",
            Self::SaysTheTruth => "what is reported as done is done, and nothing else",
            Self::SpendsTheLease => "a free job flow is used if the lease lasts long enough",
            Self::GivesBack => "who does not keep a claim gives its lock back",
            Self::HandsOnInTime => "a claim that is handed on has time for a call of EMR's",
            Self::NotLostWhileHeld => "a lock is reported as lost or busy only if another has it or none",
            Self::ExpiredIsNotBusy => "a dead holder blocks a lock for its time to live and a second",
            Self::IsPatient => "a few unclear answers do not end an attempt",
            Self::BacksOff => "between unclear answers an attempt waits, and ever longer",
            Self::Ends => "every attempt ends",
            Self::TimeToLiveStays => "every write gives the lock its holder's time to live",
            Self::TimeToEnd => "work has a sixth of the time to live to end, at most 5 s",
            Self::UnsafeStoreIsRefused => "nothing is held on a store that ignores conditions",
            Self::WithinQuota => "calls that wait as told are never throttled",
            Self::QuotaIsUsed => "nobody waits for longer than the quota asks for",
            Self::Live => "once faults cease, all who wait get a job flow",
        }
    }
}

/// A violation.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) property: Property,
    /// The true time.
    pub(crate) at: Duration,
    pub(crate) what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not so: {}: at {:.3} s {}", self.property.sentence(), self.at.as_secs_f64(), self.what)
    }
}
