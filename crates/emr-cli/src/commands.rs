//! The commands with which a user goes on where a run ends.

use emr_core::config::Config;
use emr_core::config::options::{AWS_REGION, EMR_ENDPOINT, PROFILE};
use emr_core::config::setting::{Setting, Strength, value};
use emr_core::error::Result;
use emr_core::model::place::Place;
use emr_core::shell;

use super::Account;

/// Makes commands that ask what this run asks, without the records that it read. Every command that a message has with
/// something in it that the run knows is made here, so that none of them asks another region or account.
#[derive(Debug, Clone, Default)]
pub struct Commands {
    /// What was typed of the account and the configuration.
    typed: Vec<String>,
    /// The region that these words lead to, as far as the configuration tells.
    region: Option<String>,
    /// The profile that was typed.
    profile: Option<String>,
    /// The endpoint of EMR, unless it is that of the environment.
    endpoint: Option<String>,
}

impl Commands {
    /// Commands of a run with the options `account`, which make up `config`.
    pub fn of(account: &Account, config: &Config) -> Result<Self> {
        Ok(Self {
            typed: account.words(),
            region: value(config.get(&AWS_REGION)?),
            profile: value(config.get(&PROFILE)?.filter(Setting::is_typed)),
            endpoint: value(config.get(&EMR_ENDPOINT)?.filter(|endpoint| !is_exported(endpoint))),
        })
    }

    /// The command of these `words` on job flows at `place`: with the options that were typed, and the region and profile
    /// of a record that they do not lead to.
    #[must_use]
    pub fn at(&self, words: &[&str], place: &Place) -> String {
        let region = place.region.as_deref().filter(|region| self.region.as_deref() != Some(region));
        let profile = place.profile.as_deref().filter(|_| self.profile.is_none());
        let typed = self.typed.iter().map(String::as_str);
        let options = option("--region", region).chain(option("--profile", profile));
        shell::join(words.iter().copied().chain(typed).chain(options))
    }

    /// The command of these `words` of the AWS CLI, which reads no mrjob.conf, on job flows at `place`.
    #[must_use]
    pub fn aws_at(&self, words: &[&str], place: &Place) -> String {
        let region = place.region.as_deref().or(self.region.as_deref());
        let profile = self.profile.as_deref().or(place.profile.as_deref());
        let options = option("--region", region).chain(option("--profile", profile));
        let options = options.chain(option("--endpoint-url", self.endpoint.as_deref()));
        shell::join(["aws"].into_iter().chain(words.iter().copied()).chain(options))
    }
}

/// Whether `setting` is in the environment, where the AWS CLI finds it, too.
fn is_exported(setting: &Setting<String>) -> bool {
    setting.source.strength() == Strength::Environment
}

/// The words of the option `name`; none without a value.
fn option<'a>(name: &'a str, value: Option<&'a str>) -> impl Iterator<Item = &'a str> {
    value.into_iter().flat_map(move |value| [name, value])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_a_region_and_a_profile_that_the_configuration_does_not_lead_to() {
        let there = Place::in_region("eu-west-1");
        let of_etl = Place { profile: Some("etl jobs".to_owned()), ..there.clone() };
        let at = |commands: &Commands, place: &Place| commands.at(&["wait-step", "s-A"], place);
        let configured = Commands { region: Some("us-east-1".to_owned()), ..Commands::default() };
        assert_eq!(at(&configured, &Place::in_region("us-east-1")), "wait-step s-A");
        assert_eq!(at(&configured, &Place::default()), "wait-step s-A", "it is where the configuration says");
        assert_eq!(at(&configured, &there), "wait-step s-A --region eu-west-1");
        assert_eq!(at(&configured, &of_etl), "wait-step s-A --region eu-west-1 --profile 'etl jobs'");
        assert_eq!(at(&Commands::default(), &there), "wait-step s-A --region eu-west-1");
    }

    #[test]
    fn what_was_typed_is_said_once() {
        let typed = ["--region", "eu-west-1", "--profile", "etl", "--no-conf"].map(str::to_owned).to_vec();
        let [region, profile] = ["eu-west-1", "etl"].map(|text| Some(text.to_owned()));
        let commands = Commands { typed, region, profile, endpoint: None };
        let place = Place { profile: Some("etl".to_owned()), ..Place::in_region("eu-west-1") };
        let said = "wait-step s-A --region eu-west-1 --profile etl --no-conf";
        assert_eq!(commands.at(&["wait-step", "s-A"], &place), said);
    }

    #[test]
    fn a_command_of_the_aws_cli_names_what_mrjob_conf_says() {
        let [region, endpoint] = ["us-east-1", "http://localhost:1"].map(|text| Some(text.to_owned()));
        let commands = Commands { region, endpoint, ..Commands::default() };
        let there = Place { profile: Some("etl jobs".to_owned()), ..Place::in_region("eu-west-1") };
        for (place, said) in [
            (Place::default(), "aws emr x --region us-east-1 --endpoint-url http://localhost:1"),
            (there, "aws emr x --region eu-west-1 --profile 'etl jobs' --endpoint-url http://localhost:1"),
        ] {
            assert_eq!(commands.aws_at(&["emr", "x"], &place), said);
        }
        assert_eq!(Commands::default().aws_at(&["emr", "x"], &Place::default()), "aws emr x");
    }
}
