//! The life of a cluster: which state follows which, and when. Pure: the time is an argument, and work for the outside
//! world is returned as orders.
//!
//! - [`start`] brings a cluster from `STARTING` through its bootstrap actions to `WAITING`
//! - [`work`] starts steps, records their ends, and ends an idle cluster
//! - [`end`] terminates a cluster
//! - [`order`] is what the transitions tell the driver to do

mod end;
mod order;
mod start;
#[cfg(test)]
mod tests;
mod work;

pub(crate) use self::order::{Order, Stop};

use super::model::cluster::Cluster;
use super::model::status::ClusterState;
use super::model::timestamp::Timestamp;

impl Cluster {
    /// Makes every transition that is due.
    pub(crate) fn advance(&mut self, now: Timestamp) -> Vec<Order> {
        if !self.is_ours() {
            return Vec::new();
        }
        match self.state() {
            ClusterState::Starting | ClusterState::Bootstrapping => self.come_up(now),
            ClusterState::Running | ClusterState::Waiting => self.work(now),
            ClusterState::Terminating => {
                self.end_when_quiet(now);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }
}
