//! `ListInstanceGroups`.

use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::page::with_marker;
use crate::emr::request::ClusterListRequest;

pub(super) fn answer(account: &Account, request: &ClusterListRequest) -> Result<Value, Error> {
    let cluster = account.find(&request.cluster_id)?;
    if !cluster.instance_fleets.is_empty() {
        return Err(Error::invalid_request(
            "Instance fleets and instance groups are mutually exclusive. The EMR cluster \
             specified in the request uses instance fleets. The ListInstanceGroups request does \
             not support clusters that use instance fleets. Use the ListInstanceFleets request \
             instead.",
        ));
    }
    let (page, marker) = request.marker.page(&cluster.instance_groups, |_| true);
    Ok(with_marker(json!({ "InstanceGroups": page }), marker))
}
