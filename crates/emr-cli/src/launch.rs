//! The options that say what a job flow is to be, for whatever starts one or looks for one.

use clap::Args;
use emr_core::config::setting::{Setting, strength};
use emr_core::config::{Config, Origin};
use emr_core::error::{Error, Result};
use emr_core::launch::LaunchOptions;
use emr_core::launch::instances::InstanceOptions;
use serde_json::Value;

use crate::bootstrap::{self, Preparation};
use crate::extra_parameters::ExtraParameters;
use crate::self_termination::SelfTermination;
use crate::setting::{count, document, either, flag, nested, pairs, setting, whole};
use crate::software::Software;
use crate::tag;

const INSTANCES: &str = "Instances";
const CLUSTER: &str = "Job flow";

/// What a job flow is to be. Each option may also stand in `mrjob.conf`, with underscores for dashes.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own on the command line")]
pub struct Launch {
    /// Instances in all: one master, the others core instances
    #[arg(long, value_name = "N", value_parser = whole, help_heading = INSTANCES)]
    num_ec2_instances: Option<u32>,

    /// Core instances
    #[arg(long, visible_alias = "num-core-instances", value_name = "N", value_parser = whole, help_heading = INSTANCES)]
    num_ec2_core_instances: Option<u32>,

    /// Task instances
    #[arg(long, visible_alias = "num-task-instances", value_name = "N", value_parser = whole, help_heading = INSTANCES)]
    num_ec2_task_instances: Option<u32>,

    /// Type of the instances that run tasks, and of the master where it is alone
    #[arg(long, visible_alias = "instance-type", value_name = "TYPE", help_heading = INSTANCES)]
    ec2_instance_type: Option<String>,

    /// Type of the master
    #[arg(long, visible_alias = "master-instance-type", value_name = "TYPE", help_heading = INSTANCES)]
    ec2_master_instance_type: Option<String>,

    /// Type of the core instances
    #[arg(long, visible_aliases = ["core-instance-type", "ec2-slave-instance-type"], value_name = "TYPE",
        help_heading = INSTANCES)]
    ec2_core_instance_type: Option<String>,

    /// Type of the task instances [default: that of the core instances]
    #[arg(long, visible_alias = "task-instance-type", value_name = "TYPE", help_heading = INSTANCES)]
    ec2_task_instance_type: Option<String>,

    /// Spot bid for the master in US dollars an hour; 0 is on demand
    #[arg(long, visible_alias = "master-instance-bid-price", value_name = "USD", help_heading = INSTANCES)]
    ec2_master_instance_bid_price: Option<String>,

    /// Spot bid for each core instance
    #[arg(long, visible_alias = "core-instance-bid-price", value_name = "USD", help_heading = INSTANCES)]
    ec2_core_instance_bid_price: Option<String>,

    /// Spot bid for each task instance
    #[arg(long, visible_alias = "task-instance-bid-price", value_name = "USD", help_heading = INSTANCES)]
    ec2_task_instance_bid_price: Option<String>,

    /// Instance groups, a list as `RunJobFlow` takes it, instead of the options above
    #[arg(long, value_name = "JSON", help_heading = INSTANCES)]
    instance_groups: Option<String>,

    /// Instance fleets, a list as `RunJobFlow` takes it, instead of the options above
    #[arg(long, value_name = "JSON", help_heading = INSTANCES)]
    instance_fleets: Option<String>,

    #[command(flatten)]
    software: Software,

    /// Name; a run id is added to it [default: job-flow.OWNER]
    #[arg(long, value_name = "NAME", help_heading = CLUSTER)]
    name: Option<String>,

    /// EC2 key pair for SSH
    #[arg(long, value_name = "NAME", help_heading = CLUSTER)]
    ec2_key_pair: Option<String>,

    /// Subnet, or for instance fleets several, separated by commas
    #[arg(long, visible_alias = "subnets", value_name = "ID", help_heading = CLUSTER)]
    subnet: Option<String>,

    /// Availability zone
    #[arg(long, visible_alias = "zone", value_name = "ZONE", conflicts_with = "subnet", help_heading = CLUSTER)]
    aws_availability_zone: Option<String>,

    /// Instance profile of the instances [default: EMR_EC2_DefaultRole]
    #[arg(long, visible_alias = "iam-job-flow-role", value_name = "NAME", help_heading = CLUSTER)]
    iam_instance_profile: Option<String>,

    /// Role that EMR takes on [default: EMR_DefaultRole]
    #[arg(long, value_name = "NAME", help_heading = CLUSTER)]
    iam_service_role: Option<String>,

    /// Where EMR copies logs [default: logs/ below the scratch URI]
    #[arg(long, visible_alias = "log-uri", value_name = "S3_URI", help_heading = CLUSTER)]
    s3_log_uri: Option<String>,

    /// Where the tools put files
    #[arg(long, value_name = "S3_URI", help_heading = CLUSTER)]
    s3_scratch_uri: Option<String>,

    /// Tag; may be repeated
    #[arg(long = "tag", visible_alias = "emr-tag", value_name = "KEY=VALUE", value_parser = tag::pair,
        help_heading = CLUSTER)]
    tags: Vec<(String, String)>,

    /// Show it to the whole account (what EMR does today in any case)
    #[arg(long, overrides_with = "no_visible_to_all_users", help_heading = CLUSTER)]
    visible_to_all_users: bool,

    /// Show it to the caller alone, where EMR still can
    #[arg(long, help_heading = CLUSTER)]
    no_visible_to_all_users: bool,

    /// Refuse to terminate it until the protection is lifted
    #[arg(long, overrides_with = "no_termination_protected", help_heading = CLUSTER)]
    termination_protected: bool,

    /// Let it be terminated, whatever mrjob.conf says
    #[arg(long, help_heading = CLUSTER)]
    no_termination_protected: bool,

    /// Steps that may run at once (1 to 256; EMR 5.28 and later)
    #[arg(long, visible_alias = "step-concurrency", value_name = "N", value_parser = whole, help_heading = CLUSTER)]
    max_concurrent_steps: Option<u32>,

    #[command(flatten)]
    bootstrap: Preparation,

    #[command(flatten)]
    idle: SelfTermination,

    /// JSON for features of EMR that have no option of their own
    #[arg(long, value_name = "JSON", help_heading = CLUSTER)]
    additional_emr_info: Option<String>,

    #[command(flatten)]
    extra: ExtraParameters,
}

/// What a job flow is to be, before the files that prepare its nodes are read.
pub struct Wanted {
    options: LaunchOptions,
    bootstrap: bootstrap::Wanted,
}

impl Wanted {
    /// Reads the files.
    pub fn read(self, config: &Config) -> Result<LaunchOptions> {
        Ok(LaunchOptions { bootstrap: self.bootstrap.read(config)?, ..self.options })
    }
}

impl Launch {
    /// These options, with what `config` adds to them.
    pub fn look_up(&self, config: &Config) -> Result<Wanted> {
        let tags = pairs(&self.tags, config, "emr_tags")?;
        let subnet = nested(self.subnet.as_ref(), config, "subnet")?;
        let zone = setting(self.aws_availability_zone.as_ref(), config, "aws_availability_zone")?;
        // Of the two, which exclude each other, the one from the stronger source counts, and of equals the subnet.
        let by_zone = strength(zone.as_ref()) > strength(subnet.as_ref());
        config.withdraw(if by_zone { "subnet" } else { "aws_availability_zone" });
        let options = LaunchOptions {
            name: either(self.name.as_ref(), config, "label")?,
            owner: owner(config)?,
            instances: self.instances(config)?,
            log_uri: either(self.s3_log_uri.as_ref(), config, "s3_log_uri")?,
            scratch_uri: either(self.s3_scratch_uri.as_ref(), config, "s3_scratch_uri")?,
            key_pair: either(self.ec2_key_pair.as_ref(), config, "ec2_key_pair")?,
            subnets: subnet.filter(|_| !by_zone).map(subnets).transpose()?.unwrap_or_default(),
            zone: zone.filter(|_| by_zone).map(|zone| zone.value),
            instance_profile: either(self.iam_instance_profile.as_ref(), config, "iam_instance_profile")?,
            service_role: either(self.iam_service_role.as_ref(), config, "iam_service_role")?,
            visible_to_all_users: flag(
                (self.visible_to_all_users, self.no_visible_to_all_users),
                config,
                "visible_to_all_users",
            )?,
            termination_protected: flag(
                (self.termination_protected, self.no_termination_protected),
                config,
                "termination_protected",
            )?
            .unwrap_or(false),
            step_concurrency: count(self.max_concurrent_steps, config, "max_concurrent_steps")?.map(|set| set.value),
            idle: self.idle.limits(config)?,
            tags,
            additional_info: self.additional_info(config)?,
            extra: self.extra.named(config)?,
            ..self.software.options(config)?
        };
        Ok(Wanted { options, bootstrap: self.bootstrap.look_up(config)? })
    }

    fn instances(&self, config: &Config) -> Result<InstanceOptions> {
        let text = |typed: &Option<String>, option| setting(typed.as_ref(), config, option);
        let options = InstanceOptions {
            total: count(self.num_ec2_instances, config, "num_ec2_instances")?,
            core: count(self.num_ec2_core_instances, config, "num_ec2_core_instances")?,
            task: count(self.num_ec2_task_instances, config, "num_ec2_task_instances")?,
            general_type: text(&self.ec2_instance_type, "ec2_instance_type")?,
            master_type: text(&self.ec2_master_instance_type, "ec2_master_instance_type")?,
            core_type: text(&self.ec2_core_instance_type, "ec2_core_instance_type")?,
            task_type: text(&self.ec2_task_instance_type, "ec2_task_instance_type")?,
            master_bid: text(&self.ec2_master_instance_bid_price, "ec2_master_instance_bid_price")?,
            core_bid: text(&self.ec2_core_instance_bid_price, "ec2_core_instance_bid_price")?,
            task_bid: text(&self.ec2_task_instance_bid_price, "ec2_task_instance_bid_price")?,
            groups: nested(self.instance_groups.as_ref(), config, "instance_groups")?,
            fleets: nested(self.instance_fleets.as_ref(), config, "instance_fleets")?,
        };
        // Of lists and simple options those count that come from the strongest source.
        if !options.is_listed() {
            config.withdraw("instance_groups");
            config.withdraw("instance_fleets");
        } else if strength(options.groups.as_ref()) < strength(options.fleets.as_ref()) {
            config.withdraw("instance_groups");
        } else if strength(options.fleets.as_ref()) < strength(options.groups.as_ref()) {
            config.withdraw("instance_fleets");
        }
        Ok(options)
    }

    /// The JSON of EMR's own features: text, or in a file a mapping, too.
    fn additional_info(&self, config: &Config) -> Result<Option<String>> {
        let Some(info) = document(self.additional_emr_info.as_ref(), config, "additional_emr_info")? else {
            return Ok(None);
        };
        let Value::String(text) = info.value else { return Ok(Some(info.value.to_string())) };
        serde_json::from_str::<Value>(&text)
            .map_err(|cause| Error::usage(format!("additional_emr_info is not JSON: {cause}")))?;
        Ok(Some(text))
    }
}

/// Subnets as a list, or in one text, separated by commas.
fn subnets(setting: Setting<Value>) -> Result<Vec<String>> {
    let wrong = || Error::config("subnet is neither a subnet nor a list of subnets");
    match setting.value {
        Value::String(text) => {
            Ok(text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect())
        }
        Value::Array(ids) => ids.iter().map(|id| id.as_str().map(str::to_owned).ok_or_else(wrong)).collect(),
        _ => Err(wrong()),
    }
}

/// Who runs the tool, for the default name.
fn owner(config: &Config) -> Result<Option<String>> {
    let configured = either(None, config, "owner")?;
    Ok(configured.or_else(|| {
        let (name, user) = ["USER", "LOGNAME"].iter().find_map(|name| Some((*name, std::env::var(name).ok()?)))?;
        config.enter("owner", user.as_str(), Origin::Environment(name));
        Some(user)
    }))
}
