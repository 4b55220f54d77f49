//! `ListBootstrapActions`.

use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::page::with_marker;
use crate::emr::request::ClusterListRequest;

pub(super) fn answer(account: &Account, request: &ClusterListRequest) -> Result<Value, Error> {
    let cluster = account.find(&request.cluster_id)?;
    let (page, marker) = request.marker.page(&cluster.bootstrap_actions, |_| true);
    Ok(with_marker(json!({ "BootstrapActions": page }), marker))
}
