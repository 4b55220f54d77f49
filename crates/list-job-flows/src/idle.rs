//! The idle time of one job flow, and what else keeps it from being idle.

use emr_aws::Aws;
use emr_aws::emr::Look;
use emr_core::error::{Error, Result};
use emr_core::idle::Busy;
use emr_core::model::cluster::{Cluster, ClusterDetail};
use emr_core::model::record::JobFlowRecord;
use emr_core::pool::{self, locks};

/// The record of `cluster` with its idle time, and the error if that could not be determined.
pub(crate) async fn look(aws: &Aws, cluster: Cluster) -> (JobFlowRecord, Option<Error>) {
    let record = pool::record(cluster.clone());
    let look = match aws.emr.idleness(cluster, |_| false).await {
        Ok(look) => look,
        Err(error) => return (record, Some(error)),
    };
    let (busy, failure) = match busy(aws, &look).await {
        Ok(busy) => (busy, None),
        Err(error) => (None, Some(error)),
    };
    // Without `busy_because`, the number alone could make a script terminate it.
    let idle_s = look.idleness.idle_s().filter(|_| failure.is_none());
    (JobFlowRecord { idle_s, busy_because: busy.map(|busy| busy.word()), ..record }, failure)
}

/// What keeps the job flow from being idle, even if its idle time is long.
async fn busy(aws: &Aws, look: &Look) -> Result<Option<Busy>> {
    let works = Busy::of_class(look.idleness.class);
    let Some(detail) = look.detail.as_ref().filter(|_| works.is_none()) else { return Ok(works) };
    match aws.emr.busy(detail).await? {
        Some(busy) => Ok(Some(busy)),
        None => claimed(aws, detail).await,
    }
}

/// Whether a job has claimed it, if it is in a pool.
async fn claimed(aws: &Aws, detail: &ClusterDetail) -> Result<Option<Busy>> {
    let Some(place) = locks::of_tags(&detail.tags) else { return Ok(None) };
    let uri = locks::of_job_flow(&place, &detail.cluster.id);
    Ok(Busy::of_lock(aws.s3.lock(&uri).look().await?.as_ref()))
}
