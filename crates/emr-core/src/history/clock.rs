//! Times that can be compared: those of one clock.
//!
//! All processes of one machine see the same uptime until it boots again. Clocks of two machines are never compared:
//! there only the chain of writes tells what came first.

/// A point in time by one of several clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Which clock: a digest of the boot, or the number of a file whose lines name none.
    pub(super) clock: u64,
    /// Microseconds.
    pub(super) at: i64,
}

/// How many clocks a bound has, beside its first. One that is left out is one by which nothing is compared.
const MOST: usize = 31;

/// A time by each of several clocks: a bound for something that has happened.
#[derive(Debug, Clone, Default)]
pub(super) struct Bounds {
    /// The bound by the first clock. Most histories have one clock alone.
    first: Option<Moment>,
    more: Vec<Moment>,
}

impl Bounds {
    /// The bound by this clock.
    pub(super) fn get(&self, clock: u64) -> Option<i64> {
        self.moments().find(|moment| moment.clock == clock).map(|moment| moment.at)
    }

    fn moments(&self) -> impl Iterator<Item = &Moment> {
        self.first.iter().chain(&self.more)
    }

    fn set(&mut self, moment: Moment, choose: fn(i64, i64) -> i64) {
        let Some(first) = &mut self.first else {
            self.first = Some(moment);
            return;
        };
        let known = std::iter::once(first).chain(&mut self.more).find(|known| known.clock == moment.clock);
        if let Some(known) = known {
            known.at = choose(known.at, moment.at);
            return;
        }
        if self.more.len() == MOST {
            self.more.remove(0);
        }
        self.more.push(moment);
    }

    /// Makes it no earlier than `moment`.
    pub(super) fn raise(&mut self, moment: Option<Moment>) {
        if let Some(moment) = moment {
            self.set(moment, i64::max);
        }
    }

    /// Makes it no earlier than each of `bounds`.
    pub(super) fn raise_all(&mut self, bounds: &Self) {
        for moment in bounds.moments() {
            self.set(*moment, i64::max);
        }
    }

    /// Makes it no later than `moment`.
    pub(super) fn lower(&mut self, moment: Option<Moment>) {
        if let Some(moment) = moment {
            self.set(moment, i64::min);
        }
    }

    /// Makes it no later than each of `bounds`.
    pub(super) fn lower_all(&mut self, bounds: &Self) {
        for moment in bounds.moments() {
            self.set(*moment, i64::min);
        }
    }

    /// The bound by the clock that was heard of first.
    pub(super) fn first(&self) -> Option<Moment> {
        self.first
    }

    /// Whether `moment` comes before this bound, by a clock that has both.
    pub(super) fn is_after(&self, moment: Option<Moment>) -> bool {
        moment.is_some_and(|moment| self.get(moment.clock).is_some_and(|bound| moment.at < bound))
    }

    /// Whether `moment` comes after this bound, by a clock that has both.
    pub(super) fn is_before(&self, moment: Option<Moment>) -> bool {
        moment.is_some_and(|moment| self.get(moment.clock).is_some_and(|bound| bound < moment.at))
    }

    /// Whether one of these bounds comes before the other's of the same clock.
    pub(super) fn is_before_any(&self, other: &Self) -> bool {
        self.moments().any(|moment| other.get(moment.clock).is_some_and(|bound| moment.at < bound))
    }
}
