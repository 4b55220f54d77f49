//! The options of a tool that looks at several regions or accounts, and the run of its work in each.

use std::future::Future;

use chrono::{DateTime, Utc};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use emr_aws::{Aws, Connection};
use emr_core::config::options::{AWS_REGION, PROFILE};
use emr_core::config::setting::{Origin, Setting, Source};
use emr_core::config::{Config, Declaration};
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::place::{Place, is_region};
use emr_core::regions::{self, ALL};
use futures_util::{StreamExt, stream};

use super::account::{Account, connection};
use super::choice::Choice;
use super::history::History;
use super::messages::{complain, detail, report};

/// How many regions are asked side by side: all that an account can have, and few enough for the open files of a process.
const AT_ONCE: usize = 64;

/// The heading of the options.
const WHERE: &str = "Where";

/// The options, as `clap` knows them.
const REGION_ARG: &str = "region";
const PROFILE_ARG: &str = "profile";

/// The account, in one region or several.
pub type Regions = Several<false>;

/// One account or several, each in one region or several.
pub type Accounts = Several<true>;

/// The options of all tools, of which `--region` may be repeated, and with `PROFILES` `--profile`, too.
#[derive(Debug, Clone)]
pub struct Several<const PROFILES: bool> {
    account: Account,
    /// The regions that were typed; none for that of the configuration.
    regions: Vec<String>,
    /// The profiles that were typed, if they may be repeated.
    profiles: Vec<String>,
}

impl<const PROFILES: bool> Args for Several<PROFILES> {
    fn augment_args(command: Command) -> Command {
        let command = Account::augment_args(command).mut_arg(REGION_ARG, |arg| {
            let words = || [ALL].into_iter().chain(regions::names()).collect();
            repeated(arg)
                .value_parser(Choice::new(region, words))
                .help("AWS region, or 'all'; may be repeated [default: AWS_REGION, mrjob.conf, or the profile's]")
        });
        if !PROFILES {
            return command;
        }
        command.mut_arg(PROFILE_ARG, |arg| repeated(arg).help("AWS profile; may be repeated [default: AWS_PROFILE]"))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// `arg` on the tool's own page, which has to say that it may be repeated.
fn repeated(arg: Arg) -> Arg {
    arg.action(ArgAction::Append).help_heading(WHERE).hide_short_help(true)
}

/// Reads a region, in lower case, or the word for all of them.
fn region(text: &str) -> Result<String> {
    let region = text.trim().to_ascii_lowercase();
    match region.as_str() {
        // The name in mrjob 0.4.
        "eu" => Ok("eu-west-1".to_owned()),
        _ if is_region(&region) => Ok(region),
        _ => Err(Error::usage(format!("'{text}' is not an AWS region")).advise("regions look like us-east-1")),
    }
}

impl<const PROFILES: bool> FromArgMatches for Several<PROFILES> {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let mut account = Account::from_arg_matches(matches)?;
        let regions = taken(matches, REGION_ARG, &AWS_REGION.option, &mut account);
        let mut profiles = Vec::new();
        if PROFILES {
            profiles = taken(matches, PROFILE_ARG, &PROFILE.option, &mut account);
        }
        Ok(Self { account, regions, profiles })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// What was typed as `arg`, each once. To the configuration nothing is typed then: it has one value, and this is several.
fn taken(matches: &ArgMatches, arg: &str, option: &'static Declaration, account: &mut Account) -> Vec<String> {
    account.forget(option);
    let mut all: Vec<String> = Vec::new();
    for text in matches.get_many::<String>(arg).into_iter().flatten() {
        if !all.contains(text) {
            all.push(text.clone());
        }
    }
    all
}

impl<const PROFILES: bool> Several<PROFILES> {
    /// The options of all tools.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Clients for each region and account, for a tool without further groups of options.
    pub async fn sides(&self) -> Result<Sides> {
        self.connect(&self.account.config()?, &History::default()).await
    }

    /// Clients for each region of each account that these options and `config` name. Requests for locks are recorded in
    /// `history`.
    pub async fn connect(&self, config: &Config, history: &History) -> Result<Sides> {
        let history = history.path()?;
        let usual = Connection { history, ..connection(config)? };
        let mut sides = Sides { sides: Vec::new(), failed: Vec::new() };
        let profiles = if self.profiles.is_empty() {
            vec![usual.profile.clone()]
        } else {
            self.profiles.iter().cloned().map(Some).collect()
        };
        for profile in profiles {
            let connection = Connection { profile: profile.clone(), ..usual.clone() };
            match self.connected(&connection).await {
                Ok(connected) => sides.sides.extend(connected),
                Err(error) if self.profiles.len() < 2 => return Err(error),
                Err(error) => sides.failed.push((format!("the profile {}", profile.unwrap_or_default()), error)),
            }
        }
        if let [only] = sides.sides.as_mut_slice()
            && sides.failed.is_empty()
        {
            only.label = None;
        }
        Ok(sides)
    }

    /// Clients for each region of the account of `connection`.
    async fn connected(&self, connection: &Connection) -> Result<Vec<Side>> {
        let regions = self.regions_of(connection).await?;
        let all = if regions.is_empty() {
            vec![Aws::connect(connection).await?]
        } else {
            Aws::connect_in(connection, &regions).await?
        };
        let is_typed = |region: &str| self.regions.iter().any(|typed| typed == region);
        let side = |aws: Aws| {
            let region = aws.region().to_owned();
            let may_be_off = is_typed(ALL) && !is_typed(&region) && regions::is_opt_in(&region);
            let place = Place { region: Some(region), profile: connection.profile.clone().filter(|_| PROFILES) };
            Side { aws, label: Some(place.to_string()), place, may_be_off }
        };
        Ok(all.into_iter().map(side).collect())
    }

    /// The regions that were typed, with all of the partition in the place of `all`.
    async fn regions_of(&self, connection: &Connection) -> Result<Vec<Setting<String>>> {
        let mut names: Vec<String> = self.regions.iter().filter(|typed| *typed != ALL).cloned().collect();
        if names.len() < self.regions.len() {
            let beside = match names.first() {
                Some(name) => Some(name.clone()),
                None => connection.region_name().await,
            };
            for name in regions::beside(beside.as_deref())? {
                if !names.iter().any(|known| known == name) {
                    names.push(name.to_owned());
                }
            }
        }
        let source = || Source { option: AWS_REGION.option.name, origin: Origin::CommandLine(REGION_ARG) };
        Ok(names.into_iter().map(|value| Setting { value, source: source() }).collect())
    }
}

/// One of the regions of a run.
pub struct Side {
    /// Its clients.
    pub aws: Aws,
    place: Place,
    /// What it is called; `None` where it is the only one.
    label: Option<String>,
    /// Whether the account may not have enabled it. One that is asked for by its name is expected to answer.
    may_be_off: bool,
}

impl Side {
    /// The labels of what is measured here: the region, and the profile if the tool takes several.
    #[must_use]
    pub fn labels(&self) -> [(&'static str, &str); 2] {
        let Place { region, profile } = &self.place;
        [("region", region.as_deref().unwrap_or_default()), ("profile", profile.as_deref().unwrap_or_default())]
    }

    /// Whether it is one of several.
    #[must_use]
    pub fn is_one_of_several(&self) -> bool {
        self.label.is_some()
    }

    /// `error`, which names this side where there are several.
    #[must_use]
    pub fn blame(&self, error: Error) -> Error {
        match &self.label {
            Some(label) => error.on(label),
            None => error,
        }
    }

    /// `message`, which names this side where there are several.
    #[must_use]
    pub fn said(&self, message: &str) -> String {
        self.label.as_ref().map_or_else(|| message.to_owned(), |label| format!("{label}: {message}"))
    }

    /// Whether `error` says that the account has not enabled the region.
    fn is_off(&self, error: &Error) -> bool {
        self.may_be_off && error.code().is_some_and(|code| OFF.contains(&code))
    }
}

/// AWS's codes for credentials that a region does not know. Those of an account that has not enabled the region are such.
///
/// Source: <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html>
const OFF: [&str; 3] = ["InvalidClientTokenId", "OptInRequired", "UnrecognizedClientException"];

/// The regions of a run.
pub struct Sides {
    sides: Vec<Side>,
    /// What could not be connected to, and why.
    failed: Vec<(String, Error)>,
}

impl Sides {
    /// Those that can be asked.
    #[must_use]
    pub fn all(&self) -> &[Side] {
        &self.sides
    }

    /// The only one, where no other was asked for.
    #[must_use]
    pub fn only(&self) -> Option<&Side> {
        match (self.sides.as_slice(), self.failed.as_slice()) {
            ([only], []) => Some(only),
            _ => None,
        }
    }

    /// The time by AWS's clock; that of this machine as long as AWS has told none.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.sides.iter().map(|side| side.aws.emr.now()).max().unwrap_or_else(super::clock::now)
    }

    /// Does `work` in each, side by side. Returns what came of the whole, and what was `left` out.
    ///
    /// With one side that is its result. Of several, one that fails is reported and does not stop the others, and the
    /// largest exit code counts: they end in any order. A region that the account has not enabled is no failure.
    pub async fn each<'a, F>(&'a self, work: impl Fn(&'a Side) -> F) -> Result<Whole>
    where
        F: Future<Output = Result<Outcome>>,
    {
        if let Some(only) = self.only() {
            return Ok(Whole { outcome: work(only).await?, left: Vec::new() });
        }
        let mut tally = Tally::default();
        for (label, error) in &self.failed {
            tally.lose(label, error.clone());
        }
        let works = stream::iter(&self.sides).map(|side| {
            let work = work(side);
            async move { (side, work.await) }
        });
        let mut works = std::pin::pin!(works.buffer_unordered(AT_ONCE));
        while let Some((side, done)) = works.next().await {
            let label = side.label.as_deref().unwrap_or_default();
            match done {
                Ok(outcome) => tally.outcome = tally.outcome.larger(outcome),
                Err(error) if side.is_off(&error) => tally.off.push(label.to_owned()),
                Err(error) => tally.lose(label, error),
            }
        }
        Ok(tally.told(self.sides.len() + self.failed.len()))
    }
}

/// What has come of some sides so far.
struct Tally {
    outcome: Outcome,
    left: Vec<String>,
    /// Those that the account has not enabled.
    off: Vec<String>,
    /// The failures that were reported.
    reported: Vec<String>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { outcome: Outcome::Done, left: Vec::new(), off: Vec::new(), reported: Vec::new() }
    }
}

impl Tally {
    /// Notes that a side failed. What another has failed of before, such as wrong credentials, is reported once.
    fn lose(&mut self, label: &str, error: Error) {
        self.left.push(label.to_owned());
        self.outcome = self.outcome.larger(error.outcome);
        let text = error.to_string();
        if !self.reported.contains(&text) {
            self.reported.push(text);
            report(&error.on(label));
        }
    }

    /// Says which of `all` sides are missing.
    fn told(mut self, all: usize) -> Whole {
        self.left.sort_unstable();
        self.off.sort_unstable();
        if !self.off.is_empty() {
            detail(&format!("not enabled for the account, and passed over: {}", self.off.join(", ")));
        }
        if !self.left.is_empty() {
            complain(&format!("{} of {all} regions failed: {}", self.left.len(), self.left.join(", ")));
        }
        Whole { outcome: self.outcome, left: self.left }
    }
}

/// What came of the work in all regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// The outcome: that of the only side, or the one with the largest exit code.
    pub outcome: Outcome,
    /// The sides that failed, and of which all or a part is missing.
    pub left: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_exit_code_of_all_counts_and_those_that_failed_are_named() {
        let mut tally = Tally::default();
        tally.lose("us-east-1", Error::new(Outcome::TryAgain, "throttled"));
        tally.outcome = tally.outcome.larger(Outcome::No);
        tally.lose("eu-west-1", Error::new(Outcome::Denied, "denied"));
        tally.lose("ap-east-2", Error::new(Outcome::Denied, "denied"));
        assert_eq!(tally.reported, ["throttled", "denied"]);
        let left = ["ap-east-2", "eu-west-1", "us-east-1"].map(str::to_owned).to_vec();
        assert_eq!(tally.told(4), Whole { outcome: Outcome::Denied, left });
    }

    #[test]
    fn a_region_is_read_as_in_mrjob_conf() {
        assert_eq!(region(" US-East-1 ").unwrap(), "us-east-1");
        assert_eq!(region("EU").unwrap(), "eu-west-1");
        assert_eq!(region("all").unwrap(), ALL);
        assert!(region("us east").is_err() && region("").is_err());
    }
}
