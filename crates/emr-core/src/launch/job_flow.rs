//! Turns launch options into a job flow: applies defaults and refuses contradictions.

use super::options::LaunchOptions;
use super::{bootstrap, configurations, extra_parameters, features, instances, roles, self_termination, software};
use crate::config::{Decisions, Setting, options as keys, setting};
use crate::error::{Error, Result};
use crate::model::job_flow::{JobFlow, RootVolume};
use crate::model::owner::default_label;
use crate::model::pool::Marker;
use crate::model::run_id::RunId;
use crate::model::s3_uri::S3Uri;
use crate::model::scratch_uri::ScratchUri;
use crate::pool;

/// The instance profile that `aws emr create-default-roles` creates.
pub const DEFAULT_INSTANCE_PROFILE: &str = "EMR_EC2_DefaultRole";
/// The service role that `aws emr create-default-roles` creates.
pub const DEFAULT_SERVICE_ROLE: &str = "EMR_DefaultRole";

/// A job flow to start.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The job flow.
    pub job_flow: JobFlow,
    /// Warnings about ignored options and doubtful values.
    pub warnings: Vec<String>,
    /// Effective values that differ from what the sources say.
    pub decisions: Decisions,
}

/// The job flow for `options`.
pub fn job_flow(options: &LaunchOptions) -> Result<Plan> {
    let Plan { mut job_flow, mut warnings, decisions } = unprepared(options)?;
    features::check(&job_flow, options)?;
    check_own_tags(options)?;
    if let Some(uri) = &options.log_uri {
        uri.value.parse::<S3Uri>().map_err(|error| uri.blame(error.on("the log URI")))?;
    }
    let scratch_uri = options.scratch_uri.as_ref().map(|uri| uri.value.as_str());
    warnings.extend(bootstrap::add(&mut job_flow, &options.bootstrap, scratch_uri)?);
    warnings.extend(options.bootstrap.doubtful(&job_flow.software));
    if let Some(name) = &options.pool {
        let marked = pool::mark(&mut job_flow, name, &locks(options)?);
        marked.map_err(|error| setting::blame(options.auto_terminate.as_ref(), error))?;
    }
    check_tags(&job_flow.tags, options)?;
    job_flow.tags.sort();
    // Added last and after the pool hash, which must not depend on it.
    warnings.extend(self_termination::add(&mut job_flow, &options.idle, scratch_uri)?);
    warnings.extend(roles::doubt(&job_flow));
    bootstrap::check(&job_flow, &options.bootstrap)?;
    Ok(Plan { job_flow, warnings, decisions })
}

/// The job flow without bootstrap actions, pool and self-termination.
fn unprepared(options: &LaunchOptions) -> Result<Plan> {
    let mut decisions = options.decisions.clone();
    let software = software::software(&options.software, &mut decisions)?;
    let default_type = software::default_type(&software);
    let (instances, ignored) = instances::instances(&options.instances, default_type, &mut decisions)?;
    let unknown = instances::unknown(&instances);
    let (has_debugging, without_debugging) = features::debugging(options.has_debugging, &software);
    let scratch: Option<ScratchUri> =
        options.scratch_uri.as_ref().map(|uri| uri.value.parse().map_err(|error| uri.blame(error))).transpose()?;
    let mut extra = extra_parameters::combined(&options.extra)?;
    let level = extra_parameters::take_step_concurrency(&mut extra, &options.extra)?;
    let job_flow = JobFlow {
        name: name(options, &mut decisions)?,
        pool: None,
        software,
        configurations: configurations::combined(&options.configurations, &mut decisions)?,
        custom_image: text(options.custom_image.as_ref()),
        root_volume: RootVolume {
            size_gib: number(options.root_volume.size_gib.as_ref()),
            iops: number(options.root_volume.iops.as_ref()),
            throughput: number(options.root_volume.throughput.as_ref()),
        },
        security_configuration: text(options.security_configuration.as_ref()),
        has_debugging,
        instances,
        log_uri: log_uri(options, scratch.as_ref(), &mut decisions),
        key_pair: options.key_pair.clone(),
        subnets: options.subnets.as_ref().map(|subnets| subnets.value.clone()).unwrap_or_default(),
        zone: options.zone.clone(),
        instance_profile: or_default(options.instance_profile.as_ref(), DEFAULT_INSTANCE_PROFILE),
        service_role: or_default(options.service_role.as_ref(), DEFAULT_SERVICE_ROLE),
        visible_to_all_users: options.visible_to_all_users.unwrap_or(true),
        termination_protected: options.termination_protected.unwrap_or(false),
        keep_alive: !options.auto_terminate.as_ref().is_some_and(|setting| setting.value),
        step_concurrency: step_concurrency(level.as_ref().or(options.step_concurrency.as_ref()))?,
        auto_termination: None,
        bootstrap_actions: Vec::new(),
        uploads: Vec::new(),
        tags: options.tags.iter().map(|(key, tag)| (key.clone(), tag.value.clone())).collect(),
        additional_info: options.additional_info.clone(),
        extra,
    };
    note_defaults(&job_flow, &mut decisions);
    Ok(Plan { job_flow, warnings: ignored.into_iter().chain(unknown).chain(without_debugging).collect(), decisions })
}

/// Notes the defaults.
fn note_defaults(job_flow: &JobFlow, decisions: &mut Decisions) {
    decisions.note(&keys::IAM_INSTANCE_PROFILE, job_flow.instance_profile.as_str(), None);
    decisions.note(&keys::IAM_SERVICE_ROLE, job_flow.service_role.as_str(), None);
    decisions.note(&keys::VISIBLE_TO_ALL_USERS, job_flow.visible_to_all_users, None);
    decisions.note(&keys::TERMINATION_PROTECTED, job_flow.termination_protected, None);
}

fn text(setting: Option<&Setting<String>>) -> Option<String> {
    setting.map(|setting| setting.value.clone())
}

fn number(setting: Option<&Setting<u32>>) -> Option<u32> {
    setting.map(|setting| setting.value)
}

/// Where EMR copies logs: the option, or else a folder below the scratch URI.
fn log_uri(options: &LaunchOptions, scratch: Option<&ScratchUri>, decisions: &mut Decisions) -> Option<String> {
    if options.log_uri.is_some() {
        return text(options.log_uri.as_ref());
    }
    let uri = scratch.map(|scratch| scratch.logs().to_string());
    decisions.note(&keys::S3_LOG_URI, uri.clone(), None);
    uri
}

/// The folder of the pools' locks: below the scratch URI, so that all users of it see the same locks.
pub fn locks(options: &LaunchOptions) -> Result<S3Uri> {
    let scratch = ScratchUri::for_locks(options.scratch_uri.as_ref().map(|uri| uri.value.as_str()));
    scratch.map(|scratch| scratch.locks()).map_err(|error| setting::blame(options.scratch_uri.as_ref(), error))
}

fn or_default(value: Option<&String>, default: &str) -> String {
    value.map_or_else(|| default.to_owned(), Clone::clone)
}

/// Characters that EMR refuses in a Name.
///
/// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_RunJobFlow.html>
const FORBIDDEN_IN_NAMES: [char; 5] = ['<', '>', '$', '|', '`'];

fn name(options: &LaunchOptions, decisions: &mut Decisions) -> Result<String> {
    if let Some(name) = &options.name {
        check_name(&name.value).map_err(|error| name.blame(error))?;
        if let Some(owner) = options.owner.as_ref().filter(|owner| owner.is_typed()) {
            return Err(unheard(owner, name));
        }
        return Ok(name.value.clone());
    }
    let owner = options.owner.as_ref();
    let name = default_label(owner.map_or("nobody", |owner| &owner.value));
    check_name(&name).map_err(|error| setting::blame(owner, error))?;
    decisions.note(&keys::LABEL, name.as_str(), None);
    Ok(name)
}

/// The error that a typed `owner` would be in no Name, and so nowhere.
fn unheard(owner: &Setting<String>, name: &Setting<String>) -> Error {
    let text =
        format!("has no effect: the owner stands in the default name alone, and {} is '{}'", name.source, name.value);
    let default = default_label(&owner.value);
    owner.wrong(text).advise(format!("leave one of them out, or name the job flow {default}"))
}

/// Refuses a Name that EMR would refuse.
fn check_name(name: &str) -> Result<()> {
    if name.trim().is_empty() {
        return Err(Error::usage("the name is empty"));
    }
    // With a copied Name, a different job flow would count as a member of the pool.
    if Marker::read(&RunId::from_random(0).name(name)).is_some() {
        return Err(Error::usage(format!("the name '{name}' ends in the marker of a pool"))
            .advise("leave the marker out; --pool-emr-job-flows and --pool-name add it"));
    }
    match name.chars().find(|c| FORBIDDEN_IN_NAMES.contains(c) || c.is_control()) {
        Some(bad) => Err(Error::usage(format!("the name '{name}' contains {bad:?}"))
            .advise("EMR allows no < > $ | ` and no control characters in names")),
        None => Ok(()),
    }
}

fn step_concurrency(steps: Option<&Setting<u32>>) -> Result<Option<u32>> {
    match steps {
        Some(steps) if !(1..=256).contains(&steps.value) => {
            let error = Error::usage(format!("{} steps at once are not possible", steps.value));
            Err(steps.blame(error.advise("EMR allows 1 to 256")))
        }
        steps => Ok(number(steps)),
    }
}

/// EMR's limits: keys up to 128 characters, values up to 256, and the prefix `aws:` reserved for AWS.
///
/// Source: <https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-tags-restrictions.html>
fn check_tags(tags: &[(String, String)], options: &LaunchOptions) -> Result<()> {
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
        let of_user = options.tags.iter().find(|(name, _)| name == key).map(|(_, tag)| tag);
        return Err(setting::blame(of_user, Error::usage(format!("the tag '{key}={value}' {wrong}"))));
    }
    Ok(())
}

/// Refuses the tags that mark a cluster's pool: only the tools set them.
fn check_own_tags(options: &LaunchOptions) -> Result<()> {
    match options.tags.iter().find(|(key, _)| pool::TAGS.contains(&key.as_str())) {
        Some((key, tag)) => Err(tag.blame(
            Error::usage(format!("the tag {key} is set by the tools"))
                .advise("use --pool-emr-job-flows and --pool-name"),
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Outcome;
    use crate::launch::software::SoftwareOptions;

    fn tag(key: &str, value: &str) -> (String, Setting<String>) {
        (key.to_owned(), keys::EMR_TAGS.typed(value.to_owned()))
    }

    fn made(options: &LaunchOptions) -> JobFlow {
        job_flow(options).unwrap().job_flow
    }

    fn pooled(name: &str) -> LaunchOptions {
        let scratch_uri = Some(keys::S3_SCRATCH_URI.typed("s3://b/tmp".to_owned()));
        LaunchOptions { pool: Some(name.parse().unwrap()), scratch_uri, ..Default::default() }
    }

    #[test]
    fn a_job_flow_without_options_is_persistent_and_runs_the_default_release() {
        let made = made(&LaunchOptions { owner: Some(keys::OWNER.typed("ann".to_owned())), ..Default::default() });
        assert!(made.keep_alive);
        assert_eq!(made.name, "job-flow.ann");
        assert_eq!(made.instances.types().len(), 1);
        assert_eq!(
            (made.instance_profile.as_str(), made.service_role.as_str()),
            ("EMR_EC2_DefaultRole", "EMR_DefaultRole")
        );
    }

    #[test]
    fn a_typed_owner_that_the_name_would_not_have_is_refused() {
        let name = Some(keys::LABEL.typed("nightly".to_owned()));
        let owner = Some(keys::OWNER.typed("ann".to_owned()));
        let error = job_flow(&LaunchOptions { name: name.clone(), owner, ..Default::default() }).unwrap_err();
        assert_eq!(error.outcome, Outcome::Usage);
        assert!(error.to_string().starts_with("--owner has no effect"), "{error}");
        let owner = Some(keys::OWNER.by_default("ann".to_owned()));
        assert_eq!(made(&LaunchOptions { name, owner, ..Default::default() }).name, "nightly");
    }

    #[test]
    fn contradictions_are_refused() {
        let of = |software| LaunchOptions { software, ..Default::default() };
        let label = |label: &str| SoftwareOptions::release(label).release_label;
        let hadoop_version = Some(keys::HADOOP_VERSION.typed("2.4.0".to_owned()));
        let applications = vec![keys::APPLICATIONS.typed("Spark".to_owned())];
        let named = |name: &str| LaunchOptions { name: Some(keys::LABEL.typed(name.to_owned())), ..Default::default() };
        let tagged = |key: &str| LaunchOptions { tags: vec![tag(key, "x")], ..Default::default() };
        let cases = vec![
            of(SoftwareOptions { release_label: label("emr-7.0.0"), ..SoftwareOptions::ami("2.4.2") }),
            of(SoftwareOptions { hadoop_version, ..Default::default() }),
            of(SoftwareOptions { applications, ..SoftwareOptions::ami("3.1.0") }),
            of(SoftwareOptions::ami("x")),
            named("a|b"),
            named(" "),
            LaunchOptions { step_concurrency: Some(keys::MAX_CONCURRENT_STEPS.typed(257)), ..Default::default() },
            tagged(""),
            tagged("emr-tools:locks"),
            named("etl pool:etl,0123456789abcdef"),
            LaunchOptions { auto_terminate: Some(keys::AUTO_TERMINATE.typed(true)), ..pooled("etl") },
        ];
        for options in cases {
            assert_eq!(job_flow(&options).unwrap_err().outcome, Outcome::Usage, "{options:?}");
        }
    }

    #[test]
    fn a_pooled_job_flow_has_a_marker_in_its_name_and_its_tags() {
        let made = made(&LaunchOptions { tags: vec![tag("team", "x")], ..pooled("my etl") });
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
        assert_eq!(error.outcome, Outcome::Config);
        assert!(error.to_string().contains("scratch URI"), "{error}");
    }

    #[test]
    fn by_default_logs_go_below_the_scratch_uri() {
        let scratch_uri = Some(keys::S3_SCRATCH_URI.typed("s3://b/tmp".to_owned()));
        assert_eq!(made(&LaunchOptions { scratch_uri, ..Default::default() }).log_uri.unwrap(), "s3://b/tmp/logs/");
    }
}
