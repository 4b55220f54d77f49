//! Instance groups.

use serde::Deserialize;
use serde_json::Value;

use super::ebs::{EbsConfiguration, ebs};
use super::{scalar, setup, type_name};
use crate::launch::instances;
use crate::launch::request_types;
use crate::model::instances::{Bid, InstanceGroup, Market, Role};

/// `InstanceGroupConfig`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Group {
    name: Option<String>,
    #[serde(alias = "InstanceGroupType", deserialize_with = "scalar::role")]
    instance_role: Role,
    instance_type: String,
    #[serde(deserialize_with = "scalar::number")]
    instance_count: u32,
    market: Option<String>,
    #[serde(default, deserialize_with = "scalar::text")]
    bid_price: Option<String>,
    ebs_configuration: Option<EbsConfiguration>,
    configurations: Option<Value>,
    custom_ami_id: Option<String>,
    auto_scaling_policy: Option<Value>,
}

impl Group {
    /// The group.
    pub(super) fn model(self) -> Result<InstanceGroup, String> {
        let market = match (self.market.as_deref(), self.bid_price) {
            (None | Some("ON_DEMAND"), None) => Market::OnDemand,
            (None | Some("SPOT"), Some(price)) => Market::Spot(Bid::Usd(price)),
            (Some("SPOT"), None) => Market::Spot(Bid::OnDemandPrice),
            (Some("ON_DEMAND"), Some(_)) => return Err("a BidPrice and the market ON_DEMAND exclude each other".into()),
            (Some(other), _) => return Err(format!("the market '{other}' is neither ON_DEMAND nor SPOT")),
        };
        if let Market::Spot(Bid::Usd(price)) = &market
            && !instances::is_price(price)
        {
            return Err(format!("the BidPrice '{price}' is no price such as 0.42"));
        }
        Ok(InstanceGroup {
            role: self.instance_role,
            name: self.name,
            instance_type: type_name(self.instance_type)?,
            count: self.instance_count,
            market,
            ebs: ebs(self.ebs_configuration)?,
            setup: setup(self.configurations.as_ref(), self.custom_ami_id)?,
            scaling: self.auto_scaling_policy.map(scaling).transpose()?,
        })
    }
}

/// A policy of automatic scaling, of which EMR judges all but whether its parts are there.
fn scaling(mut policy: Value) -> Result<Value, String> {
    request_types::set("AutoScalingPolicy", &mut policy);
    let limit = |name: &str| policy["Constraints"][name].as_u64();
    match (limit("MinCapacity"), limit("MaxCapacity")) {
        (Some(least), Some(most)) if least <= most && policy["Rules"].is_array() => Ok(policy),
        _ => Err("its AutoScalingPolicy has no Constraints with MinCapacity and MaxCapacity, or no Rules".to_owned()),
    }
}
