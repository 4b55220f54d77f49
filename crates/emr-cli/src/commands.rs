//! The commands with which a user goes on where a run ends.

use emr_core::config::Config;
use emr_core::config::options::{AWS_REGION, PROFILE};
use emr_core::config::setting::Setting;
use emr_core::error::Result;
use emr_core::model::place::Place;
use emr_core::shell;

use super::Account;

/// Makes commands that ask what this run asks, without the records that it read.
#[derive(Debug, Clone, Default)]
pub struct Commands {
    /// What was typed of the account and the configuration.
    typed: Vec<String>,
    /// The region that these words lead to, as far as the configuration tells.
    region: Option<String>,
    names_profile: bool,
}

impl Commands {
    /// Commands of a run with the options `account`, which make up `config`.
    pub fn of(account: &Account, config: &Config) -> Result<Self> {
        let names_profile = config.get(&PROFILE)?.is_some_and(|profile| profile.is_typed());
        let region = config.get(&AWS_REGION)?.map(|Setting { value, .. }| value);
        Ok(Self { typed: account.words(), region, names_profile })
    }

    /// `command` on job flows at `place`: with the options that were typed, and the region and profile of a record that
    /// they do not lead to.
    #[must_use]
    pub fn at(&self, command: &str, place: &Place) -> String {
        let option = |name: &str, value: &String| [format!("--{name}"), value.clone()];
        let region = place.region.as_ref().filter(|region| self.region.as_ref() != Some(region));
        let profile = place.profile.as_ref().filter(|_| !self.names_profile);
        let places = [region.map(|region| option("region", region)), profile.map(|profile| option("profile", profile))];
        let words = self.typed.iter().cloned().chain(places.into_iter().flatten().flatten());
        [command.to_owned()].into_iter().chain(words.map(|word| shell::quote(&word))).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_a_region_and_a_profile_that_the_configuration_does_not_lead_to() {
        let there = Place::in_region("eu-west-1");
        let of_etl = Place { profile: Some("etl jobs".to_owned()), ..there.clone() };
        let at = |commands: &Commands, place: &Place| commands.at("wait-step s-A", place);
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
        let commands = Commands { typed, region: Some("eu-west-1".to_owned()), names_profile: true };
        let place = Place { profile: Some("etl".to_owned()), ..Place::in_region("eu-west-1") };
        assert_eq!(commands.at("wait-step s-A", &place), "wait-step s-A --region eu-west-1 --profile etl --no-conf");
    }
}
