//! The simple options of each role. `--print-config` shows the effective instances under them, even those from a list.

use crate::config::{Key, options as keys};
use crate::model::bid::Bid;
use crate::model::instances::{Market, Role};

/// The options of a role.
pub(super) struct RoleKeys {
    /// Their number; `None` for the master, of which there is one.
    pub(super) number: Option<&'static Key<u32>>,
    /// Their type.
    pub(super) instance_type: &'static Key<String>,
    /// Their bid.
    pub(super) bid: &'static Key<String>,
}

impl RoleKeys {
    /// The options of `role`.
    pub(super) fn of(role: Role) -> Self {
        match role {
            Role::Master => Self {
                number: None,
                instance_type: &keys::EC2_MASTER_INSTANCE_TYPE,
                bid: &keys::EC2_MASTER_INSTANCE_BID_PRICE,
            },
            Role::Core => Self {
                number: Some(&keys::NUM_EC2_CORE_INSTANCES),
                instance_type: &keys::EC2_CORE_INSTANCE_TYPE,
                bid: &keys::EC2_CORE_INSTANCE_BID_PRICE,
            },
            Role::Task => Self {
                number: Some(&keys::NUM_EC2_TASK_INSTANCES),
                instance_type: &keys::EC2_TASK_INSTANCE_TYPE,
                bid: &keys::EC2_TASK_INSTANCE_BID_PRICE,
            },
        }
    }
}

/// A bid in US dollars; `None` for other bids and on demand.
pub(super) fn usd(market: &Market) -> Option<&str> {
    if let Market::Spot(Bid::Usd(price)) = market { Some(price) } else { None }
}
