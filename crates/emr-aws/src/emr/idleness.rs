//! How long a cluster has been idle: as many pages of its steps as that takes, and no more.

use emr_core::error::Result;
use emr_core::idle::{Activity, Busy, Idleness};
use emr_core::model::cluster::{Cluster, ClusterDetail};
use tokio::time::Instant;

use super::Emr;

/// What was seen of a cluster.
#[derive(Debug)]
pub struct Look {
    /// The cluster as it was described, or else as it was listed.
    pub cluster: Cluster,
    /// What it does, and since when it does nothing.
    pub idleness: Idleness,
    /// Its description, which is asked for once it may be idle.
    pub detail: Option<ClusterDetail>,
    /// When its newest steps were asked for.
    pub as_of: Instant,
}

impl Emr {
    /// Looks at `cluster`, as a list showed it.
    ///
    /// Reads its steps page by page, the newest first, until its idle time is exact, or `is_enough` says that the upper
    /// bound reached so far will do. One page is exact unless steps run side by side or wait to begin: see
    /// [`Activity::tells_all`]. A cluster that may be idle is described, which tells how many steps run at once.
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

    /// What of its description and its sessions keeps the cluster that `detail` describes.
    pub async fn busy(&self, detail: &ClusterDetail) -> Result<Option<Busy>> {
        match Busy::of_description(detail, self.now()) {
            Some(busy) => Ok(Some(busy)),
            None => self.busy_in_session(detail).await,
        }
    }

    /// Whether a session keeps the cluster that `detail` describes.
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
