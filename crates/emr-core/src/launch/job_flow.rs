//! From launch options to a job flow: defaults, old and new names for one thing, contradictions.

use serde_json::Value;

use crate::config::setting::Setting;
use crate::error::{Error, Result};
use crate::launch::bootstrap::{self, BootstrapOptions};
use crate::launch::extra_parameters;
use crate::launch::instances::{self, InstanceOptions};
use crate::launch::self_termination::{self, IdleLimits};
use crate::launch::software::{self, SoftwareOptions};
use crate::launch::{amazon_actions, configurations, features};
use crate::model::job_flow::{JobFlow, RootVolume};
use crate::model::pool::{Marker, PoolName};
use crate::model::run_id::RunId;
use crate::model::s3_uri::S3Uri;
use crate::model::scratch_uri::ScratchUri;
use crate::pool;

/// The instance profile that `aws emr create-default-roles` makes.
const DEFAULT_INSTANCE_PROFILE: &str = "EMR_EC2_DefaultRole";
/// The service role that `aws emr create-default-roles` makes.
const DEFAULT_SERVICE_ROLE: &str = "EMR_DefaultRole";

/// Everything that a job flow can be asked to be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LaunchOptions {
    /// Its Name; where there is none, it is named after `owner`.
    pub name: Option<String>,
    /// Who starts it.
    pub owner: Option<String>,
    /// Its instances.
    pub instances: InstanceOptions,
    /// Its software.
    pub software: SoftwareOptions,
    /// Configurations as `RunJobFlow` takes them, or their text, the weakest first.
    pub configurations: Vec<Setting<Value>>,
    /// Image (AMI) of its instances.
    pub custom_image: Option<String>,
    /// Root volume of each instance.
    pub root_volume: RootVolume,
    /// Security configuration, by name.
    pub security_configuration: Option<String>,
    /// Whether EMR is to index its logs.
    pub has_debugging: bool,
    /// Where EMR copies logs; where there is none, below `scratch_uri`.
    pub log_uri: Option<String>,
    /// Where the tools put files.
    pub scratch_uri: Option<String>,
    /// EC2 key pair.
    pub key_pair: Option<String>,
    /// Subnets; several where EMR is to choose.
    pub subnets: Vec<String>,
    /// Availability zone.
    pub zone: Option<String>,
    /// Instance profile.
    pub instance_profile: Option<String>,
    /// Service role.
    pub service_role: Option<String>,
    /// Whether the account sees it.
    pub visible_to_all_users: Option<bool>,
    /// Whether it refuses to be terminated.
    pub termination_protected: bool,
    /// Whether it ends with its last step.
    pub auto_terminate: bool,
    /// Steps at once.
    pub step_concurrency: Option<u32>,
    /// What prepares its nodes.
    pub bootstrap: BootstrapOptions,
    /// When it ends itself for want of work.
    pub idle: IdleLimits,
    /// Tags, each `KEY=VALUE` or `KEY`.
    pub tags: Vec<(String, String)>,
    /// JSON for EMR's own features.
    pub additional_info: Option<String>,
    /// Parameters of `RunJobFlow` by name, laid over the request one after the other.
    pub extra: Vec<(String, Value)>,
    /// The pool that it belongs to, where it is to be pooled.
    pub pool: Option<PoolName>,
}

/// The job flow that `options` ask for, and warnings about what had to be ignored.
pub fn job_flow(options: &LaunchOptions) -> Result<(JobFlow, Vec<String>)> {
    let (mut job_flow, mut warnings) = unprepared(options)?;
    features::check(&job_flow)?;
    check_own_tags(&options.tags)?;
    if let Some(uri) = &options.log_uri {
        uri.parse::<S3Uri>().map_err(|error| error.on("the log URI"))?;
    }
    bootstrap::add(&mut job_flow, &options.bootstrap, options.scratch_uri.as_deref())?;
    warnings.extend(amazon_actions::replace(&mut job_flow)?);
    warnings.extend(options.bootstrap.doubtful(&job_flow.software));
    if let Some(name) = &options.pool {
        pool::mark(&mut job_flow, name, &locks(options)?)?;
    }
    check_tags(&job_flow.tags)?;
    job_flow.tags.sort();
    // The last of the bootstrap actions, and after the pool, because it is no part of what those who share agree on.
    warnings.extend(self_termination::add(&mut job_flow, &options.idle, options.scratch_uri.as_deref())?);
    bootstrap::check(&job_flow)?;
    Ok((job_flow, warnings))
}

/// The job flow before anything prepares its nodes and before it is in a pool, and warnings.
fn unprepared(options: &LaunchOptions) -> Result<(JobFlow, Vec<String>)> {
    let software = software::software(&options.software)?;
    let (instances, ignored) = instances::instances(&options.instances, software::default_type(&software))?;
    let unknown = instances::unknown(&instances);
    let (has_debugging, without_debugging) = features::debugging(options.has_debugging, &software);
    let scratch: Option<ScratchUri> = options.scratch_uri.as_deref().map(str::parse).transpose()?;
    let mut extra = extra_parameters::combined(&options.extra)?;
    let level = extra_parameters::take_step_concurrency(&mut extra)?;
    let job_flow = JobFlow {
        name: name(options)?,
        pool: None,
        software,
        configurations: configurations::combined(&options.configurations)?,
        custom_image: options.custom_image.clone(),
        root_volume: options.root_volume,
        security_configuration: options.security_configuration.clone(),
        has_debugging,
        instances,
        log_uri: options.log_uri.clone().or(scratch.map(|scratch| scratch.logs().to_string())),
        key_pair: options.key_pair.clone(),
        subnets: options.subnets.clone(),
        zone: options.zone.clone(),
        instance_profile: or_default(options.instance_profile.as_ref(), DEFAULT_INSTANCE_PROFILE),
        service_role: or_default(options.service_role.as_ref(), DEFAULT_SERVICE_ROLE),
        visible_to_all_users: options.visible_to_all_users.unwrap_or(true),
        termination_protected: options.termination_protected,
        keep_alive: !options.auto_terminate,
        step_concurrency: step_concurrency(level.or(options.step_concurrency))?,
        auto_termination: None,
        bootstrap_actions: Vec::new(),
        uploads: Vec::new(),
        tags: options.tags.clone(),
        additional_info: options.additional_info.clone(),
        extra,
    };
    Ok((job_flow, ignored.into_iter().chain(unknown).chain(without_debugging).collect()))
}

/// Where the locks of pools are kept: below the scratch URI, so that all who share it see one another's.
pub fn locks(options: &LaunchOptions) -> Result<S3Uri> {
    ScratchUri::for_locks(options.scratch_uri.as_deref()).map(|scratch| scratch.locks())
}

fn or_default(value: Option<&String>, default: &str) -> String {
    value.map_or_else(|| default.to_owned(), Clone::clone)
}

/// EMR refuses a Name with any of these (its API's page on `RunJobFlow`).
const FORBIDDEN_IN_NAMES: [char; 5] = ['<', '>', '$', '|', '`'];

fn name(options: &LaunchOptions) -> Result<String> {
    let owner = options.owner.as_deref().unwrap_or("nobody");
    let name = options.name.clone().unwrap_or_else(|| format!("job-flow.{owner}"));
    check_name(&name)?;
    Ok(name)
}

/// Refuses a Name that EMR would refuse.
fn check_name(name: &str) -> Result<()> {
    if name.trim().is_empty() {
        return Err(Error::usage("the name is empty"));
    }
    // Whoever copied a Name would else put a job flow of another content into the pool.
    if Marker::read(&RunId::from_random(0).name(name)).is_some() {
        return Err(Error::usage(format!("the name '{name}' ends in the marker of a pool"))
            .advise("leave the marker out; --pool-emr-job-flows and --pool-name put it there"));
    }
    match name.chars().find(|c| FORBIDDEN_IN_NAMES.contains(c) || c.is_control()) {
        Some(bad) => Err(Error::usage(format!("the name '{name}' contains {bad:?}"))
            .advise("EMR allows no < > $ | ` and no control characters in names")),
        None => Ok(()),
    }
}

fn step_concurrency(steps: Option<u32>) -> Result<Option<u32>> {
    match steps {
        Some(steps) if !(1..=256).contains(&steps) => {
            Err(Error::usage(format!("{steps} steps at once are not possible")).advise("EMR allows 1 to 256"))
        }
        steps => Ok(steps),
    }
}

/// EMR's limits: keys up to 128 characters, values up to 256, none of AWS's own prefix.
fn check_tags(tags: &[(String, String)]) -> Result<()> {
    for (key, value) in tags {
        let wrong = if key.is_empty() {
            "has no key"
        } else if key.chars().count() > 128 || value.chars().count() > 256 {
            "is too long: keys have up to 128 characters, values up to 256"
        } else if key.starts_with("aws:") {
            "has the prefix aws:, which is AWS's own"
        } else {
            continue;
        };
        return Err(Error::usage(format!("the tag '{key}={value}' {wrong}")));
    }
    Ok(())
}

/// Tags that say which pool a cluster belongs to come from the tools alone.
fn check_own_tags(tags: &[(String, String)]) -> Result<()> {
    match tags.iter().find(|(key, _)| pool::TAGS.contains(&key.as_str())) {
        Some((key, _)) => Err(Error::usage(format!("the tag {key} is the tools' own"))
            .advise("--pool-emr-job-flows and --pool-name put it there")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(options: &LaunchOptions) -> JobFlow {
        job_flow(options).unwrap().0
    }

    fn pooled(name: &str) -> LaunchOptions {
        let scratch_uri = Some("s3://b/tmp".to_owned());
        LaunchOptions { pool: Some(name.parse().unwrap()), scratch_uri, ..Default::default() }
    }

    #[test]
    fn a_job_flow_without_options_is_persistent_and_runs_the_default_release() {
        let made = made(&LaunchOptions { owner: Some("ann".to_owned()), ..Default::default() });
        assert!(made.keep_alive);
        assert_eq!(made.name, "job-flow.ann");
        assert_eq!(made.instances.types().len(), 1);
        assert_eq!(
            (made.instance_profile.as_str(), made.service_role.as_str()),
            ("EMR_EC2_DefaultRole", "EMR_DefaultRole")
        );
    }

    #[test]
    fn contradictions_are_refused() {
        let text = |text: &str| Some(text.to_owned());
        let software = |software| LaunchOptions { software, ..Default::default() };
        let applications = vec!["Spark".to_owned()];
        let cases = [
            software(SoftwareOptions { ami_version: text("2.4.2"), ..SoftwareOptions::release("emr-7.0.0") }),
            software(SoftwareOptions { hadoop_version: text("2.4.0"), ..Default::default() }),
            software(SoftwareOptions { applications, ..SoftwareOptions::ami("3.1.0") }),
            software(SoftwareOptions::ami("x")),
            LaunchOptions { name: text("a|b"), ..Default::default() },
            LaunchOptions { name: text(" "), ..Default::default() },
            LaunchOptions { step_concurrency: Some(257), ..Default::default() },
            LaunchOptions { tags: vec![(String::new(), "x".to_owned())], ..Default::default() },
            LaunchOptions { tags: vec![("emr-tools:locks".to_owned(), "x".to_owned())], ..Default::default() },
            LaunchOptions { name: text("etl pool:etl,0123456789abcdef"), ..Default::default() },
            LaunchOptions { auto_terminate: true, ..pooled("etl") },
        ];
        for options in cases {
            assert_eq!(job_flow(&options).unwrap_err().outcome, crate::error::Outcome::Usage, "{options:?}");
        }
    }

    #[test]
    fn a_pooled_job_flow_says_so_in_its_name_and_its_tags() {
        let made = made(&LaunchOptions { tags: vec![("team".to_owned(), "x".to_owned())], ..pooled("my etl") });
        let marker = Marker::read(&made.name_of(&RunId::from_random(5))).unwrap();
        assert_eq!((marker.pool_name.as_str(), Some(&marker)), ("my etl", made.pool.as_ref()));
        let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let expected = [
            tag("emr-tools:locks", "s3://b/tmp/locks/"),
            tag("emr-tools:pool-hash", marker.hash.as_str()),
            tag("emr-tools:pool-name", "my=20etl"),
            tag("team", "x"),
        ];
        assert_eq!(made.tags, expected);
    }

    #[test]
    fn a_pool_needs_a_place_for_its_locks() {
        let error = job_flow(&LaunchOptions { scratch_uri: None, ..pooled("etl") }).unwrap_err();
        assert_eq!(error.outcome, crate::error::Outcome::Config);
        assert!(error.to_string().contains("scratch URI"), "{error}");
    }

    #[test]
    fn logs_go_below_the_scratch_uri_unless_told_otherwise() {
        let scratch_uri = Some("s3://b/tmp".to_owned());
        assert_eq!(made(&LaunchOptions { scratch_uri, ..Default::default() }).log_uri.unwrap(), "s3://b/tmp/logs/");
    }
}
