//! The options that name a pool, for tools that start a pooled job flow or look for one.

use emr_core::config::options::{EMR_JOB_FLOW_POOL_NAME, POOL_EMR_JOB_FLOWS};
use emr_core::config::setting::value;
use emr_core::config::{Config, Decisions, Offer};
use emr_core::error::Result;
use emr_core::model::pool::PoolName;

use crate::options::{Group, Options};

/// Whether to use a pool, and which.
pub type Pooling = Options<PoolingGroup>;

/// The options of [`Pooling`].
#[derive(Debug, Clone)]
pub struct PoolingGroup;

impl Group for PoolingGroup {
    const OFFERS: &'static [Offer] = &[POOL_EMR_JOB_FLOWS.offer(), EMR_JOB_FLOW_POOL_NAME.offer()];
}

/// The pool that `config` asks for, if it asks for one.
pub fn wanted(config: &Config, decisions: &mut Decisions) -> Result<Option<PoolName>> {
    if value(config.get(&POOL_EMR_JOB_FLOWS)?) == Some(true) {
        return name_of(config, decisions).map(Some);
    }
    if matches!(config.get(&EMR_JOB_FLOW_POOL_NAME), Ok(Some(name)) if name.is_typed()) {
        log::warn!("--pool-name has no effect without --pool-emr-job-flows");
    }
    decisions.leave_out(&EMR_JOB_FLOW_POOL_NAME);
    Ok(None)
}

/// The name of the pool, for a tool that is about pooled job flows only: it refuses `--no-pool-emr-job-flows`, which in a
/// file of the configuration is for `create-job-flow`.
pub fn name(config: &Config, decisions: &mut Decisions) -> Result<PoolName> {
    if let Ok(Some(pooled)) = config.get(&POOL_EMR_JOB_FLOWS)
        && pooled.is_typed()
        && !pooled.value
    {
        return Err(pooled.wrong("cannot be used with a tool that is about pools alone").advise("leave it out"));
    }
    decisions.leave_out(&POOL_EMR_JOB_FLOWS);
    name_of(config, decisions)
}

fn name_of(config: &Config, decisions: &mut Decisions) -> Result<PoolName> {
    let name = value(config.get(&EMR_JOB_FLOW_POOL_NAME)?).unwrap_or_default();
    decisions.note(&EMR_JOB_FLOW_POOL_NAME, name.as_str(), None);
    Ok(name)
}
