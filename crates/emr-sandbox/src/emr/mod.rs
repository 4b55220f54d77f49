//! EMR: an account of clusters behind EMR's JSON protocol.
//!
//! A request passes these layers:
//!
//! - [`operations`] finds the operation by its name and has a file for each; [`request`] parses
//!   the body
//! - an operation changes the [`account`] or describes what is in it; [`error`] has EMR's error
//!   answers
//! - [`lifecycle`] makes the transitions that are due and returns what must be done
//!
//! The module is pure: the time is an argument, and nothing in it waits or runs. Work for the outside world is returned
//! as orders, which the caller carries out.

mod account;
mod error;
mod instance_types;
mod lifecycle;
mod limits;
mod load;
mod model;
mod operations;
mod page;
mod provision;
mod release;
mod request;
mod security_configurations;
mod start_fault;

pub(crate) use self::account::{Account, Settings};
pub(crate) use self::error::{Error, ErrorCode};
pub(crate) use self::lifecycle::{Order, Stop};
pub(crate) use self::load::load_all;
#[cfg(feature = "untrusted")]
pub(crate) use self::load::read_all;
pub(crate) use self::model::cluster::Cluster;
pub(crate) use self::model::status::FailureDetails;
pub(crate) use self::model::timestamp::Timestamp;
pub(crate) use self::operations::answer;
pub(crate) use self::start_fault::{StartFault, StartFaultKind};
