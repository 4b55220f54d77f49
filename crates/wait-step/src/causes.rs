//! Why steps failed: what their logs tell, found within a bound or not at all, or else what EMR says of their job flow.

use std::time::Duration;

use emr_aws::Aws;
use emr_cli::{Commands, Ssh, logs};
use emr_core::config::Config;
use emr_core::diagnose::failure_of;
use emr_core::error::Result;
use emr_core::model::cause::Cause;
use emr_core::model::id::JobFlowId;
use emr_core::model::step::Step;
use emr_logs::{Diagnosis, Logs};
use tokio::time::timeout;

/// Time limit of the search for a cause.
const LIMIT: Duration = Duration::from_secs(20);

/// Why a step failed, as far as that was found.
#[derive(Debug, Default)]
pub(crate) struct Why {
    pub(crate) cause: Option<Cause>,
    /// The exit code of the step's program.
    pub(crate) exit_code: Option<i32>,
}

/// Where causes are looked for.
pub(crate) struct Causes<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) ssh: &'a Ssh,
    pub(crate) config: &'a Config,
    pub(crate) commands: &'a Commands,
}

impl Causes<'_> {
    /// The probable cause of the failure of `step`, which is reported, and its exit code. That there is no cause to be
    /// found is a detail.
    pub(crate) async fn of(&self, job_flow: &JobFlowId, step: &Step) -> Why {
        let id = &step.id;
        let mut why = Why::default();
        let why_not = match timeout(LIMIT, Box::pin(self.find(job_flow, step))).await {
            Ok(Ok(Diagnosis { cause: Some(cause), exit_code, .. })) => {
                emr_cli::complain(&format!("probable cause of the failure of {id}: {cause}"));
                return Why { cause: Some(cause), exit_code };
            }
            Ok(Ok(Diagnosis { exit_code, .. })) => {
                why.exit_code = exit_code;
                "there is none in its logs, or they are not on S3 yet".to_owned()
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("it was not found within {} s", LIMIT.as_secs()),
        };
        let of_job_flow = ["--emr-job-flow-id", job_flow.as_str(), id.as_str()];
        let later = [&["fetch-logs", "--cause", "--wait-minutes", "10"][..], &of_job_flow].concat();
        let later = self.commands.at(&later, self.aws.emr.place(job_flow));
        emr_cli::detail(&format!("no probable cause of the failure of {id}: {why_not}; try '{later}'"));
        why
    }

    async fn find(&self, job_flow: &JobFlowId, step: &Step) -> Result<Diagnosis> {
        let cluster = Box::pin(self.aws.emr.describe_cluster(job_flow)).await?;
        let failure = failure_of(&cluster.cluster);
        let read = async {
            let session = Box::pin(logs::session(self.aws, &cluster, self.ssh, self.config)).await?;
            let logs = Logs::of(self.aws, &cluster, step.log_uri.as_deref(), session.as_ref())?;
            logs.cause_of_step(&step.id).await
        };
        match read.await {
            Err(error) if failure.is_none() => Err(error),
            read => {
                let diagnosis = read.unwrap_or_default();
                Ok(Diagnosis { cause: diagnosis.cause.or(failure), ..diagnosis })
            }
        }
    }
}
