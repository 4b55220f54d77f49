//! Parses `InstanceGroupConfig`.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::ebs::ebs;
use super::rest::rest;
use super::{member, scalar};
use crate::model::bid::Bid;
use crate::model::instances::{InstanceGroup, Market, Role};

/// `InstanceGroupConfig`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Group {
    #[serde(alias = "InstanceGroupType", deserialize_with = "scalar::role")]
    instance_role: Role,
    instance_type: String,
    #[serde(deserialize_with = "scalar::number")]
    instance_count: u32,
    market: Option<String>,
    #[serde(default, deserialize_with = "scalar::text")]
    bid_price: Option<String>,
    ebs_configuration: Option<Value>,
    configurations: Option<Value>,
    custom_ami_id: Option<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Group {
    /// The group.
    pub(super) fn model(self) -> Result<InstanceGroup, String> {
        let (ebs, unknown_ebs) = ebs(self.ebs_configuration)?;
        let rest = rest(self.rest, unknown_ebs);
        check_scaling(&rest)?;
        Ok(InstanceGroup {
            role: self.instance_role,
            instance_type: member::type_name(self.instance_type)?,
            count: self.instance_count,
            market: market(self.market.as_deref(), self.bid_price)?,
            ebs,
            setup: member::setup(self.configurations.as_ref(), self.custom_ami_id)?,
            rest,
        })
    }
}

/// A bid alone means spot instances. The market SPOT needs no bid.
fn market(market: Option<&str>, bid: Option<String>) -> Result<Market, String> {
    match (market, bid) {
        (None | Some("ON_DEMAND"), None) => Ok(Market::OnDemand),
        (None | Some("SPOT"), Some(price)) => member::bid(&price).map(Market::Spot),
        (Some("SPOT"), None) => Ok(Market::Spot(Bid::OnDemandPrice)),
        (Some("ON_DEMAND"), Some(_)) => Err("a BidPrice and the market ON_DEMAND exclude each other".to_owned()),
        (Some(other), _) => Err(format!("the market '{other}' is neither ON_DEMAND nor SPOT")),
    }
}

/// Refuses an automatic scaling policy without its required members. EMR checks the rest.
///
/// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_AutoScalingPolicy.html>
fn check_scaling(rest: &Map<String, Value>) -> Result<(), String> {
    let Some(policy) = rest.get("AutoScalingPolicy") else { return Ok(()) };
    let limit = |name: &str| policy["Constraints"][name].as_u64();
    match (limit("MinCapacity"), limit("MaxCapacity")) {
        (Some(least), Some(most)) if least <= most && policy["Rules"].is_array() => Ok(()),
        _ => Err("its AutoScalingPolicy has no Constraints with MinCapacity and MaxCapacity, or no Rules".to_owned()),
    }
}
