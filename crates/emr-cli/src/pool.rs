//! The options that say which pool, for whatever starts a pooled job flow or looks for one.

use clap::Args;
use emr_core::config::Config;
use emr_core::error::Result;
use emr_core::model::pool::PoolName;

use crate::setting::{either, flag};

const HEADING: &str = "Pool";

/// Whether to use a pool, and which.
#[derive(Debug, Clone, Args)]
pub struct Pooling {
    /// Put it into a pool, for jobs to share
    #[arg(long, visible_alias = "pool-clusters", overrides_with = "no_pool_emr_job_flows", help_heading = HEADING)]
    pool_emr_job_flows: bool,

    /// Put it into no pool, whatever mrjob.conf says
    #[arg(long, visible_alias = "no-pool-clusters", help_heading = HEADING)]
    no_pool_emr_job_flows: bool,

    /// Name of the pool, any text [default: default]
    #[arg(long, visible_alias = "emr-job-flow-pool-name", value_name = "NAME", help_heading = HEADING)]
    pool_name: Option<PoolName>,
}

impl Pooling {
    /// The pool that these options and `config` ask for, where they ask for one.
    pub fn wanted(&self, config: &Config) -> Result<Option<PoolName>> {
        let typed = (self.pool_emr_job_flows, self.no_pool_emr_job_flows);
        if flag(typed, config, "pool_emr_job_flows")? == Some(true) {
            return self.name(config).map(Some);
        }
        if self.pool_name.is_some() {
            log::warn!("--pool-name has no effect without --pool-emr-job-flows");
        }
        Ok(None)
    }

    /// The name of the pool.
    pub fn name(&self, config: &Config) -> Result<PoolName> {
        let typed = self.pool_name.as_ref().map(|name| name.as_str().to_owned());
        let name = either(typed.as_ref(), config, "emr_job_flow_pool_name")?;
        name.map_or_else(|| Ok(PoolName::default()), |name| name.parse())
    }
}
