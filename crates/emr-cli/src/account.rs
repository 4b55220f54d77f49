//! The options that every tool which talks to AWS has.

use std::path::PathBuf;

use clap::{ArgAction, Args};
use emr_aws::{Aws, Connection};
use emr_core::config::options::{AWS_REGION, EMR_ENDPOINT, PROFILE, S3_ENDPOINT, S3_SSE, S3_SSE_KMS_KEY_ID, SHARED};
use emr_core::config::setting::{Origin, Source, Strength, value};
use emr_core::config::{Config, Declaration, Key, Offer, Setting, Typed};
use emr_core::error::Result;
use emr_core::model::encryption::Encryption;
use emr_core::stdin::Places;

use super::{History, clock, conf, messages};
use crate::options::{Group, Options};

/// The options that say which account.
#[derive(Debug, Clone)]
struct AccountGroup;

impl Group for AccountGroup {
    const OFFERS: &'static [Offer] = &[AWS_REGION.offer(), PROFILE.offer(), EMR_ENDPOINT.offer(), S3_ENDPOINT.offer()];
}

/// Which account to talk to, where the configuration is, and how much to say.
#[derive(Debug, Clone, Args)]
pub struct Account {
    #[command(flatten)]
    options: Options<AccountGroup>,

    /// Configuration file; may be repeated, and the later one wins [default: MRJOB_CONF, ~/.mrjob.conf or /etc/mrjob.conf]
    #[arg(short, long, value_name = "PATH", help_heading = SHARED)]
    conf_path: Vec<PathBuf>,

    /// Read no configuration file
    #[arg(long, conflicts_with = "conf_path", help_heading = SHARED)]
    no_conf: bool,

    /// Report errors only; -qq reports nothing
    #[arg(short, long, action = ArgAction::Count, help_heading = SHARED)]
    quiet: u8,

    /// Report details, too; -vv reports each call to AWS
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "quiet", help_heading = SHARED)]
    verbose: u8,
}

impl Account {
    /// How often `--quiet` was given.
    #[must_use]
    pub fn quiet(&self) -> u8 {
        self.quiet
    }

    /// The account and configuration options as they were typed, for the command that continues this one.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut words = self.options.typed().words();
        for path in &self.conf_path {
            words.extend(["--conf-path".to_owned(), path.display().to_string()]);
        }
        words.extend(self.no_conf.then(|| "--no-conf".to_owned()));
        words
    }

    /// The configuration that these options name. Logs its warnings.
    pub fn config(&self) -> Result<Config> {
        self.config_with([])
    }

    /// The same, with the options of further groups on the command line.
    pub fn config_with<'a>(&self, groups: impl IntoIterator<Item = &'a Typed>) -> Result<Config> {
        let config = self.unsaid_config(groups)?;
        for warning in config.warnings() {
            log::warn!("{warning}");
        }
        for note in config.notes() {
            log::debug!("{note}");
        }
        Ok(config)
    }

    /// The same, with nothing said of what may be wrong with it.
    pub fn unsaid_config<'a>(&self, groups: impl IntoIterator<Item = &'a Typed>) -> Result<Config> {
        let typed = self.typed_with(groups);
        if self.no_conf {
            return Ok(Config::new(typed, conf::surroundings()));
        }
        conf::load(&self.conf_path, typed, conf::surroundings())
    }

    /// The configuration without any file.
    #[must_use]
    pub fn config_without_files<'a>(&self, groups: impl IntoIterator<Item = &'a Typed>) -> Config {
        Config::new(self.typed_with(groups), conf::surroundings())
    }

    /// The files of the configuration, as far as they are there.
    pub(super) fn conf_files(&self) -> Vec<PathBuf> {
        if self.no_conf { Vec::new() } else { conf::files(&self.conf_path, &conf::surroundings()) }
    }

    fn typed_with<'a>(&self, groups: impl IntoIterator<Item = &'a Typed>) -> Typed {
        let mut typed = self.options.typed().clone();
        for group in groups {
            typed.extend(group);
        }
        typed
    }

    /// Clients for the account that these options name, for a tool without further groups of options.
    pub async fn aws(&self) -> Result<Aws> {
        self.connect(&self.config()?).await
    }

    /// Clients for the account that these options and `config` name.
    pub async fn connect(&self, config: &Config) -> Result<Aws> {
        self.connect_to(config, Places::default()).await
    }

    /// The same for a tool that acts on job flows where `places` says that they are.
    pub async fn connect_to(&self, config: &Config, places: Places) -> Result<Aws> {
        self.connect_recorded(config, places, &History::default()).await
    }

    /// The same. Requests for locks are recorded in `history`.
    pub async fn connect_recorded(&self, config: &Config, places: Places, history: &History) -> Result<Aws> {
        let history = history.path()?;
        let connection = Connection { history, ..connection(config)? };
        Aws::connect(&at(connection, places)?).await
    }

    /// The same for a tool without further groups of options.
    pub async fn aws_at(&self, places: Places) -> Result<Aws> {
        self.connect_to(&self.config()?, places).await
    }

    /// Takes away what was typed for `option`.
    pub(super) fn forget(&mut self, option: &Declaration) {
        self.options.forget(option);
    }
}

/// `connection` to where `places` says that job flows are, which goes before the configuration.
fn at(mut connection: Connection, places: Places) -> Result<Connection> {
    let typed = connection.region.as_ref().filter(|region| region.is_typed()).map(|region| region.value.as_str());
    if let Some(region) = places.region(typed)?.map(str::to_owned) {
        let source = Source { option: AWS_REGION.option.name, origin: Origin::Default };
        connection.region = Some(Setting { value: region, source });
    }
    connection.profile = places.profile(connection.profile.as_deref())?.map(str::to_owned);
    Ok(Connection { places, ..connection })
}

/// The account that `config` names. Profile and endpoints of the environment are left to AWS's own rules.
pub(super) fn connection(config: &Config) -> Result<Connection> {
    let of_file = |key: &'static Key<String>| -> Result<Option<Setting<String>>> {
        Ok(config.get(key)?.filter(|setting| matches!(setting.source.strength(), Strength::File(_))))
    };
    let typed =
        |key: &'static Key<String>| -> Result<Option<String>> { Ok(value(config.get(key)?.filter(Setting::is_typed))) };
    Ok(Connection {
        region: config.get(&AWS_REGION)?,
        profile: typed(&PROFILE)?,
        endpoint_url: typed(&EMR_ENDPOINT)?,
        emr_endpoint: of_file(&EMR_ENDPOINT)?,
        s3_endpoint: of_file(&S3_ENDPOINT)?,
        encryption: Encryption::new(value(config.get(&S3_SSE)?), value(config.get(&S3_SSE_KMS_KEY_ID)?))?,
        history: None,
        started_at: clock::now(),
        tool: messages::tool().to_owned(),
        places: Places::default(),
    })
}
