//! `ListInstanceGroups`: what a cluster with instance groups has.

use aws_sdk_emr::types as sdk;

use super::{Emr, instances};
use crate::aws::call::Repeat;
use crate::aws::convert;
use crate::error::{Error, Result};
use crate::model::id::JobFlowId;
use crate::model::instances::Market;
use crate::policy::pool::{Lot, Offer, Units};

impl Emr {
    /// All instance groups of `job_flow`, which has no fleets: EMR refuses to list the groups of one that has.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_ListInstanceGroups.html>
    pub async fn instance_groups(&self, job_flow: &JobFlowId) -> Result<Offer> {
        let mut lots = Vec::new();
        let mut marker = None;
        loop {
            let request = self.sdk.list_instance_groups().cluster_id(job_flow.as_str()).set_marker(marker.clone());
            let answer = self
                .caller
                .call("ListInstanceGroups", Repeat::Harmless, || request.clone().send())
                .await
                .map_err(|failure| Error::from(failure).on(job_flow))?;
            for group in answer.instance_groups() {
                lots.push(lot(group)?);
            }
            marker = convert::next_page(answer.marker(), marker.as_deref())?;
            if marker.is_none() {
                return Ok(Offer { lots });
            }
        }
    }
}

fn lot(group: &sdk::InstanceGroup) -> Result<Lot> {
    let role = instances::role(group.instance_group_type().map(sdk::InstanceGroupType::as_str))?;
    let is_spot = group.market() == Some(&sdk::MarketType::Spot) || group.bid_price().is_some();
    let market = if is_spot { Market::Spot(instances::bid(group.bid_price(), None)) } else { Market::OnDemand };
    let units = Units {
        requested: instances::count(group.requested_instance_count()).unwrap_or(0),
        running: instances::count(group.running_instance_count()),
    };
    let ebs = instances::volumes(group.ebs_block_devices(), group.ebs_optimized());
    Ok(Lot::group(role, group.instance_type().unwrap_or_default().to_owned(), &market, ebs, units))
}
