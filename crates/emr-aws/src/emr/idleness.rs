//! How long a cluster has been idle. Reads only as many pages of its steps as that needs.

use emr_core::error::Result;
use emr_core::idle::{Activity, Busy, Idleness};
use emr_core::model::cluster::{Cluster, ClusterDetail};
use tokio::time::Instant;

use super::Emr;

/// What one look at a cluster found.
#[derive(Debug)]
pub struct Look {
    /// The cluster, from its description or else from the list.
    pub cluster: Cluster,
    /// Its class and idle time.
    pub idleness: Idleness,
    /// Its description; only a cluster that may be idle is described.
    pub detail: Option<ClusterDetail>,
    /// When its newest steps were requested.
    pub as_of: Instant,
}

impl Emr {
    /// Looks at `cluster`, which comes from a list.
    ///
    /// Reads its steps page by page, newest first, until its idle time is exact or `is_enough` accepts the upper bound
    /// so far. One page is exact unless steps run concurrently or are pending: see [`Activity::tells_all`]. A cluster
    /// that may be idle is described, which gives its step concurrency.
    pub async fn idleness(&self, cluster: Cluster, is_enough: impl Fn(&Look) -> bool) -> Result<Look> {
        let id = cluster.id.clone();
        let mut activity = Activity::default();
        let idleness = Idleness::of(&cluster, &activity, self.now());
        let mut look = Look { cluster, idleness, detail: None, as_of: Instant::now() };
        if !look.idleness.class.is_up() {
            return Ok(look.exact());
        }
        let mut pages = self.steps(&id);
        while let Some(steps) = pages.next().await? {
            activity.note(&steps);
            look.idleness = Idleness::of(&look.cluster, &activity, self.now());
            if activity.runs() || is_enough(&look) {
                return Ok(look);
            }
            if look.detail.is_none() {
                let detail = self.describe_cluster(&id).await?;
                look.cluster = detail.cluster.clone();
                look.idleness = Idleness::of(&look.cluster, &activity, self.now());
                look.detail = Some(detail);
                if is_enough(&look) {
                    return Ok(look);
                }
            }
            if look.detail.as_ref().is_some_and(|detail| activity.tells_all(detail.step_concurrency)) {
                break;
            }
        }
        Ok(look.exact())
    }

    /// Why the cluster that `detail` describes is busy, by its description and its sessions.
    pub async fn busy(&self, detail: &ClusterDetail) -> Result<Option<Busy>> {
        match Busy::of_description(detail, self.now()) {
            Some(busy) => Ok(Some(busy)),
            None => self.busy_in_session(detail).await,
        }
    }

    /// Whether an active session keeps the cluster that `detail` describes busy.
    pub async fn busy_in_session(&self, detail: &ClusterDetail) -> Result<Option<Busy>> {
        let has_one = detail.has_sessions && self.has_active_session(&detail.cluster.id).await?;
        Ok(has_one.then_some(Busy::Session))
    }
}

impl Look {
    fn exact(self) -> Self {
        Self { idleness: self.idleness.exact(), ..self }
    }
}
