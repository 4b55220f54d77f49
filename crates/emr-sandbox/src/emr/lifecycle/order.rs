//! What has to be done because of a transition.

use crate::emr::model::timestamp::Timestamp;

/// An order to the driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Run the bootstrap actions, then call `bootstrapped`.
    Bootstrap,
    /// Run the step of this id, then call `finish_step`.
    Start(String),
    /// Stop the running step of this id, which then ends as any other.
    Stop(String, Stop),
    /// Call `advance` at this time.
    WakeAt(Timestamp),
}

/// How a running step is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// SIGTERM, and SIGKILL to what has not ended a few seconds later.
    Interrupt,
    /// SIGKILL at once.
    Kill,
}
