//! What the driver has to do because of a transition.

use crate::emr::model::timestamp::Timestamp;

/// An order to the driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Run the bootstrap actions, then call `bootstrapped`.
    Bootstrap,
    /// Run the step of this id, then call `finish_step`.
    Start(String),
    /// Stop the running step of this id. It then ends like any other.
    Stop(String, Stop),
    /// Call `advance` at this time.
    WakeAt(Timestamp),
}

/// How a running step is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// SIGTERM, then SIGKILL a few seconds later if it still runs.
    Interrupt,
    /// SIGKILL at once.
    Kill,
}
