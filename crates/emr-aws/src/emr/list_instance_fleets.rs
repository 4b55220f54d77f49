//! `ListInstanceFleets`: the instance fleets of a cluster.

use aws_sdk_emr::types as sdk;
use emr_core::error::{Error, Result};
use emr_core::model::id::JobFlowId;
use emr_core::pool::{InstanceKind, Lot, Offer, Units};

use super::Emr;
use crate::call::Repeat;
use crate::convert;

impl Emr {
    /// What the instance fleets of `job_flow` offer.
    pub(super) async fn instance_fleets(&self, job_flow: &JobFlowId) -> Result<Offer> {
        Ok(Offer { lots: self.each_fleet(job_flow, lot).await? })
    }

    /// Converts each instance fleet of `job_flow` by `convert`. EMR refuses the call for a cluster with groups.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_ListInstanceFleets.html>
    pub(super) async fn each_fleet<T>(
        &self,
        job_flow: &JobFlowId,
        convert: impl Fn(&sdk::InstanceFleet) -> Result<T>,
    ) -> Result<Vec<T>> {
        Self::every_page("ListInstanceFleets", async |marker| {
            let request = self.sdk(job_flow).list_instance_fleets().cluster_id(job_flow.as_str()).set_marker(marker);
            let answer = self
                .caller(job_flow)
                .call("ListInstanceFleets", Repeat::Harmless, || request.clone().send())
                .await
                .map_err(|failure| Error::from(failure).on(job_flow))?;
            let all = answer.instance_fleets().iter().map(&convert).collect::<Result<_>>()?;
            Ok((all, answer.marker().map(str::to_owned)))
        })
        .await
    }
}

fn lot(fleet: &sdk::InstanceFleet) -> Result<Lot> {
    let units = |target, provisioned| Units {
        requested: convert::count(target).unwrap_or(0),
        running: convert::count(provisioned),
    };
    Ok(Lot {
        role: convert::role(fleet.instance_fleet_type().map(sdk::InstanceFleetType::as_str))?,
        kinds: fleet.instance_type_specifications().iter().map(kind).collect(),
        on_demand: units(fleet.target_on_demand_capacity(), fleet.provisioned_on_demand_capacity()),
        spot: units(fleet.target_spot_capacity(), fleet.provisioned_spot_capacity()),
    })
}

fn kind(specification: &sdk::InstanceTypeSpecification) -> InstanceKind {
    InstanceKind {
        instance_type: specification.instance_type().unwrap_or_default().to_owned(),
        weight: convert::count(specification.weighted_capacity()).unwrap_or(1).max(1),
        bid: convert::bid(specification.bid_price(), specification.bid_price_as_percentage_of_on_demand_price()),
        ebs: convert::volumes(specification.ebs_block_devices(), specification.ebs_optimized()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use emr_core::model::bid::Bid;
    use emr_core::model::instances::Role;

    #[test]
    fn a_fleet_is_read_with_its_target_and_provisioned_capacity() {
        let named = |name: &str| sdk::InstanceTypeSpecification::builder().instance_type(name);
        let fleet = sdk::InstanceFleet::builder()
            .instance_fleet_type("TASK".into())
            .target_spot_capacity(50)
            .provisioned_spot_capacity(1)
            .instance_type_specifications(named("m5.xlarge").bid_price_as_percentage_of_on_demand_price(50.0).build())
            .instance_type_specifications(named("m5.2xlarge").weighted_capacity(2).bid_price("0.2").build());
        let lot = lot(&fleet.build()).unwrap();
        assert_eq!((lot.role, lot.spot), (Role::Task, Units { requested: 50, running: Some(1) }));
        let kinds: Vec<_> = lot.kinds.iter().map(|kind| (kind.weight, kind.bid.clone())).collect();
        assert_eq!(kinds, [(1, Bid::Percent(50.0)), (2, Bid::Usd("0.2".to_owned()))]);
    }
}
