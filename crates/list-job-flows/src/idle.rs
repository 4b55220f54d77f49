//! The idle time of one job flow, and what else keeps it from being idle.

use emr_aws::Aws;
use emr_aws::emr::Look;
use emr_core::error::{Error, Result};
use emr_core::idle::{Busy, Class};
use emr_core::model::cluster::{Cluster, ClusterDetail, ClusterState};
use emr_core::model::record::JobFlowRecord;
use emr_core::pool::{self, locks};

use crate::minimum::{Keeps, Minimums};

/// The record of `cluster` with its idle time, and the error if that could not be determined and nobody has been told why.
pub(crate) async fn look(aws: &Aws, minimums: &Minimums<'_>, cluster: Cluster) -> (JobFlowRecord, Option<Error>) {
    let record = pool::record(cluster.clone());
    let look = match aws.emr.idleness(cluster, |_| false).await {
        Ok(look) => look,
        Err(error) => return (record, Some(error)),
    };
    let busy = match busy(aws, minimums, &look).await {
        Ok(busy) => busy,
        // Without `busy_because`, the number alone could make a script terminate it.
        Err(failure) => return (record, failure),
    };
    let free = is_free(&look, busy.as_ref()).filter(|_| record.pool_name.is_some());
    let idle_s = look.idleness.idle_s();
    (JobFlowRecord { idle_s, busy_because: busy.map(|busy| busy.word()), free, ..record }, None)
}

/// Whether a job of its pool could claim it; `None` if it has lost the tag that says where its claims are kept.
/// Protection, sessions and minimums keep no job away.
fn is_free(look: &Look, busy: Option<&Busy>) -> Option<bool> {
    let is_idle = look.cluster.state == ClusterState::Waiting && look.idleness.class == Class::Idle;
    if !is_idle || matches!(busy, Some(Busy::Claimed(_))) {
        return Some(false);
    }
    locks::of_tags(&look.detail.as_ref()?.tags).map(|_| true)
}

/// What keeps the job flow from being idle, even if its idle time is long. A claim goes before what else keeps it. Of an
/// error that has been told there is none.
async fn busy(aws: &Aws, minimums: &Minimums<'_>, look: &Look) -> std::result::Result<Option<Busy>, Option<Error>> {
    let works = Busy::of_class(look.idleness.class);
    let Some(detail) = look.detail.as_ref().filter(|_| works.is_none()) else { return Ok(works) };
    if let Some(busy) = claimed(aws, detail).await? {
        return Ok(Some(busy));
    }
    if let Some(busy) = aws.emr.busy(detail).await? {
        return Ok(Some(busy));
    }
    match minimums.keeps(detail).await {
        Keeps::Yes => Ok(Some(Busy::Minimum)),
        Keeps::No => Ok(None),
        Keeps::Unknown(error) => Err(error),
    }
}

/// Whether a job has claimed it, if it is in a pool.
async fn claimed(aws: &Aws, detail: &ClusterDetail) -> Result<Option<Busy>> {
    let Some(place) = locks::of_tags(&detail.tags) else { return Ok(None) };
    let uri = locks::of_job_flow(&place, &detail.cluster.id);
    Ok(Busy::of_lock(aws.s3.lock(&uri).look().await?.as_ref()))
}
