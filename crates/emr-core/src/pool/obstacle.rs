//! What keeps one kind of instance from standing in for another.

/// What keeps an instance from standing in for another, in the order in which it is looked for: the later the obstacle,
/// the closer the instance comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Obstacle {
    /// It is of another type, and the CPU and memory of at least one of the two are unknown.
    InstanceType,
    /// It has another processor architecture, so that a job's native code would not run.
    Architecture,
    /// It has less memory.
    Memory,
    /// EC2 may take it away sooner.
    BidPrice,
    /// It lacks a volume, or has a lesser one.
    Ebs,
}
