//! Looks up the options of a job flow to start.

use serde_json::Value;

use super::bootstrap::BootstrapOptions;
use super::extra_parameters;
use super::instances::InstanceOptions;
use super::self_termination::IdleLimits;
use super::software::SoftwareOptions;
use crate::config::setting::{strength, value};
use crate::config::{Config, Decisions, Setting, options};
use crate::error::Result;
use crate::model::pool::PoolName;

/// All options of a job flow. Values that can be wrong keep their source, so that an error can name it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LaunchOptions {
    /// Its Name; by default made from `owner`.
    pub name: Option<Setting<String>>,
    /// Who starts it.
    pub owner: Option<Setting<String>>,
    /// Its instances.
    pub instances: InstanceOptions,
    /// Its software.
    pub software: SoftwareOptions,
    /// Configurations for `RunJobFlow`, or their text, lowest precedence first.
    pub configurations: Vec<Setting<Value>>,
    /// Image (AMI) of its instances.
    pub custom_image: Option<Setting<String>>,
    /// Root volume of each instance.
    pub root_volume: VolumeOptions,
    /// Security configuration, by name.
    pub security_configuration: Option<Setting<String>>,
    /// Whether EMR indexes its logs.
    pub has_debugging: bool,
    /// Where EMR copies logs; by default below `scratch_uri`.
    pub log_uri: Option<Setting<String>>,
    /// The folder on S3 for the tools' files.
    pub scratch_uri: Option<Setting<String>>,
    /// EC2 key pair.
    pub key_pair: Option<String>,
    /// Subnets; EMR chooses among several.
    pub subnets: Option<Setting<Vec<String>>>,
    /// Availability zone.
    pub zone: Option<String>,
    /// Instance profile.
    pub instance_profile: Option<String>,
    /// Service role.
    pub service_role: Option<String>,
    /// Whether the account sees it.
    pub visible_to_all_users: Option<bool>,
    /// Whether it refuses to be terminated.
    pub termination_protected: Option<bool>,
    /// Whether it ends with its last step.
    pub auto_terminate: Option<Setting<bool>>,
    /// Its step concurrency.
    pub step_concurrency: Option<Setting<u32>>,
    /// How its nodes are prepared.
    pub bootstrap: BootstrapOptions,
    /// When it ends itself for idleness.
    pub idle: IdleLimits,
    /// Tags, by key.
    pub tags: Vec<(String, Setting<String>)>,
    /// JSON for EMR's own features.
    pub additional_info: Option<String>,
    /// Parameters of `RunJobFlow` by name, laid over the request in this order.
    pub extra: Vec<(String, Setting<Value>)>,
    /// Its pool; `None` for a job flow that is not pooled.
    pub pool: Option<PoolName>,
    /// Decisions of the look-up, such as which of two exclusive options counts.
    pub decisions: Decisions,
}

/// The options about the root volume of each instance.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VolumeOptions {
    /// Size in GiB.
    pub size_gib: Option<Setting<u32>>,
    /// I/O operations a second.
    pub iops: Option<Setting<u32>>,
    /// MiB a second.
    pub throughput: Option<Setting<u32>>,
}

impl LaunchOptions {
    /// Looks the options up, except the pool and bootstrapping, which needs local files.
    pub fn look_up(config: &Config) -> Result<Self> {
        let mut decisions = Decisions::default();
        let Place { subnets, zone } = Place::look_up(config, &mut decisions)?;
        let software = SoftwareOptions::look_up(config, &mut decisions)?;
        let auto_terminate = config.get(&options::AUTO_TERMINATE)?;
        decisions.note(&options::AUTO_TERMINATE, auto_terminate.as_ref().is_some_and(|ends| ends.value), None);
        Ok(Self {
            name: config.get(&options::LABEL)?,
            owner: owner(config, &mut decisions)?,
            instances: InstanceOptions::look_up(config, &mut decisions)?,
            configurations: software.configurations(config)?,
            custom_image: config.get(&options::IMAGE_ID)?.filter(|image| !image.value.is_empty()),
            root_volume: VolumeOptions {
                // mrjob's rule: 0 means EMR's default.
                size_gib: config.get(&options::EBS_ROOT_VOLUME_GB)?.filter(|size| size.value > 0),
                iops: config.get(&options::EBS_ROOT_VOLUME_IOPS)?,
                throughput: config.get(&options::EBS_ROOT_VOLUME_THROUGHPUT)?,
            },
            security_configuration: config.get(&options::SECURITY_CONFIGURATION)?,
            has_debugging: value(config.get(&options::ENABLE_EMR_DEBUGGING)?).unwrap_or(false),
            log_uri: config.get(&options::S3_LOG_URI)?,
            scratch_uri: config.get(&options::S3_SCRATCH_URI)?,
            key_pair: value(config.get(&options::EC2_KEY_PAIR)?),
            subnets,
            zone,
            instance_profile: value(config.get(&options::IAM_INSTANCE_PROFILE)?),
            service_role: value(config.get(&options::IAM_SERVICE_ROLE)?),
            visible_to_all_users: value(config.get(&options::VISIBLE_TO_ALL_USERS)?),
            termination_protected: value(config.get(&options::TERMINATION_PROTECTED)?),
            auto_terminate,
            step_concurrency: config.get(&options::MAX_CONCURRENT_STEPS)?,
            idle: IdleLimits::look_up(config, &mut decisions)?,
            tags: config.get(&options::EMR_TAGS)?,
            additional_info: additional_info(config)?,
            extra: extra_parameters::look_up(config)?,
            software,
            decisions,
            ..Default::default()
        })
    }
}

/// The owner of the job flow. In cron and containers no variable names the user, so the system is asked.
fn owner(config: &Config, decisions: &mut Decisions) -> Result<Option<Setting<String>>> {
    if let Some(owner) = config.get(&options::OWNER)? {
        return Ok(Some(owner));
    }
    let Some(user) = config.user() else { return Ok(None) };
    decisions.note(&options::OWNER, user.as_str(), None);
    Ok(Some(options::OWNER.by_default(user)))
}

/// The network location of a job flow.
#[derive(Default)]
struct Place {
    subnets: Option<Setting<Vec<String>>>,
    zone: Option<String>,
}

impl Place {
    /// Subnets and availability zone exclude each other. The one with higher precedence counts; in one source, the
    /// subnets.
    fn look_up(config: &Config, decisions: &mut Decisions) -> Result<Self> {
        let subnet = config.get(&options::SUBNET)?;
        let zone = config.get(&options::AWS_AVAILABILITY_ZONE)?;
        if strength(zone.as_ref()) > strength(subnet.as_ref()) {
            decisions.withdraw(&options::SUBNET);
            return Ok(Self { zone: value(zone), ..Default::default() });
        }
        decisions.withdraw(&options::AWS_AVAILABILITY_ZONE);
        Ok(Self { subnets: subnet.map(subnets).transpose()?, ..Default::default() })
    }
}

/// Parses subnets: a list, or text separated by commas.
fn subnets(setting: Setting<Value>) -> Result<Setting<Vec<String>>> {
    let ids = match &setting.value {
        Value::String(text) => {
            Some(text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect())
        }
        Value::Array(ids) => ids.iter().map(|id| id.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>(),
        _ => None,
    };
    let value = ids.ok_or_else(|| setting.wrong("is neither a subnet nor a list of subnets"))?;
    Ok(Setting { value, source: setting.source })
}

/// The JSON for EMR's own features: text, or in a file also a mapping.
fn additional_info(config: &Config) -> Result<Option<String>> {
    let Some(info) = config.get(&options::ADDITIONAL_EMR_INFO)? else { return Ok(None) };
    let Value::String(text) = &info.value else { return Ok(Some(info.value.to_string())) };
    serde_json::from_str::<Value>(text).map_err(|cause| info.wrong(format!("is not JSON: {cause}")))?;
    Ok(Some(text.clone()))
}
