//! `ListClusters`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::model::cluster::Cluster;
use crate::emr::model::status::ClusterState;
use crate::emr::model::timestamp::Timestamp;
use crate::emr::page::{Marker, with_marker};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListClusters {
    created_after: Option<Timestamp>,
    created_before: Option<Timestamp>,
    #[serde(default)]
    cluster_states: Vec<ClusterState>,
    #[serde(default)]
    marker: Marker,
}

impl ListClusters {
    fn matches(&self, cluster: &Cluster) -> bool {
        let states = &self.cluster_states;
        let created = cluster.created_at();
        (states.is_empty() || states.contains(&cluster.state()))
            && self.created_after.is_none_or(|after| created.is_some_and(|time| time > after))
            && self.created_before.is_none_or(|before| created.is_some_and(|time| time < before))
    }
}

pub(super) fn answer(account: &Account, request: &ListClusters, now: Timestamp) -> Value {
    let (page, marker) = request.marker.page_newest_first(account.clusters(), |cluster| request.matches(cluster));
    let summaries: Vec<_> = page.into_iter().map(|cluster| cluster.summary(now)).collect();
    with_marker(json!({ "Clusters": summaries }), marker)
}
