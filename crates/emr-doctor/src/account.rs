//! Whose the credentials are, whether the clock is right, and whether job flows can be listed.

use chrono::{DateTime, TimeDelta, Utc};
use emr_aws::emr::ClusterFilter;
use emr_aws::{Aws, Identity};
use emr_core::config::Config;
use emr_core::config::options::PROFILE;
use emr_core::error::{CallErrorKind, Error};

use crate::endpoint;
use crate::record::{CheckRecord, State};

/// What to do about a denial.
const POLICY: &str = "ask for the permission; emr-doctor --print-iam-policy prints what each tool needs";

/// What to do about a failed call that has no advice of its own.
pub(crate) fn advice(error: &Error) -> &'static str {
    if is_denied(error) { POLICY } else { "see that this endpoint is the right one, and run emr-doctor again" }
}

pub(crate) fn is_denied(error: &Error) -> bool {
    error.call().is_some_and(|call| call.kind == CallErrorKind::Denied)
}

/// How far the clock may be off without a word: NTP keeps it within milliseconds.
const TOLERATED: TimeDelta = TimeDelta::minutes(1);

/// From here on AWS refuses what is signed by this machine's clock.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html>
const REFUSED: TimeDelta = TimeDelta::minutes(5);

/// Whose the credentials are, which endpoint says so, and what its clock is.
pub(crate) async fn checks(aws: &Aws, identity: &Identity, config: &Config) -> Vec<CheckRecord> {
    let caller = identity.caller().await;
    let now = emr_cli::clock::now();
    let endpoint = endpoint::endpoint(config, aws, caller.as_ref().ok());
    let credentials = match &caller {
        Ok(caller) => CheckRecord::ok("credentials", format!("{}{}", caller.arn, profile(config))),
        Err(error) => refused(error, endpoint::is_foreign(config, aws)),
    };
    vec![credentials, endpoint, clock(identity.time(), now)]
}

/// The profile that the credentials come from, where one is named.
fn profile(config: &Config) -> String {
    let named = config.get(&PROFILE).ok().flatten();
    named.map_or_else(String::new, |profile| format!(", of the profile {}", profile.value))
}

/// Why it is not known whose the credentials are. A store of somebody's own has no STS, which is no failure.
fn refused(error: &Error, is_foreign: bool) -> CheckRecord {
    let kind = error.call().map(|call| call.kind);
    let is_lacking = is_foreign && matches!(kind, Some(CallErrorKind::Refused | CallErrorKind::Unclear));
    let advice = match error.code() {
        Some("ExpiredToken" | "ExpiredTokenException") => "get new session credentials, or log in again",
        Some("InvalidClientTokenId" | "UnrecognizedClientException") => {
            "see that the access key exists, and that its session token is set (AWS_SESSION_TOKEN)"
        }
        Some("SignatureDoesNotMatch") => "see that the secret key is the access key's",
        _ if is_lacking => "nothing, if this endpoint has no STS",
        _ => "check AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    };
    CheckRecord::error("credentials", if is_lacking { State::Warning } else { State::Failure }, error, advice)
}

/// How far this machine's clock, which shows `now`, is from AWS's, which shows `theirs`.
fn clock(theirs: Option<DateTime<Utc>>, now: DateTime<Utc>) -> CheckRecord {
    const CHECK: &str = "clock";
    let Some(theirs) = theirs else {
        return CheckRecord::warning(CHECK, "nobody told the time", "run emr-doctor again once AWS answers");
    };
    let skew = now - theirs;
    let side = if skew < TimeDelta::zero() { "behind" } else { "ahead of" };
    let seconds = skew.num_seconds().abs();
    let found = format!("this machine's clock is {seconds} s {side} AWS's");
    let advice = "set it right, and keep it so: timedatectl set-ntp true";
    match skew.abs() {
        off if off <= TOLERATED => CheckRecord::ok(CHECK, if seconds < 2 { "right".to_owned() } else { found }),
        off if off < REFUSED => CheckRecord::warning(CHECK, found, advice),
        _ => CheckRecord::failure(CHECK, format!("{found}: AWS refuses what is signed by it"), advice),
    }
}

/// Whether job flows can be listed, which most tools do.
pub(crate) async fn job_flows(aws: &Aws) -> Vec<CheckRecord> {
    const CHECK: &str = "job flows";
    // One page of few, because only the permission and the quota matter.
    let filter = ClusterFilter { created_after: Some(emr_cli::clock::now()), ..Default::default() };
    let record = match aws.emr.clusters(filter).next().await {
        Ok(_) => CheckRecord::ok(CHECK, "can be listed"),
        Err(error) => {
            let is_throttled = error.call().is_some_and(|call| call.kind == CallErrorKind::Throttled);
            let state = if is_throttled { State::Warning } else { State::Failure };
            CheckRecord::error(CHECK, state, &error, advice(&error))
        }
    };
    vec![record]
}

#[cfg(test)]
mod tests {
    use emr_core::error::CallError;

    use super::*;

    #[test]
    fn a_clock_is_right_doubtful_or_wrong() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let of = |seconds| clock(Some(now - TimeDelta::seconds(seconds)), now);
        assert_eq!((of(1).state, of(1).found.as_str()), (State::Ok, "right"));
        assert_eq!(of(-30).found, "this machine's clock is 30 s behind AWS's");
        assert_eq!((of(-30).state, of(90).state, of(400).state), (State::Ok, State::Warning, State::Failure));
        assert_eq!(clock(None, now).state, State::Warning);
    }

    #[test]
    fn a_store_without_sts_is_no_failure_and_refused_credentials_are() {
        let of = |code, status, is_foreign| {
            refused(&CallError::answer("GetCallerIdentity", Some(code), status, Some("no")).into(), is_foreign).state
        };
        assert_eq!(of("InvalidAction", 400, true), State::Warning);
        assert_eq!(of("InvalidAction", 400, false), State::Failure);
        assert_eq!(of("ExpiredToken", 403, true), State::Failure);
    }
}
