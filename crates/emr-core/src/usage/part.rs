//! The parts of a life, and sums of them.

use std::ops::AddAssign;

/// A part of a job flow's life. No two overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// It comes up.
    Starting,
    /// A step runs that completed, or that runs now.
    Used,
    /// A step runs that failed, was cancelled or interrupted.
    Failed,
    /// No step runs, and one will.
    IdleBetween,
    /// No step runs, and none will.
    IdleAtEnd,
    /// It is ready, and nobody has looked at its steps.
    Unknown,
}

impl Part {
    /// All parts, in the order in which records name them.
    pub const ALL: [Self; 6] =
        [Self::Starting, Self::Used, Self::Failed, Self::IdleBetween, Self::IdleAtEnd, Self::Unknown];

    /// Whether this part is wasted: the job flow was ready, and came to nothing.
    #[must_use]
    pub fn is_wasted(self) -> bool {
        matches!(self, Self::Failed | Self::IdleBetween | Self::IdleAtEnd)
    }
}

/// An amount for each part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts([u128; Part::ALL.len()]);

impl Parts {
    /// Adds `amount` to `part`.
    pub fn add(&mut self, part: Part, amount: u128) {
        self.0[part as usize] += amount;
    }

    /// The amount of `part`.
    #[must_use]
    pub fn get(&self, part: Part) -> u128 {
        self.0[part as usize]
    }

    /// The amount of all parts.
    #[must_use]
    pub fn total(&self) -> u128 {
        self.0.iter().sum()
    }

    /// The amount of the parts that are wasted for certain.
    #[must_use]
    pub fn wasted(&self) -> u128 {
        Part::ALL.into_iter().filter(|part| part.is_wasted()).map(|part| self.get(part)).sum()
    }

    /// Each amount, so many times.
    #[must_use]
    pub fn times(&self, factor: u128) -> Self {
        Self(self.0.map(|amount| amount * factor))
    }
}

impl AddAssign for Parts {
    fn add_assign(&mut self, other: Self) {
        for part in Part::ALL {
            self.add(part, other.get(part));
        }
    }
}
