//! Job flows that end themselves when idle: by EMR's auto-termination policy if the release has it, else by a bootstrap
//! action that watches from the master.
//!
//! A forgotten job flow costs money for ever, and not everybody runs `terminate-idle-job-flows` from cron.
//!
//! Source: <https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-auto-termination-policy.html>

use std::time::Duration;

use crate::config::setting::strength;
use crate::config::{Config, Decisions, Setting, options as keys};
use crate::error::{Error, Result};
use crate::model::job_flow::{BootstrapAction, JobFlow, Software};
use crate::model::scratch_uri::ScratchUri;
use crate::upload;

/// The script of the bootstrap action.
const SCRIPT: &str = include_str!("terminate-when-idle.sh");

/// The Name of the bootstrap action, the same as mrjob's.
const ACTION: &str = "idle timeout";

/// The shortest and the longest idle time that EMR accepts in the policy.
const SHORTEST: Duration = Duration::from_mins(1);
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// When a job flow ends itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IdleLimits {
    /// Terminate it once it has been idle for longer than this.
    pub longest: Option<Setting<Duration>>,
    /// Terminate it only when less than this is left of the current hour since its master started.
    pub to_end_of_hour: Option<Setting<Duration>>,
}

impl IdleLimits {
    /// Looks the limits up.
    pub fn look_up(config: &Config, decisions: &mut Decisions) -> Result<Self> {
        let in_hours = config.get(&keys::MAX_HOURS_IDLE)?.map(in_seconds);
        let in_minutes = config.get(&keys::MAX_MINS_IDLE)?.map(in_seconds);
        // The option with higher precedence counts; in one source, the hours.
        let by_minutes = strength(in_minutes.as_ref()) > strength(in_hours.as_ref());
        if by_minutes {
            decisions.withdraw(&keys::MAX_HOURS_IDLE);
        } else {
            decisions.withdraw(&keys::MAX_MINS_IDLE);
        }
        Ok(Self {
            longest: if by_minutes { in_minutes } else { in_hours },
            to_end_of_hour: config.get(&keys::MINS_TO_END_OF_HOUR)?.map(in_seconds),
        })
    }
}

/// Rounds to whole seconds, the unit of EMR and of the script.
fn in_seconds(Setting { value, source }: Setting<Duration>) -> Setting<Duration> {
    Setting { value: Duration::from_secs_f64(value.as_secs_f64().round()), source }
}

/// Makes `job_flow`, which is otherwise complete, end itself by `limits`. Returns a warning about limits without
/// effect.
pub fn add(job_flow: &mut JobFlow, limits: &IdleLimits, scratch_uri: Option<&str>) -> Result<Option<String>> {
    let Some(longest) = &limits.longest else {
        let alone = "--mins-to-end-of-hour has no effect without --max-hours-idle";
        return Ok(is_typed(limits.to_end_of_hour.as_ref()).then(|| alone.to_owned()));
    };
    check(longest, limits.to_end_of_hour.as_ref())?;
    if !job_flow.keep_alive {
        let transient = "--max-hours-idle has no effect on a job flow that ends with its last step";
        return Ok(is_typed(Some(longest)).then(|| transient.to_owned()));
    }
    if has_auto_termination(&job_flow.software) {
        job_flow.auto_termination = Some(longest.value);
        let by_emr = "--mins-to-end-of-hour has no effect on this release, on which EMR itself ends idle job flows";
        return Ok(is_typed(limits.to_end_of_hour.as_ref()).then(|| by_emr.to_owned()));
    }
    // Protection binds EMR; a script on the master could still shut the machine down.
    if job_flow.termination_protected {
        let protected = "--max-hours-idle has no effect on a protected job flow of a release that cannot end itself";
        return Ok(is_typed(Some(longest)).then(|| protected.to_owned()));
    }
    let scratch = ScratchUri::for_upload(scratch_uri, "a job flow of this release needs a script to end itself")?;
    let script = upload::text(SCRIPT.to_owned(), "terminate-when-idle.sh", &scratch);
    let seconds = [Some(longest), limits.to_end_of_hour.as_ref()].into_iter().flatten();
    job_flow.bootstrap_actions.push(BootstrapAction {
        name: ACTION.to_owned(),
        path: script.to.to_string(),
        args: seconds.map(|setting| setting.value.as_secs().to_string()).collect(),
        identity: script.content.to_string(),
    });
    job_flow.uploads.push(script);
    Ok(None)
}

/// A message about a `job_flow` that nothing will end: it is persistent and has no idle limit. mrjob 0.6 and later
/// ended theirs after ten idle minutes. A dry run says what would be.
#[must_use]
pub fn unending(job_flow: &JobFlow, is_dry_run: bool) -> Option<String> {
    let has_policy = job_flow.extra.get("AutoTerminationPolicy").is_some_and(|policy| !policy.is_null());
    let has_script = job_flow.bootstrap_actions.iter().any(|action| action.name == ACTION);
    let ends = !job_flow.keep_alive || job_flow.auto_termination.is_some() || has_policy || has_script;
    let stays = if is_dry_run { "would stay, and cost money," } else { "stays, and costs money," };
    (!ends).then(|| {
        format!("the job flow {stays} until it is terminated; --max-hours-idle 1 ends it after an hour without work")
    })
}

/// Only typed options are warned about. A configuration file serves many job flows and need not fit this one.
fn is_typed<T>(setting: Option<&Setting<T>>) -> bool {
    setting.is_some_and(Setting::is_typed)
}

fn check(longest: &Setting<Duration>, to_end_of_hour: Option<&Setting<Duration>>) -> Result<()> {
    if !(SHORTEST..=LONGEST).contains(&longest.value) {
        let text = format!("a job flow cannot end itself after {} s without work", longest.value.as_secs());
        let error = Error::usage(text);
        return Err(
            longest.blame(error.advise("EMR allows a minute to seven days: 0.0167 to 168 hours, 1 to 10080 minutes"))
        );
    }
    match to_end_of_hour {
        Some(left) if left.value.is_zero() || left.value > Duration::from_hours(1) => {
            Err(left.blame(Error::usage("the minutes to the end of the hour are not between 0 and 60")))
        }
        _ => Ok(()),
    }
}

/// Whether the release has auto-termination: 5.30 and later except 6.0, and labels without numbers.
fn has_auto_termination(software: &Software) -> bool {
    matches!(software, Software::Release { .. })
        && software.release().is_none_or(|release| release >= (5, 30) && release != (6, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Outcome;
    use crate::launch::software::SoftwareOptions;
    use crate::launch::{self, LaunchOptions, Plan};
    use crate::model::job_flow::Body;

    fn seconds(seconds: u64) -> Setting<Duration> {
        keys::MAX_HOURS_IDLE.typed(Duration::from_secs(seconds))
    }

    fn idle(longest: u64) -> LaunchOptions {
        let idle = IdleLimits { longest: Some(seconds(longest)), to_end_of_hour: None };
        let scratch_uri = Some(keys::S3_SCRATCH_URI.typed("s3://b/tmp".to_owned()));
        LaunchOptions { scratch_uri, idle, ..Default::default() }
    }

    fn on(release: &str, options: LaunchOptions) -> LaunchOptions {
        LaunchOptions { software: SoftwareOptions::release(release), ..options }
    }

    fn made(options: &LaunchOptions) -> (JobFlow, Vec<String>) {
        let Plan { job_flow, warnings, .. } = launch::job_flow(options).unwrap();
        (job_flow, warnings)
    }

    #[test]
    fn releases_with_auto_termination_get_the_policy() {
        for release in ["emr-5.30.0", "emr-5.36.2", "emr-6.1.0", "emr-7.14.0", "emr-spark-8.1.0"] {
            let (made, warnings) = made(&on(release, idle(5400)));
            assert_eq!(made.auto_termination, Some(Duration::from_mins(90)), "{release}");
            assert_eq!((made.bootstrap_actions, made.uploads, warnings), (vec![], vec![], vec![]), "{release}");
        }
    }

    #[test]
    fn a_job_flow_that_nothing_ends_is_recognized() {
        let says = |options: &LaunchOptions| unending(&made(options).0, false).is_some();
        assert!(says(&LaunchOptions::default()));
        let transient = Some(keys::AUTO_TERMINATE.typed(true));
        assert!(!says(&LaunchOptions { auto_terminate: transient, ..Default::default() }));
        assert!(!says(&on("emr-7.14.0", idle(3600))) && !says(&on("emr-5.29.0", idle(3600))));
        let policy = keys::EXTRA_CLUSTER_PARAMS.typed(serde_json::json!({"IdleTimeout": 600}));
        let extra = vec![("AutoTerminationPolicy".to_owned(), policy)];
        assert!(!says(&LaunchOptions { extra, ..Default::default() }));
    }

    #[test]
    fn other_releases_get_the_script() {
        let old = LaunchOptions { software: SoftwareOptions::ami("2.4.2"), ..idle(3600) };
        for options in [on("emr-5.29.0", idle(3600)), on("emr-6.0.0", idle(3600)), on("emr-4.8.0", idle(3600)), old] {
            let mut options = options;
            options.idle.to_end_of_hour = Some(seconds(300));
            let (made, warnings) = made(&options);
            assert_eq!((made.auto_termination, warnings.len()), (None, 0));
            let [action] = made.bootstrap_actions.as_slice() else { panic!("{made:?}") };
            assert_eq!((action.name.as_str(), &action.args[..]), ("idle timeout", &["3600".into(), "300".into()][..]));
            assert!(action.path.starts_with("s3://b/tmp/files/") && action.path.ends_with("/terminate-when-idle.sh"));
            assert_eq!(made.uploads[0].to.to_string(), action.path);
            assert_eq!(made.uploads[0].body, Body::Text(SCRIPT.to_owned()));
        }
    }

    #[test]
    fn only_the_script_needs_a_scratch_uri() {
        let nowhere = |release| on(release, LaunchOptions { scratch_uri: None, ..idle(3600) });
        assert_eq!(launch::job_flow(&nowhere("emr-5.29.0")).unwrap_err().outcome, Outcome::Config);
        assert!(launch::job_flow(&nowhere("emr-7.14.0")).is_ok());
    }

    #[test]
    fn times_that_emr_does_not_allow_are_refused() {
        for wrong in [0, 59, 604_801] {
            assert_eq!(launch::job_flow(&idle(wrong)).unwrap_err().outcome, Outcome::Usage, "{wrong}");
        }
        for right in [60, 604_800] {
            assert!(launch::job_flow(&idle(right)).is_ok(), "{right}");
        }
        let mut configured = idle(59);
        configured.idle.longest = Some(keys::MAX_HOURS_IDLE.in_file(Duration::from_secs(59)));
        assert_eq!(launch::job_flow(&configured).unwrap_err().outcome, Outcome::Config);
        let mut late = idle(3600);
        late.idle.to_end_of_hour = Some(seconds(3601));
        assert_eq!(launch::job_flow(&late).unwrap_err().outcome, Outcome::Usage);
    }

    #[test]
    fn a_job_flow_that_ends_with_its_last_step_is_left_alone() {
        let mut options = LaunchOptions { auto_terminate: Some(keys::AUTO_TERMINATE.typed(true)), ..idle(3600) };
        let (typed, warnings) = made(&options);
        assert_eq!((typed.auto_termination, warnings.len()), (None, 1));
        options.idle.longest = Some(keys::MAX_HOURS_IDLE.in_file(Duration::from_hours(1)));
        assert_eq!(made(&options).1.len(), 0);
    }

    #[test]
    fn no_script_ends_a_protected_job_flow() {
        let protected = |release| on(release, LaunchOptions { termination_protected: Some(true), ..idle(3600) });
        let (old, warnings) = made(&protected("emr-5.29.0"));
        assert_eq!((old.bootstrap_actions, old.uploads, warnings.len()), (vec![], vec![], 1));
        assert!(
            made(&protected("emr-7.14.0")).0.auto_termination.is_some(),
            "EMR decides what the policy does to a protected one"
        );
    }

    #[test]
    fn typed_limits_without_effect_are_warned_about() {
        let mut options = idle(3600);
        options.idle.to_end_of_hour = Some(seconds(300));
        assert_eq!(made(&options).1.len(), 1);
        options.idle.longest = None;
        assert_eq!(made(&options).1.len(), 1);
    }

    #[test]
    fn idle_limits_are_not_part_of_the_pool_hash() {
        let pooled = |options| LaunchOptions { pool: Some("etl".parse().unwrap()), ..on("emr-5.29.0", options) };
        assert_eq!(
            made(&pooled(idle(3600))).0.pool,
            made(&pooled(LaunchOptions { idle: IdleLimits::default(), ..idle(1) })).0.pool
        );
    }
}
