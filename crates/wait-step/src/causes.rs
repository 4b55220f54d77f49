//! Why steps failed, as their logs tell: found within a bound, or not at all.

use std::time::Duration;

use emr_aws::Aws;
use emr_cli::{Ssh, logs};
use emr_core::config::Config;
use emr_core::error::Result;
use emr_core::model::cause::Cause;
use emr_core::model::id::JobFlowId;
use emr_core::model::step::Step;
use emr_logs::Logs;
use tokio::time::timeout;

/// Nobody waits longer than this for a cause.
const LIMIT: Duration = Duration::from_secs(20);

/// Where causes are looked for.
pub(crate) struct Causes<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) ssh: &'a Ssh,
    pub(crate) config: &'a Config,
}

impl Causes<'_> {
    /// The probable cause of the failure of `step`, which is told; that there is none to be found is a detail.
    pub(crate) async fn of(&self, job_flow: &JobFlowId, step: &Step) -> Option<Cause> {
        let id = &step.id;
        let why_not = match timeout(LIMIT, Box::pin(self.find(job_flow, step))).await {
            Ok(Ok(Some(cause))) => {
                emr_cli::complain(&format!("probable cause of the failure of {id}: {cause}"));
                return Some(cause);
            }
            Ok(Ok(None)) => "there is none in its logs, or they are not on S3 yet".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("it was not found within {} s", LIMIT.as_secs()),
        };
        let later = format!("fetch-logs --cause --wait-minutes 10 --emr-job-flow-id {job_flow} {id}");
        emr_cli::detail(&format!("no probable cause of the failure of {id}: {why_not}; try '{later}'"));
        None
    }

    async fn find(&self, job_flow: &JobFlowId, step: &Step) -> Result<Option<Cause>> {
        let cluster = Box::pin(self.aws.emr.describe_cluster(job_flow)).await?;
        let session = Box::pin(logs::session(self.aws, &cluster, self.ssh, self.config)).await?;
        let logs = Logs::of(self.aws, &cluster, step.log_uri.as_deref(), session.as_ref())?;
        Ok(logs.cause_of_step(&step.id).await?.cause)
    }
}
