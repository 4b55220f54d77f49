//! `DescribeCluster`.

use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::model::timestamp::Timestamp;
use crate::emr::request::ClusterRequest;

pub(super) fn answer(account: &Account, request: &ClusterRequest, now: Timestamp) -> Result<Value, Error> {
    let cluster = account.find(&request.cluster_id)?;
    Ok(json!({ "Cluster": cluster.describe(now) }))
}
