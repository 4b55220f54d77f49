//! Why one kind of instance cannot replace another.

/// Why an instance cannot replace another, in the order of the checks: the later the obstacle, the closer the instance
/// comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Obstacle {
    /// The types differ, and CPU and memory of at least one are unknown.
    InstanceType,
    /// The processor architectures differ, so a job's native code may not run.
    Architecture,
    /// It has less memory.
    Memory,
    /// Its bid is lower, so EC2 may take it away sooner.
    BidPrice,
    /// It lacks a volume, or has a smaller or slower one.
    Ebs,
}
