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

/// Whether the one comes before the other, by one clock that tells both.
pub(super) fn is_before(one: Option<Moment>, other: Option<Moment>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one.clock == other.clock && one.at < other.at)
}

/// A time by each of several clocks: a bound for something that has happened.
#[derive(Debug, Clone, Default)]
pub(super) enum Bounds {
    #[default]
    Unbounded,
    /// By one clock. Most histories have no other.
    One(Moment),
    /// By several, in the order of the numbers of their clocks.
    Several(Vec<Moment>),
}

impl Bounds {
    /// That by one clock, if there is one.
    pub(super) fn of(moment: Option<Moment>) -> Self {
        moment.map_or(Self::Unbounded, Self::One)
    }

    /// The bound by this clock.
    pub(super) fn get(&self, clock: u64) -> Option<i64> {
        let moments = self.moments();
        let number = moments.binary_search_by_key(&clock, |moment| moment.clock).ok()?;
        Some(moments[number].at)
    }

    /// The bound by each clock, in the order of their numbers.
    pub(super) fn moments(&self) -> &[Moment] {
        match self {
            Self::Unbounded => &[],
            Self::One(moment) => std::slice::from_ref(moment),
            Self::Several(moments) => moments,
        }
    }

    fn set(&mut self, moment: Moment, choose: fn(i64, i64) -> i64) {
        match self {
            Self::Unbounded => *self = Self::One(moment),
            Self::One(known) if known.clock == moment.clock => known.at = choose(known.at, moment.at),
            Self::One(known) => {
                let mut both = vec![*known, moment];
                both.sort_unstable_by_key(|moment| moment.clock);
                *self = Self::Several(both);
            }
            Self::Several(moments) => match moments.binary_search_by_key(&moment.clock, |known| known.clock) {
                Ok(number) => moments[number].at = choose(moments[number].at, moment.at),
                Err(number) => moments.insert(number, moment),
            },
        }
    }

    /// Drops those that are not to be kept.
    pub(super) fn retain(&mut self, is_kept: impl Fn(&Moment) -> bool) {
        if let Self::Several(moments) = self {
            moments.retain(&is_kept);
        } else if !self.moments().iter().all(is_kept) {
            *self = Self::Unbounded;
        }
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
        self.moments().iter().any(|moment| other.get(moment.clock).is_some_and(|bound| moment.at < bound))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_has_the_time_of_each_clock_whatever_order_they_come_in() {
        let mut bounds = Bounds::default();
        for (clock, at) in [(7, 70), (3, 30), (9, 90), (5, 50), (3, 20), (9, 99)] {
            bounds.lower(Some(Moment { clock, at }));
        }
        assert_eq!([3, 5, 7, 9, 4].map(|clock| bounds.get(clock)), [Some(20), Some(50), Some(70), Some(90), None]);
        bounds.retain(|moment| moment.clock != 7);
        assert_eq!([5, 7].map(|clock| bounds.get(clock)), [Some(50), None]);
        let mut one = Bounds::default();
        one.raise(Some(Moment { clock: 7, at: 70 }));
        one.raise(Some(Moment { clock: 7, at: 60 }));
        assert_eq!((one.get(7), one.moments().len()), (Some(70), 1));
        one.retain(|moment| moment.clock != 7);
        assert_eq!(one.get(7), None);
    }

    #[test]
    fn a_bound_takes_little_memory() {
        assert_eq!(size_of::<Bounds>(), 24);
    }
}
