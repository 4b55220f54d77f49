//! The size of a job flow whose Name does not say it.

use emr_aws::Aws;
use emr_core::error::{Error, Result};
use emr_core::model::id::JobFlowId;
use emr_core::model::record::JobFlowRecord;
use emr_core::pool::{Size, sized};

/// `record` with the size from EMR, and the error if that fails. One that has ended has no size.
pub(crate) async fn look(aws: &Aws, record: JobFlowRecord) -> (JobFlowRecord, Option<Error>) {
    if record.instances.is_some() || record.state.has_ended() {
        return (record, None);
    }
    match size(aws, &record.job_flow_id).await {
        Ok(size) => (sized(record, size), None),
        Err(error) => (record, Some(error)),
    }
}

/// The size of the requested instances, with two calls: only the description says whether there are fleets.
async fn size(aws: &Aws, job_flow: &JobFlowId) -> Result<Option<Size>> {
    let detail = Box::pin(aws.emr.describe_cluster(job_flow)).await?;
    Ok(Size::of(&Box::pin(aws.emr.offer(job_flow, detail.has_fleets)).await?))
}
