//! EMR: an account of clusters behind EMR's JSON protocol.
//!
//! A request passes these layers:
//!
//! - [`operations`] finds the operation by its name; [`request`] reads the body into its type
//! - a module per group of operations changes the [`account`] or tells of it; [`error`] refuses as
//!   EMR does
//! - [`lifecycle`] makes the transitions that are due and says what must be done
//! - the driver has it done: steps run on the machine, timers wake the account
//!
//! All but the driver are pure: the time is an argument, and nothing waits or runs in them.

mod account;
mod error;
mod instance_types;
mod lifecycle;
mod load;
mod model;
mod operations;
mod page;
mod provision;
mod release;
mod request;

pub(crate) use self::account::{Account, Settings};
pub(crate) use self::error::{Failure, Kind};
pub(crate) use self::lifecycle::{Order, Stop};
pub(crate) use self::load::load;
pub(crate) use self::model::cluster::Cluster;
pub(crate) use self::model::status::FailureDetails;
pub(crate) use self::model::step::StepConfig;
pub(crate) use self::model::timestamp::Timestamp;
pub(crate) use self::operations::answer;
