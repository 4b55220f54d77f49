//! The options that say which software a job flow runs, and how it is set up.

use clap::Args;
use emr_core::config::Config;
use emr_core::config::setting::Setting;
use emr_core::error::Result;
use emr_core::launch::LaunchOptions;
use emr_core::launch::software::SoftwareOptions;
use emr_core::model::job_flow::RootVolume;
use serde_json::Value;

use crate::setting::{count, either, flag, items, of_files, whole};

const SOFTWARE: &str = "Software";

/// Which software a job flow runs.
#[derive(Debug, Clone, Args)]
pub(super) struct Software {
    /// Release label, such as emr-7.14.0
    #[arg(long, value_name = "LABEL", help_heading = SOFTWARE)]
    release_label: Option<String>,

    /// AMI version 2 or 3, such as 3.11.0; a later one means the release label of that number
    #[arg(long, visible_alias = "image-version", value_name = "VERSION", help_heading = SOFTWARE)]
    ami_version: Option<String>,

    /// Hadoop version, with AMI version 2 or 3
    #[arg(long, value_name = "VERSION", help_heading = SOFTWARE)]
    hadoop_version: Option<String>,

    /// Application to install, with a release label; may be repeated
    #[arg(long, value_name = "NAME", help_heading = SOFTWARE)]
    application: Vec<String>,

    /// Applications to install, separated by commas
    #[arg(long, value_name = "A,B", value_delimiter = ',', help_heading = SOFTWARE)]
    applications: Vec<String>,

    /// Settings for an application, as `RunJobFlow` takes them (EMR 4 and later); may be repeated, and a later one of a
    /// classification replaces an earlier one
    #[arg(long, value_name = "JSON", help_heading = SOFTWARE)]
    emr_configuration: Vec<String>,

    /// Image (AMI) of the instances in place of EMR's own (EMR 5.7 and later)
    #[arg(long, value_name = "AMI", help_heading = SOFTWARE)]
    image_id: Option<String>,

    /// Size of each root volume in GiB; 0 is EMR's usual one
    #[arg(long, value_name = "GIB", value_parser = whole, help_heading = SOFTWARE)]
    ebs_root_volume_gb: Option<u32>,

    /// IOPS of each root volume (EMR 6.15 and later)
    #[arg(long, value_name = "N", value_parser = whole, help_heading = SOFTWARE)]
    ebs_root_volume_iops: Option<u32>,

    /// Throughput of each root volume in MiB a second (EMR 6.15 and later)
    #[arg(long, value_name = "N", value_parser = whole, help_heading = SOFTWARE)]
    ebs_root_volume_throughput: Option<u32>,

    /// Security configuration, by name (EMR 4.8 and later)
    #[arg(long, value_name = "NAME", help_heading = SOFTWARE)]
    security_configuration: Option<String>,

    /// Let EMR index its logs (EMR 4.1 to 5.27)
    #[arg(long, overrides_with = "disable_emr_debugging", help_heading = SOFTWARE)]
    enable_emr_debugging: bool,

    /// Do not let EMR index its logs, whatever mrjob.conf says
    #[arg(long, help_heading = SOFTWARE)]
    disable_emr_debugging: bool,
}

impl Software {
    /// These options, with what `config` adds to them. A release label or AMI version on the command line replaces all
    /// of what the configuration says of versions and applications that does not fit it.
    pub(super) fn options(&self, config: &Config) -> Result<LaunchOptions> {
        let typed = self.release_label.is_some() || self.ami_version.is_some();
        let mut software = self.versions(config, typed)?;
        let old = software.has_old_software()?;
        if self.hadoop_version.is_some() || old || !typed {
            software.hadoop_version = either(self.hadoop_version.as_ref(), config, "hadoop_version")?;
        }
        let configured = of_files(&self.emr_configuration[..], config, "emr_configurations", Config::json)?;
        software.applications = self.application.iter().chain(&self.applications).cloned().collect();
        let mut configurations = Vec::new();
        if !old || !typed {
            software.applications = items(&software.applications, config, "applications")?;
            configurations.extend(configured);
        }
        let typed = self.emr_configuration.iter().map(|text| Setting::typed(Value::String(text.clone())));
        configurations.extend(typed);
        let debugging = (self.enable_emr_debugging, self.disable_emr_debugging);
        Ok(LaunchOptions {
            software,
            configurations,
            custom_image: either(self.image_id.as_ref(), config, "image_id")?.filter(|image| !image.is_empty()),
            root_volume: self.root_volume(config)?,
            security_configuration: either(self.security_configuration.as_ref(), config, "security_configuration")?,
            has_debugging: flag(debugging, config, "enable_emr_debugging")?.unwrap_or(false),
            ..Default::default()
        })
    }

    fn versions(&self, config: &Config, typed: bool) -> Result<SoftwareOptions> {
        let look_up = |own: &Option<String>, option| {
            if typed && own.is_none() { Ok(None) } else { either(own.as_ref(), config, option) }
        };
        let release_label = look_up(&self.release_label, "release_label")?;
        // mrjob's rule: a release label wins over an AMI version.
        let by_label = release_label.is_some() && self.ami_version.is_none();
        let ami_version = if by_label { None } else { look_up(&self.ami_version, "ami_version")? };
        Ok(SoftwareOptions { release_label, ami_version, ..Default::default() })
    }

    fn root_volume(&self, config: &Config) -> Result<RootVolume> {
        let number =
            |typed, option| Ok::<_, emr_core::error::Error>(count(typed, config, option)?.map(|set| set.value));
        Ok(RootVolume {
            // mrjob's rule: 0 is what it is without the option.
            size_gib: number(self.ebs_root_volume_gb, "ebs_root_volume_gb")?.filter(|size| *size > 0),
            iops: number(self.ebs_root_volume_iops, "ebs_root_volume_iops")?,
            throughput: number(self.ebs_root_volume_throughput, "ebs_root_volume_throughput")?,
        })
    }
}
