//! `--print-config`: each option that counts, with its value and where that came from.
//!
//! The records are the ledger of what was looked up, so that no option can be forgotten; what the rules then made of the
//! options is entered here.

use clap::Args;
use emr_core::config::Config;
use emr_core::error::Result;
use emr_core::model::instances::{Bid, InstanceGroup, Instances, Market, Role};
use emr_core::model::job_flow::{JobFlow, Software};
use serde_json::Value;

use super::output::Output;
use crate::option_record::OptionRecord;

/// Whether only to print what was asked for.
#[derive(Debug, Clone, Args)]
pub struct PrintConfig {
    /// Print each option of the job flow with its value and where that came from, and send nothing
    #[arg(long = "print-config", conflicts_with = "dry_run")]
    pub wanted: bool,
}

/// Prints what `config` was asked for and what it answered, as records, with what `job_flow` made of it where there is
/// one.
pub fn print(config: &Config, job_flow: Option<&JobFlow>, output: &Output) -> Result<()> {
    if let Some(job_flow) = job_flow {
        settle(config, job_flow);
    }
    let mut printer = output.printer();
    for (option, entry) in config.ledger() {
        let source = entry.origins.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        printer.print(&OptionRecord { option: option.to_owned(), value: entry.value, source })?;
    }
    printer.finish()
}

/// Enters what `job_flow` came to where no source says it, or where a source says it that did not count.
fn settle(config: &Config, job_flow: &JobFlow) {
    let text = |value: Option<&String>| value.map_or(Value::Null, |text| text.clone().into());
    config.settle("label", job_flow.name.as_str().into(), &[]);
    if let Some(marker) = &job_flow.pool {
        config.settle("emr_job_flow_pool_name", marker.pool_name.as_str().into(), &[]);
    }
    if let Software::Release { label, .. } = &job_flow.software {
        config.settle("release_label", label.as_str().into(), &["ami_version"]);
    }
    let configurations = serde_json::to_value(&job_flow.configurations).unwrap_or_default();
    config.settle("emr_configurations", configurations, &["emr_configurations"]);
    config.settle("s3_log_uri", text(job_flow.log_uri.as_ref()), &[]);
    config.settle("iam_instance_profile", job_flow.instance_profile.as_str().into(), &[]);
    config.settle("iam_service_role", job_flow.service_role.as_str().into(), &[]);
    config.settle("visible_to_all_users", job_flow.visible_to_all_users.into(), &[]);
    config.settle("termination_protected", job_flow.termination_protected.into(), &[]);
    if let Instances::Groups(groups) = &job_flow.instances {
        settle_groups(config, groups);
    }
}

/// The options of each role: how many, of which type, at which bid.
const ROLES: [(Role, &str, &str, &str); 3] = [
    (Role::Master, "", "ec2_master_instance_type", "ec2_master_instance_bid_price"),
    (Role::Core, "num_ec2_core_instances", "ec2_core_instance_type", "ec2_core_instance_bid_price"),
    (Role::Task, "num_ec2_task_instances", "ec2_task_instance_type", "ec2_task_instance_bid_price"),
];

/// The options that a type may come from that is not said for its role.
const TYPES: [&str; 2] = ["ec2_instance_type", "ec2_core_instance_type"];

fn settle_groups(config: &Config, groups: &[InstanceGroup]) {
    let total: u32 = groups.iter().map(|group| group.count).sum();
    config.settle("num_ec2_instances", total.into(), &["num_ec2_core_instances", "num_ec2_task_instances"]);
    for (role, count, instance_type, bid) in ROLES {
        let mut of_role = groups.iter().filter(|group| group.role == role);
        let Some(group) = of_role.next() else {
            config.settle(count, 0.into(), &["num_ec2_instances"]);
            continue;
        };
        let number: u32 = group.count + of_role.map(|group| group.count).sum::<u32>();
        config.settle(count, number.into(), &["num_ec2_instances"]);
        let name = Value::from(group.instance_type.as_str());
        let ledger = config.ledger();
        let mut same = if role == Role::Task { TYPES.to_vec() } else { TYPES[..1].to_vec() };
        same.retain(|other| ledger.get(other).is_some_and(|entry| entry.value == name));
        config.settle(instance_type, name, &same);
        let price = if let Market::Spot(Bid::Usd(price)) = &group.market { price.as_str().into() } else { Value::Null };
        config.settle(bid, price, &[]);
    }
}
