//! The options that every tool which talks to AWS has.

use std::path::PathBuf;

use clap::{ArgAction, Args};
use emr_aws::{Aws, Connection};
use emr_core::config::setting::Source;
use emr_core::config::{Config, Origin, Surroundings};
use emr_core::error::Result;
use emr_core::model::encryption::Encryption;

use super::clock;
use super::setting::{either, setting};

pub(super) const HEADING: &str = "AWS and configuration";

/// Which account to talk to, where the configuration is, and how much to say.
#[derive(Debug, Clone, Args)]
pub struct Account {
    /// AWS region [default: AWS_REGION, mrjob.conf, or the profile's]
    #[arg(long, visible_alias = "aws-region", value_name = "REGION", help_heading = HEADING)]
    region: Option<String>,

    /// AWS profile [default: AWS_PROFILE]
    #[arg(long, value_name = "NAME", help_heading = HEADING)]
    profile: Option<String>,

    /// Endpoint for EMR and S3, such as emr-sandbox's [default: AWS_ENDPOINT_URL]
    #[arg(long, value_name = "URL", help_heading = HEADING)]
    endpoint_url: Option<String>,

    /// Configuration file; may be repeated, the later one wins [default: MRJOB_CONF, ~/.mrjob.conf, or /etc/mrjob.conf]
    #[arg(short, long, value_name = "PATH", help_heading = HEADING)]
    conf_path: Vec<PathBuf>,

    /// Read no configuration file
    #[arg(long, conflicts_with = "conf_path", help_heading = HEADING)]
    no_conf: bool,

    /// Say only errors; twice, not even those
    #[arg(short, long, action = ArgAction::Count, help_heading = HEADING)]
    quiet: u8,

    /// Say more; twice, each call to AWS
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "quiet", help_heading = HEADING)]
    verbose: u8,
}

impl Account {
    /// How often `--quiet` was given.
    #[must_use]
    pub fn quiet(&self) -> u8 {
        self.quiet
    }

    /// The configuration that these options name, its warnings said.
    pub fn config(&self) -> Result<Config> {
        let variables = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        let surroundings = Surroundings { variables: variables.collect() };
        if self.no_conf {
            return Ok(Config::without_files(surroundings));
        }
        let config = Config::load(&self.conf_path, surroundings)?;
        for warning in config.warnings() {
            log::warn!("{warning}");
        }
        for note in config.notes() {
            log::debug!("{note}");
        }
        Ok(config)
    }

    /// Clients for the account that these options and `config` name.
    pub async fn connect(&self, config: &Config) -> Result<Aws> {
        Aws::connect(&self.connection(config)?).await
    }

    /// The account that these options and `config` name. Of the endpoints the environment's are left to AWS's own rules.
    pub fn connection(&self, config: &Config) -> Result<Connection> {
        let endpoint = |option| -> Result<_> {
            let endpoint = setting(self.endpoint_url.as_ref(), config, option)?;
            Ok(endpoint.filter(|endpoint| matches!(endpoint.source, Source::File(_))).map(|endpoint| endpoint.value))
        };
        let profile = match &self.profile {
            Some(name) => Some((name.clone(), Origin::CommandLine)),
            None => std::env::var("AWS_PROFILE").ok().map(|name| (name, Origin::Environment("AWS_PROFILE"))),
        };
        if let Some((name, origin)) = profile {
            config.enter("profile", name, origin);
        }
        Ok(Connection {
            region: either(self.region.as_ref(), config, "aws_region")?,
            profile: self.profile.clone(),
            endpoint_url: self.endpoint_url.clone(),
            emr_endpoint: endpoint("emr_endpoint")?,
            s3_endpoint: endpoint("s3_endpoint")?,
            encryption: Encryption::default(),
            started_at: clock::now(),
        })
    }
}
