//! Why a cluster itself failed, from EMR's description of it.
//!
//! A cluster that never came up has no failed step and usually no log. EMR has the reason: a code, a message, and since
//! 2022 details with their own code and data. Only a bootstrap action that ran has a log with more.
//!
//! Source: <https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-troubleshoot-error-errordetail.html>

use super::line::LONGEST;
use crate::model::cause::{Cause, CauseKind};
use crate::model::cluster::{Cluster, ClusterState, ErrorDetail};
use crate::text::one_line;

/// Codes of clusters that ended on request, or because of a step.
const WANTED: [&str; 3] = ["USER_REQUEST", "ALL_STEPS_COMPLETED", "STEP_FAILURE"];

/// Words in EMR's codes and messages, in lower case, and their meaning. More specific ones come first.
const KINDS: [(&str, CauseKind); 20] = [
    ("bootstrap_failure", CauseKind::BootstrapFailure),
    ("insufficient ec2 permissions", CauseKind::PermissionDenied),
    ("failed to authorize", CauseKind::PermissionDenied),
    ("not authorized", CauseKind::PermissionDenied),
    ("unauthorizedoperation", CauseKind::PermissionDenied),
    ("accessdenied", CauseKind::PermissionDenied),
    ("service quota", CauseKind::QuotaExceeded),
    ("vcpu-limit", CauseKind::QuotaExceeded),
    ("limitexceeded", CauseKind::QuotaExceeded),
    ("instance quota", CauseKind::QuotaExceeded),
    ("sufficient capacity", CauseKind::NoCapacity),
    ("enough capacity", CauseKind::NoCapacity),
    ("out of capacity", CauseKind::NoCapacity),
    ("_capacity", CauseKind::NoCapacity),
    ("instancecapacity", CauseKind::NoCapacity),
    ("spot_price_increase", CauseKind::NoCapacity),
    ("instance_fleet_timeout", CauseKind::NoCapacity),
    ("throttl", CauseKind::Throttled),
    ("validation_error", CauseKind::ValidationError),
    ("instance_failure", CauseKind::InstanceFailure),
];

/// The bootstrap action that failed first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedBootstrap {
    /// The instance where it failed.
    pub node: String,
    /// Its number, from 1.
    pub action: u32,
}

/// Why `cluster` failed, in EMR's words; `None` if it did not fail, or because of a step.
#[must_use]
pub fn failure_of(cluster: &Cluster) -> Option<Cause> {
    let code = cluster.reason_code.as_deref().unwrap_or_default();
    let kind = kind(cluster);
    let is_failure = cluster.state == ClusterState::TerminatedWithErrors
        || cluster.state.has_ended() && kind != CauseKind::InternalError;
    if !is_failure || WANTED.contains(&code) || code.is_empty() && cluster.error_details.is_empty() {
        return None;
    }
    Some(Cause::without_log(kind, one_line(&message(cluster), LONGEST)))
}

/// The kind of failure, by EMR's codes and messages.
pub(super) fn kind(cluster: &Cluster) -> CauseKind {
    let of_details = cluster.error_details.iter().flat_map(|detail| [&detail.error_code, &detail.error_message]);
    let texts = [&cluster.reason_code, &cluster.reason].into_iter().chain(of_details).flatten();
    let said = texts.map(|text| text.to_lowercase()).collect::<Vec<_>>().join("\n");
    let known = KINDS.iter().find(|(words, _)| said.contains(words));
    known.map_or(CauseKind::InternalError, |(_, kind)| *kind)
}

/// EMR's message, with the data of the details that it lacks.
fn message(cluster: &Cluster) -> String {
    let details = &cluster.error_details;
    let of_details = || details.iter().find_map(|detail| detail.error_message.clone().or(detail.error_code.clone()));
    let said = cluster.reason.clone().or_else(of_details).or(cluster.reason_code.clone()).unwrap_or_default();
    let is_news = |(key, value): &(&String, &String)| *key != "public-doc" && !said.contains(value.as_str());
    let data: Vec<_> = data(details).filter(is_news).map(|(key, value)| format!("{key} {value}")).collect();
    if data.is_empty() { said } else { format!("{said} ({})", data.join(", ")) }
}

/// The keys and values in EMR's error details.
fn data(details: &[ErrorDetail]) -> impl Iterator<Item = (&String, &String)> {
    details.iter().flat_map(|detail| &detail.error_data).flatten()
}

/// The bootstrap action that ran and failed, if one ended `cluster`. One that could not be downloaded has no log.
#[must_use]
pub fn failed_bootstrap_of(cluster: &Cluster) -> Option<FailedBootstrap> {
    let reason = cluster.reason.as_deref().unwrap_or_default();
    if reason.contains("download") || details_say(&cluster.error_details, &["DOWNLOAD_FAILED", "FILE_NOT_FOUND"]) {
        return None;
    }
    let value = |key: &str| data(&cluster.error_details).find(|(name, _)| name.ends_with(key)).map(|(_, value)| value);
    let of_details = || {
        let action = value("bootstrap-action")?.parse().ok()?;
        Some(FailedBootstrap { node: value("instance-id")?.clone(), action })
    };
    failed_bootstrap(reason).or_else(of_details)
}

fn details_say(details: &[ErrorDetail], words: &[&str]) -> bool {
    let mut codes = details.iter().filter_map(|detail| detail.error_code.as_deref());
    codes.any(|code| words.iter().any(|words| code.contains(words)))
}

/// The bootstrap action in a reason such as `On the master instance (i-0123), bootstrap action 1 returned a non-zero
/// return code`.
fn failed_bootstrap(reason: &str) -> Option<FailedBootstrap> {
    let (before, after) = reason.split_once("ootstrap action ")?;
    let action = after.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
    let mut instances = before[before.rfind('(')?..].split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let node = instances.find(|word| word.len() > 2 && word.starts_with("i-"))?;
    Some(FailedBootstrap { node: node.to_owned(), action })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cluster::example::cluster;

    fn ended(state: ClusterState, code: &str, reason: &str) -> Cluster {
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Cluster { reason_code: said(code), reason: said(reason), ..cluster("j-A", state) }
    }

    fn detail(code: &str, data: &[(&str, &str)]) -> ErrorDetail {
        let pair = |(key, value): &(&str, &str)| [((*key).to_owned(), (*value).to_owned())].into();
        let error_data = data.iter().map(pair).collect();
        ErrorDetail { error_code: Some(code.to_owned()), error_data, error_message: None }
    }

    #[test]
    fn the_kind_of_a_failure_follows_from_emr_s_code_and_message() {
        for (code, reason, kind) in [
            (
                "BOOTSTRAP_FAILURE",
                "On the master instance (i-02d), application provisioning failed",
                CauseKind::BootstrapFailure,
            ),
            (
                "BOOTSTRAP_FAILURE",
                "Master instance (i-066) failed attempting to download bootstrap action 1 file from S3",
                CauseKind::BootstrapFailure,
            ),
            (
                "VALIDATION_ERROR",
                "The requested instance type c1.medium is not supported in the requested availability zone.",
                CauseKind::ValidationError,
            ),
            ("VALIDATION_ERROR", "The given SSH key name was invalid", CauseKind::ValidationError),
            (
                "VALIDATION_ERROR",
                "Service role EMR_DefaultRole has insufficient EC2 permissions",
                CauseKind::PermissionDenied,
            ),
            (
                "VALIDATION_ERROR",
                "Failed to authorize instance profile EMR_EC2_DefaultRole",
                CauseKind::PermissionDenied,
            ),
            (
                "INTERNAL_ERROR",
                "The number of vCPUs for instance type m5.xlarge exceeds the EC2 service quota for that type.",
                CauseKind::QuotaExceeded,
            ),
            (
                "INTERNAL_ERROR",
                "We currently do not have sufficient capacity in the Availability Zone you requested",
                CauseKind::NoCapacity,
            ),
            (
                "INSTANCE_FLEET_TIMEOUT",
                "The master fleet could not be provisioned in 60 minutes",
                CauseKind::NoCapacity,
            ),
            ("INSTANCE_FAILURE", "The master node was terminated", CauseKind::InstanceFailure),
            ("INTERNAL_ERROR", "Failed to provision instances due to throttling from Amazon EC2", CauseKind::Throttled),
            ("INTERNAL_ERROR", "An internal error occurred.", CauseKind::InternalError),
            ("SOMETHING_NEW", "It is new", CauseKind::InternalError),
        ] {
            let cause = failure_of(&ended(ClusterState::TerminatedWithErrors, code, reason));
            assert_eq!(cause, Some(Cause::without_log(kind, reason.to_owned())), "{reason}");
        }
    }

    #[test]
    fn a_cluster_that_ended_on_request_or_by_a_step_did_not_fail() {
        use ClusterState::{Terminated, TerminatedWithErrors, Terminating, Waiting};
        for (state, code) in [
            (Terminated, "USER_REQUEST"),
            (TerminatedWithErrors, "STEP_FAILURE"),
            (TerminatedWithErrors, "ALL_STEPS_COMPLETED"),
            (TerminatedWithErrors, ""),
            (Terminated, "SOMETHING_NEW"),
            (Waiting, "VALIDATION_ERROR"),
        ] {
            assert_eq!(failure_of(&ended(state.clone(), code, "reason")), None, "{state} {code}");
        }
        assert!(failure_of(&ended(Terminating, "BOOTSTRAP_FAILURE", "x")).is_some(), "it is about to end");
    }

    #[test]
    fn the_message_includes_data_of_the_details() {
        let mut cluster =
            ended(ClusterState::TerminatedWithErrors, "VALIDATION_ERROR", "The given SSH key name was invalid");
        cluster.error_details = vec![detail(
            "VALIDATION_ERROR_INVALID_SSH_KEY_NAME",
            &[("ssh-key-name", "emr"), ("public-doc", "https://x")],
        )];
        let message = |cluster: &Cluster| failure_of(cluster).unwrap().message;
        assert_eq!(message(&cluster), "The given SSH key name was invalid (ssh-key-name emr)");
        cluster.reason = None;
        assert_eq!(message(&cluster), "VALIDATION_ERROR_INVALID_SSH_KEY_NAME (ssh-key-name emr)");
        cluster.error_details = vec![detail("INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ", &[])];
        assert_eq!(failure_of(&cluster).unwrap().kind, CauseKind::NoCapacity);
    }

    #[test]
    fn the_action_and_the_node_are_parsed() {
        let failed = |node: &str, action| Some(FailedBootstrap { node: node.to_owned(), action });
        let reason = "On the master instance (i-0a1b2c), bootstrap action 12 returned a non-zero return code";
        assert_eq!(failed_bootstrap(reason), failed("i-0a1b2c", 12));
        let reason = "On 2 slave instances (including i-105af6bf and i-b659f519), bootstrap action 1 failed";
        assert_eq!(failed_bootstrap(reason), failed("i-105af6bf", 1));
        for other in
            ["", "Steps completed", "bootstrap action 1 failed", "(x) bootstrap action y", "(i-) bootstrap action 1"]
        {
            assert_eq!(failed_bootstrap(other), None, "{other}");
        }
    }

    #[test]
    fn a_failed_action_may_be_in_the_details_alone_and_one_that_never_ran_has_no_log() {
        let mut cluster = ended(ClusterState::TerminatedWithErrors, "BOOTSTRAP_FAILURE", "It failed");
        cluster.error_details = vec![detail(
            "BOOTSTRAP_FAILURE_PRIMARY_WITH_NON_ZERO_CODE",
            &[("primary-instance-id", "i-0ab"), ("bootstrap-action", "2"), ("return-code", "1")],
        )];
        assert_eq!(failed_bootstrap_of(&cluster), Some(FailedBootstrap { node: "i-0ab".to_owned(), action: 2 }));
        cluster.error_details[0].error_code = Some("BOOTSTRAP_FAILURE_BA_DOWNLOAD_FAILED_PRIMARY".to_owned());
        assert_eq!(failed_bootstrap_of(&cluster), None);
        let reason = "Master instance (i-066) failed attempting to download bootstrap action 1 file from S3";
        assert_eq!(failed_bootstrap_of(&ended(ClusterState::TerminatedWithErrors, "BOOTSTRAP_FAILURE", reason)), None);
    }
}
