//! Parses members that instance groups and the types of fleets share.

use serde_json::Value;

use crate::launch::configurations;
use crate::model::bid::Bid;
use crate::model::instance_type;
use crate::model::instances::Setup;

/// Checks the name of an instance type.
pub(super) fn type_name(name: String) -> Result<String, String> {
    if instance_type::is_well_formed(&name) {
        return Ok(name);
    }
    Err(format!("'{name}' is not an instance type, which look like m5.xlarge"))
}

/// Parses a `BidPrice`.
pub(super) fn bid(price: &str) -> Result<Bid, String> {
    Bid::usd(price).ok_or_else(|| format!("the BidPrice '{price}' is no price such as 0.42"))
}

/// The settings of a group or type that override the cluster's.
pub(super) fn setup(configurations: Option<&Value>, image: Option<String>) -> Result<Setup, String> {
    let configurations = configurations.map(configurations::read).transpose()?.unwrap_or_default();
    Ok(Setup { configurations, image })
}
