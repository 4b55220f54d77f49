//! `ListClusters`: 50 clusters a page, unsorted.

use aws_sdk_emr::types as sdk;
use chrono::{DateTime, Utc};
use emr_core::error::{CallError, Result};
use emr_core::model::cluster::{Cluster, ClusterState};

use super::{CLOCKS_APART, Emr};
use crate::call::Repeat;
use crate::convert;
use crate::paging::Paging;

/// Which clusters to list. EMR applies the filter, so each page holds only matches.
#[derive(Debug, Clone, Default)]
pub struct ClusterFilter {
    /// In one of these states; empty for any.
    pub states: Vec<ClusterState>,
    /// Created after this time.
    pub created_after: Option<DateTime<Utc>>,
    /// Created before this time.
    pub created_before: Option<DateTime<Utc>>,
}

/// The pages of a list, fetched one by one.
pub struct ClusterPages<'a> {
    emr: &'a Emr,
    filter: ClusterFilter,
    paging: Paging,
}

impl Emr {
    /// Lists clusters by `filter`.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_ListClusters.html>
    #[must_use]
    pub fn clusters(&self, filter: ClusterFilter) -> ClusterPages<'_> {
        ClusterPages { emr: self, filter, paging: Paging::default() }
    }

    /// Whether `cluster`, which was just created, is listed.
    pub async fn is_listed(&self, cluster: &Cluster) -> Result<bool> {
        let created_after = Some(cluster.created_at.unwrap_or(self.now()) - CLOCKS_APART);
        let mut pages = self.clusters(ClusterFilter { created_after, ..Default::default() });
        while let Some(page) = pages.next().await? {
            if page.iter().any(|listed| listed.id == cluster.id) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl ClusterPages<'_> {
    /// Fetches the next page; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<Cluster>>> {
        if self.paging.is_done() {
            return Ok(None);
        }
        let states = self.filter.states.iter().map(|state| sdk::ClusterState::from(state.as_str())).collect::<Vec<_>>();
        let request = self
            .emr
            .home
            .sdk
            .list_clusters()
            .set_cluster_states((!states.is_empty()).then_some(states))
            .set_created_after(self.filter.created_after.map(time))
            .set_created_before(self.filter.created_before.map(time))
            .set_marker(self.paging.marker());
        let answer = self.emr.home.caller.call("ListClusters", Repeat::Harmless, || request.clone().send()).await?;
        self.paging.turn("ListClusters", answer.marker())?;
        let clusters = answer.clusters().iter().map(|cluster| convert::cluster(cluster, &self.emr.home.place));
        let clusters = clusters.collect::<Result<_>>();
        clusters.map(Some).map_err(|error| CallError::strange("ListClusters", &error).into())
    }
}

fn time(time: DateTime<Utc>) -> aws_smithy_types::DateTime {
    aws_smithy_types::DateTime::from_secs(time.timestamp())
}
