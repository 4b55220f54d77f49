//! The options that describe a job flow, for tools that start one or look for one.

use emr_core::config::{Config, Decisions, Offer, options as keys};
use emr_core::error::Result;
use emr_core::launch::bootstrap::BootstrapOptions;
use emr_core::launch::{self, LaunchOptions, Plan};
use emr_core::model::job_flow::JobFlow;
use emr_core::model::pool::PoolName;
use emr_core::setup::{Machine, packs_none};

use crate::effective::{self, PrintConfig};
use crate::options::{Group, Options};
use crate::{Output, local_file};

/// What describes a job flow. `mrjob.conf` may have each option, with underscores for dashes.
pub type Launch = Options<LaunchGroup>;

/// The options of [`Launch`].
#[derive(Debug, Clone)]
pub struct LaunchGroup;

impl Group for LaunchGroup {
    const OFFERS: &'static [Offer] = &[
        keys::NUM_EC2_INSTANCES.offer(),
        keys::NUM_EC2_CORE_INSTANCES.offer(),
        keys::NUM_EC2_TASK_INSTANCES.offer(),
        keys::EC2_INSTANCE_TYPE.offer(),
        keys::EC2_MASTER_INSTANCE_TYPE.offer(),
        keys::EC2_CORE_INSTANCE_TYPE.offer(),
        keys::EC2_TASK_INSTANCE_TYPE.offer(),
        keys::EC2_MASTER_INSTANCE_BID_PRICE.offer(),
        keys::EC2_CORE_INSTANCE_BID_PRICE.offer(),
        keys::EC2_TASK_INSTANCE_BID_PRICE.offer(),
        keys::INSTANCE_GROUPS.offer(),
        keys::INSTANCE_FLEETS.offer(),
        keys::RELEASE_LABEL.offer(),
        keys::AMI_VERSION.offer(),
        keys::HADOOP_VERSION.offer(),
        keys::APPLICATIONS.offer(),
        keys::EMR_CONFIGURATIONS.offer(),
        keys::IMAGE_ID.offer(),
        keys::EBS_ROOT_VOLUME_GB.offer(),
        keys::EBS_ROOT_VOLUME_IOPS.offer(),
        keys::EBS_ROOT_VOLUME_THROUGHPUT.offer(),
        keys::SECURITY_CONFIGURATION.offer(),
        keys::ENABLE_EMR_DEBUGGING.offer(),
        keys::LABEL.offer(),
        keys::OWNER.offer(),
        keys::EC2_KEY_PAIR.offer(),
        keys::SUBNET.offer(),
        keys::AWS_AVAILABILITY_ZONE.offer(),
        keys::IAM_INSTANCE_PROFILE.offer(),
        keys::IAM_SERVICE_ROLE.offer(),
        keys::S3_LOG_URI.offer(),
        keys::S3_SCRATCH_URI.offer(),
        keys::EMR_TAGS.offer(),
        keys::VISIBLE_TO_ALL_USERS.offer(),
        keys::TERMINATION_PROTECTED.offer(),
        keys::MAX_CONCURRENT_STEPS.offer(),
        keys::BOOTSTRAP.offer(),
        keys::BOOTSTRAP_CMDS.offer(),
        keys::BOOTSTRAP_FILES.offer(),
        keys::BOOTSTRAP_SCRIPTS.offer(),
        keys::BOOTSTRAP_PYTHON_PACKAGES.offer(),
        keys::BOOTSTRAP_ACTIONS.offer(),
        keys::PYTHON_BIN.offer(),
        keys::BOOTSTRAP_PYTHON.offer(),
        keys::BOOTSTRAP_SPARK.offer(),
        keys::CORE_DUMPS.offer(),
        keys::MAX_HOURS_IDLE.offer(),
        keys::MAX_MINS_IDLE.offer(),
        keys::MINS_TO_END_OF_HOUR.offer(),
        keys::ADDITIONAL_EMR_INFO.offer(),
        keys::EXTRA_CLUSTER_PARAMS.offer(),
        keys::EMR_API_PARAMS.offer(),
        keys::NO_EMR_API_PARAMS.offer(),
    ];
}

/// Whether a job flow ends with its last step, for tools that start one.
pub type Ending = Options<EndingGroup>;

/// The options of [`Ending`].
#[derive(Debug, Clone)]
pub struct EndingGroup;

impl Group for EndingGroup {
    const OFFERS: &'static [Offer] = &[keys::AUTO_TERMINATE.offer()];
}

/// A job flow that the options ask for.
pub struct Planned {
    /// The options, from all sources.
    pub options: LaunchOptions,
    /// The job flow that they make.
    pub job_flow: JobFlow,
}

/// The job flow that `config` asks for, in the pool that `pool` finds there. Warns about what is doubtful. With
/// `--print-config` it prints the options instead, and returns `None`.
pub fn plan(
    config: &Config,
    pool: impl FnOnce(&Config, &mut Decisions) -> Result<Option<PoolName>>,
    print: &PrintConfig,
    output: &Output,
) -> Result<Option<Planned>> {
    let mut options = LaunchOptions::look_up(config)?;
    options.pool = pool(config, &mut options.decisions)?;
    let plan = with_files(config, &mut options);
    if print.wanted {
        // Options that make no valid job flow are printed as well: the user wants to know why.
        let decisions = plan.as_ref().map_or(&options.decisions, |plan| &plan.decisions);
        effective::print(config, decisions, output)?;
        return plan.map(|_| None);
    }
    let Plan { job_flow, warnings, .. } = plan?;
    for warning in warnings {
        crate::warn(&warning);
    }
    Ok(Some(Planned { options, job_flow }))
}

/// Adds the local files that `config` names to `options`, and makes the job flow.
fn with_files(config: &Config, options: &mut LaunchOptions) -> Result<Plan> {
    options.bootstrap = bootstrap(config)?;
    launch::job_flow(options)
}

/// What prepares the nodes, with the local files that `config` names.
fn bootstrap(config: &Config) -> Result<BootstrapOptions> {
    let machine = Machine { expand: &|path| config.expand(path), content: &local_file::content, pack: &packs_none };
    BootstrapOptions::look_up(config, &machine)
}
