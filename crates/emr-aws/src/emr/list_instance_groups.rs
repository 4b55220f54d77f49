//! `ListInstanceGroups`: the instance groups of a cluster.

use aws_sdk_emr::types as sdk;
use emr_core::error::{Error, Result};
use emr_core::model::id::JobFlowId;
use emr_core::model::instances::Market;
use emr_core::pool::{Lot, Offer, Units};

use super::Emr;
use crate::call::Repeat;
use crate::convert;

impl Emr {
    /// What the instance groups of `job_flow` offer.
    pub(super) async fn instance_groups(&self, job_flow: &JobFlowId) -> Result<Offer> {
        Ok(Offer { lots: self.each_group(job_flow, lot).await? })
    }

    /// Converts each instance group of `job_flow` by `convert`. EMR refuses the call for a cluster with fleets.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_ListInstanceGroups.html>
    pub(super) async fn each_group<T>(
        &self,
        job_flow: &JobFlowId,
        convert: impl Fn(&sdk::InstanceGroup) -> Result<T>,
    ) -> Result<Vec<T>> {
        Self::every_page("ListInstanceGroups", async |marker| {
            let request = self.sdk(job_flow).list_instance_groups().cluster_id(job_flow.as_str()).set_marker(marker);
            let answer = self
                .caller(job_flow)
                .call("ListInstanceGroups", Repeat::Harmless, || request.clone().send())
                .await
                .map_err(|failure| Error::from(failure).on(job_flow))?;
            let all = answer.instance_groups().iter().map(&convert).collect::<Result<_>>()?;
            Ok((all, answer.marker().map(str::to_owned)))
        })
        .await
    }
}

fn lot(group: &sdk::InstanceGroup) -> Result<Lot> {
    let role = convert::role(group.instance_group_type().map(sdk::InstanceGroupType::as_str))?;
    let is_spot = group.market() == Some(&sdk::MarketType::Spot) || group.bid_price().is_some();
    let market = if is_spot { Market::Spot(convert::bid(group.bid_price(), None)) } else { Market::OnDemand };
    let units = Units {
        requested: convert::count(group.requested_instance_count()).unwrap_or(0),
        running: convert::count(group.running_instance_count()),
    };
    let ebs = convert::volumes(group.ebs_block_devices(), group.ebs_optimized());
    Ok(Lot::group(role, group.instance_type().unwrap_or_default().to_owned(), &market, ebs, units))
}

#[cfg(test)]
mod tests {
    use super::*;
    use emr_core::model::bid::Bid;
    use emr_core::model::instances::{Ebs, Role, Volume};

    fn group(market: sdk::MarketType) -> sdk::builders::InstanceGroupBuilder {
        let group = sdk::InstanceGroup::builder().instance_group_type("CORE".into()).instance_type("m5.xlarge");
        group.market(market).requested_instance_count(10)
    }

    #[test]
    fn a_spot_group_may_lack_a_bid_and_a_running_count() {
        let spot = lot(&group(sdk::MarketType::Spot).build()).unwrap();
        assert_eq!((spot.role, &spot.kinds[0].bid), (Role::Core, &Bid::OnDemandPrice));
        assert_eq!((spot.spot, spot.on_demand), (Units { requested: 10, running: None }, Units::all(0)));
        let bid = lot(&group(sdk::MarketType::Spot).bid_price("0.40").build()).unwrap();
        assert_eq!(bid.kinds[0].bid, Bid::Usd("0.40".to_owned()));
    }

    #[test]
    fn an_on_demand_group_is_read_with_its_volumes() {
        let specification = sdk::VolumeSpecification::builder().volume_type("gp3").size_in_gb(100).iops(3000).build();
        let device = sdk::EbsBlockDevice::builder().volume_specification(specification).device("/dev/sdb").build();
        let group = group(sdk::MarketType::OnDemand).running_instance_count(4).ebs_block_devices(device).build();
        let volume = Volume { volume_type: "gp3".to_owned(), size_gib: 100, iops: Some(3000), throughput: None };
        let ebs = Ebs { volumes: vec![volume], optimized: None };
        let units = Units { requested: 10, running: Some(4) };
        assert_eq!(lot(&group).unwrap(), Lot::group(Role::Core, "m5.xlarge".to_owned(), &Market::OnDemand, ebs, units));
    }

    #[test]
    fn an_unknown_role_is_an_error() {
        let group = sdk::InstanceGroup::builder().instance_group_type("SPARE".into()).build();
        assert!(lot(&group).unwrap_err().to_string().contains("'SPARE'"));
    }
}
